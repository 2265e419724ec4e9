//! Comparison keys: one text per value, so that every comparison of the filter language is a
//! comparison of texts by code point, in memory and in any database.

use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    fold,
    schema::{Attribute, Type},
};

/// The key of one simple value, or nothing where the value counts as unassigned (`null`, `""`).
pub(crate) fn of(attribute: &Attribute, value: &Value) -> Option<String> {
    match (attribute.kind, value) {
        (Type::Boolean, Value::Bool(flag)) => Some(flag.to_string()),
        (Type::Integer | Type::Decimal, Value::Number(number)) => number.as_f64().map(sortable_number),
        (Type::DateTime, Value::String(text)) => instant(text).map(sortable_instant),
        (_, Value::String(text)) if !text.is_empty() => Some(text_key(attribute, text)),
        _ => None,
    }
}

/// The key of a piece of text, prepared as the attribute's `caseExact` asks.
pub(crate) fn text_key(attribute: &Attribute, text: &str) -> String {
    if attribute.case_exact { fold::exact(text) } else { fold::fold(text) }
}

/// Sixteen hexadecimal digits that sort as the numbers do (IEEE 754 total order; −0 is 0).
pub(crate) fn sortable_number(number: f64) -> String {
    let bits = (number + 0.0).to_bits();
    let ordered = if bits >> 63 == 1 { !bits } else { bits | (1 << 63) };
    format!("{ordered:016x}")
}

/// The instant of an xsd:dateTime (RFC 7643 §2.3.5). A date alone is none; without an offset it
/// is taken as UTC, which the type allows.
pub(crate) fn instant(text: &str) -> Option<OffsetDateTime> {
    // RFC 3339 §5.6 lets readers take other separators; xsd:dateTime knows one.
    if text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let parsed =
        OffsetDateTime::parse(text, &Rfc3339).or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339)).ok()?;
    let utc = parsed.checked_to_offset(time::UtcOffset::UTC)?;
    (0..=9999).contains(&utc.year()).then_some(utc)
}

/// An instant as text that sorts by time whatever offset it was written with.
pub fn sortable_instant(instant: OffsetDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z",
        instant.year(),
        u8::from(instant.month()),
        instant.day(),
        instant.hour(),
        instant.minute(),
        instant.second(),
        instant.nanosecond()
    )
}

/// Milliseconds since 1970 of a key made by [`sortable_instant`], rounded down, and whether the key lies
/// exactly on that millisecond.
pub fn instant_millis(key: &str) -> Option<(i64, bool)> {
    let nanos = instant(key)?.unix_timestamp_nanos();
    let millis = i64::try_from(nanos.div_euclid(1_000_000)).ok()?;
    Some((millis, nanos.rem_euclid(1_000_000) == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sort_as_numbers() {
        let numbers = [-1e300, -2.5, -1.0, -0.0, 0.5, 1.0, 10.0, 1e300];
        let keys: Vec<_> = numbers.iter().map(|n| sortable_number(*n)).collect();
        assert!(keys.windows(2).all(|w| w[0] < w[1]), "{keys:?}");
        assert_eq!(sortable_number(0.0), sortable_number(-0.0));
    }

    #[test]
    fn instants_compare_whatever_their_offset() {
        let riga = instant("2011-05-13T06:42:34+02:00").map(sortable_instant);
        assert_eq!(riga, instant("2011-05-13T04:42:34Z").map(sortable_instant));
        assert_eq!(instant("2011-05-13"), None);
        assert_eq!(instant_millis("2011-05-13T04:42:34.000500000Z"), Some((1_305_261_754_000, false)));
    }
}
