//! Tables of money and time to come: ways to buy, commitments, runways, groups that scale, waves, projections, scenarios.

use rust_decimal::Decimal;

use super::{Kind, Table, Value, number, optional, text, word};
use crate::money::UsdPerMonth;
use crate::plan::Plan;
use crate::plan::bought::{bought, phase_names};
use crate::plan::outlook::Runway;
use crate::price::purchase::Rate;
use crate::projection::Projection;
use crate::scenario::Comparison;

use Kind::{Number, Text};

fn exact(amount: Decimal) -> Value {
    Value::Exact(amount)
}

fn dollars(amount: Option<UsdPerMonth>) -> Value {
    amount.map_or(Value::Empty, |amount| Value::Exact(amount.as_decimal()))
}

fn count(count: usize) -> Value {
    Value::Number(count as f64)
}

/// Gives a row a row of the plan and way to buy it.
pub(super) fn purchase_options(plan: &Plan) -> Table {
    let mut table = Table::new(
        "purchase_options",
        "One row of the plan and way to buy it, licences included; without amounts where the rate is not known, and source says why.",
        &[
            ("phase", Text),
            ("host", Text),
            ("service", Text),
            ("environment", Text),
            ("target_service", Text),
            ("instance_type", Text),
            ("instance_count", Number),
            ("region", Text),
            ("option", Text),
            ("upfront_usd", Number),
            ("recurring_usd_per_hour", Number),
            ("effective_usd_per_hour", Number),
            ("compute_usd_per_month", Number),
            ("price_method", Text),
            ("price_as_of", Text),
            ("source", Text),
        ],
    );
    let Some(purchases) = &plan.purchases else { return table };
    for row in phase_names(plan).into_iter().flat_map(|phase| bought(plan, phase)) {
        let Some(of) = purchases.of_row(&row) else { continue };
        let times = Decimal::from(row.instance_count);
        let licenses = of
            .licenses
            .iter()
            .map(|one| (format!("license:{}", one.license.code()), &one.rate));
        let ways = of.options.iter().map(|one| (one.kind.code(), &one.rate));
        for (code, rate) in ways.chain(licenses) {
            let mut cells = vec![
                text(row.phase),
                text(row.host),
                optional(row.service),
                text(row.environment),
                text(row.target_service),
                text(&of.key.instance_type),
                Value::Number(f64::from(row.instance_count)),
                text(row.region),
                text(code),
            ];
            match rate {
                Rate::Known(rate) => {
                    let effective = rate.effective_usd_per_hour.as_decimal();
                    cells.extend([
                        exact(rate.upfront_usd.as_decimal() * times),
                        exact(rate.recurring_usd_per_hour.as_decimal() * times),
                        exact(effective * times),
                        exact(effective * row.hours_per_month()),
                        text(rate.method.word()),
                        text(rate.as_of.to_string()),
                        text(&rate.source),
                    ]);
                }
                Rate::Unknown(missing) => {
                    cells.extend([Value::Empty, Value::Empty, Value::Empty, Value::Empty]);
                    cells.extend([text("unknown"), Value::Empty, text(missing)]);
                }
            }
            table.rows.push(cells);
        }
    }
    table
}

/// Gives a row a thing that a strategy commits to; a strategy that commits to nothing has one row.
pub(super) fn commitments(plan: &Plan) -> Table {
    let mut table = Table::new(
        "commitments",
        "One thing that a strategy commits to, strategies of a phase, basis and scope by expected cost.",
        &[
            ("phase", Text),
            ("basis", Text),
            ("scope", Text),
            ("strategy", Text),
            ("years", Number),
            ("item", Text),
            ("covers", Text),
            ("committed_usd_per_hour", Number),
            ("committed_usd_per_month", Number),
            ("strategy_usd_per_month", Number),
            ("strategy_on_demand_usd_per_month", Number),
            ("saving_share", Number),
            ("coverage_share", Number),
            ("utilisation_share", Number),
            ("break_even_month", Number),
            ("expected_usd_36_months", Number),
            ("expected_unused_share", Number),
            ("worst_unused_share", Number),
            ("worst_outlook", Text),
        ],
    );
    for strategy in plan.commitments.iter().flat_map(|found| &found.strategies) {
        let lines: Vec<[Value; 4]> = if strategy.lines.is_empty() {
            vec![[
                text("nothing"),
                Value::Empty,
                exact(Decimal::ZERO),
                exact(Decimal::ZERO),
            ]]
        } else {
            let of_line = |line: &crate::plan::commitments::CommitmentLine| {
                [
                    text(&line.item),
                    text(&line.covers),
                    exact(line.usd_per_hour.as_decimal()),
                    dollars(Some(line.usd_per_month)),
                ]
            };
            strategy.lines.iter().map(of_line).collect()
        };
        for line in lines {
            let mut cells = vec![
                text(&strategy.phase),
                text(&strategy.basis),
                text(&strategy.scope),
                text(&strategy.name),
                Value::Number(f64::from(strategy.years)),
            ];
            cells.extend(line);
            cells.extend([
                dollars(Some(strategy.usd_per_month)),
                dollars(Some(strategy.on_demand_usd_per_month)),
                number(Some(strategy.saving)),
                number(Some(strategy.coverage)),
                number(Some(strategy.utilisation)),
                number(strategy.break_even_month),
                number(Some(strategy.expected_usd)),
                number(Some(strategy.stranding.expected_unused_share)),
                number(Some(strategy.stranding.worst_unused_share)),
                text(&strategy.stranding.worst_outlook),
            ]);
            table.rows.push(cells);
        }
    }
    table
}

/// Gives a row a thing that runs out: CPU, memory and disks of hosts, storage and memory of services.
pub(super) fn runways(plan: &Plan) -> Table {
    let mut table = Table::new(
        "runways",
        "One thing that runs out, with the day: early, likely, late; a day that is absent is not within ten years, or not known.",
        &[
            ("subject", Text),
            ("subject_is", Text),
            ("what", Text),
            ("used", Number),
            ("capacity", Number),
            ("unit", Text),
            ("early_on", Text),
            ("likely_on", Text),
            ("late_on", Text),
            ("has_interval", Text),
            ("basis", Text),
        ],
    );
    let hosts = plan.outlook.iter().flat_map(|outlook| &outlook.hosts);
    let of_hosts = hosts.flat_map(|host| host.runways.iter().map(|one| (host.host.as_str(), "host", one)));
    let services = plan.phases.iter().flat_map(|phases| &phases.workloads);
    let of_services = services.flat_map(|service| {
        let name = service.workload.name.as_str();
        service.runways.iter().map(move |one| (name, "service", one))
    });
    let row = |(subject, is, one): (&str, &str, &Runway)| {
        let day = |day: Option<jiff::civil::Date>| optional(day.map(|day| day.to_string()));
        vec![
            text(subject),
            text(is),
            text(&one.what),
            number(Some(one.used)),
            number(Some(one.capacity)),
            text(&one.unit),
            day(one.early),
            day(one.likely),
            day(one.late),
            text(if one.has_interval { "yes" } else { "no" }),
            text(&one.basis),
        ]
    };
    table.rows = of_hosts.chain(of_services).map(row).collect();
    table
}

/// Gives a row a group that can scale.
pub(super) fn scaling(plan: &Plan) -> Table {
    let mut table = Table::new(
        "scaling",
        "One group of hosts that can scale together; without a type where nothing is proposed, and because says why.",
        &[
            ("group", Text),
            ("environment", Text),
            ("hosts", Text),
            ("instance_type", Text),
            ("policy", Text),
            ("minimum", Number),
            ("maximum", Number),
            ("price_usd_per_hour", Number),
            ("usd_per_month", Number),
            ("static_usd_per_month", Number),
            ("rehost_usd_per_month", Number),
            ("oracle_usd_per_month", Number),
            ("asked_short_share", Number),
            ("held_out_short_share", Number),
            ("because", Text),
        ],
    );
    for one in plan.scaling.iter().flat_map(|scaling| &scaling.groups) {
        let mut cells = vec![
            text(&one.group.name),
            text(&one.group.environment),
            text(one.group.hosts.join(" ")),
        ];
        match &one.proposal {
            Some(proposal) => {
                let (selection, policy) = (&proposal.selection, &proposal.selection.chosen.policy);
                cells.extend([
                    text(&proposal.instance_type),
                    text(policy.words()),
                    number(Some(f64::from(policy.minimum))),
                    number(Some(f64::from(policy.maximum))),
                    exact(proposal.price_usd_per_hour.as_decimal()),
                    dollars(Some(proposal.usd_per_month)),
                    dollars(proposal.static_usd_per_month),
                    dollars(one.rehost_usd_per_month),
                    dollars(Some(proposal.oracle_usd_per_month)),
                    number(Some(selection.goal.short_share)),
                    number(Some(selection.chosen.held_out.short_share())),
                    text(&one.group.because),
                ]);
            }
            None => {
                cells.resize(14, Value::Empty);
                cells[10] = dollars(one.rehost_usd_per_month);
                cells.push(optional(one.undecided_because.as_deref()));
            }
        }
        table.rows.push(cells);
    }
    table
}

/// Gives a row a host or workload and the wave it moves in.
pub(super) fn migration_waves(plan: &Plan) -> Table {
    let mut table = Table::new(
        "migration_waves",
        "One host of phase rehost, or workload of phase replatform, and the wave it moves in.",
        &[
            ("wave", Number),
            ("phase", Text),
            ("environment", Text),
            ("moves", Text),
            ("first_working_day", Number),
            ("working_days", Number),
            ("wave_data_gib", Number),
            ("because", Text),
        ],
    );
    for wave in plan.phases.iter().flat_map(|phases| &phases.waves) {
        for name in &wave.moves {
            table.rows.push(vec![
                count(wave.number),
                text(&wave.phase),
                text(&wave.environment),
                text(name),
                number(Some(wave.first_day)),
                number(Some(wave.days)),
                number(Some(wave.data_gib)),
                text(&wave.because),
            ]);
        }
    }
    table
}

/// Gives a row a line of each way to go and month, in the middle case.
pub(super) fn projection(projection: &Projection) -> Table {
    let mut table = Table::new(
        "projection",
        "One line of a way to go in one month, middle case: a quantity at a unit price; without an amount where the price is not known.",
        &[
            ("path", Text),
            ("month", Number),
            ("category", Text),
            ("item", Text),
            ("quantity", Number),
            ("unit", Text),
            ("unit_price_usd", Number),
            ("amount_usd", Number),
            ("price_source", Text),
            ("price_as_of", Text),
        ],
    );
    for path in &projection.paths {
        for line in &path.lines {
            let usd =
                |amount: Option<crate::money::Usd>| amount.map_or(Value::Empty, |amount| exact(amount.as_decimal()));
            table.rows.push(vec![
                text(&path.name),
                number(Some(line.month)),
                text(line.category.word()),
                text(&line.item),
                exact(line.quantity),
                text(&line.unit),
                usd(line.unit_price),
                usd(line.amount),
                text(&line.source),
                optional(line.as_of.map(|month| month.to_string())),
            ]);
        }
    }
    table
}

/// Gives a row a way to go, case and month.
pub(super) fn projection_months(projection: &Projection) -> Table {
    let mut table = Table::new(
        "projection_months",
        "One way to go, case of growth and month: its cost, and the sum up to it; at least, where lines are not known.",
        &[
            ("path", Text),
            ("case", Text),
            ("month", Number),
            ("cost_usd", Number),
            ("cost_so_far_usd", Number),
            ("unknown_lines", Number),
        ],
    );
    for path in &projection.paths {
        for (case, sums) in [("low", &path.low), ("mid", &path.mid), ("high", &path.high)] {
            let mut so_far = Decimal::ZERO;
            for (cost, month) in sums.by_month.iter().zip(1_u32..) {
                so_far += cost.as_decimal();
                table.rows.push(vec![
                    text(&path.name),
                    text(case),
                    number(Some(month)),
                    exact(cost.as_decimal()),
                    exact(so_far),
                    count(sums.unknown_lines),
                ]);
            }
        }
    }
    table
}

/// Gives a row a scenario and part of the estate: all of it, or an environment.
pub(super) fn scenarios(comparison: Option<&Comparison>) -> Table {
    let mut table = Table::new(
        "scenarios",
        "One scenario and part of the estate: the whole, or an environment.",
        &[
            ("scenario", Text),
            ("is_base", Text),
            ("part", Text),
            ("hosts", Number),
            ("known_usd_per_month", Number),
            ("unknown_lines", Number),
            ("at_most_usd_per_month", Number),
            ("short_share", Number),
            ("hosts_noticed_short", Number),
            ("hosts_undecided", Number),
            ("settings", Text),
        ],
    );
    for (column, comparison) in comparison
        .iter()
        .flat_map(|all| all.columns.iter().map(move |one| (one, all)))
    {
        let parts = column
            .environments
            .iter()
            .map(|(name, figures)| (name.as_str(), figures));
        for (name, figures) in std::iter::once(("", &column.whole)).chain(parts) {
            table.rows.push(vec![
                text(&column.name),
                text(if column.name == comparison.base { "yes" } else { "no" }),
                text(if name.is_empty() {
                    "whole".to_string()
                } else {
                    format!("environment {name}")
                }),
                count(figures.hosts),
                dollars(Some(figures.total.known)),
                count(figures.total.unknown_lines),
                // Without a bound of every line there is none of the sum.
                dollars((figures.at_most.unbounded_lines == 0).then_some(figures.at_most.usd_per_month)),
                number(figures.risk),
                count(figures.noticed),
                count(figures.undecided),
                optional((!column.settings.is_empty()).then(|| column.settings.join(" "))),
            ]);
        }
    }
    table
}

/// Gives a row a scenario and cause of its difference to the base.
pub(super) fn scenario_causes(comparison: Option<&Comparison>) -> Table {
    let mut table = Table::new(
        "scenario_causes",
        "One cause of a scenario's difference to the base, in the order in which they are counted; they add up exactly.",
        &[
            ("scenario", Text),
            ("step", Number),
            ("causes", Text),
            ("settings", Text),
            ("delta_usd_per_month", Number),
            ("known_after_usd_per_month", Number),
            ("no_longer_known_usd_per_month", Number),
            ("short_share_after", Number),
        ],
    );
    for column in comparison.iter().flat_map(|comparison| &comparison.columns) {
        for (at, step) in column.waterfall.iter().enumerate() {
            table.rows.push(vec![
                text(&column.name),
                count(at + 1),
                text(step.words()),
                optional((!step.settings.is_empty()).then(|| step.settings.join(" "))),
                dollars(Some(step.delta)),
                dollars(Some(step.after.known)),
                dollars(Some(step.no_longer_known)),
                number(step.risk),
            ]);
        }
    }
    table
}

/// Gives a row an amount of a scenario that rests on a price of the user's own.
pub(super) fn scenario_prices(comparison: Option<&Comparison>) -> Table {
    let mut table = Table::new(
        "scenario_prices",
        "One amount of a scenario that rests on a price or discount of your own, with its source.",
        &[
            ("scenario", Text),
            ("item", Text),
            ("quantity", Number),
            ("unit", Text),
            ("usual_unit_price_usd", Number),
            ("unit_price_usd", Number),
            ("amount_usd_per_month", Number),
            ("price_source", Text),
        ],
    );
    for column in comparison.iter().flat_map(|comparison| &comparison.columns) {
        for line in &column.own_lines {
            table.rows.push(vec![
                text(&column.name),
                text(&line.item),
                exact(line.quantity),
                text(&line.unit),
                line.usual_unit_price_usd.map_or(Value::Empty, exact),
                exact(line.unit_price_usd),
                dollars(Some(line.usd_per_month)),
                text(&line.source),
            ]);
        }
    }
    table
}

/// Gives a row a finding of a workload before it moves.
pub(super) fn readiness(plan: &Plan) -> Table {
    let mut table = Table::new(
        "readiness",
        "One thing to look at before a workload moves.",
        &[
            ("workload", Text),
            ("severity", Text),
            ("says", Text),
            ("seen", Text),
            ("do", Text),
            ("source", Text),
            ("source_as_of", Text),
        ],
    );
    for one in plan.phases.iter().flat_map(|phases| &phases.workloads) {
        for finding in &one.readiness {
            table.rows.push(vec![
                text(&one.workload.name),
                word(&finding.severity),
                text(&finding.says),
                text(&finding.evidence),
                text(&finding.remedy),
                text(&finding.source),
                text(finding.as_of.to_string()),
            ]);
        }
    }
    table
}
