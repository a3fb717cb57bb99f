//! RDS, Aurora Standard, Aurora I/O-Optimized side by side: which costs least, and which is proposed?
//!
//! Input: a database sized for RDS, and Aurora's ways to run it. Output: the
//! same, with one of the three as the proposal and the others beside it. The
//! policy's `relational`, `services.toml` or a tag says which: RDS, Aurora (the
//! cheaper kind of it), or the cheapest whose price is wholly known.

use rust_decimal::Decimal;

use super::aurora::{WITH_INSTANCES, Ways};
use super::line::Cost;
use super::{OtherWay, Part, Setting, Sized};
use crate::catalog::RdsEngine;
use crate::policy::Relational;
use crate::service::Workload;

/// What RDS is called beside Aurora.
const RDS: &str = "RDS";
/// Aurora's service, as parts have it.
const AURORA: &str = "aurora";

/// Makes the one that was asked for the proposal and says what each costs.
pub(super) fn decide(
    workload: &Workload,
    engine: RdsEngine,
    mut rds: Sized,
    ways: Option<Ways>,
    setting: &Setting<'_>,
) -> Sized {
    let asked = asked(workload, engine, setting);
    let Some(mut ways) = ways else {
        if asked == Relational::Aurora {
            rds.notes
                .push("Aurora was asked for, but no class of it holds what is asked: RDS is proposed".to_string());
        }
        return rds;
    };
    let rds_cost = rds.stays_because.is_none().then(|| all(&rds.parts));
    let costs: Vec<(String, Cost)> = rds_cost
        .map(|cost| (RDS.to_string(), cost))
        .into_iter()
        .chain(ways.parts.iter().map(|(name, part)| (name.clone(), part.cost())))
        .collect();
    let words = side_by_side(&costs);
    let chosen = match asked {
        Relational::Rds => None,
        Relational::Aurora => Some(cheapest(costs.get(costs.len() - ways.parts.len()..).unwrap_or_default()).0),
        Relational::Cheapest => Some(cheapest(&costs).0),
    };
    let at = chosen.and_then(|name| ways.parts.iter().position(|(own, _)| *own == name));
    let Some(at) = at else {
        rds.others.extend(ways.others);
        rds.notes.push(words);
        return rds;
    };
    let (name, mut part) = ways.parts.swap_remove(at);
    let why = match (asked, workload.relational) {
        (Relational::Cheapest, _) => "the cheapest that holds is asked for",
        (_, Some(_)) => "services.toml or a tag asks for Aurora",
        (_, None) => "the policy asks for Aurora",
    };
    part.reason = format!("{name}: {why}; {}", part.reason);
    ways.others.retain(|other| other.name != name);
    let mut others: Vec<OtherWay> = rds_cost.map(|_| as_other(&rds.parts)).into_iter().collect();
    others.extend(ways.others);
    let mut notes = vec![words, ways.note];
    if engine == RdsEngine::Mariadb {
        notes.push("Aurora has no MariaDB: the application moves to MySQL's dialect, and must be tested".to_string());
    }
    Sized {
        parts: vec![part],
        others,
        stays_because: None,
        assumed: rds.assumed,
        notes,
    }
}

/// Gives where the database goes: what a person says of it, else the policy, which never moves MariaDB to MySQL's dialect.
fn asked(workload: &Workload, engine: RdsEngine, setting: &Setting<'_>) -> Relational {
    workload.relational.unwrap_or(match engine {
        RdsEngine::Mariadb => Relational::Rds,
        _ => setting.policy.relational,
    })
}

/// Gives the way that is asked for, where that is another than what is proposed, and its AWS service.
///
/// It is what [`decide`] would propose if it were asked for that: nothing where no class of Aurora holds what is asked.
pub(crate) fn instead<'w>(
    proposed: &[&Part],
    others: &'w [OtherWay],
    asked: Relational,
) -> Option<(&'static str, &'w OtherWay)> {
    let is_aurora = proposed.first()?.target_service == AURORA;
    let other = |name: &str| others.iter().find(|other| other.name == name);
    let own = if is_aurora {
        WITH_INSTANCES.into_iter().find(|name| other(name).is_none())?
    } else {
        RDS
    };
    let cost = |name: &'static str| {
        if name == own {
            Some((name.to_string(), all(proposed.iter().copied())))
        } else {
            other(name).map(|other| (name.to_string(), other.cost()))
        }
    };
    let names = [RDS].into_iter().chain(WITH_INSTANCES);
    let among = |is_wanted: &dyn Fn(&str) -> bool| {
        let costs: Vec<(String, Cost)> = names.clone().filter(|name| is_wanted(name)).filter_map(cost).collect();
        cheapest(&costs).0
    };
    let chosen = match asked {
        Relational::Rds => RDS.to_string(),
        Relational::Aurora => among(&|name| name != RDS),
        Relational::Cheapest => among(&|_| true),
    };
    let service = if chosen == RDS { "rds" } else { AURORA };
    (chosen != own)
        .then(|| other(&chosen))
        .flatten()
        .map(|way| (service, way))
}

fn all<'p>(parts: impl IntoIterator<Item = &'p Part>) -> Cost {
    parts
        .into_iter()
        .map(Part::cost)
        .fold(Cost::default(), |sum, cost| Cost {
            known: sum.known + cost.known,
            unknown_lines: sum.unknown_lines + cost.unknown_lines,
        })
}

/// Gives the name of the cheapest whose price is wholly known, else of the first; and whether none of the others can be
/// cheaper. What lacks a price costs at least what is known of it.
fn cheapest(costs: &[(String, Cost)]) -> (String, bool) {
    let known = |cost: &Cost| cost.whole().map(|whole| whole.as_decimal());
    let best = costs
        .iter()
        .filter_map(|(name, cost)| Some((known(cost)?, name)))
        .reduce(|best, other| if other.0 < best.0 { other } else { best });
    let Some((amount, name)) = best else {
        return (costs.first().map_or_else(String::new, |(name, _)| name.clone()), false);
    };
    let is_sure = costs
        .iter()
        .all(|(_, cost)| cost.whole().is_some() || cost.known.as_decimal() >= amount);
    (name.clone(), is_sure)
}

fn side_by_side(costs: &[(String, Cost)]) -> String {
    let each: Vec<String> = costs
        .iter()
        .map(|(name, cost)| {
            let known: Decimal = cost.known.rounded_to_cents().as_decimal();
            match cost.unknown_lines {
                0 => format!("{name} USD {known:.2}"),
                lines => format!("{name} at least USD {known:.2} ({lines} of unknown price)"),
            }
        })
        .collect();
    let verdict = match cheapest(costs) {
        (name, true) => format!("{name} is the cheapest that holds what is asked"),
        (name, false) if costs.iter().any(|(_, cost)| cost.whole().is_some()) => {
            format!("of those whose price is wholly known {name} is the cheapest that holds what is asked")
        }
        _ => "which is the cheapest is not known, since each lacks a price".to_string(),
    };
    format!("side by side, a month: {}; {verdict}", each.join(", "))
}

/// Gives RDS as another way.
fn as_other(parts: &[Part]) -> OtherWay {
    let what: Vec<String> = parts
        .iter()
        .map(|part| {
            let class = part.class.as_ref().map_or("?", |class| class.name.as_str());
            format!("{} × {class} {}", part.count, part.deployment)
        })
        .collect();
    OtherWay {
        name: RDS.to_string(),
        what: what.join(" and "),
        lines: parts.iter().flat_map(|part| part.lines.iter().cloned()).collect(),
        remark: parts.first().map_or_else(String::new, |part| part.reason.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::UsdPerMonth;

    fn cost(name: &str, known: i64, unknown_lines: usize) -> (String, Cost) {
        let known = UsdPerMonth::from_decimal(Decimal::from(known));
        (name.to_string(), Cost { known, unknown_lines })
    }

    #[test]
    fn what_lacks_a_price_is_never_the_cheapest_and_may_leave_it_open() {
        let both = [cost("RDS", 300, 0), cost("Aurora Standard", 200, 0)];
        assert_eq!(cheapest(&both), ("Aurora Standard".to_string(), true));
        let open = [cost("RDS", 300, 0), cost("Aurora Standard", 200, 1)];
        assert_eq!(cheapest(&open), ("RDS".to_string(), false), "it may cost 210 or 400");
        let dearer = [cost("RDS", 300, 0), cost("Aurora Standard", 310, 1)];
        assert_eq!(
            cheapest(&dearer),
            ("RDS".to_string(), true),
            "at least 310 is above 300"
        );
        let words = side_by_side(&open);
        assert!(words.contains("at least USD 200.00 (1 of unknown price)"), "{words}");
        let none = [cost("RDS", 300, 1), cost("Aurora Standard", 200, 1)];
        assert!(side_by_side(&none).contains("not known"));
    }
}
