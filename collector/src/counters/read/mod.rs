//! Parsers of what services say: text or JSON in, an [`Answer`](super::Answer) out.
//!
//! They open nothing and are fuzzed. What they read is hostile: nothing of it is
//! trusted to be there, to be a number or to be short.

pub mod bson;
pub mod elasticsearch;
pub mod haproxy;
pub mod http;
pub mod jvm;
pub mod memcached;
pub mod mongodb;
pub mod mysql;
pub mod nginx;
pub mod postgresql;
pub mod rabbitmq;
pub mod redis;

use serde_json::Value;

/// Follows a path of keys into a document.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('/').try_fold(value, |value, key| value.get(key))
}

/// Gives the number at a path.
fn number_at(value: &Value, path: &str) -> Option<f64> {
    at(value, path)?.as_f64()
}

/// Gives the text at a path.
fn text_at<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    at(value, path)?.as_str()
}
