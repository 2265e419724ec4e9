//! Filters and paths: what is printed is read back as it was, and no text breaks the reader.

use proptest::prelude::*;
use scim::{
    filter::{Comparison, Filter, Operator},
    patch::Path,
    path::AttrPath,
};

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z][a-zA-Z0-9_-]{0,7}"
}

fn attr_path() -> impl Strategy<Value = AttrPath> {
    let urn = proptest::option::weighted(0.2, "urn:[a-z]{1,5}:[a-z0-9]{1,4}(:[a-zA-Z0-9.]{1,5}[a-z])?");
    (urn, name(), proptest::option::of(name())).prop_map(|(urn, name, sub)| AttrPath { urn, name, sub })
}

fn plain_path() -> impl Strategy<Value = AttrPath> {
    name().prop_map(AttrPath::plain)
}

fn comparison() -> impl Strategy<Value = Comparison> {
    prop_oneof![
        any::<String>().prop_map(|text| Comparison::Text(text.replace('\0', ""))),
        any::<i64>().prop_map(|number| Comparison::Number(number.into())),
        any::<f64>().prop_filter_map("finite", |number| serde_json::Number::from_f64(number).map(Comparison::Number)),
        any::<bool>().prop_map(Comparison::Boolean),
        Just(Comparison::Null),
    ]
}

fn filter(path: BoxedStrategy<AttrPath>, brackets: bool) -> BoxedStrategy<Filter> {
    let operator = proptest::sample::select(Operator::ALL.to_vec());
    let compare = (path.clone(), operator, comparison())
        .prop_map(|(path, operator, value)| Filter::Compare(path, operator, value));
    let present = path.clone().prop_map(Filter::Present);
    let leaf = if brackets {
        let whole = attr_path().prop_map(|path| AttrPath { sub: None, ..path });
        let value_path = (whole, filter(plain_path().boxed(), false))
            .prop_map(|(path, inner)| Filter::ValuePath(path, Box::new(inner)));
        prop_oneof![4 => compare, 2 => present, 1 => value_path].boxed()
    } else {
        prop_oneof![2 => compare, 1 => present].boxed()
    };
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Shows: F-13, F-14, F-15, F-17, F-21, F-22, Y-34, S-02
    #[test]
    fn a_printed_filter_is_read_back(filter in filter(attr_path().boxed(), true)) {
        let text = filter.to_string();
        prop_assert_eq!(Filter::parse(&text).map_err(|e| e.detail), Ok(filter), "{}", text);
    }

    #[test]
    fn a_printed_path_is_read_back(path in attr_path()) {
        prop_assert_eq!(AttrPath::parse(&path.to_string()).map_err(|e| e.detail), Ok(path));
    }

    /// Shows: H-05, H-15
    #[test]
    fn a_printed_patch_path_is_read_back(
        attribute in attr_path(),
        inner in proptest::option::of(filter(plain_path().boxed(), false)),
        sub in proptest::option::of(name()),
    ) {
        let path = match inner {
            None => Path { attribute, filter: None, sub: None },
            Some(inner) => Path { attribute: AttrPath { sub: None, ..attribute }, filter: Some(inner), sub },
        };
        prop_assert_eq!(Path::parse(&path.to_string()).map_err(|e| e.detail), Ok(path));
    }

    /// Whatever the text, it is read or refused. Shows: F-36
    #[test]
    fn no_text_breaks_the_readers(text in "[ -~āĒ\u{1F600}]{0,60}|([a-z.]{1,4}( eq | pr|\\[|\\]|\\(|\\)| and | or |not|\"|\\\\){1,3}){0,12}") {
        if let Ok(filter) = Filter::parse(&text) {
            prop_assert_eq!(Filter::parse(&filter.to_string()).map_err(|e| e.detail), Ok(filter));
        }
        let _ = Path::parse(&text);
        let _ = AttrPath::parse(&text);
    }
}
