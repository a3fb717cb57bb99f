//! Reads an `[[accounts]]` section: who asks services for their counters.

use super::document::table_of;
use super::error::{HostsError, Problem};
use super::section::Section;
use super::source::{Source, Value, shown};
use super::target::SecretSource;
use crate::counters::{Account, Product};

const KEYS: [&str; 6] = ["product", "hosts", "user", "password", "password_command", "database"];

/// Reads one account; the password itself never stands in the file.
pub(super) fn read_account(source: &Source<'_>, value: &Value<'_>) -> Result<Account, HostsError> {
    let section = Section::new(source, "[[accounts]]", table_of(source, "accounts", value)?);
    let (mut product, mut user, mut password, mut database) = (None, None, None, None);
    let mut hosts = vec!["*".to_string()];
    for &(key, value) in &section.keys {
        let name: &str = key.get_ref();
        match name {
            "product" => {
                let text = source.text(name, value, "a product such as \"postgresql\"")?;
                product = Some(
                    Product::from_name(text)
                        .ok_or_else(|| source.unexpected(name, value, &format!("one of {}", Product::names())))?,
                );
            }
            "hosts" => {
                let texts = source.texts(name, value, "names or patterns of hosts")?;
                hosts = texts.iter().map(|text| text.value.to_string()).collect();
            }
            "user" => user = Some(word(source, name, value)?),
            "database" => database = Some(word(source, name, value)?),
            "password" | "password_command" => {
                let secret = match (name, value.get_ref().as_str()) {
                    ("password", Some("prompt")) => SecretSource::Prompt,
                    ("password", _) => {
                        let problem = Problem::Secret { key: name.to_string() };
                        return Err(source.error(&value.span(), problem));
                    }
                    _ => SecretSource::Command(
                        source
                            .text(name, value, "a command that prints the password")?
                            .to_string(),
                    ),
                };
                if password.replace(secret).is_some() {
                    let problem = Problem::Both {
                        one: "password",
                        other: "password_command",
                    };
                    return Err(source.error(&value.span(), problem));
                }
            }
            _ => return Err(section.unknown(key, KEYS.to_vec())),
        }
    }
    let product = product.ok_or_else(|| source.unexpected("accounts", value, "a section with `product`"))?;
    Ok(Account {
        product,
        hosts,
        user: user.unwrap_or_default(),
        password,
        database,
    })
}

/// Reads a name that goes into a line of text to the service.
fn word(source: &Source<'_>, key: &str, value: &Value<'_>) -> Result<String, HostsError> {
    let text = source.text(key, value, "a name")?;
    if text.chars().any(char::is_control) || text.len() > 200 {
        return Err(source.error(
            &value.span(),
            Problem::Text {
                what_is: "the name",
                text: shown(text),
                what: "has signs that no name has, or is too long".to_string(),
                instead: None,
            },
        ));
    }
    Ok(text.to_string())
}
