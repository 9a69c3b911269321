//! The JSON Canonicalization Scheme, RFC 8785, for the values of [`Json`]: no white space, members sorted
//! by the UTF-16 code units of their names, text with the fewest escapes.

use std::fmt::Write as _;

use crate::json::Json;

/// The canonical form of a value; its bytes are UTF-8.
pub(crate) fn canonical(value: &Json) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

fn write_value(out: &mut String, value: &Json) {
    match value {
        Json::Bool(true) => out.push_str("true"),
        Json::Bool(false) => out.push_str("false"),
        Json::Integer(number) => out.push_str(&number.to_string()),
        Json::Text(text) => write_text(out, text),
        Json::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(out, index);
                write_value(out, item);
            }
            out.push(']');
        }
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            // Not the order of UTF-8: characters above U+FFFF come before U+E000 to U+FFFF.
            members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            out.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                separate(out, index);
                write_text(out, name);
                out.push(':');
                write_value(out, value);
            }
            out.push('}');
        }
    }
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push(',');
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\0'..='\u{1f}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The canonical form of a text.
    fn of(text: &str) -> String {
        canonical(&serde_json::from_str(text).expect("JSON"))
    }

    #[test]
    fn members_are_sorted_by_utf_16() {
        // The last character is above U+FFFF: its surrogates are below U+FB33.
        let text = "{ \"\u{fb33}\": 1, \"\u{20ac}\": 2, \"\\r\": 3, \"1\": 4, \"\u{1f600}\": 5, \"\u{80}\": 6 }";
        let expected =
            "{\"\\r\":3,\"1\":4,\"\u{80}\":6,\"\u{20ac}\":2,\"\u{1f600}\":5,\"\u{fb33}\":1}";
        assert_eq!(of(text), expected);
    }

    #[test]
    fn text_has_the_fewest_escapes() {
        let text = r#""\u20ac$\u000F\nA'\u0042\u0022\u005c\\\"\/\u007f\u0008""#;
        assert_eq!(of(text), "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u{7f}\\b\"");
    }

    #[test]
    fn white_space_goes() {
        assert_eq!(
            of(" [ 1 , true , { \"b\" : [ ] , \"a\" : false } ]\n"),
            r#"[1,true,{"a":false,"b":[]}]"#
        );
    }
}
