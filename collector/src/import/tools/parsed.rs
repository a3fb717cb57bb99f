//! What a parser understood of a file: rows of any table, facts, and what it could not use.
//!
//! Parsers only fill this; nothing reaches the store before the whole file was
//! understood, so a file comes in as a whole or not at all.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use telemetry::{ColumnId, Table};

/// A host of a [`Parsed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct HostId(u32);

/// A set of labels (device, interface …) of a [`Parsed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LabelsId(u32);

/// One row: some columns of one table at one time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub table: Table,
    pub host: HostId,
    pub labels: LabelsId,
    pub at_ms: i64,
    first: usize,
    values: u32,
}

/// One fact about a host that a file states, such as its operating system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stated {
    pub host: HostId,
    pub name: &'static str,
    pub item: String,
    pub value: String,
}

/// Everything that was understood of one file, or of files that belong together.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    hosts: Vec<String>,
    host_by_name: HashMap<String, u32>,
    labels: Vec<Vec<String>>,
    labels_by_key: HashMap<String, u32>,
    key: String,
    rows: Vec<Row>,
    values: Vec<(ColumnId, f64)>,
    /// Columns, metrics or sections that nothing used, and how often they came.
    pub unused: BTreeMap<String, u64>,
    /// What to mind, in words.
    pub notes: BTreeSet<String>,
    /// What was odd and left out, in words, with how often it came.
    pub left_out: BTreeMap<String, u64>,
    /// Facts about hosts.
    pub facts: Vec<Stated>,
    /// Rows of the source that were read.
    pub rows_read: u64,
}

impl Parsed {
    /// Finds a host by its name, or starts it.
    pub fn host(&mut self, name: &str) -> HostId {
        if let Some(&id) = self.host_by_name.get(name) {
            return HostId(id);
        }
        let id = self.hosts.len() as u32;
        self.hosts.push(name.to_string());
        self.host_by_name.insert(name.to_string(), id);
        HostId(id)
    }

    /// Finds a set of labels, or starts it.
    pub fn labels(&mut self, labels: &[&str]) -> LabelsId {
        self.key.clear();
        for label in labels {
            self.key.push_str(label);
            self.key.push('\0');
        }
        if let Some(&id) = self.labels_by_key.get(&self.key) {
            return LabelsId(id);
        }
        let id = self.labels.len() as u32;
        self.labels
            .push(labels.iter().map(|label| (*label).to_string()).collect());
        self.labels_by_key.insert(self.key.clone(), id);
        LabelsId(id)
    }

    /// Adds a row; NaN stands for a column that was not measured.
    pub fn row(&mut self, table: Table, host: HostId, labels: LabelsId, at_ms: i64, values: &[(ColumnId, f64)]) {
        let first = self.values.len();
        self.values.extend(values.iter().filter(|(_, value)| !value.is_nan()));
        let values = (self.values.len() - first) as u32;
        if values > 0 {
            self.rows.push(Row {
                table,
                host,
                labels,
                at_ms,
                first,
                values,
            });
        }
    }

    /// Adds a row of the host table.
    pub fn host_row(&mut self, host: HostId, at_ms: i64, values: &[(ColumnId, f64)]) {
        let none = self.labels(&[]);
        self.row(Table::Host, host, none, at_ms, values);
    }

    /// Adds a fact; nothing where the text is empty.
    pub fn fact(&mut self, host: HostId, name: &'static str, item: &str, value: &str) {
        let value = value.trim();
        if !value.is_empty() {
            self.facts.push(Stated {
                host,
                name,
                item: item.to_string(),
                value: telemetry::untrusted::for_terminal(value).into_owned(),
            });
        }
    }

    /// Counts something that nothing used.
    pub fn unused(&mut self, what: &str) {
        match self.unused.get_mut(what) {
            Some(count) => *count += 1,
            None => {
                self.unused.insert(what.to_string(), 1);
            }
        }
    }

    /// Counts something odd that was left out.
    pub fn leave_out(&mut self, what: &str) {
        match self.left_out.get_mut(what) {
            Some(count) => *count += 1,
            None => {
                self.left_out.insert(what.to_string(), 1);
            }
        }
    }

    /// Adds a sentence to mind.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.insert(text.into());
    }

    /// Gives the rows, in the order they came.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Gives the columns of a row.
    pub fn values(&self, row: &Row) -> &[(ColumnId, f64)] {
        &self.values[row.first..row.first + row.values as usize]
    }

    /// Gives the name of a host.
    pub fn host_name(&self, host: HostId) -> &str {
        &self.hosts[host.0 as usize]
    }

    /// Gives the texts of a set of labels.
    pub fn label_texts(&self, labels: LabelsId) -> &[String] {
        &self.labels[labels.0 as usize]
    }
}
