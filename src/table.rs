//! Rows for people and programs: one table, printed in the format asked for.

use std::borrow::Cow;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement};
use telemetry::untrusted::{for_spreadsheet, for_terminal};

use crate::cli::Format;

/// A table of text; numbers are marked so that they line up on the right.
#[derive(Debug, Default)]
pub struct Table {
    columns: Vec<(Cow<'static, str>, bool)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Starts a table; a name that starts with `#` is of a column of numbers.
    pub fn new(columns: &[&'static str]) -> Self {
        Self {
            columns: columns
                .iter()
                .map(|name| (Cow::Borrowed(name.trim_start_matches('#')), name.starts_with('#')))
                .collect(),
            rows: Vec::new(),
        }
    }

    /// Starts a table with names that may come from anywhere; `true` is of a column of numbers.
    pub fn named(columns: Vec<(String, bool)>) -> Self {
        Self {
            columns: columns
                .into_iter()
                .map(|(name, number)| (Cow::Owned(name), number))
                .collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; text may come from anywhere and is made harmless when printed.
    pub fn row(&mut self, cells: Vec<String>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// Says whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Renders the table.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Table => self.aligned(None),
            Format::Json => self.json(),
            Format::Csv => self.csv(),
            Format::Markdown => self.markdown(),
        }
    }

    /// Renders the table; for people in lines of at most so many columns, with long cells in several lines.
    pub fn render_within(&self, format: Format, width: u16) -> String {
        match format {
            Format::Table => self.aligned(Some(width)),
            other => self.render(other),
        }
    }

    fn aligned(&self, width: Option<u16>) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING);
        match width {
            Some(width) => table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width),
            None => table.set_content_arrangement(ContentArrangement::Disabled),
        };
        table.set_header(self.columns.iter().map(|(name, _)| for_terminal(name).into_owned()));
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| for_terminal(cell).into_owned()));
        }
        for (index, (_, number)) in self.columns.iter().enumerate() {
            if let Some(column) = table.column_mut(index) {
                column.set_padding((0, 2));
                if *number {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        let mut text: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        if self.rows.is_empty() {
            text.push_str("(none)\n");
        }
        text
    }

    fn json(&self) -> String {
        let rows: Vec<serde_json::Map<String, serde_json::Value>> = self
            .rows
            .iter()
            .map(|row| {
                self.columns
                    .iter()
                    .zip(row)
                    .map(|((name, number), cell)| {
                        let plain = cell.replace(',', "");
                        let value = match plain.parse::<f64>() {
                            _ if cell.is_empty() => serde_json::Value::Null,
                            Ok(value) if *number => serde_json::json!(value),
                            _ => serde_json::json!(cell),
                        };
                        (name.replace(' ', "_"), value)
                    })
                    .collect()
            })
            .collect();
        let mut text = serde_json::to_string_pretty(&rows).unwrap_or_default();
        text.push('\n');
        text
    }

    fn csv(&self) -> String {
        let quoted = |cell: &str| {
            if cell.contains(['"', ',', '\n', '\r']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.to_string()
            }
        };
        let line = |cells: Vec<String>| format!("{}\n", cells.join(","));
        let header = line(
            self.columns
                .iter()
                .map(|(name, _)| quoted(&for_spreadsheet(&name.replace(' ', "_"))))
                .collect(),
        );
        let rows = self.rows.iter().map(|row| {
            line(
                row.iter()
                    .zip(&self.columns)
                    .map(|(cell, (_, number))| {
                        if *number {
                            quoted(cell)
                        } else {
                            quoted(&for_spreadsheet(cell))
                        }
                    })
                    .collect(),
            )
        });
        std::iter::once(header).chain(rows).collect()
    }

    fn markdown(&self) -> String {
        let safe = |cell: &str| {
            for_terminal(cell)
                .replace('\\', "\\\\")
                .replace('|', "\\|")
                .replace('<', "&lt;")
                .replace('`', "\\`")
        };
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut text = line(self.columns.iter().map(|(name, _)| safe(name)).collect());
        text.push_str(&line(
            self.columns
                .iter()
                .map(|(_, number)| if *number { "---:" } else { "---" }.to_string())
                .collect(),
        ));
        for row in &self.rows {
            text.push_str(&line(row.iter().map(|cell| safe(cell)).collect()));
        }
        text
    }
}

/// Breaks text at blanks into lines of at most so many letters, each with an indent; a longer word stands alone.
pub fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let letters = word.chars().count();
        if length > 0 && length + 1 + letters > width {
            lines.push('\n');
            length = 0;
        }
        let before = if length == 0 { indent } else { " " };
        length += before.chars().count() + letters;
        lines.push_str(before);
        lines.push_str(word);
    }
    if length > 0 {
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_broken_and_no_word_lost() {
        let text = wrapped("one two  three wonderfully-long four", "  ", 12);
        assert_eq!(text, "  one two\n  three\n  wonderfully-long\n  four\n");
        assert_eq!(wrapped(" ", "  ", 12), "");
    }

    #[test]
    fn a_table_keeps_within_its_width() {
        let mut table = Table::new(&["host", "hint"]);
        table.row(vec!["db-1".to_string(), "compare the fingerprint ".repeat(20)]);
        let text = table.render_within(Format::Table, 60);
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
        assert_eq!(text.matches("fingerprint").count(), 20, "{text}");
    }

    #[test]
    fn hostile_cells_are_harmless_in_every_format() {
        let mut table = Table::new(&["host", "#cores"]);
        table.row(vec!["=cmd|'/C calc'!A0\u{1b}[2J`<b>".to_string(), "4".to_string()]);
        for format in [Format::Table, Format::Csv, Format::Markdown] {
            assert!(!table.render(format).contains('\u{1b}'), "{format:?}");
        }
        assert!(table.render(Format::Csv).contains("'=cmd"));
        assert!(table.render(Format::Markdown).contains("\\|") && !table.render(Format::Markdown).contains("<b>"));
        assert!(table.render(Format::Json).contains("\"cores\": 4.0"));
    }
}
