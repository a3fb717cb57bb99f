//! `backtest`: every sizing rule judged on the estate's own past, as a table and a chart.

use analyzer::backtest::{BacktestError, BacktestInputs, Entry, League, Scope, backtest};
use analyzer::policy::Overrides;
use analyzer::profile::EstateReader;
use analyzer::report::chart::league_chart;

use crate::cli::{Backtest, Format};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;
use crate::table::Table;

/// Runs the league and writes it to backtest/.
pub fn run(flags: &Backtest, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let assessment = folder.assessment()?;
    let architectures = super::plan::architectures(&flags.architectures);
    let overrides = Overrides {
        architectures: (!architectures.is_empty()).then_some(architectures),
        families: (!flags.families.is_empty()).then(|| flags.families.clone()),
        region: flags.region.clone(),
        ..Overrides::default()
    };
    let reader = EstateReader::open(&super::telemetry(folder, printer)?.store)?;
    let league = backtest(&BacktestInputs {
        reader: &reader,
        assessment: &assessment,
        overrides: &overrides,
        catalog: folder.catalog()?,
        family: &flags.single_family,
    })
    .map_err(|error| match error {
        BacktestError::TooShort(error) => {
            Failure::user(error).hint("collect or import more, then ask again; `sizewright plan` does not need it")
        }
        BacktestError::NoHosts => {
            Failure::user(error).hint("bring telemetry in with `sizewright import csv|parquet FILE`")
        }
        BacktestError::Store(error) => Failure::data(error),
        error => Failure::user(error),
    })?;
    let json = serde_json::to_vec_pretty(&league).map_err(Failure::internal)?;
    folder.write("backtest/league.json", &json)?;
    folder.write("backtest/league.csv", table(&league).render(Format::Csv).as_bytes())?;
    if let Some(drawing) = league_chart(&league) {
        folder.write("backtest/cost-and-risk.svg", drawing.svg().as_bytes())?;
        let png = drawing.png().map_err(Failure::internal)?;
        folder.write("backtest/cost-and-risk.png", &png)?;
    }
    match printer.format() {
        Format::Json => printer.data(&format!("{}\n", String::from_utf8_lossy(&json)))?,
        Format::Csv => printer.data(&table(&league).render(Format::Csv))?,
        format => printer.data(&screen(&league, format))?,
    }
    printer.note(&format!("wrote {}", folder.path("backtest").display()));
    Ok(Outcome::Done)
}

fn percent(share: f64) -> String {
    format!("{:.2}", share * 100.0)
}

/// Gives the league, the dearest of ours as the base of the last column.
fn table(league: &League) -> Table {
    let mut table = Table::new(&[
        "rule",
        "offers",
        "#USD/month",
        "#CPU short %",
        "#memory short %",
        "#hosts > 1 %",
        "#hosts > 5 %",
        "#worst hour core-h",
        "#unserved core-h",
        "#mean use %",
        "#asked %",
        "#not placed",
    ]);
    for entry in &league.entries {
        let score = &entry.mean;
        let memory = if league.memory_measured {
            percent(score.memory_short)
        } else {
            "not measured".to_string()
        };
        table.row(vec![
            entry.name.clone(),
            offers(entry),
            format!("{:.2}", score.usd_per_month),
            percent(score.cpu_short),
            memory,
            percent(score.hosts_over_1_percent),
            percent(score.hosts_over_5_percent),
            format!("{:.2}", score.worst_hour_core_hours),
            format!("{:.1}", score.unserved_core_hours),
            percent(score.utilisation),
            score.asked.map_or("-".to_string(), percent),
            score.unplaced.to_string(),
        ]);
    }
    table
}

fn offers(entry: &Entry) -> String {
    entry
        .entrant
        .as_ref()
        .map_or_else(|| Scope::Catalog.words(), |entrant| entrant.scope.words())
}

/// Writes the league, the calibration and what follows from them.
fn screen(league: &League, format: Format) -> String {
    let days = league.cuts.first().map_or(0, |cut| cut.days());
    let mut text = format!(
        "{} hosts in {}, fitted on {days} days and judged on the next {days}, {} times\n\n",
        league.hosts,
        league.region,
        league.cuts.len()
    );
    text.push_str(&table(league).render(format));
    text.push_str("\nThe dial, asked against realised (CPU, before rounding up to a type)\n");
    let mut dials = Table::new(&[
        "#cut",
        "#asked %",
        "#realised %",
        "#ratio",
        "#in the stated interval %",
        "#hosts",
    ]);
    for one in &league.calibration {
        dials.row(vec![
            (one.cut + 1).to_string(),
            percent(one.asked),
            percent(one.realised),
            format!("{:.2}", one.realised / one.asked),
            format!("{:.0}", one.covered * 100.0),
            one.hosts.to_string(),
        ]);
    }
    text.push_str(&dials.render(format));
    text.push_str("\nThe cheapest of our dials with no more shortage in either dimension and no more hosts short\n");
    let mut verdicts = Table::new(&["against", "ours", "verdict"]);
    for verdict in league.verdicts() {
        let words = match verdict.saving {
            Some(saving) if saving >= 0.01 => format!("{:.0} % cheaper", saving * 100.0),
            Some(saving) if saving <= -0.01 => format!("{:.0} % dearer: take theirs", -saving * 100.0),
            Some(_) => "as good".to_string(),
            None => "none of our dials has as little shortage".to_string(),
        };
        verdicts.row(vec![
            verdict.name,
            verdict.ours.unwrap_or_else(|| "-".to_string()),
            words,
        ]);
    }
    text.push_str(&verdicts.render(format));
    if days < 30 {
        text.push_str(&format!(
            "\nParts of {days} days say little about a month; with 90 days of telemetry the parts are 30 days long.\n"
        ));
    }
    text
}
