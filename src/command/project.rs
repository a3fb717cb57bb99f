//! `project`: what the years to come cost, on premises and on AWS, month by month.

use analyzer::money::Usd;
use analyzer::projection::{Path, Projection, RunsOut, Sums, lines_csv, project, summary_words};

use crate::cli::{Format, Project};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;
use crate::table::{Table, wrapped};

/// Hosts' and services' things that run out, so many of each, that a person is shown; files have all.
const MOST_RUNNING_OUT: usize = 15;
/// Letters of a line of notes.
const WIDTH: usize = 110;

/// Projects the plan, prints it and writes plan/projection.csv and plan/projection.json.
pub fn run(flags: &Project, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let mut plan = folder.plan()?;
    // What people assume may have changed since the plan was made; sizes and prices are the plan's.
    let assessment = folder.assessment()?;
    plan.assessment.growth = assessment.growth;
    plan.assessment.costs = assessment.costs;
    plan.assessment.transition = assessment.transition;
    plan.assessment.on_premises = assessment.on_premises;
    if plan.purchases.is_none() || plan.outlook.is_none() {
        printer.warning(
            "the plan was made by an older program: without commitments and outlook; run `sizewright plan` again",
        );
    }
    let projection = project(&plan, folder.catalog_of(&plan)?, flags.months);
    let csv = lines_csv(&projection).map_err(Failure::internal)?;
    let json = json(&projection)?;
    folder.write("plan/projection.csv", &csv)?;
    folder.write("plan/projection.json", json.as_bytes())?;
    match printer.format() {
        Format::Json => printer.data(&json)?,
        Format::Csv => printer.bytes(&csv)?,
        format => {
            printer.data(&table(&projection).render(format))?;
            printer.data("\n")?;
            printer.data(&years(&projection).render(format))?;
            if !projection.runs_out.is_empty() {
                printer.data("\n")?;
                printer.data(&runs_out(&projection, format).render(format))?;
            }
            if format == Format::Table {
                printer.data(&words(&projection))?;
            }
        }
    }
    printer.hint("every line is in plan/projection.csv; assumptions are [growth], [costs], [transition] and [on_premises] of assessment.toml");
    Ok(Outcome::Done)
}

fn json(projection: &Projection) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(projection).map_err(Failure::internal)?;
    Ok(format!("{text}\n"))
}

/// Writes whole dollars; "at least" where something is not known.
fn whole(amount: Usd, sums: &Sums) -> String {
    let at_least = if sums.unknown_lines > 0 { ">=" } else { "" };
    format!("{at_least}{:.0}", amount.approximately())
}

fn table(projection: &Projection) -> Table {
    let mut table = Table::new(&[
        "path",
        "#USD low",
        "#USD mid",
        "#USD high",
        "#worth today",
        "#against staying",
        "paid back",
    ]);
    for path in &projection.paths {
        let against = projection
            .staying()
            .filter(|_| !path.is_staying)
            .map_or("-".to_string(), |staying| {
                let (own, theirs) = (path.mid.total.approximately(), staying.mid.total.approximately());
                if theirs > 0.0 {
                    format!("{:+.0} %", (own / theirs - 1.0) * 100.0)
                } else {
                    "-".to_string()
                }
            });
        table.row(vec![
            path.name.clone(),
            whole(path.low.total, &path.low),
            whole(path.mid.total, &path.mid),
            whole(path.high.total, &path.high),
            format!("{:.0}", path.mid.net_present_value),
            against,
            paid_back(projection, path),
        ]);
    }
    table
}

fn paid_back(projection: &Projection, path: &Path) -> String {
    if path.is_staying {
        return "-".to_string();
    }
    match (projection.staying(), path.mid.payback_month) {
        (None, _) => "?".to_string(),
        (Some(_), Some(month)) => format!("month {month}"),
        (Some(_), None) => format!("not in {} months", projection.months),
    }
}

/// Sums each year of each path.
fn years(projection: &Projection) -> Table {
    let mut table = Table::new(&["path", "#year", "#USD", "#USD a month"]);
    for path in &projection.paths {
        for (year, months) in path.mid.by_month.chunks(12).enumerate() {
            let sum: Usd = months.iter().copied().sum();
            let mean = sum.approximately() / months.len() as f64;
            table.row(vec![
                path.name.clone(),
                (year + 1).to_string(),
                whole(sum, &path.mid),
                format!("{mean:.0}"),
            ]);
        }
    }
    table
}

/// Gives so many things of hosts and as many of services, soonest first.
fn soonest(projection: &Projection, most: usize) -> Vec<&RunsOut> {
    let mut left = [most, most];
    let is_shown = |one: &&RunsOut| {
        let left = &mut left[usize::from(one.subject_is == "service")];
        let shown = *left > 0;
        *left = left.saturating_sub(1);
        shown
    };
    projection.runs_out.iter().filter(is_shown).collect()
}

/// Lists what of the plan runs out within the months that are shown, soonest first.
fn runs_out(projection: &Projection, format: Format) -> Table {
    let mut table = Table::new(&[
        "runs out", "is", "what", "#used", "#of", "unit", "#month", "early", "likely", "late", "basis",
    ]);
    let most = match format {
        Format::Table => MOST_RUNNING_OUT,
        _ => usize::MAX,
    };
    for one in soonest(projection, most) {
        let runway = &one.runway;
        let day = |day: Option<jiff::civil::Date>| day.map_or("not in ten years".to_string(), |day| day.to_string());
        let edge = |edge: Option<jiff::civil::Date>| {
            if runway.has_interval {
                day(edge)
            } else {
                "not known".to_string()
            }
        };
        table.row(vec![
            one.subject.clone(),
            format!("{}, {}", one.subject_is, one.phase),
            runway.what.clone(),
            format!("{:.1}", runway.used),
            format!("{:.1}", runway.capacity),
            runway.unit.clone(),
            one.month.map_or("later".to_string(), |month| month.to_string()),
            edge(runway.early),
            day(runway.likely),
            edge(runway.late),
            runway.basis.clone(),
        ]);
    }
    table
}

fn words(projection: &Projection) -> String {
    let mut text = format!(
        "\nFrom {} for {} months; a later year counts {} % less. Low and high: least and most growth.\n",
        projection.first_month, projection.months, projection.discount_percent_per_year
    );
    let more = projection.runs_out.len() - soonest(projection, MOST_RUNNING_OUT).len();
    if more > 0 {
        text.push_str(&format!("{more} more run out later: plan/projection.json has all.\n"));
    }
    for path in projection.paths.iter().filter(|path| !path.is_staying) {
        text.push_str(&wrapped(
            &format!("{}: {}", path.name, summary_words(projection, path)),
            "",
            WIDTH,
        ));
    }
    text.push_str(&wrapped(&format!("Forecasts: {}", projection.judgement), "", WIDTH));
    text.push_str("Assumed or not counted:\n");
    for note in &projection.notes {
        text.push_str(&wrapped(note, "  ", WIDTH));
    }
    text
}
