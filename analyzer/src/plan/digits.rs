//! Numbers of plan.json, written in as many digits as come back the same.
//!
//! A number of 17 digits may be read back with another last bit; one of 15 is
//! read back as it was written (`f64::DIGITS`). So what a reader of the file
//! works out is what it says, and a plan that is read and written again is the
//! same file. A millionth of a millionth is far below what anything here is
//! measured to.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

/// Writes a value as indented JSON.
///
/// # Errors
/// When the value cannot be written.
pub(super) fn to_pretty_json<T: Serialize>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let formatter = Digits {
        pretty: PrettyFormatter::new(),
        number: Vec::new(),
    };
    value.serialize(&mut Serializer::with_formatter(&mut bytes, formatter))?;
    Ok(bytes)
}

struct Digits<'i> {
    pretty: PrettyFormatter<'i>,
    number: Vec<u8>,
}

impl Formatter for Digits<'_> {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        self.number.clear();
        self.pretty.write_f64(&mut self.number, value)?;
        if significant(&self.number) > f64::DIGITS as usize {
            self.number.clear();
            self.pretty.write_f64(&mut self.number, rounded(value))?;
        }
        writer.write_all(&self.number)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.pretty.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.pretty.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.end_object_value(writer)
    }
}

/// Counts the digits before the exponent; zeros around them may count as well, which only rounds what is the same then.
fn significant(number: &[u8]) -> usize {
    let mantissa = number.iter().take_while(|byte| !matches!(byte, b'e' | b'E'));
    mantissa.filter(|byte| byte.is_ascii_digit()).count()
}

/// Gives the number of 15 digits that is nearest.
fn rounded(value: f64) -> f64 {
    let digits = f64::DIGITS as usize - 1;
    format!("{value:.digits$e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn written(value: f64) -> String {
        String::from_utf8(to_pretty_json(&value).unwrap()).unwrap()
    }

    #[test]
    fn numbers_have_fifteen_digits_at_most() {
        for (value, text) in [
            (0.1 + 0.2, "0.3"),
            (1.0 / 3.0, "0.333333333333333"),
            (2.0 / 3.0, "0.666666666666667"),
            (1_778_000_000_000.25, "1778000000000.25"),
            (0.1, "0.1"),
            (-12.5, "-12.5"),
            (0.0, "0.0"),
        ] {
            assert_eq!(written(value), text);
        }
    }

    #[test]
    fn the_rest_is_indented_as_ever() {
        let value = serde_json::json!({"a": [1, 2.5, "x", null, {}], "b": {"c": true}, "d": []});
        let text = String::from_utf8(to_pretty_json(&value).unwrap()).unwrap();
        assert_eq!(text, serde_json::to_string_pretty(&value).unwrap());
    }

    proptest! {
        /// A number of everyday size is read as it was written; of every size it is written the same again.
        #[test]
        fn what_is_read_back_is_what_was_written(value in any::<f64>().prop_filter("a number", |one| one.is_finite())) {
            let text = written(value);
            let back: f64 = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(written(back), text.clone());
            let size = value.abs();
            if (1e-7..1e15).contains(&size) {
                prop_assert_eq!(back, text.parse::<f64>().unwrap());
                prop_assert!((back - value).abs() <= 1e-14 * size);
            }
        }

        #[test]
        fn everyday_numbers_come_back(value in -1e9_f64..1e9) {
            let text = written(value);
            prop_assert_eq!(serde_json::from_str::<f64>(&text).unwrap(), text.parse::<f64>().unwrap());
        }
    }
}
