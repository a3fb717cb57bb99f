//! A comparison for people: figures, causes, hosts, flip lines, curves.

use analyzer::money::UsdPerMonth;
use analyzer::price::Total;
use analyzer::scenario::{Cause, Column, Comparison, Flip, Sweep};
use telemetry::untrusted::for_terminal;

use crate::cli::Format;
use crate::table::Table;

/// Ways in which most hosts change that are told.
const SWAPS: usize = 4;

/// Writes everything that is said of a comparison.
pub fn whole(comparison: &Comparison, flips: &[Flip], sweep: Option<&Sweep>, format: Format) -> String {
    let mut text = figures(comparison).render(format);
    let say = |text: &mut String, heading: &str| {
        text.push('\n');
        text.push_str(&match format {
            Format::Markdown => format!("**{heading}**\n\n"),
            _ => format!("{heading}\n"),
        });
    };
    let base = shown(&comparison.base);
    let causes = causes(comparison);
    if !causes.is_empty() {
        say(&mut text, &format!("What makes the difference to {base}, USD a month"));
        text.push_str(&causes.render(format));
        text.push_str(&note(format, &order(comparison)));
    }
    let of = comparison.columns[0].whole.hosts;
    let changed: Vec<String> = comparison.columns[1..]
        .iter()
        .filter_map(|column| changed(column, of))
        .collect();
    if !changed.is_empty() {
        say(&mut text, "Hosts that change");
        text.push_str(&list(format, &changed));
    }
    if let Some(sweep) = sweep {
        say(&mut text, &format!("USD a month over {}", shown(&sweep.key)));
        text.push_str(&curves(sweep).render(format));
    }
    if !flips.is_empty() {
        say(&mut text, "What would change the answer");
        let lines: Vec<String> = flips.iter().map(|flip| shown(&flip.words())).collect();
        text.push_str(&list(format, &lines));
    }
    let own: Vec<String> = comparison.columns.iter().filter_map(own_prices).collect();
    if !own.is_empty() {
        say(&mut text, "Prices of your own");
        text.push_str(&list(format, &own));
    }
    let notes: Vec<String> = comparison.columns.iter().filter_map(lacks).collect();
    if !notes.is_empty() {
        say(&mut text, "What is not known");
        text.push_str(&list(format, &notes));
    }
    text
}

/// Says what of a scenario rests on prices that it states itself, by their source.
fn own_prices(column: &Column) -> Option<String> {
    let mut by_source: Vec<(&str, UsdPerMonth, usize)> = Vec::new();
    for line in &column.own_lines {
        match by_source.iter_mut().find(|(source, ..)| *source == line.source) {
            Some((_, sum, items)) => (*sum, *items) = (*sum + line.usd_per_month, *items + 1),
            None => by_source.push((&line.source, line.usd_per_month, 1)),
        }
    }
    let words: Vec<String> = by_source
        .iter()
        .map(|(source, sum, items)| {
            let s = if *items == 1 { "" } else { "s" };
            format!("USD {} of {items} item{s} by {}", cents(*sum), shown(source))
        })
        .collect();
    (!words.is_empty()).then(|| format!("{}: {}", shown(&column.name), words.join("; ")))
}

/// A row a scenario.
pub fn figures(comparison: &Comparison) -> Table {
    let environments = comparison.environments();
    let on_premises = comparison
        .columns
        .iter()
        .any(|column| column.on_premises_usd_per_month.is_some());
    let mut columns = vec![
        ("scenario".to_string(), false),
        ("USD/month".to_string(), true),
        ("more than base".to_string(), true),
        ("%".to_string(), true),
    ];
    columns.extend(environments.iter().map(|name| ((*name).to_string(), true)));
    let services: std::collections::BTreeSet<&String> = comparison
        .columns
        .iter()
        .flat_map(|column| column.services.keys())
        .collect();
    columns.extend(services.iter().map(|name| ((*name).clone(), true)));
    columns.extend([
        ("short of the time".to_string(), true),
        ("hosts short > 1 %".to_string(), true),
        ("hosts".to_string(), true),
        ("changed".to_string(), true),
    ]);
    if on_premises {
        columns.push(("less than today".to_string(), true));
    }
    let mut table = Table::named(columns);
    let base = comparison.columns[0].whole.total.known;
    for (place, column) in comparison.columns.iter().enumerate() {
        let mut row = vec![column.name.clone(), amount(column.whole.total)];
        if place == 0 {
            row.extend([String::new(), String::new()]);
        } else {
            row.extend([
                signed(column.delta_usd_per_month),
                share_of(column.delta_usd_per_month, base),
            ]);
        }
        row.extend(environments.iter().map(|name| {
            let figures = column.environments.get(*name);
            figures.map_or(String::new(), |figures| amount(figures.total))
        }));
        row.extend(
            services
                .iter()
                .map(|name| column.services.get(*name).map_or(String::new(), |total| amount(*total))),
        );
        row.extend([
            column
                .whole
                .risk
                .map_or("?".to_string(), |risk| format!("{:.2} %", risk * 100.0)),
            column.whole.noticed.to_string(),
            column.whole.hosts.to_string(),
            column.changes.len().to_string(),
        ]);
        if on_premises {
            let less = column
                .on_premises_usd_per_month
                .map(|today| today - column.whole.total.known);
            row.push(less.map_or(String::new(), cents));
        }
        table.row(row);
    }
    table
}

/// A row a scenario, a column a cause.
fn causes(comparison: &Comparison) -> Table {
    // Steps that go together are shown under the first of their causes.
    let first = |causes: &[Cause]| causes.first().copied();
    let present: Vec<Cause> = Cause::ALL
        .into_iter()
        .filter(|cause| {
            let mut steps = comparison.columns.iter().flat_map(|column| &column.waterfall);
            steps.any(|step| first(&step.causes) == Some(*cause))
        })
        .collect();
    let mut columns = vec![("scenario".to_string(), false)];
    columns.extend(present.iter().map(|cause| (cause.words().to_string(), true)));
    columns.push(("together".to_string(), true));
    let mut table = Table::named(columns);
    for column in &comparison.columns[1..] {
        if column.waterfall.is_empty() {
            continue;
        }
        let mut row = vec![column.name.clone()];
        row.extend(present.iter().map(|cause| {
            let step = column.waterfall.iter().find(|step| first(&step.causes) == Some(*cause));
            step.map_or(String::new(), |step| {
                let unknown = step.no_longer_known > UsdPerMonth::ZERO;
                format!("{}{}", signed(step.delta), if unknown { " *" } else { "" })
            })
        }));
        row.push(signed(column.delta_usd_per_month));
        table.row(row);
    }
    table
}

fn order(comparison: &Comparison) -> String {
    let unknown = comparison
        .columns
        .iter()
        .flat_map(|column| &column.waterfall)
        .any(|step| step.no_longer_known > UsdPerMonth::ZERO);
    let mut words = "Counted from left to right, each on top of those before it.".to_string();
    if unknown {
        words.push_str(" * holds amounts that are no longer known, which is no saving.");
    }
    words
}

/// Says which hosts of a scenario change, of so many of the base; nothing where none does.
fn changed(column: &Column, base_hosts: usize) -> Option<String> {
    if column.changes.is_empty() {
        return None;
    }
    let swaps: Vec<String> = column
        .swaps
        .iter()
        .take(SWAPS)
        .map(|swap| {
            format!(
                "{} {} → {} ({})",
                swap.hosts,
                swap.from,
                swap.to,
                signed(swap.delta_usd_per_month)
            )
        })
        .collect();
    let rest: usize = column.swaps.iter().skip(SWAPS).map(|swap| swap.hosts).sum();
    let rest = if rest > 0 {
        format!(", {rest} others")
    } else {
        String::new()
    };
    let most = column.changes.first().and_then(|change| {
        let delta = change.delta_usd_per_month?;
        Some(format!("; most on {} ({})", shown(&change.host), signed(delta)))
    });
    Some(format!(
        "{}: {} of {}: {}{rest}{}",
        shown(&column.name),
        column.changes.len(),
        column.whole.hosts.max(base_hosts),
        swaps.join(", "),
        most.unwrap_or_default()
    ))
}

/// Says what of a scenario is not known, or only estimated.
fn lacks(column: &Column) -> Option<String> {
    let mut parts = Vec::new();
    if column.whole.total.is_at_least() {
        let at_most = column.whole.at_most;
        let bound = if at_most.unbounded_lines == 0 {
            format!("; at most USD {}, with them on demand", cents(at_most.usd_per_month))
        } else {
            String::new()
        };
        let lines = match column.whole.total.unknown_lines {
            1 => "1 amount is".to_string(),
            lines => format!("{lines} amounts are"),
        };
        parts.push(format!("{lines} not known, so its cost reads \"at least\"{bound}"));
    }
    if column.whole.undecided > 0 {
        parts.push(format!(
            "{} hosts are shown at their present size",
            column.whole.undecided
        ));
    }
    if column.estimated_usd_per_month > UsdPerMonth::ZERO {
        parts.push(format!(
            "USD {} rest on an estimated price or discount",
            cents(column.estimated_usd_per_month)
        ));
    }
    (!parts.is_empty()).then(|| format!("{}: {}", shown(&column.name), parts.join("; ")))
}

/// A row a value, a column a scenario.
pub fn curves(sweep: &Sweep) -> Table {
    let mut columns = vec![(sweep.key.clone(), true)];
    for curve in &sweep.curves {
        columns.push((curve.scenario.clone(), true));
        columns.push((format!("{} short", curve.scenario), true));
    }
    let mut table = Table::named(columns);
    for (place, value) in sweep.values.iter().enumerate() {
        let mut row = vec![value.clone()];
        for curve in &sweep.curves {
            row.push(amount(curve.totals[place]));
            row.push(curve.risks[place].map_or("?".to_string(), |risk| format!("{:.2} %", risk * 100.0)));
        }
        table.row(row);
    }
    table
}

fn note(format: Format, words: &str) -> String {
    match format {
        Format::Markdown => format!("\n{words}\n"),
        _ => format!("{words}\n"),
    }
}

fn list(format: Format, lines: &[String]) -> String {
    let bullet = if format == Format::Markdown { "- " } else { "  " };
    lines.iter().map(|line| format!("{bullet}{line}\n")).collect()
}

fn shown(text: &str) -> String {
    for_terminal(text).into_owned()
}

/// Writes a total; `>=` where something of it is not known.
pub fn amount(total: Total) -> String {
    let at_least = if total.is_at_least() { ">=" } else { "" };
    format!("{at_least}{}", cents(total.known))
}

/// Writes dollars and cents.
pub fn cents(amount: UsdPerMonth) -> String {
    format!("{:.2}", amount.rounded_to_cents().as_decimal())
}

fn signed(amount: UsdPerMonth) -> String {
    let plus = if amount > UsdPerMonth::ZERO { "+" } else { "" };
    format!("{plus}{}", cents(amount))
}

fn share_of(delta: UsdPerMonth, base: UsdPerMonth) -> String {
    let base = base.approximately();
    if base <= 0.0 {
        return "?".to_string();
    }
    format!("{:+.1}", delta.approximately() / base * 100.0)
}
