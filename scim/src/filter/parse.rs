//! The reader of filters: recursive descent with limits that hold before it descends.

use serde_json::Value;

use crate::{
    error::{Error, invalid_filter},
    filter::{Comparison, Filter, Operator},
    path::{AttrPath, is_path_char},
};

/// How deep parentheses and brackets may nest.
pub const MAX_DEPTH: usize = 32;
/// How many attribute tests one filter may hold.
pub const MAX_TERMS: usize = 256;
/// How long a filter may be, in bytes.
pub const MAX_LENGTH: usize = 16 * 1024;

impl Filter {
    /// Reads a filter, or says at which character it went wrong.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut parser = Parser::new(text)?;
        let filter = parser.or(false)?;
        parser.end()?;
        Ok(filter)
    }
}

pub(crate) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    terms: usize,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str) -> Result<Self, Error> {
        if text.len() > MAX_LENGTH {
            return Err(invalid_filter(format!("The filter is longer than {MAX_LENGTH} bytes.")));
        }
        Ok(Self { text, at: 0, depth: 0, terms: 0 })
    }

    /// `filter *( "or" filter )`; inside brackets no further brackets may open.
    pub(crate) fn or(&mut self, bracketed: bool) -> Result<Filter, Error> {
        let mut parts = vec![self.and(bracketed)?];
        while self.word("or") {
            parts.push(self.and(bracketed)?);
        }
        Ok(one_or(parts, Filter::Or))
    }

    fn and(&mut self, bracketed: bool) -> Result<Filter, Error> {
        let mut parts = vec![self.term(bracketed)?];
        while self.word("and") {
            parts.push(self.term(bracketed)?);
        }
        Ok(one_or(parts, Filter::And))
    }

    fn term(&mut self, bracketed: bool) -> Result<Filter, Error> {
        self.space();
        if self.starts_group("not") {
            self.at += 3;
            return Ok(Filter::Not(Box::new(self.group(bracketed)?)));
        }
        if self.peek() == Some(b'(') {
            return self.group(bracketed);
        }
        self.test(bracketed)
    }

    fn group(&mut self, bracketed: bool) -> Result<Filter, Error> {
        self.space();
        self.expect(b'(')?;
        let inner = self.nested(bracketed)?;
        self.expect(b')')?;
        Ok(inner)
    }

    fn nested(&mut self, bracketed: bool) -> Result<Filter, Error> {
        if self.depth >= MAX_DEPTH {
            return Err(invalid_filter(format!("The filter nests more than {MAX_DEPTH} levels deep.")));
        }
        self.depth += 1;
        let inner = self.or(bracketed)?;
        self.depth -= 1;
        self.space();
        Ok(inner)
    }

    fn test(&mut self, bracketed: bool) -> Result<Filter, Error> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(invalid_filter(format!("The filter holds more than {MAX_TERMS} tests.")));
        }
        let path = self.path()?;
        if self.peek() == Some(b'[') {
            if bracketed {
                return Err(self.wrong("brackets inside brackets"));
            }
            return self.value_path(path);
        }
        self.operation(path)
    }

    fn value_path(&mut self, path: AttrPath) -> Result<Filter, Error> {
        let inner = self.brackets()?;
        // `emails[type eq "work"].value eq "x"` is not in the grammar, but identity providers match
        // accounts by it; the same value has to meet both.
        if self.peek() == Some(b'.') {
            self.at += 1;
            let sub = self.path()?;
            let test = self.operation(sub)?;
            let mut parts = match inner {
                Filter::And(parts) => parts,
                other => vec![other],
            };
            parts.push(test);
            return Ok(Filter::ValuePath(path, Box::new(Filter::And(parts))));
        }
        Ok(Filter::ValuePath(path, Box::new(inner)))
    }

    /// `"[" filter "]"`.
    pub(crate) fn brackets(&mut self) -> Result<Filter, Error> {
        self.expect(b'[')?;
        let inner = self.nested(true)?;
        self.expect(b']')?;
        Ok(inner)
    }

    fn operation(&mut self, path: AttrPath) -> Result<Filter, Error> {
        self.space();
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_alphabetic()) {
            self.at += 1;
        }
        let word = &self.text[start..self.at];
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(path));
        }
        let operator = Operator::ALL.into_iter().find(|o| o.keyword().eq_ignore_ascii_case(word)).ok_or_else(|| {
            self.at = start;
            self.wrong("an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) was expected")
        })?;
        self.space();
        Ok(Filter::Compare(path, operator, self.value()?))
    }

    fn value(&mut self) -> Result<Comparison, Error> {
        let rest = &self.text[self.at..];
        let length = match rest.as_bytes().first() {
            Some(b'"') => string_length(rest),
            Some(b'-' | b'0'..=b'9') => number_length(rest),
            _ => return self.keyword_value(),
        };
        let value = match serde_json::from_str(&rest[..length]) {
            Ok(Value::String(text)) if text.contains('\0') => return Err(self.wrong("a NUL character in a value")),
            Ok(Value::String(text)) => Comparison::Text(text),
            Ok(Value::Number(number)) => Comparison::Number(number),
            _ => return Err(self.wrong("the string or number is not as JSON writes it")),
        };
        self.at += length;
        Ok(value)
    }

    /// ABNF literals ignore case, so `True` is `true`.
    fn keyword_value(&mut self) -> Result<Comparison, Error> {
        for (word, value) in
            [("true", Comparison::Boolean(true)), ("false", Comparison::Boolean(false)), ("null", Comparison::Null)]
        {
            if self.word(word) {
                return Ok(value);
            }
        }
        Err(self.wrong("a value was expected: a string in double quotes, a number, true, false or null"))
    }

    pub(crate) fn path(&mut self) -> Result<AttrPath, Error> {
        let start = self.at;
        while self.peek().is_some_and(is_path_char) {
            self.at += 1;
        }
        let text = &self.text[start..self.at];
        AttrPath::parse(text).map_err(|_| {
            self.at = start;
            self.wrong("an attribute name was expected")
        })
    }

    /// Whether the text is used up.
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        self.space();
        if self.at < self.text.len() {
            return Err(self.wrong("the filter should end here, or go on with `and` or `or`"));
        }
        Ok(())
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|c| c == b' ' || c == b'\t') {
            self.at += 1;
        }
    }

    /// Takes a whole word, in any case, with the space before it.
    fn word(&mut self, word: &str) -> bool {
        let before = self.at;
        self.space();
        let end = self.at + word.len();
        let bytes = self.text.as_bytes();
        let found = bytes.get(self.at..end).is_some_and(|b| b.eq_ignore_ascii_case(word.as_bytes()))
            && bytes.get(end).is_none_or(|c| !is_path_char(*c));
        self.at = if found { end } else { before };
        found
    }

    /// Whether `not` stands here with a parenthesis behind it; without one it is a name.
    fn starts_group(&self, word: &str) -> bool {
        let rest = self.rest().as_bytes();
        rest.get(..word.len()).is_some_and(|b| b.eq_ignore_ascii_case(word.as_bytes()))
            && rest[word.len()..].iter().find(|c| **c != b' ') == Some(&b'(')
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Error> {
        self.space();
        if self.peek() != Some(wanted) {
            return Err(self.wrong(&format!("`{}` was expected", char::from(wanted))));
        }
        self.at += 1;
        Ok(())
    }

    fn wrong(&self, what: &str) -> Error {
        let position = self.text[..self.at].chars().count() + 1;
        invalid_filter(format!("The filter is not valid at character {position}: {what}."))
    }
}

/// How long the JSON string is that a text starts with; all of the text if it does not end.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|c| {
        let ends = c == b'"' && !escaped;
        escaped = c == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

/// How long the number is that a text starts with.
fn number_length(text: &str) -> usize {
    text.bytes().take_while(|c| c.is_ascii_digit() || matches!(c, b'-' | b'+' | b'.' | b'e' | b'E')).count()
}

fn one_or(mut parts: Vec<Filter>, join: impl FnOnce(Vec<Filter>) -> Filter) -> Filter {
    match parts.len() {
        1 => parts.remove(0),
        _ => join(parts),
    }
}
