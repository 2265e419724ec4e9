//! What the operating system says of processes and of itself.

use std::{fs, path::Path, time::Duration};

/// The clock ticks of `/proc`, a second; Linux has said 100 for decades.
const TICKS: u64 = 100;

/// Processor time that a process has used, its threads included.
pub(crate) fn processor_time(pid: u32) -> Duration {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name may hold anything; what follows the last parenthesis does not.
    let fields: Vec<&str> = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis((ticks(11) + ticks(12)) * 1000 / TICKS)
}

/// The memory that a process holds, in MB.
pub(crate) fn memory(pid: u32) -> f64 {
    status(pid, "VmRSS:")
}

/// The most memory that a process held, in MB.
pub(crate) fn peak_memory(pid: u32) -> f64 {
    status(pid, "VmHWM:")
}

/// Lets the peak start anew from what the process holds now. Whether that is allowed.
pub(crate) fn forget_peak(pid: u32) -> bool {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").is_ok()
}

fn status(pid: u32, name: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    kilobytes(&text, name) * 1024.0 / 1e6
}

fn kilobytes(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0.0)
}

/// Processor, cores and memory, in a line.
pub(crate) fn description() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches([' ', '\t', ':']).trim();
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let memory = kilobytes(&fs::read_to_string("/proc/meminfo").unwrap_or_default(), "MemTotal:");
    format!("{model}, {cores} cores, {:.0} GiB", memory / 1024.0 / 1024.0)
}

/// The kind of file system that a directory is on: a promise to the disk is worth nothing on `tmpfs`.
pub(crate) fn file_system(directory: &Path) -> String {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let directory = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    file_system_in(&mounts, &directory)
}

fn file_system_in(mounts: &str, directory: &Path) -> String {
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let above = mounts.filter(|(point, _)| directory.starts_with(point));
    above.max_by_key(|(point, _)| point.len()).map_or("unknown", |(_, kind)| kind).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_counts() {
        let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/b /tm xfs rw 0 0\n";
        assert_eq!(file_system_in(mounts, Path::new("/tmp/x")), "tmpfs");
        assert_eq!(file_system_in(mounts, Path::new("/home")), "ext4");
        assert_eq!(file_system_in("", Path::new("/home")), "unknown");
    }

    #[test]
    fn kilobytes_are_read_out_of_a_table() {
        assert!((kilobytes("VmPeak:\t 5 kB\nVmRSS:\t  1234 kB\n", "VmRSS:") - 1234.0).abs() < f64::EPSILON);
    }
}
