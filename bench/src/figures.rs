//! Numbers: what a measurement came to, percentiles, medians and ratios.

use std::time::Duration;

/// What one scenario came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figures {
    pub(crate) per_second: f64,
    /// Microseconds.
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    /// Processor time for a request, where it is known.
    pub(crate) cpu: Option<Cpu>,
    /// Which part of the requests was refused for now and sent again.
    pub(crate) refused: f64,
}

/// Microseconds of processor time for a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cpu {
    /// Of the server.
    pub(crate) server: f64,
    /// Of the database's own processes.
    pub(crate) database: f64,
}

impl Cpu {
    /// Both together.
    pub(crate) fn total(self) -> f64 {
        self.server + self.database
    }
}

impl Figures {
    /// What latencies, and the processor time used meanwhile, come to.
    pub(crate) fn new(
        mut latencies: Vec<Duration>,
        time: Duration,
        used: Option<(Duration, Duration)>,
        refused: usize,
    ) -> Self {
        latencies.sort_unstable();
        let count = number(latencies.len());
        let each = |used: Duration| micros(used) / count.max(1.0);
        Self {
            per_second: count / time.as_secs_f64(),
            p50: percentile(&latencies, 50),
            p95: percentile(&latencies, 95),
            p99: percentile(&latencies, 99),
            cpu: used.map(|(server, database)| Cpu { server: each(server), database: each(database) }),
            refused: number(refused) / (number(refused) + count).max(1.0),
        }
    }

    /// Each figure's median over the rounds.
    pub(crate) fn median(rounds: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(rounds.iter().map(figure).collect()).unwrap_or(0.0);
        let cpu = |part: fn(&Cpu) -> f64| median(rounds.iter().filter_map(|f| f.cpu.as_ref()).map(part).collect());
        let cpu = cpu(|cpu| cpu.server).zip(cpu(|cpu| cpu.database));
        Self {
            per_second: of(|f| f.per_second),
            p50: of(|f| f.p50),
            p95: of(|f| f.p95),
            p99: of(|f| f.p99),
            cpu: cpu.map(|(server, database)| Cpu { server, database }),
            refused: of(|f| f.refused),
        }
    }

    /// What a request costs: processor time, because neighbours on the machine move it least; where that is not known,
    /// the time it takes.
    pub(crate) fn cost(&self) -> f64 {
        self.cpu.map_or(self.p50, Cpu::total)
    }
}

/// The median of the rounds' ratios: each pair was measured in turn.
pub(crate) fn ratio(pairs: &[(Figures, Figures)]) -> Option<f64> {
    median(pairs.iter().filter_map(|(ours, floor)| over(ours.per_second, floor.per_second)).collect())
}

/// One number over another, unless there is nothing to divide by.
pub(crate) fn over(a: f64, b: f64) -> Option<f64> {
    (b > 0.0).then(|| a / b)
}

/// The middle of some numbers; of an even count, the upper middle.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// In microseconds, out of sorted latencies: what that many percent of the requests did not exceed.
fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().map_or(0.0, micros)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

#[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
fn number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Figures of that rate, with nothing remarkable about them.
    pub(crate) fn at(per_second: f64) -> Figures {
        let cpu = Some(Cpu { server: 1e6 / per_second, database: 0.0 });
        Figures { per_second, p50: 1000.0, p95: 2000.0, p99: 3000.0, cpu, refused: 0.0 }
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-6
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let hundred: Vec<Duration> = (1..=100).map(Duration::from_micros).collect();
        assert!(near(percentile(&hundred, 50), 50.0) && near(percentile(&hundred, 99), 99.0));
        assert!(near(percentile(&hundred[..1], 99), 1.0) && near(percentile(&hundred[..3], 50), 2.0));
        assert!(near(percentile(&[], 50), 0.0));
    }

    #[test]
    fn figures_are_for_a_request_and_a_second() {
        let used = Some((Duration::from_millis(8), Duration::from_millis(4)));
        let figures = Figures::new(vec![Duration::from_millis(1); 4], Duration::from_secs(2), used, 1);
        assert!(near(figures.per_second, 2.0) && near(figures.p99, 1000.0) && near(figures.refused, 0.2));
        assert!(near(figures.cost(), 3000.0), "{figures:?}");
        let nothing = Figures::new(Vec::new(), Duration::from_secs(2), None, 0);
        assert!(near(nothing.per_second, 0.0) && near(nothing.cost(), 0.0) && nothing.cpu.is_none());
    }

    #[test]
    fn the_ratio_is_of_pairs_and_not_of_medians() {
        // The machine slowed down to a third in the last round, for both alike.
        let pairs = [(at(50.0), at(100.0)), (at(60.0), at(100.0)), (at(20.0), at(30.0))];
        assert!(ratio(&pairs).is_some_and(|ratio| near(ratio, 0.6)));
        assert_eq!(ratio(&[]), None);
        assert_eq!(over(1.0, 0.0), None);
    }

    #[test]
    fn medians_are_taken_figure_by_figure() {
        let rounds = [at(10.0), at(1000.0), at(20.0)];
        assert!(near(Figures::median(&rounds).per_second, 20.0));
        assert!(near(Figures::median(&rounds).cost(), 1e6 / 20.0));
    }
}
