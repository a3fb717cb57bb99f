//! Figures: what was measured, against which goal, and whether it was reached.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

/// One measured figure.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// The job it belongs to.
    pub issue: &'static str,
    /// What was measured.
    pub figure: String,
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What should be reached, such as `<= 1.3`; empty where it is only reported.
    pub goal: String,
    /// Whether it was; computed from the value.
    pub met: bool,
    /// What hindsight would reach in the same comparison, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// Why the goal was missed, in a line; empty where it was not or nobody knows.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// How to repeat it.
    pub how: String,
}

/// What a value should be.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
    /// Only reported.
    Reported,
}

/// Collects figures and writes them.
#[derive(Debug)]
pub struct Figures {
    issue: &'static str,
    list: Vec<Figure>,
}

impl Figures {
    /// Starts the figures of a job.
    pub fn of(issue: &'static str) -> Self {
        Self {
            issue,
            list: Vec::new(),
        }
    }

    /// Adds a figure and says it at once.
    pub fn add(
        &mut self,
        figure: impl Into<String>,
        value: f64,
        unit: &'static str,
        goal: Goal,
        how: impl Into<String>,
    ) {
        let (goal, met) = match goal {
            Goal::AtMost(limit) => (format!("<= {limit}"), value <= limit),
            Goal::AtLeast(limit) => (format!(">= {limit}"), value >= limit),
            Goal::Reported => (String::new(), true),
        };
        let figure = Figure {
            issue: self.issue,
            figure: figure.into(),
            value,
            unit,
            goal,
            met: met && value.is_finite(),
            floor: None,
            why: String::new(),
            how: how.into(),
        };
        eprintln!(
            "  {} = {:.3} {} {}",
            figure.figure,
            figure.value,
            figure.unit,
            if figure.met { "" } else { "MISSED" }
        );
        self.list.push(figure);
    }

    /// Sets what hindsight would reach beside the figure added last, and why it is missed where it is.
    #[allow(dead_code, reason = "only the benches that have a floor say it")]
    pub fn beside(&mut self, floor: Option<f64>, why: &str) {
        if let Some(last) = self.list.last_mut() {
            last.floor = floor.filter(|floor| floor.is_finite());
            if !last.met {
                last.why = why.to_string();
            }
        }
    }

    /// Prints the table and writes `figures.json`, keeping the figures of other jobs that stand there.
    pub fn finish(self, target: &Path) -> std::io::Result<()> {
        let mut table = String::new();
        let _ = writeln!(
            table,
            "{:<64} {:>12} {:<14} {:<10} met",
            "figure", "value", "unit", "goal"
        );
        for figure in &self.list {
            let _ = writeln!(
                table,
                "{:<64} {:>12.3} {:<14} {:<10} {}",
                figure.figure,
                figure.value,
                figure.unit,
                figure.goal,
                if figure.met { "yes" } else { "NO" }
            );
        }
        for figure in self.list.iter().filter(|figure| !figure.met) {
            let floor = figure.floor.map_or("no floor is known".to_string(), |floor| {
                format!("hindsight reaches {floor:.3}")
            });
            let _ = writeln!(
                table,
                "missed: {} = {:.3} (goal {}); {floor}; {}",
                figure.figure, figure.value, figure.goal, figure.why
            );
        }
        println!("{table}");
        std::fs::create_dir_all(target)?;
        let path = target.join("figures.json");
        let mut all: Vec<serde_json::Value> = std::fs::read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        all.retain(|figure| figure["issue"] != self.issue);
        all.extend(self.list.iter().map(|figure| serde_json::json!(figure)));
        std::fs::write(&path, serde_json::to_vec_pretty(&all)?)?;
        println!("wrote {}", path.display());
        Ok(())
    }
}
