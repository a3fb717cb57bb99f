//! `compare`: scenarios side by side, with causes, risk, hosts and flip lines.

use std::path::Path;

use analyzer::catalog::Catalog;
use analyzer::plan::{Estate, PlanInputs};
use analyzer::policy::{Assessment, Overrides, Rule};
use analyzer::profile::HostProfile;
use analyzer::report::chart::{scenario_bars, sweep_chart, waterfall_chart};
use analyzer::scenario::{
    Comparison, Flip, Library, Moved, Named, Pricer, Range, ScenarioError, Settings, Sweep, Value, WhatIf, compare,
    flips, sweep,
};
use jiff::civil::Date;
use serde::Serialize;
use telemetry::Inventory;
use telemetry::store::Origin;

use crate::cli::{Compare, Format};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;

pub mod screen;

/// The name of what no scenario changes.
pub const PLAN: &str = "plan";
/// Up to so many sizings of hosts, flip lines of demand and headroom are looked for without being asked.
const FLIPPED_UNASKED: usize = 20_000;

/// Compares scenarios.
pub fn run(flags: &Compare, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let desk = Desk::of(folder)?;
    let (base, scenarios) = desk.asked(flags)?;
    let range = flags.sweep.as_deref().map(Range::read).transpose().map_err(failure)?;
    let all: Vec<Named> = std::iter::once(base.clone()).chain(scenarios.iter().cloned()).collect();
    let said: Vec<&Settings> = all.iter().map(|named| &named.settings).collect();
    let profiles = desk.profiles(&said, folder, printer)?;
    let inputs = desk.inputs(&profiles, flags.as_of);
    let estate = Estate::of(&inputs).map_err(|error| failure(error.into()))?;
    let pricer = with_moved(Pricer::new(&estate), &said, folder)?;
    let comparison = compare(&pricer, &base, &scenarios).map_err(failure)?;
    let is_small = estate.hosts.len() * all.len() <= FLIPPED_UNASKED;
    let flips = flips(&pricer, &all, flags.flip || is_small).map_err(failure)?;
    let sweep = range
        .map(|range| sweep(&pricer, &all, &range))
        .transpose()
        .map_err(failure)?;
    print(&comparison, &flips, sweep.as_ref(), printer)?;
    if let Some(out) = &flags.out {
        draw(&comparison, sweep.as_ref(), out, printer)?;
    }
    if !flags.flip && !is_small {
        printer.hint("flip lines of demand and headroom size every host many times; ask for them with --flip");
    }
    Ok(Outcome::Done)
}

/// Compares all scenarios of a folder, for the report; nothing where it has none.
pub fn of_folder(day: Date, folder: &Folder, printer: &Printer) -> Result<Option<WhatIf>, Failure> {
    let desk = Desk::of(folder)?;
    if desk.library.is_empty() {
        return Ok(None);
    }
    let (base, scenarios) = desk.asked_of(&[], &[], None)?;
    let all: Vec<Named> = std::iter::once(base.clone()).chain(scenarios.iter().cloned()).collect();
    let said: Vec<&Settings> = all.iter().map(|named| &named.settings).collect();
    let profiles = desk.profiles(&said, folder, printer)?;
    let inputs = desk.inputs(&profiles, Some(day));
    let estate = Estate::of(&inputs).map_err(|error| failure(error.into()))?;
    let pricer = with_moved(Pricer::new(&estate), &said, folder)?;
    let sized = estate.hosts.len() * all.len() <= FLIPPED_UNASKED;
    Ok(Some(WhatIf {
        comparison: compare(&pricer, &base, &scenarios).map_err(failure)?,
        flips: flips(&pricer, &all, sized).map_err(failure)?,
    }))
}

/// Tells a pricer what the plan moves to managed services, where a scenario asks for a phase.
pub fn with_moved<'e, 'a>(
    pricer: Pricer<'e, 'a>,
    said: &[&Settings],
    folder: &Folder,
) -> Result<Pricer<'e, 'a>, Failure> {
    if !said.iter().any(|settings| settings.whole("phase").is_some()) {
        return Ok(pricer);
    }
    Ok(match Moved::of(&folder.plan()?) {
        Some(moved) => pricer.with_moved(moved),
        None => pricer,
    })
}

/// What every what-if is made from.
pub struct Desk {
    assessment: Assessment,
    library: Library,
    inventory: Inventory,
    origins: Vec<Origin>,
    catalog: &'static Catalog,
}

impl Desk {
    /// Reads the assessment and its scenarios.
    pub fn of(folder: &Folder) -> Result<Self, Failure> {
        Ok(Self {
            assessment: folder.assessment()?,
            library: folder.scenarios()?,
            inventory: folder.inventory()?,
            origins: folder.store().origins()?,
            catalog: folder.catalog()?,
        })
    }

    /// Gives a scenario by name; the plan where it is called so.
    pub fn named(&self, name: &str) -> Result<Named, Failure> {
        if name == PLAN && !self.library.names().any(|known| known == PLAN) {
            return Ok(Named {
                name: PLAN.to_string(),
                settings: Settings::default(),
            });
        }
        self.library.named(name).map_err(|error| {
            let known: Vec<&str> = self.library.names().collect();
            let hint = if known.is_empty() {
                "this assessment has no scenarios/*.toml; docs/scenarios.md says what they hold".to_string()
            } else {
                format!("the scenarios are {}", known.join(", "))
            };
            match error {
                ScenarioError::UnknownScenario { .. } => failure(error).hint(hint),
                error => failure(error),
            }
        })
    }

    /// Gives the base and the scenarios that were asked for.
    fn asked(&self, flags: &Compare) -> Result<(Named, Vec<Named>), Failure> {
        self.asked_of(&flags.scenarios, &flags.set, flags.base.as_deref())
    }

    fn asked_of(
        &self,
        scenarios: &[String],
        set: &[String],
        base: Option<&str>,
    ) -> Result<(Named, Vec<Named>), Failure> {
        let typed = typed(set)?;
        let base = self.named(base.or_else(|| self.library.base()).unwrap_or(PLAN))?;
        let names: Vec<String> = if scenarios.is_empty() && set.is_empty() {
            let others = self.library.names().filter(|name| *name != base.name);
            others.map(str::to_string).collect()
        } else {
            scenarios.to_vec()
        };
        let mut scenarios = Vec::new();
        for name in &names {
            let named = self.named(name)?;
            scenarios.push(Named {
                settings: named.settings.with(&typed),
                name: if typed.is_empty() {
                    named.name
                } else {
                    format!("{} {typed}", named.name)
                },
            });
        }
        if names.is_empty() && !typed.is_empty() {
            scenarios.push(Named {
                name: typed.to_string(),
                settings: base.settings.with(&typed),
            });
        }
        if scenarios.is_empty() {
            return Err(Failure::user(anyhow::anyhow!("there is nothing to compare with `{}`", base.name)).hint(
                "write scenarios/NAME.toml (docs/scenarios.md), or set something: `sizewright compare --set headroom=20%`",
            ));
        }
        Ok((base, scenarios))
    }

    /// Gives the profiles that these scenarios are sized from.
    pub fn profiles(
        &self,
        said: &[&Settings],
        folder: &Folder,
        printer: &Printer,
    ) -> Result<Vec<HostProfile>, Failure> {
        let mut rules: Vec<Rule> = Vec::new();
        for name in self
            .assessment
            .environments
            .keys()
            .chain([&self.assessment.default_environment])
        {
            let policy = self
                .assessment
                .policy(name, &Overrides::default())
                .map_err(Failure::user)?;
            rules.push(policy.rule);
        }
        rules.extend(
            said.iter()
                .flat_map(|settings| settings.iter())
                .filter_map(|(_, setting)| match setting.value {
                    Value::Rule(rule) => Some(rule),
                    _ => None,
                }),
        );
        crate::profiles::for_scenarios(&self.assessment, &rules, folder, printer)
    }

    /// Gives what an estate is made from.
    pub fn inputs<'a>(&'a self, profiles: &'a [HostProfile], as_of: Option<Date>) -> PlanInputs<'a> {
        static NONE: std::sync::OnceLock<Overrides> = std::sync::OnceLock::new();
        PlanInputs {
            assessment: &self.assessment,
            overrides: NONE.get_or_init(Overrides::default),
            profiles,
            inventory: Some(&self.inventory),
            origins: &self.origins,
            catalog: self.catalog,
            today: as_of.unwrap_or_else(super::plan::today),
        }
    }
}

/// Reads what was typed after `--set`.
pub fn typed(set: &[String]) -> Result<Settings, Failure> {
    let mut settings = Settings::default();
    for typed in set {
        settings.set_typed(typed).map_err(failure)?;
    }
    Ok(settings)
}

/// Says what is wrong with a scenario, and what to do.
pub fn failure(error: ScenarioError) -> Failure {
    match &error {
        ScenarioError::Plan(_) => Failure::user(error).hint(
            "gather telemetry with `sizewright collect`, or bring it in with `sizewright import csv|parquet FILE`",
        ),
        ScenarioError::UnknownKey { .. } | ScenarioError::Value { .. } => {
            Failure::user(error).hint("docs/scenarios.md lists every setting with an example")
        }
        _ => Failure::user(error),
    }
}

/// What `--format json` writes.
#[derive(Serialize)]
struct Written<'c> {
    #[serde(flatten)]
    comparison: &'c Comparison,
    flips: &'c [Flip],
    #[serde(skip_serializing_if = "Option::is_none")]
    sweep: Option<&'c Sweep>,
}

/// Writes the charts to a folder.
fn draw(comparison: &Comparison, sweep: Option<&Sweep>, out: &Path, printer: &Printer) -> Result<(), Failure> {
    let steps = if comparison.cheapest == comparison.base {
        comparison.columns.last().map_or("", |column| column.name.as_str())
    } else {
        &comparison.cheapest
    };
    let charts = [
        ("scenarios".to_string(), scenario_bars(comparison)),
        ("waterfall".to_string(), waterfall_chart(comparison, steps)),
        (
            format!("curve-{}", sweep.map_or("", |sweep| sweep.key.as_str())),
            sweep.and_then(sweep_chart),
        ),
    ];
    let folder = Folder::at(out);
    let mut count = 0;
    for (name, drawing) in charts {
        let Some(drawing) = drawing else { continue };
        let name = telemetry::untrusted::for_file_name(&name);
        folder.write(&format!("{name}.svg"), drawing.svg().as_bytes())?;
        folder.write(&format!("{name}.png"), &drawing.png().map_err(Failure::internal)?)?;
        count += 1;
    }
    printer.note(&format!("wrote {count} charts as SVG and PNG to {}", out.display()));
    Ok(())
}

fn print(comparison: &Comparison, flips: &[Flip], sweep: Option<&Sweep>, printer: &Printer) -> Result<(), Failure> {
    match printer.format() {
        Format::Json => {
            let written = Written {
                comparison,
                flips,
                sweep,
            };
            let json = serde_json::to_string_pretty(&written).map_err(Failure::internal)?;
            printer.data(&format!("{json}\n"))
        }
        Format::Csv => match sweep {
            Some(sweep) => printer.data(&screen::curves(sweep).render(Format::Csv)),
            None => printer.data(&screen::figures(comparison).render(Format::Csv)),
        },
        format => printer.data(&screen::whole(comparison, flips, sweep, format)),
    }
}
