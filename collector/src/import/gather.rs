//! Rows of a source become series of the store's tables, judged and counted.
//!
//! The first row with a time stands. A later row of the same host, labels and
//! time only adds columns that were not measured before (so that files with a
//! metric a row become whole), and is a duplicate when it adds nothing.

use std::collections::{BTreeMap, HashMap};

use telemetry::schema::{Column, ColumnId, Table};
use telemetry::store::HostQuality;
use telemetry::{NOT_MEASURED, Series};

use super::layout::{Layout, TableLayout};
use super::pending::Pending;
use super::rows::{TableRows, Times};
use super::sanity::Judge;
use super::seen::SeenTimes;
use super::survey::{HostTimes, Survey};

/// Everything known of one host so far.
struct Host {
    name: String,
    interval_ms: Option<i64>,
    quality: HostQuality,
    /// CPUs and memory when last measured, NaN before.
    size: (f64, f64),
    /// Series of each table of the layout.
    series: Vec<SeriesIndex>,
}

/// Finds the series of a host by its labels.
#[derive(Default)]
struct SeriesIndex {
    last: Option<(String, usize)>,
    all: HashMap<String, usize>,
}

/// One series: its rows not yet written, and all times it ever had.
struct OpenSeries {
    host: usize,
    labels: Vec<String>,
    last_at_ms: i64,
    latest_at_ms: i64,
    /// Times by the columns that were measured then, as bits.
    seen: Vec<(u32, SeenTimes)>,
    pending: Pending,
}

/// What one table made of one row.
#[derive(Clone, Copy, Default)]
struct Taken {
    /// The row measured something of this table.
    fed: bool,
    /// Something of it had not been measured before.
    added: bool,
    /// Cells that had been measured before.
    repeated: u64,
    /// The row is earlier than the one before it.
    backward: bool,
}

/// How the numbers of one table are taken over.
struct TableRules {
    table: Table,
    columns: Vec<(ColumnId, Column)>,
    /// Position of the interval among the numbers; it says nothing by itself.
    interval: Option<usize>,
    judge: Judge,
}

/// Gathers rows into series.
pub(crate) struct Gatherer {
    rules: Vec<TableRules>,
    /// The same interval for every row, when the mapping says so.
    interval_s: Option<f64>,
    hosts: Vec<Host>,
    host_by_name: HashMap<String, usize>,
    series: Vec<Vec<OpenSeries>>,
    numbers: Vec<f64>,
    key: String,
    /// Values in memory, written out when there are many.
    pub values: usize,
    /// Rows of each table, each time of a series counted once.
    pub rows: Vec<u64>,
    /// Rows that measured nothing at all.
    pub empty_rows: u64,
    /// Cells of rows that were partly measured before.
    pub repeated_cells: u64,
}

impl Gatherer {
    pub(crate) fn new(layout: &Layout, interval_s: Option<f64>) -> Self {
        let of_layout = |table: &TableLayout| {
            let ids: Vec<ColumnId> = table.numbers.iter().map(|number| number.id).collect();
            TableRules::new(table.table, &ids)
        };
        Self::with(layout.tables.iter().map(of_layout).collect(), interval_s)
    }

    /// Starts for rows of any table, one for each of [`Table::ALL`], with any of its columns.
    pub(crate) fn of_all_tables() -> Self {
        let whole = |table: Table| {
            let ids: Vec<ColumnId> = (0..table.columns().len())
                .filter_map(|at| table.column_at(at))
                .collect();
            TableRules::new(table, &ids)
        };
        Self::with(Table::ALL.into_iter().map(whole).collect(), None)
    }

    fn with(rules: Vec<TableRules>, interval_s: Option<f64>) -> Self {
        let tables = rules.len();
        Self {
            rules,
            interval_s,
            hosts: Vec::new(),
            host_by_name: HashMap::new(),
            series: (0..tables).map(|_| Vec::new()).collect(),
            numbers: Vec::new(),
            key: String::new(),
            values: 0,
            rows: vec![0; tables],
            empty_rows: 0,
            repeated_cells: 0,
        }
    }

    /// Takes the rows of a batch.
    pub(crate) fn take(&mut self, times: &Times, tables: &[TableRows], survey: &Survey) {
        let mut host = usize::MAX;
        for (row, &at) in times.at_ms.iter().enumerate() {
            let name = times.hosts.get(row);
            if self.hosts.get(host).is_none_or(|host| host.name != name) {
                host = self.host(name, survey);
            }
            let mut row_taken = Taken {
                backward: true,
                ..Taken::default()
            };
            for (table, cells) in tables.iter().enumerate() {
                let taken = self.take_table(table, cells, row, host, at);
                if taken.fed {
                    row_taken.fed = true;
                    row_taken.added |= taken.added;
                    row_taken.repeated += taken.repeated;
                    row_taken.backward &= taken.backward;
                }
            }
            let quality = &mut self.hosts[host].quality;
            if !row_taken.fed {
                self.empty_rows += 1;
                continue;
            }
            quality.backward_times += u64::from(row_taken.backward);
            if row_taken.added {
                self.repeated_cells += row_taken.repeated;
            } else {
                quality.duplicate_times += 1;
            }
        }
    }

    fn take_table(&mut self, table: usize, cells: &TableRows, row: usize, host: usize, at: i64) -> Taken {
        let rules = &self.rules[table];
        let mut measured = 0_u32;
        self.numbers.clear();
        for (position, numbers) in cells.numbers.iter().enumerate() {
            let number = numbers.get(row);
            measured |= u32::from(!number.is_nan() && Some(position) != rules.interval) << position;
            self.numbers.push(number);
        }
        if measured == 0 {
            return Taken::default();
        }
        self.take_numbers(table, host, at, measured, &|position| cells.labels[position].get(row))
    }

    /// Takes one row of a gatherer that was made for all tables; counts it as a duplicate when it adds nothing.
    pub(crate) fn take_row(
        &mut self,
        table: Table,
        host: usize,
        labels: &[String],
        at: i64,
        values: &[(ColumnId, f64)],
    ) {
        let Some(position) = Table::ALL.iter().position(|&one| one == table) else {
            return;
        };
        let rules = &self.rules[position];
        self.numbers.clear();
        self.numbers.resize(rules.columns.len(), f64::NAN);
        let mut measured = 0_u32;
        for &(id, value) in values {
            self.numbers[id.index()] = value;
            measured |= u32::from(!value.is_nan() && Some(id.index()) != rules.interval) << id.index();
        }
        if measured == 0 {
            self.empty_rows += 1;
            return;
        }
        let taken = self.take_numbers(position, host, at, measured, &|position| labels[position].as_str());
        if taken.added {
            self.repeated_cells += taken.repeated;
        } else {
            self.hosts[host].quality.duplicate_times += 1;
        }
    }

    /// Takes what stands in `numbers`, of which `measured` says which were measured.
    fn take_numbers<'l>(
        &mut self,
        table: usize,
        host: usize,
        at: i64,
        measured: u32,
        label: &dyn Fn(usize) -> &'l str,
    ) -> Taken {
        let rules = &self.rules[table];
        let labels = rules.table.labels().len();
        self.key.clear();
        for position in 0..labels {
            let label = label(position);
            // The length keeps apart labels that would run together.
            self.key.push_str(&label.len().to_string());
            self.key.push(':');
            self.key.push_str(label);
        }
        let open = &mut self.series[table];
        let labels = || (0..labels).map(|position| label(position).to_string()).collect();
        let found = self.hosts[host].series[table].find_or(&self.key, || {
            open.push(OpenSeries::new(host, labels(), rules.columns.len()));
            open.len() - 1
        });
        let series = &mut open[found];
        let backward = at < series.last_at_ms;
        series.last_at_ms = at;
        let advances = at > series.latest_at_ms;
        let before = if advances { 0 } else { series.measured_at(at) };
        let fresh = measured & !before;
        let repeated = u64::from((measured & before).count_ones());
        if fresh == 0 {
            return Taken {
                fed: true,
                added: false,
                repeated,
                backward,
            };
        }
        for (position, number) in self.numbers.iter_mut().enumerate() {
            if before & (1 << position) != 0 {
                *number = f64::NAN;
            }
        }
        let host = &mut self.hosts[host];
        rules.judge.clean(&mut self.numbers, &mut host.quality);
        if advances {
            host.watch_size(rules.judge.size(&self.numbers));
        }
        series.keep(at, fresh, &self.numbers, &rules.columns);
        self.values += self.numbers.len() + 1;
        self.rows[table] += u64::from(before == 0);
        Taken {
            fed: true,
            added: true,
            repeated,
            backward,
        }
    }

    fn host(&mut self, name: &str, survey: &Survey) -> usize {
        self.host_with(name, || survey.hosts.get(name).copied().unwrap_or_default())
    }

    /// Finds a host, or starts it with what its times show.
    pub(crate) fn host_with(&mut self, name: &str, times: impl FnOnce() -> HostTimes) -> usize {
        if let Some(&host) = self.host_by_name.get(name) {
            return host;
        }
        let times = times();
        self.hosts.push(Host {
            name: name.to_string(),
            interval_ms: times.interval_ms,
            quality: HostQuality {
                gaps: times.gaps,
                ..HostQuality::default()
            },
            size: (f64::NAN, f64::NAN),
            series: self.rules.iter().map(|_| SeriesIndex::default()).collect(),
        });
        self.host_by_name.insert(name.to_string(), self.hosts.len() - 1);
        self.hosts.len() - 1
    }

    /// Takes out the rows gathered so far, a list of series for each table.
    pub(crate) fn take_out(&mut self) -> Vec<Vec<Series>> {
        self.values = 0;
        let mut tables = Vec::with_capacity(self.rules.len());
        for (rules, open) in self.rules.iter().zip(&mut self.series) {
            let mut out = Vec::new();
            for series in open.iter_mut().filter(|series| !series.pending.is_empty()) {
                let host = &self.hosts[series.host];
                let mut written = Series::new(rules.table, host.name.clone(), series.labels.clone());
                let columns = series.pending.take_out(&mut written.at_ms);
                for ((id, _), column) in rules.columns.iter().zip(columns) {
                    written.columns[id.index()] = column.iter().any(|&raw| raw != NOT_MEASURED).then_some(column);
                }
                let interval_s = self.interval_s.or(host.interval_ms.map(|ms| ms as f64 / 1000.0));
                if let (None, Some(id), Some(seconds)) = (rules.interval, rules.table.column("interval_s"), interval_s)
                {
                    written.set(id, vec![seconds; written.len()]);
                }
                out.push(written);
            }
            tables.push(out);
        }
        tables
    }

    /// Gives what was odd, by host; clean hosts are absent.
    pub(crate) fn quality(&self) -> BTreeMap<String, HostQuality> {
        self.hosts
            .iter()
            .filter(|host| !host.quality.is_clean())
            .map(|host| (host.name.clone(), host.quality))
            .collect()
    }

    /// Counts pauses of a host, once all its times are known.
    pub(crate) fn add_gaps(&mut self, host: usize, gaps: u64) {
        self.hosts[host].quality.gaps += gaps;
    }

    /// Counts the hosts.
    pub(crate) fn hosts(&self) -> usize {
        self.hosts.len()
    }
}

impl Host {
    fn watch_size(&mut self, now: (f64, f64)) {
        let changed = |before: f64, now: f64| !before.is_nan() && !now.is_nan() && before != now;
        if changed(self.size.0, now.0) || changed(self.size.1, now.1) {
            self.quality.resizes += 1;
        }
        let latest = |before: f64, now: f64| if now.is_nan() { before } else { now };
        self.size = (latest(self.size.0, now.0), latest(self.size.1, now.1));
    }
}

impl SeriesIndex {
    fn find_or(&mut self, key: &str, start: impl FnOnce() -> usize) -> usize {
        if let Some((last, found)) = &self.last
            && last == key
        {
            return *found;
        }
        let found = match self.all.get(key) {
            Some(&found) => found,
            None => {
                let found = start();
                self.all.insert(key.to_string(), found);
                found
            }
        };
        self.last = Some((key.to_string(), found));
        found
    }
}

impl OpenSeries {
    fn new(host: usize, labels: Vec<String>, columns: usize) -> Self {
        Self {
            host,
            labels,
            last_at_ms: i64::MIN,
            latest_at_ms: i64::MIN,
            seen: Vec::new(),
            pending: Pending::new(columns),
        }
    }

    /// Says which columns were measured at a time, as bits.
    fn measured_at(&self, at: i64) -> u32 {
        self.seen
            .iter()
            .filter(|(_, times)| times.contains(at))
            .fold(0, |measured, (columns, _)| measured | columns)
    }

    fn keep(&mut self, at: i64, fresh: u32, numbers: &[f64], columns: &[(ColumnId, Column)]) {
        self.latest_at_ms = self.latest_at_ms.max(at);
        match self.seen.iter_mut().find(|(columns, _)| *columns == fresh) {
            Some((_, times)) => {
                times.insert(at);
            }
            None => {
                let mut times = SeenTimes::default();
                times.insert(at);
                self.seen.push((fresh, times));
            }
        }
        self.pending.push(
            at,
            numbers
                .iter()
                .zip(columns)
                .map(|(&number, (_, column))| column.to_raw(number)),
        );
    }
}

impl TableRules {
    fn new(table: Table, ids: &[ColumnId]) -> Self {
        let columns: Vec<(ColumnId, Column)> = ids.iter().map(|&id| (id, table.columns()[id.index()])).collect();
        debug_assert!(columns.len() <= 32, "a bit for each column");
        Self {
            table,
            interval: columns.iter().position(|(_, column)| column.name == "interval_s"),
            columns,
            judge: Judge::new(table, ids),
        }
    }
}
