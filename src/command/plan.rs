//! `plan`: the right-sizing plan, written to plan/ and summed up on the screen.

use std::sync::atomic::Ordering;

use analyzer::catalog::Architecture;
use analyzer::dependency::DependencyMap;
use analyzer::inventory::EstateSheet;
use analyzer::plan::bought::phase_names;
use analyzer::plan::commitments::{commitments, commitments_csv};
use analyzer::plan::explain::dollars;
use analyzer::plan::outlook::outlook;
use analyzer::plan::purchase::{purchase_options_csv, purchases};
use analyzer::plan::{Plan, PlanError, PlanInputs, files, make_after};
use analyzer::policy::{Assessment, Overrides};
use analyzer::profile::{EstateReader, HostProfile, ProfileOptions, profile_estate};
use analyzer::report::markdown;
use jiff::civil::Date;

use crate::cli::{Arch, Format, Plan as Arguments, PlanFlags};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::interrupt::{self, INTERRUPTED};
use crate::printer::Printer;
use crate::progress;
use crate::table::Table;

/// Makes and writes the plan.
pub fn run(arguments: &Arguments, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let answers = arguments
        .compare_with
        .as_deref()
        .map(super::compare::read)
        .transpose()?;
    let (plan, profiles) = make_and_write(&arguments.flags, !arguments.no_scaling, folder, printer)?;
    match &answers {
        Some(answers) => super::compare::print(answers, &plan, &profiles, folder, printer)?,
        None => print(&plan, printer)?,
    }
    for warning in &plan.warnings {
        printer.warning(warning);
    }
    printer.note(&format!("wrote {}", folder.path("plan").display()));
    printer.hint("prove a row with `sizewright explain HOST`; make the report with `sizewright report`");
    Ok(if plan.summary.undecided > 0 {
        Outcome::Partly
    } else {
        Outcome::Done
    })
}

/// Profiles the estate, makes the plan and writes plan/; gives the profiles too.
pub fn make_and_write(
    flags: &PlanFlags,
    scaling: bool,
    folder: &Folder,
    printer: &Printer,
) -> Result<(Plan, Vec<HostProfile>), Failure> {
    let assessment = folder.assessment()?;
    let overrides = overrides(flags);
    let telemetry = super::telemetry(folder, printer)?;
    let reader = EstateReader::open(&telemetry.store)?;
    let profiles = profiles(&assessment, &overrides, &reader, printer)?;
    let origins = telemetry.store.origins()?;
    let inventory = folder.inventory()?;
    let today = flags.as_of.unwrap_or_else(today);
    // A plan that cannot be read (an older program's, a damaged one) is no plan to follow.
    let earlier = folder.plan().ok();
    let inputs = PlanInputs {
        assessment: &assessment,
        overrides: &overrides,
        profiles: &profiles,
        inventory: Some(&inventory),
        origins: &origins,
        catalog: folder.catalog()?,
        today,
    };
    let mut plan = make_after(&inputs, earlier.as_ref()).map_err(|error| match error {
        PlanError::NoHosts => Failure::user(error).hint(
            "gather telemetry with `sizewright collect`, or bring it in with `sizewright import csv|parquet FILE`",
        ),
        error => Failure::user(error),
    })?;
    interrupt::check()?;
    if scaling {
        let estate = EstateSheet::of(&inventory);
        plan.scaling = Some(super::autoscale::scaling_of(
            &plan,
            &profiles,
            &reader,
            &estate,
            inputs.catalog,
            printer,
        )?);
    }
    super::phases::add(&mut plan, &profiles, &inventory, &telemetry.store, folder)?;
    interrupt::check()?;
    plan.purchases = Some(purchases(&plan, inputs.catalog, Some(&inventory)));
    plan.commitments = commitments(&plan);
    let hosts: Vec<String> = plan.recommendations.iter().map(|row| row.host.clone()).collect();
    let map = DependencyMap::of(&plan.assessment, &hosts, &inventory);
    plan.outlook = Some(outlook(&plan, &profiles, Some(&map)));
    write(&plan, folder)?;
    Ok((plan, profiles))
}

/// Profiles every host with what the assessment's rules need.
pub fn profiles(
    assessment: &Assessment,
    overrides: &Overrides,
    reader: &EstateReader,
    printer: &Printer,
) -> Result<Vec<HostProfile>, Failure> {
    let zone = assessment.zone().map_err(Failure::user)?;
    let mut rules = vec![];
    let mut credits = false;
    for name in assessment.environments.keys().chain([&assessment.default_environment]) {
        let policy = assessment.policy(name, overrides).map_err(Failure::user)?;
        credits |= policy.burstable;
        rules.push(policy.rule);
    }
    let bar = progress::bar(printer, reader.hosts().len() as u64, "profiling", "hosts");
    let profiles = profile_estate(
        reader,
        &ProfileOptions {
            credits,
            // Growth is shown whatever the rule.
            history: true,
            ..ProfileOptions::for_rules(zone, &rules)
        },
        &|hosts| bar.inc(hosts as u64),
        &INTERRUPTED,
    );
    bar.finish_and_clear();
    let profiles = profiles?;
    if INTERRUPTED.load(Ordering::SeqCst) {
        return Err(Failure::interrupted());
    }
    Ok(profiles)
}

/// Writes the tables of plan/.
fn write(plan: &Plan, folder: &Folder) -> Result<(), Failure> {
    let internal = |error: files::PlanFileError| Failure::internal(error);
    folder.write(
        "plan/recommendations.csv",
        &files::recommendations_csv(plan).map_err(internal)?,
    )?;
    folder.write(
        "plan/recommendations.parquet",
        &files::recommendations_parquet(plan).map_err(internal)?,
    )?;
    folder.write("plan/bill.csv", &files::bill_csv(plan).map_err(internal)?)?;
    if let Some(scaling) = &plan.scaling {
        folder.write("plan/scaling.csv", &files::scaling_csv(scaling).map_err(internal)?)?;
    }
    if let Some(purchases) = &plan.purchases {
        let table = purchase_options_csv(plan, purchases).map_err(internal)?;
        folder.write("plan/purchase_options.csv", &table)?;
    }
    if let Some(commitments) = &plan.commitments {
        folder.write("plan/commitments.csv", &commitments_csv(commitments).map_err(internal)?)?;
    }
    // The JSON goes last: a reader that finds it finds the rest.
    folder.write("plan/plan.json", &files::to_json(plan).map_err(internal)?)?;
    Ok(())
}

/// Gives the catalog's architectures of those typed.
pub fn architectures(typed: &[Arch]) -> Vec<Architecture> {
    typed
        .iter()
        .map(|arch| match arch {
            Arch::X86 => Architecture::X86_64,
            Arch::Arm => Architecture::Arm64,
        })
        .collect()
}

fn overrides(flags: &PlanFlags) -> Overrides {
    let architectures = architectures(&flags.architectures);
    Overrides {
        rule: flags.rule,
        risk: flags.risk,
        headroom: flags.headroom,
        cap_at_source: flags.no_source_cap.then_some(false),
        architectures: (!architectures.is_empty()).then_some(architectures),
        families: (!flags.families.is_empty()).then(|| flags.families.clone()),
        burstable: flags.burstable.then_some(true),
        region: flags.region.clone(),
    }
}

/// Gives today in UTC, so that machines in other zones make the same plan.
pub fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn print(plan: &Plan, printer: &Printer) -> Result<(), Failure> {
    match printer.format() {
        Format::Json => printer.bytes(&files::to_json(plan).map_err(Failure::internal)?),
        Format::Csv => printer.bytes(&files::recommendations_csv(plan).map_err(Failure::internal)?),
        Format::Markdown => printer.data(&markdown(plan)),
        Format::Table => printer.data(&screen(plan)),
    }
}

/// Sums the plan up on a screen.
pub fn screen(plan: &Plan) -> String {
    let mut table = Table::new(&[
        "host",
        "environment",
        "today",
        "proposal",
        "type",
        "#USD/month",
        "binding",
        "#confidence",
        "next cheaper lacks",
    ]);
    for row in &plan.recommendations {
        let today = match (row.source_vcpu, row.source_memory_gib) {
            (Some(vcpu), Some(memory)) => format!("{vcpu:.0} x {memory:.0} GiB"),
            (Some(vcpu), None) => format!("{vcpu:.0} x ? GiB"),
            _ => "?".to_string(),
        };
        let cost = row.total_usd_per_month.or(row.compute_usd_per_month);
        let at_least = if row.total_usd_per_month.is_none() && cost.is_some() {
            ">="
        } else {
            ""
        };
        table.row(vec![
            row.host.clone(),
            row.environment.clone(),
            today,
            row.proposal.word().to_string(),
            row.instance_type.clone().unwrap_or_else(|| "-".to_string()),
            cost.map_or("?".to_string(), |cost| {
                format!("{at_least}{:.2}", cost.rounded_to_cents().as_decimal())
            }),
            row.binding_dimension
                .map_or("-".to_string(), |dimension| dimension.words().to_string()),
            format!("{:.2}", row.confidence),
            row.next_cheaper_shortfall.as_deref().map_or("-".to_string(), |words| {
                words.split(';').next().unwrap_or(words).to_string()
            }),
        ]);
    }
    let summary = &plan.summary;
    let at_least = if plan.bill.total.is_at_least() { "at least " } else { "" };
    let mut text = table.render(Format::Table);
    text.push_str(&format!(
        "\n{} hosts: {} change, {} keep, {} undecided; {:.0} CPUs and {:.0} GiB become {:.0} vCPUs and {:.0} GiB\n",
        summary.hosts,
        summary.change,
        summary.keep,
        summary.undecided,
        summary.source_vcpus,
        summary.source_memory_gib,
        summary.proposed_vcpus,
        summary.proposed_memory_gib,
    ));
    text.push_str(&format!(
        "{at_least}{} a month in {} (compute {}, storage {}); the same sizes as today would be {} for compute\n",
        dollars(plan.bill.total.known),
        plan.overrides.region.as_ref().unwrap_or(&plan.assessment.region),
        dollars(summary.compute_usd_per_month),
        dollars(summary.storage_usd_per_month),
        dollars(summary.as_is_compute_usd_per_month),
    ));
    text.push_str(&format!(
        "arm64 would save a further {} a month where it fits; mean confidence {:.2}\n",
        dollars(summary.arm64_saving_usd_per_month),
        summary.confidence
    ));
    text.push_str(&commitment_line(plan));
    if let Some(scaling) = &plan.scaling {
        text.push_str(&super::autoscale::summary(scaling));
    }
    if let Some(phases) = &plan.phases {
        text.push_str(&super::phases::summary(phases));
    }
    if !plan.retire.is_empty() {
        text.push_str(&format!(
            "{} hosts do little or nothing and may be retired:\n",
            plan.retire.len()
        ));
        for retirement in &plan.retire {
            text.push_str(&format!(
                "  {} saves {}: {}\n",
                telemetry::untrusted::for_terminal(&retirement.host),
                retirement
                    .saving_usd_per_month
                    .map_or("an unknown amount".to_string(), |saving| {
                        format!(
                            "{}{}",
                            if retirement.saving_is_at_least { "at least " } else { "" },
                            dollars(saving)
                        )
                    }),
                retirement.evidence
            ));
        }
    }
    text
}

/// Says what the best commitment would save.
fn commitment_line(plan: &Plan) -> String {
    let Some(found) = &plan.commitments else {
        return String::new();
    };
    let phase = phase_names(plan).first().copied().unwrap_or_default();
    let Some(best) = found.best_within(phase, "compute", 3) else {
        return String::new();
    };
    let paid = best
        .break_even_month
        .map(|month| format!(", and has paid for itself from month {month} on"))
        .unwrap_or_default();
    format!(
        "with {}, EC2 would cost {} a month instead of {}{paid}; see plan/commitments.csv\n",
        if best.terms.is_empty() {
            best.name.as_str()
        } else {
            "plans of 1 and 3 years, layer by layer"
        },
        dollars(best.usd_per_month),
        dollars(best.used_usd_per_month),
    )
}
