//! Reads the whole `hosts.toml` into sections, each value checked by itself.

use std::path::Path;

use telemetry::untrusted::for_terminal;
use toml::de::DeTable;

use super::accounts::read_account;
use super::environment::Environment;
use super::error::{HostsError, Problem};
use super::place::{FilePlace, Written};
use super::section::Section;
use super::settings::Settings;
use super::source::{Source, Value};
use crate::counters::Account;

/// `hosts.toml` as it is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    pub(super) defaults: Settings,
    /// In the order of the file.
    pub(super) groups: Vec<Group>,
    pub(super) hosts: Vec<Entry>,
    /// Accounts of services, in the order of the file.
    pub(super) accounts: Vec<Account>,
}

/// A `[groups.NAME]` section.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) name: String,
    /// Names, ranges and patterns.
    pub(super) members: Vec<Written<String>>,
    pub(super) settings: Settings,
}

/// A host, or a range of them.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: Written<String>,
    pub(super) address: Option<Written<String>>,
    /// Whether it is measured, or only a way to others.
    pub(super) collect: bool,
    pub(super) settings: Settings,
}

impl Document {
    /// Reads the text of a file.
    pub(super) fn read(text: &str, path: &Path, environment: &Environment) -> Result<Self, HostsError> {
        let source = Source::new(path, text, environment);
        let table = DeTable::parse(text).map_err(|error| {
            // The error's own text quotes the line, in which a password could stand.
            let message = for_terminal(&error.message().replace('\n', ", ")).into_owned();
            source.error(&error.span().unwrap_or(0..0), Problem::Toml { message })
        })?;
        let mut document = Self::default();
        let root = Section::new(&source, "hosts.toml", table.get_ref());
        for &(key, value) in &root.keys {
            match key.get_ref().as_ref() {
                "defaults" => {
                    let section = Section::new(&source, "[defaults]", table_of(&source, "defaults", value)?);
                    document.defaults = section.settings(&[], |_, _| Ok(()))?;
                }
                "groups" => {
                    let groups = Section::new(&source, "[groups]", table_of(&source, "groups", value)?);
                    for &(name, group) in &groups.keys {
                        document.groups.push(read_group(&source, name.get_ref(), group)?);
                    }
                }
                "hosts" => {
                    let expected = "a list of hosts: [[hosts]] sections, or hosts = [\"web-1\", \"web-2\"]";
                    let list = value.get_ref().as_array();
                    let list = list.ok_or_else(|| source.unexpected("hosts", value, expected))?;
                    document.hosts = list
                        .iter()
                        .map(|host| read_host(&source, host))
                        .collect::<Result<_, _>>()?;
                }
                "accounts" => {
                    let expected = "[[accounts]] sections with product, user and where the password comes from";
                    let list = value.get_ref().as_array();
                    let list = list.ok_or_else(|| source.unexpected("accounts", value, expected))?;
                    document.accounts = list
                        .iter()
                        .map(|account| read_account(&source, account))
                        .collect::<Result<_, _>>()?;
                }
                _ => return Err(root.unknown(key, vec!["defaults", "groups", "hosts", "accounts"])),
            }
        }
        Ok(document)
    }
}

pub(super) fn table_of<'v, 'i>(
    source: &Source<'_>,
    key: &str,
    value: &'v Value<'i>,
) -> Result<&'v DeTable<'i>, HostsError> {
    value
        .get_ref()
        .as_table()
        .ok_or_else(|| source.unexpected(key, value, "a section"))
}

fn read_group(source: &Source<'_>, name: &str, value: &Value<'_>) -> Result<Group, HostsError> {
    let name = for_terminal(name).into_owned();
    let key = format!("groups.{name}");
    let section = Section::new(source, format!("[{key}]"), table_of(source, &key, value)?);
    let mut members = Vec::new();
    let settings = section.settings(&["members"], |_, value| {
        let texts = source.texts("members", value, "a list of hosts such as [\"web-[01:20]\", \"db-*\"]")?;
        members = texts.iter().map(|text| text.map(|text| (*text).to_string())).collect();
        Ok(())
    })?;
    Ok(Group {
        name,
        members,
        settings,
    })
}

fn read_host(source: &Source<'_>, value: &Value<'_>) -> Result<Entry, HostsError> {
    if value.get_ref().is_str() {
        let name = source.text("hosts", value, "the name of a host")?;
        return Ok(Entry::named(source.written(value, name.to_string())));
    }
    let expected = "a host: a name, or a section with a name";
    let table = value.get_ref().as_table();
    let table = table.ok_or_else(|| source.unexpected("hosts", value, expected))?;
    let section = Section::new(source, "[[hosts]]", table);
    let (mut name, mut address, mut collect) = (None, None, true);
    let settings = section.settings(&["name", "address", "collect"], |key, value| {
        match key {
            "name" => name = Some(source.written(value, source.text(key, value, "a name")?.to_string())),
            "address" => address = Some(source.written(value, source.text(key, value, "an address")?.to_string())),
            _ => collect = source.yes_or_no(key, value)?,
        }
        Ok(())
    })?;
    let first_key = section.keys.first().map_or_else(|| value.span(), |(key, _)| key.span());
    let name = name.ok_or_else(|| source.error(&first_key, Problem::NoName))?;
    Ok(Entry {
        name,
        address,
        collect,
        settings,
    })
}

impl Entry {
    /// A host of which only the name is known.
    pub(super) fn named(name: Written<String>) -> Self {
        Self {
            name,
            address: None,
            collect: true,
            settings: Settings::default(),
        }
    }

    pub(super) fn place(&self) -> &FilePlace {
        &self.name.place
    }
}
