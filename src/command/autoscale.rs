//! `autoscale [GROUP]`: which hosts can scale together, and the policy that would have held.

mod words;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use analyzer::catalog::Catalog;
use analyzer::inventory::EstateSheet;
use analyzer::plan::Plan;
use analyzer::plan::scaling::{
    GroupScaling, RequestScaling, RequestScalingError, Scaling, ScalingInputs, foresight, group_load, scale_requests,
    scaling,
};
use analyzer::profile::{EstateReader, HostByHost, HostProfile};
use analyzer::report::chart::{Drawing, ScalingChart, scaling_chart};
use analyzer::scale::emit::{Emission, cloudformation, hpa, keda, terraform};
use analyzer::scale::{Load, read_requests, replayed};

use crate::cli::{Autoscale, Emit, Format};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;
use crate::progress;

pub use words::summary;

/// Looks for what can scale in a plan.
pub fn scaling_of(
    plan: &Plan,
    profiles: &[HostProfile],
    reader: &EstateReader,
    inventory: &EstateSheet,
    catalog: &Catalog,
    printer: &Printer,
) -> Result<Scaling, Failure> {
    let bar = progress::bar(printer, 1, "replaying", "groups");
    let done = AtomicUsize::new(0);
    let hosts = HostByHost::of_cpu(reader);
    let found = scaling(
        plan,
        &ScalingInputs {
            catalog,
            profiles,
            inventory,
            read: &|host| hosts.read(host),
            done: &|groups| {
                if groups > 0 {
                    bar.set_length(groups as u64);
                    bar.set_position(done.fetch_add(1, Ordering::Relaxed) as u64 + 1);
                }
            },
        },
    );
    bar.finish_and_clear();
    Ok(found?)
}

/// Prints what the plan says of groups, or one group's replay.
pub fn run(flags: &Autoscale, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let Some(name) = &flags.group else {
        let plan = folder.plan()?;
        words::estate(&plan, found(&plan)?, printer)?;
        printer.hint("see a group's replay with `sizewright autoscale GROUP`; export it with `--emit terraform`");
        return Ok(Outcome::Done);
    };
    let shown = match &flags.requests {
        Some(file) => of_requests(name, file, flags.requests_per_core_second, folder, printer)?,
        None => of_hosts(name, flags.chart.is_some(), folder, printer)?,
    };
    if let Some(file) = &flags.chart {
        draw(&shown, file)?;
        printer.note(&format!("wrote {}", file.display()));
    }
    match flags.emit {
        Some(form) => printer.data(&emitted(&shown, form)?)?,
        None if flags.chart.is_some() && printer.format() == Format::Table => {}
        None => words::group(&shown, printer)?,
    }
    Ok(if shown.scaling.proposal.is_some() {
        Outcome::Done
    } else {
        Outcome::Partly
    })
}

/// One group with what a chart of it needs.
struct Shown {
    assessment: analyzer::policy::Assessment,
    region: String,
    scaling: GroupScaling,
    requests: Option<RequestScaling>,
    load: Option<Load>,
}

fn found(plan: &Plan) -> Result<&Scaling, Failure> {
    plan.scaling.as_ref().ok_or_else(|| {
        Failure::user(anyhow::anyhow!("the plan was made without looking for groups"))
            .hint("make it again with `sizewright plan`, without `--no-scaling`")
    })
}

fn of_hosts(name: &str, with_load: bool, folder: &Folder, printer: &Printer) -> Result<Shown, Failure> {
    let plan = folder.plan()?;
    let scaling = one(&plan, name)?.clone();
    let load = if with_load {
        load_of(&plan, &scaling, folder, printer)?
    } else {
        None
    };
    Ok(Shown {
        assessment: plan.assessment.clone(),
        region: region(&plan),
        scaling,
        requests: None,
        load,
    })
}

fn region(plan: &Plan) -> String {
    plan.overrides
        .region
        .clone()
        .unwrap_or_else(|| plan.assessment.region.clone())
}

fn one<'a>(plan: &'a Plan, name: &str) -> Result<&'a GroupScaling, Failure> {
    let scaling = found(plan)?;
    let mut of_that_name = scaling.groups.iter().filter(|group| group.group.rule == name);
    let named = scaling.groups.iter().find(|group| group.group.name == name);
    if let Some(group) = named.or_else(|| of_that_name.next().filter(|_| of_that_name.next().is_none())) {
        return Ok(group);
    }
    let alone: Vec<String> = scaling
        .alone
        .iter()
        .filter(|alone| alone.group == name || alone.host == name)
        .take(3)
        .map(|alone| format!("{} does not scale: {}", alone.host, alone.because))
        .collect();
    let names: Vec<&str> = scaling
        .groups
        .iter()
        .map(|group| group.group.name.as_str())
        .take(8)
        .collect();
    let hint = match (alone.is_empty(), names.is_empty()) {
        (false, _) => alone.join("; "),
        (true, false) => format!("groups of the plan are {}", names.join(", ")),
        (true, true) => "no hosts of the plan scale together; `sizewright autoscale` says why".to_string(),
    };
    Err(Failure::user(anyhow::anyhow!("the plan has no group `{name}` that can scale")).hint(hint))
}

fn load_of(plan: &Plan, group: &GroupScaling, folder: &Folder, printer: &Printer) -> Result<Option<Load>, Failure> {
    let telemetry = super::telemetry(folder, printer)?;
    let reader = EstateReader::open(&telemetry.store)?;
    let hosts = HostByHost::of_cpu(&reader);
    let loads = group_load(plan, &group.group.hosts, &|host| hosts.read(host))?;
    Ok(loads.map(|(sum, _)| sum))
}

fn of_requests(
    name: &str,
    file: &Path,
    per_core_second: Option<f64>,
    folder: &Folder,
    printer: &Printer,
) -> Result<Shown, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::user(error).while_trying(format!("cannot read `{}`", file.display())))?;
    let requests = read_requests(&text)
        .map_err(|error| Failure::user(error).while_trying(format!("cannot use `{}`", file.display())))?;
    // Requests alone are enough where a rate is given: then no plan is needed.
    let plan = match (folder.path("plan/plan.json").is_file(), per_core_second) {
        (false, Some(_)) => None,
        _ => Some(folder.plan()?),
    };
    let assessment = match &plan {
        Some(plan) => plan.assessment.clone(),
        None => folder.assessment()?,
    };
    let group = match &plan {
        Some(plan) => match one(plan, name) {
            Ok(group) => Some(group),
            Err(_) if per_core_second.is_some() => None,
            Err(failure) => return Err(failure),
        },
        None => None,
    };
    let cpu = match (&plan, group) {
        (Some(plan), Some(group)) => load_of(plan, group, folder, printer)?,
        _ => None,
    };
    let known = match (&plan, group, &cpu) {
        (Some(plan), Some(group), Some(cpu)) => Some((plan, group, cpu)),
        _ => None,
    };
    let (found, load) = scale_requests(&assessment, folder.catalog()?, name, &requests, per_core_second, known)
        .map_err(|error| match error {
            RequestScalingError::NoCost => {
                Failure::user(error).hint("say how many requests a core serves with `--requests-per-core-second N`")
            }
            error => Failure::user(error),
        })?;
    Ok(Shown {
        region: plan.as_ref().map_or_else(|| assessment.region.clone(), region),
        assessment,
        scaling: found.scaling.clone(),
        requests: Some(found),
        load: Some(load),
    })
}

fn emitted(shown: &Shown, form: Emit) -> Result<String, Failure> {
    let Some(proposal) = &shown.scaling.proposal else {
        return Err(undecided(shown));
    };
    let emission = Emission {
        group: &shown.scaling.group.name,
        time_zone: &shown.assessment.time_zone,
        region: &shown.region,
        proposal,
        spot_share: shown.scaling.spot_share(),
        requests_per_target_minute: shown.requests.as_ref().and_then(|one| one.requests_per_target_minute),
    };
    Ok(match form {
        Emit::Cloudformation => cloudformation(&emission),
        Emit::Terraform => terraform(&emission),
        Emit::Hpa => hpa(&emission),
        Emit::Keda => keda(&emission),
    })
}

fn undecided(shown: &Shown) -> Failure {
    let why = shown.scaling.undecided_because.clone().unwrap_or_default();
    Failure::user(anyhow::anyhow!(
        "nothing is proposed for group `{}`: {why}",
        shown.scaling.group.name
    ))
}

fn draw(shown: &Shown, file: &Path) -> Result<(), Failure> {
    let (Some(proposal), Some(load)) = (&shown.scaling.proposal, &shown.load) else {
        return Err(undecided(shown));
    };
    let zone = shown.assessment.zone().map_err(Failure::user)?;
    let rule = shown
        .assessment
        .groups
        .get(&shown.scaling.group.rule)
        .cloned()
        .unwrap_or_default();
    let replay = replayed(load, &zone, &foresight(&shown.assessment, &rule, load), proposal);
    let drawing = scaling_chart(&ScalingChart {
        group: &shown.scaling.group.name,
        policy: &proposal.words(),
        unit: "busy cores",
        first_ms: replay.first_minute * 60_000,
        load: &replay.load,
        ready: &replay.ready,
        zone: &zone,
    })
    .ok_or_else(|| Failure::user(anyhow::anyhow!("nothing was measured on the part that would be drawn")))?;
    let bytes = picture(&drawing, file)?;
    std::fs::write(file, bytes)
        .map_err(|error| Failure::user(error).while_trying(format!("cannot write `{}`", file.display())))
}

fn picture(drawing: &Drawing, file: &Path) -> Result<Vec<u8>, Failure> {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("svg") => Ok(drawing.svg().into_bytes()),
        Some("png") => drawing.png().map_err(Failure::internal),
        _ => Err(
            Failure::user(anyhow::anyhow!("`{}` is no picture's name", file.display())).hint("end it in .svg or .png"),
        ),
    }
}
