//! BSON documents of MongoDB as JSON values; only what its answers need.

use serde_json::{Map, Number, Value};

/// Documents within documents at most; answers of MongoDB have six.
const DEEPEST: u32 = 32;

/// Reads one document from the beginning of the bytes; nothing when it is damaged.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Value> {
    document(bytes, DEEPEST).map(|(value, _)| value)
}

fn document(bytes: &[u8], depth: u32) -> Option<(Value, usize)> {
    let depth = depth.checked_sub(1)?;
    let length = usize::try_from(i32_at(bytes, 0)?).ok()?;
    let (end, body) = bytes.get(4..length)?.split_last()?;
    if *end != 0 {
        return None;
    }
    let mut map = Map::new();
    let mut place = 0;
    while let Some(&kind) = body.get(place) {
        let rest = body.get(place + 1..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        let name = String::from_utf8_lossy(rest.get(..end)?).into_owned();
        let rest = rest.get(end + 1..)?;
        let (value, used) = element(kind, rest, depth)?;
        map.insert(name, value);
        place += 1 + end + 1 + used;
    }
    Some((Value::Object(map), length))
}

/// Reads one value; what no answer needs (object ids, expressions) becomes null.
fn element(kind: u8, bytes: &[u8], depth: u32) -> Option<(Value, usize)> {
    let skipped = |length: usize| bytes.get(..length).map(|_| (Value::Null, length));
    match kind {
        0x01 => {
            let number = f64::from_le_bytes(bytes.get(..8)?.try_into().ok()?);
            Some((Number::from_f64(number).map_or(Value::Null, Value::Number), 8))
        }
        0x02 => {
            let length = usize::try_from(i32_at(bytes, 0)?).ok()?.checked_add(4)?;
            let text = bytes.get(4..length)?.split_last()?.1;
            Some((Value::String(String::from_utf8_lossy(text).into_owned()), length))
        }
        0x03 => document(bytes, depth),
        0x04 => {
            let (value, used) = document(bytes, depth)?;
            let items = match value {
                Value::Object(map) => map.into_iter().map(|(_, value)| value).collect(),
                _ => Vec::new(),
            };
            Some((Value::Array(items), used))
        }
        0x05 => {
            // Binary: a byte for each number, as SASL's payloads are needed.
            let length = usize::try_from(i32_at(bytes, 0)?).ok()?;
            let content = bytes.get(5..length.checked_add(5)?)?;
            let text = String::from_utf8_lossy(content).into_owned();
            Some((Value::String(text), length + 5))
        }
        0x06 | 0x0a | 0x7f | 0xff => Some((Value::Null, 0)),
        0x07 => skipped(12),
        0x08 => Some((Value::Bool(*bytes.first()? != 0), 1)),
        0x09 | 0x11 | 0x12 => {
            let number = i64::from_le_bytes(bytes.get(..8)?.try_into().ok()?);
            Some((number.into(), 8))
        }
        0x10 => Some((i32_at(bytes, 0)?.into(), 4)),
        0x13 => skipped(16),
        _ => None,
    }
}

fn i32_at(bytes: &[u8], place: usize) -> Option<i32> {
    Some(i32::from_le_bytes(
        bytes.get(place..place.checked_add(4)?)?.try_into().ok()?,
    ))
}

/// Writes a document of texts, whole numbers, truths, documents and, as `{"$binary": "text"}`, bytes.
#[must_use]
pub fn write(value: &Value) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        let (kind, content) = match value {
            Value::String(text) => (0x02, with_length(text.as_bytes(), 1, &[0])),
            Value::Bool(truth) => (0x08, vec![u8::from(*truth)]),
            Value::Object(map) => match map.get("$binary").and_then(Value::as_str) {
                Some(text) => {
                    let mut content = i32::try_from(text.len()).unwrap_or(0).to_le_bytes().to_vec();
                    content.push(0);
                    content.extend(text.as_bytes());
                    (0x05, content)
                }
                None => (0x03, write(value)),
            },
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => i32::try_from(whole).map_or_else(
                    |_| (0x12, whole.to_le_bytes().to_vec()),
                    |small| (0x10, small.to_le_bytes().to_vec()),
                ),
                (None, number) => (0x01, number.unwrap_or(0.0).to_le_bytes().to_vec()),
            },
            Value::Array(items) => {
                let map: Map<String, Value> = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| (index.to_string(), item.clone()))
                    .collect();
                (0x04, write(&Value::Object(map)))
            }
            Value::Null => (0x0a, Vec::new()),
        };
        body.push(kind);
        body.extend(name.as_bytes());
        body.push(0);
        body.extend(content);
    }
    let length = i32::try_from(body.len() + 5).unwrap_or(0);
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend(body);
    bytes.push(0);
    bytes
}

/// Writes a command: its name goes first, which is how a server knows it.
#[must_use]
pub fn write_command(name: &str, rest: &Value) -> Vec<u8> {
    let rest = write(rest);
    let mut bytes = Vec::new();
    bytes.push(0x10);
    bytes.extend(name.as_bytes());
    bytes.push(0);
    bytes.extend(1_i32.to_le_bytes());
    bytes.extend(rest.get(4..).unwrap_or_default());
    let length = i32::try_from(bytes.len() + 4).unwrap_or(0);
    [length.to_le_bytes().as_slice(), &bytes].concat()
}

fn with_length(content: &[u8], more: usize, end: &[u8]) -> Vec<u8> {
    let mut bytes = i32::try_from(content.len() + more).unwrap_or(0).to_le_bytes().to_vec();
    bytes.extend(content);
    bytes.extend(end);
    bytes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let value =
            json!({"a": 1, "b": "text", "c": {"d": true, "e": 5_000_000_000_i64, "f": 0.5}, "g": [1, "x"], "h": null});
        assert_eq!(read(&write(&value)), Some(value));
    }

    #[test]
    fn the_name_of_a_command_goes_first() {
        let bytes = write_command("hello", &json!({"$db": "admin"}));
        assert_eq!(&bytes[4..11], b"\x10hello\0");
        assert_eq!(read(&bytes), Some(json!({"hello": 1, "$db": "admin"})));
    }

    #[test]
    fn damaged_documents_are_refused_whatever_they_claim() {
        let whole = write(&json!({"a": {"b": "text"}, "c": 3}));
        for cut in 0..whole.len() {
            assert_eq!(read(&whole[..cut]), None, "{cut}");
        }
        for place in 0..whole.len() {
            for byte in [0, 1, 3, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[place] = byte;
                let _ = read(&damaged);
            }
        }
        let mut deep = vec![5, 0, 0, 0, 0];
        for _ in 0..100 {
            let mut outer = i32::try_from(deep.len() + 8).unwrap_or(0).to_le_bytes().to_vec();
            outer.extend([0x03, b'a', 0]);
            outer.extend(&deep);
            outer.push(0);
            deep = outer;
        }
        assert_eq!(read(&deep), None, "too deep");
    }
}
