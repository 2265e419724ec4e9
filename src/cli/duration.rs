//! Durations as people write them: `90d`, `12h`.

/// The longest life of a token, in days.
const LONGEST: i64 = 366;

/// Reads a duration of something about a token, in milliseconds.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    let millis = parse_long(text)?;
    if millis > LONGEST * 24 * 3_600_000 {
        return Err(format!("nothing about a token lasts longer than {LONGEST} days"));
    }
    Ok(millis)
}

/// Reads a duration, in milliseconds.
pub(super) fn parse_long(text: &str) -> Result<i64, String> {
    let wrong = || format!("{text:?} is no duration; write a number and m, h, d or w, such as 90d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: i64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    let minutes = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        'w' => 7 * 24 * 60,
        _ => return Err(wrong()),
    };
    number.checked_mul(minutes * 60_000).filter(|_| number > 0).ok_or_else(wrong)
}

/// Reads a duration, or none at all as `0`.
pub(super) fn parse_or_none(text: &str) -> Result<i64, String> {
    if text == "0" { Ok(0) } else { parse(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        assert_eq!(parse("90d"), Ok(90 * 24 * 3_600_000));
        assert_eq!(parse("2w"), parse("14d"));
        assert_eq!(parse("90m"), Ok(5_400_000));
        assert_eq!((parse_or_none("0"), parse_or_none("7d")), (Ok(0), parse("7d")));
        for wrong in ["", "d", "90", "-1d", "0h", "1y", "9999999999999999d", "367d", "1ā"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
