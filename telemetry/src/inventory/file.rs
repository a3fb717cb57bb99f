//! The inventory on disk: three Parquet files, plain enough for any reader.
//!
//! ```text
//! inventory/
//!   facts.parquet         host, name, item, value, first_at, last_at, how, privilege
//!   services.parquet      host, service, product, category, version, role, ports, …
//!   dependencies.parquet  client_host, client_address, …, server_port, transport, …
//! ```
//!
//! Times are UTC, to the millisecond; lists are text, ports joined by blanks and
//! words by `; `. Each file carries `sizewright.format_version` and
//! `sizewright.inventory` in its footer, is written beside its place and renamed.

use std::fs::{self, File};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::columns::{Decoded, Kind, Values, encode, open};
use super::error::InventoryError;
use super::{Dependency, Fact, Inventory, Learnt, Peer, Service};
use crate::store::write_whole;

/// Version of the three files; a reader takes no other.
pub const FORMAT_VERSION: u32 = 1;
const VERSION_KEY: &str = "sizewright.format_version";
const TABLE_KEY: &str = "sizewright.inventory";
/// Joins what a match rested on.
const WORDS: &str = "; ";

const FACTS: &str = "facts";
const SERVICES: &str = "services";
const DEPENDENCIES: &str = "dependencies";

/// Reads the inventory of a folder; a file that is not there is empty.
///
/// # Errors
/// When a file is damaged, too old or too new, or cannot be read.
pub fn read(folder: &Path) -> Result<Inventory, InventoryError> {
    Ok(Inventory {
        facts: facts(folder)?,
        services: services(folder)?,
        dependencies: dependencies(folder)?,
    })
}

/// Writes the three files, each as a whole, sorted.
///
/// # Errors
/// When the disk refuses.
pub fn write(folder: &Path, inventory: &Inventory) -> Result<(), InventoryError> {
    let mut inventory = inventory.clone();
    inventory.sort();
    write_table(folder, FACTS, fact_columns(&inventory.facts))?;
    write_table(folder, SERVICES, service_columns(&inventory.services))?;
    write_table(folder, DEPENDENCIES, dependency_columns(&inventory.dependencies))
}

/// Adds what was learnt to a folder's inventory and gives the whole; no two programs do so at once.
///
/// # Errors
/// When the folder's inventory cannot be read or written.
pub fn add(folder: &Path, newer: Inventory) -> Result<Inventory, InventoryError> {
    fs::create_dir_all(folder).map_err(|source| InventoryError::io("create folder", folder, source))?;
    let path = folder.join("LOCK");
    let lock = File::create(&path).map_err(|source| InventoryError::io("create", &path, source))?;
    // Held until the file is closed at the end; the kernel lets go of it when a program is killed.
    lock.lock()
        .map_err(|source| InventoryError::io("lock", &path, source))?;
    let mut inventory = read(folder)?;
    inventory.merge(newer);
    write(folder, &inventory)?;
    Ok(inventory)
}

fn write_table(folder: &Path, table: &str, columns: Vec<(&'static str, Values)>) -> Result<(), InventoryError> {
    let path = folder.join(format!("{table}.parquet"));
    let keys = [
        (VERSION_KEY, FORMAT_VERSION.to_string()),
        (TABLE_KEY, table.to_string()),
    ];
    let bytes = encode(&columns, &keys).map_err(|error| InventoryError::damaged(&path, error))?;
    write_whole(&path, &bytes).map_err(InventoryError::Write)
}

/// Opens a table's file after checking that it is ours and of this version.
fn checked<'p>(path: &'p Path, table: &str) -> Result<Option<Decoded<'p>>, InventoryError> {
    let Some(file) = open(path)? else { return Ok(None) };
    let version: u32 = file
        .keys
        .get(VERSION_KEY)
        .ok_or_else(|| InventoryError::damaged(path, "it does not name its format version"))?
        .parse()
        .map_err(|_| InventoryError::damaged(path, "its format version is not a number"))?;
    let path = path.to_path_buf();
    match version {
        FORMAT_VERSION => {}
        version if version < FORMAT_VERSION => return Err(InventoryError::TooOld { path, version }),
        version => return Err(InventoryError::TooNew { path, version }),
    }
    if file.keys.get(TABLE_KEY).map(String::as_str) != Some(table) {
        return Err(InventoryError::damaged(&path, format!("it does not hold the {table}")));
    }
    Ok(Some(file))
}

fn fact_columns(facts: &[Fact]) -> Vec<(&'static str, Values)> {
    let mut columns = vec![
        ("host", text(facts, |fact| &fact.host)),
        ("name", text(facts, |fact| &fact.name)),
        ("item", text(facts, |fact| &fact.item)),
        ("value", text(facts, |fact| &fact.value)),
    ];
    columns.extend(learnt_columns(facts, |fact| &fact.learnt));
    columns
}

fn facts(folder: &Path) -> Result<Vec<Fact>, InventoryError> {
    let path = folder.join("facts.parquet");
    let Some(file) = checked(&path, FACTS)? else {
        return Ok(Vec::new());
    };
    let mut learnt = learnt(&file, &path)?.into_iter();
    let mut host = file.text("host")?.into_iter();
    let mut name = file.text("name")?.into_iter();
    let mut item = file.text("item")?.into_iter();
    let mut value = file.text("value")?.into_iter();
    let mut row = || {
        Some(Fact {
            host: host.next()?,
            name: name.next()?,
            item: item.next()?,
            value: value.next()?,
            learnt: learnt.next()?,
        })
    };
    Ok(std::iter::from_fn(&mut row).collect())
}

fn service_columns(services: &[Service]) -> Vec<(&'static str, Values)> {
    let mut columns = vec![
        ("host", text(services, |service| &service.host)),
        ("service", text(services, |service| &service.service)),
        ("product", text(services, |service| &service.product)),
        ("category", words(services, |service| word(&service.category))),
        (
            "version",
            Values::Text(services.iter().map(|service| service.version.clone()).collect()),
        ),
        (
            "role",
            Values::Text(services.iter().map(|service| service.role.as_ref().map(word)).collect()),
        ),
        (
            "ports",
            words(services, |service| {
                let ports: Vec<String> = service.ports.iter().map(ToString::to_string).collect();
                ports.join(" ")
            }),
        ),
        (
            "process",
            Values::Text(services.iter().map(|service| service.process.clone()).collect()),
        ),
        (
            "user",
            Values::Text(services.iter().map(|service| service.user.clone()).collect()),
        ),
        (
            "unit",
            Values::Text(services.iter().map(|service| service.unit.clone()).collect()),
        ),
        (
            "arguments",
            Values::Text(services.iter().map(|service| service.arguments.clone()).collect()),
        ),
        (
            "processes",
            Values::Whole(
                services
                    .iter()
                    .map(|service| Some(i64::from(service.processes)))
                    .collect(),
            ),
        ),
        ("rested_on", words(services, |service| service.rested_on.join(WORDS))),
        ("sureness", words(services, |service| word(&service.sureness))),
    ];
    columns.extend(learnt_columns(services, |service| &service.learnt));
    columns
}

fn services(folder: &Path) -> Result<Vec<Service>, InventoryError> {
    let path = folder.join("services.parquet");
    let Some(file) = checked(&path, SERVICES)? else {
        return Ok(Vec::new());
    };
    let mut learnt = learnt(&file, &path)?.into_iter();
    let mut host = file.text("host")?.into_iter();
    let mut service = file.text("service")?.into_iter();
    let mut product = file.text("product")?.into_iter();
    let mut category = meanings(file.text("category")?, &path)?.into_iter();
    let mut version = file.optional_text("version")?.into_iter();
    let mut role = optional_meanings(file.optional_text("role")?, &path)?.into_iter();
    let mut ports = file
        .text("ports")?
        .iter()
        .map(|ports| {
            ports
                .split_whitespace()
                .map(str::parse)
                .collect::<Result<Vec<u16>, _>>()
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| InventoryError::damaged(&path, format!("column `ports`: {error}")))?
        .into_iter();
    let mut process = file.optional_text("process")?.into_iter();
    let mut user = file.optional_text("user")?.into_iter();
    let mut unit = file.optional_text("unit")?.into_iter();
    let mut arguments = file.optional_text("arguments")?.into_iter();
    let mut processes = file.whole::<u32>("processes", Kind::Whole)?.into_iter();
    let mut rested_on = file.text("rested_on")?.into_iter();
    let mut sureness = meanings(file.text("sureness")?, &path)?.into_iter();
    let mut row = || {
        Some(Service {
            host: host.next()?,
            service: service.next()?,
            product: product.next()?,
            category: category.next()?,
            version: version.next()?,
            role: role.next()?,
            ports: ports.next()?,
            process: process.next()?,
            user: user.next()?,
            unit: unit.next()?,
            arguments: arguments.next()?,
            processes: processes.next()?,
            rested_on: split_words(&rested_on.next()?),
            sureness: sureness.next()?,
            learnt: learnt.next()?,
        })
    };
    Ok(std::iter::from_fn(&mut row).collect())
}

fn dependency_columns(rows: &[Dependency]) -> Vec<(&'static str, Values)> {
    let whole = |of: fn(&Dependency) -> u32| Values::Whole(rows.iter().map(|row| Some(i64::from(of(row)))).collect());
    let real = |of: fn(&Dependency) -> Option<f64>| Values::Real(rows.iter().map(of).collect());
    let maybe = |of: fn(&Dependency) -> &Option<String>| Values::Text(rows.iter().map(|row| of(row).clone()).collect());
    let mut columns = vec![
        ("client_host", maybe(|row| &row.client.host)),
        ("client_address", text(rows, |row| &row.client.address)),
        ("client_service", maybe(|row| &row.client.service)),
        ("server_host", maybe(|row| &row.server.host)),
        ("server_address", text(rows, |row| &row.server.address)),
        ("server_service", maybe(|row| &row.server.service)),
        ("port", whole(|row| u32::from(row.port))),
        ("transport", words(rows, |row| word(&row.transport))),
        ("direction", words(rows, |row| word(&row.direction))),
        ("connections_max", whole(|row| row.connections_max)),
        ("looks_seen", whole(|row| row.looks_seen)),
        ("looks_taken", whole(|row| row.looks_taken)),
        ("to_server_bytes_per_s", real(|row| row.to_server_bytes_per_s)),
        ("to_client_bytes_per_s", real(|row| row.to_client_bytes_per_s)),
    ];
    columns.extend(learnt_columns(rows, |row| &row.learnt));
    columns
}

fn dependencies(folder: &Path) -> Result<Vec<Dependency>, InventoryError> {
    let path = folder.join("dependencies.parquet");
    let Some(file) = checked(&path, DEPENDENCIES)? else {
        return Ok(Vec::new());
    };
    let mut learnt = learnt(&file, &path)?.into_iter();
    let peers = |side: &str| -> Result<Vec<Peer>, InventoryError> {
        let host = file.optional_text(&format!("{side}_host"))?;
        let address = file.text(&format!("{side}_address"))?;
        let service = file.optional_text(&format!("{side}_service"))?;
        let rows = host.into_iter().zip(address).zip(service);
        Ok(rows
            .map(|((host, address), service)| Peer { host, address, service })
            .collect())
    };
    let mut client = peers("client")?.into_iter();
    let mut server = peers("server")?.into_iter();
    let mut port = file.whole::<u16>("port", Kind::Whole)?.into_iter();
    let mut transport = meanings(file.text("transport")?, &path)?.into_iter();
    let mut direction = meanings(file.text("direction")?, &path)?.into_iter();
    let mut connections_max = file.whole::<u32>("connections_max", Kind::Whole)?.into_iter();
    let mut looks_seen = file.whole::<u32>("looks_seen", Kind::Whole)?.into_iter();
    let mut looks_taken = file.whole::<u32>("looks_taken", Kind::Whole)?.into_iter();
    let mut to_server = file.real("to_server_bytes_per_s")?.into_iter();
    let mut to_client = file.real("to_client_bytes_per_s")?.into_iter();
    let mut row = || {
        Some(Dependency {
            client: client.next()?,
            server: server.next()?,
            port: port.next()?,
            transport: transport.next()?,
            direction: direction.next()?,
            connections_max: connections_max.next()?,
            looks_seen: looks_seen.next()?,
            looks_taken: looks_taken.next()?,
            to_server_bytes_per_s: to_server.next()?,
            to_client_bytes_per_s: to_client.next()?,
            learnt: learnt.next()?,
        })
    };
    Ok(std::iter::from_fn(&mut row).collect())
}

fn learnt_columns<R>(rows: &[R], of: fn(&R) -> &Learnt) -> Vec<(&'static str, Values)> {
    let time = |at: fn(&Learnt) -> i64| Values::Time(rows.iter().map(|row| Some(at(of(row)))).collect());
    vec![
        ("first_at", time(|learnt| learnt.first_at_ms)),
        ("last_at", time(|learnt| learnt.last_at_ms)),
        (
            "how",
            Values::Text(rows.iter().map(|row| Some(of(row).how.clone())).collect()),
        ),
        (
            "privilege",
            Values::Text(rows.iter().map(|row| Some(word(&of(row).privilege))).collect()),
        ),
    ]
}

fn learnt(file: &Decoded<'_>, path: &Path) -> Result<Vec<Learnt>, InventoryError> {
    let first = file.whole::<i64>("first_at", Kind::Time)?;
    let last = file.whole::<i64>("last_at", Kind::Time)?;
    let how = file.text("how")?;
    let privilege = meanings(file.text("privilege")?, path)?;
    let rows = first.into_iter().zip(last).zip(how).zip(privilege);
    Ok(rows
        .map(|(((first_at_ms, last_at_ms), how), privilege)| Learnt {
            first_at_ms,
            last_at_ms,
            how,
            privilege,
        })
        .collect())
}

fn text<R>(rows: &[R], of: fn(&R) -> &String) -> Values {
    Values::Text(rows.iter().map(|row| Some(of(row).clone())).collect())
}

fn words<R>(rows: &[R], of: fn(&R) -> String) -> Values {
    Values::Text(rows.iter().map(|row| Some(of(row))).collect())
}

fn split_words(words: &str) -> Vec<String> {
    words
        .split(WORDS)
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect()
}

/// Gives the word of an enumeration, as in JSON.
fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn meanings<T: DeserializeOwned>(words: Vec<String>, path: &Path) -> Result<Vec<T>, InventoryError> {
    words.into_iter().map(|word| meaning(word, path)).collect()
}

fn optional_meanings<T: DeserializeOwned>(
    words: Vec<Option<String>>,
    path: &Path,
) -> Result<Vec<Option<T>>, InventoryError> {
    words
        .into_iter()
        .map(|word| word.map(|word| meaning(word, path)).transpose())
        .collect()
}

fn meaning<T: DeserializeOwned>(word: String, path: &Path) -> Result<T, InventoryError> {
    serde_json::from_value(serde_json::Value::String(word)).map_err(|error| InventoryError::damaged(path, error))
}
