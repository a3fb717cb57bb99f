//! `budget`: the plan of least risk that an amount pays for, and what it gives up.

use analyzer::plan::Estate;
use analyzer::scenario::{Answer, Choice, Named, Pricer, budget};

use super::what_if::screen::{amount, cents};
use super::what_if::{Desk, PLAN, failure, typed, with_moved};
use crate::cli::{Budget, Format};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;
use crate::table::Table;

/// Finds what a budget pays for; partly done where it pays for nothing.
pub fn run(flags: &Budget, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let desk = Desk::of(folder)?;
    let start = desk.named(flags.scenario.as_deref().unwrap_or(PLAN))?;
    let start = Named {
        settings: start.settings.with(&typed(&flags.set)?),
        name: start.name,
    };
    let profiles = desk.profiles(&[&start.settings], folder, printer)?;
    let inputs = desk.inputs(&profiles, flags.as_of);
    let estate = Estate::of(&inputs).map_err(|error| failure(error.into()))?;
    let pricer = with_moved(Pricer::new(&estate), &[&start.settings], folder)?;
    let answer = budget(&pricer, &start, flags.usd_per_month).map_err(failure)?;
    print(&answer, &start.name, printer)?;
    Ok(if answer.chosen.is_some() {
        Outcome::Done
    } else {
        Outcome::Partly
    })
}

fn print(answer: &Answer, name: &str, printer: &Printer) -> Result<(), Failure> {
    match printer.format() {
        Format::Json => {
            let json = serde_json::to_string_pretty(answer).map_err(Failure::internal)?;
            printer.data(&format!("{json}\n"))
        }
        Format::Csv => printer.data(&ladder(answer).render(Format::Csv)),
        format => {
            let mut text = words(answer, name);
            text.push('\n');
            text.push_str(&ladder(answer).render_within(format, WIDTH));
            printer.data(&text)
        }
    }
}

/// Widest line of the table.
const WIDTH: u16 = 160;

/// Says the answer in sentences.
fn words(answer: &Answer, name: &str) -> String {
    let risk = |choice: &Choice| {
        let risk = choice
            .risk
            .map_or("?".to_string(), |risk| format!("{:.2} %", risk * 100.0));
        format!("hosts are short {risk} of the time on average")
    };
    let mut text = format!(
        "{} a month; {} as it stands costs {} and {}\n",
        cents(answer.budget),
        telemetry::untrusted::for_terminal(name),
        amount(answer.start.total),
        risk(&answer.start)
    );
    match &answer.chosen {
        Some(chosen) if chosen.settings.is_empty() && chosen.given_up.is_empty() => {
            text.push_str("It is within the budget: nothing has to be given up.\n");
        }
        Some(chosen) => {
            text.push_str(&format!(
                "Within the budget: {} a month, {}\n",
                amount(chosen.total),
                risk(chosen)
            ));
            for lost in &chosen.given_up {
                text.push_str(&format!("  given up: {lost}\n"));
            }
            text.push_str(&format!(
                "  set it:   sizewright compare {}\n",
                typeable(&chosen.settings)
            ));
        }
        None => text.push_str(&format!(
            "No plan costs so little: the least is {} a month, {} ({})\n",
            amount(answer.least.total),
            risk(&answer.least),
            answer.least.settings.join(" ")
        )),
    }
    text
}

/// Writes settings as they are typed.
fn typeable(settings: &[String]) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "=.,%_-".contains(letter);
    settings
        .iter()
        .map(|setting| {
            if setting.chars().all(plain) {
                format!("--set {setting}")
            } else {
                format!(
                    "--set '{}'",
                    telemetry::untrusted::for_terminal(&setting.replace('\'', "'\\''"))
                )
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn ladder(answer: &Answer) -> Table {
    let mut table = Table::new(&["within", "#USD/month", "#short of the time", "given up", "settings"]);
    for choice in &answer.ladder {
        table.row(vec![
            if choice.within { "yes" } else { "no" }.to_string(),
            amount(choice.total),
            choice
                .risk
                .map_or("?".to_string(), |risk| format!("{:.2} %", risk * 100.0)),
            if choice.given_up.is_empty() {
                "nothing".to_string()
            } else {
                choice.given_up.join("; ")
            },
            choice.settings.join(" "),
        ]);
    }
    table
}
