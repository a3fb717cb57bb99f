//! Which hosts have a row, in which order, and whether the assessment put them where they stand.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Check;
use super::ledger::Ledger;
use super::subject::{Subject, region};
use crate::plan::Plan;

/// Checks that the rows are the telemetry's hosts, each once: in phase `rehost`, or `ec2-only` where it retires or shrinks then.
pub(super) fn hosts(plan: &Plan, telemetry: Option<&[String]>, ledger: &mut Ledger) {
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    let gone = plan.phases.iter().flat_map(|phases| {
        let smaller = phases
            .remaining
            .iter()
            .filter(|one| one.phase == "rehost" && one.row.is_some());
        let smaller = smaller.map(|one| &one.host);
        phases.rehost.retired_hosts.iter().chain(smaller)
    });
    let gone: BTreeSet<&String> = gone.collect();
    for row in &plan.recommendations {
        *rows.entry(&row.host).or_default() += 1;
        let retires = gone.contains(&row.host);
        let phase = if retires { "ec2-only" } else { "rehost" };
        ledger.same(
            Check::Hosts,
            &format!("phase of the row of `{}`", row.host),
            phase,
            row.phase.as_str(),
        );
    }
    if let Some(hosts) = telemetry {
        for host in hosts {
            let expected = usize::from(!plan.assessment.membership(host).ignored);
            let found = rows.get(host.as_str()).copied().unwrap_or(0);
            ledger.same(Check::Hosts, &format!("rows of host `{host}`"), expected, found);
        }
        let known: BTreeSet<&str> = hosts.iter().map(String::as_str).collect();
        for row in plan
            .recommendations
            .iter()
            .filter(|row| !known.contains(row.host.as_str()))
        {
            ledger.expect(
                Check::Hosts,
                false,
                &format!("row of host `{}`, which telemetry does not have", row.host),
                "no row",
                "a row",
            );
        }
    } else {
        for (host, count) in rows {
            ledger.same(Check::Hosts, &format!("rows of host `{host}`"), 1, count);
        }
    }
}

/// Checks that rows ascend by host, then phase.
pub(super) fn order(plan: &Plan, ledger: &mut Ledger) {
    for pair in plan.recommendations.windows(2) {
        let key = |index: usize| (&pair[index].host, &pair[index].phase, &pair[index].service);
        ledger.expect(
            Check::RowOrder,
            key(0) < key(1),
            "order of rows",
            format!("`{}` after `{}`", pair[1].host, pair[0].host),
            "the same place or an earlier one",
        );
    }
}

/// Checks that the plan's policies are what the assessment and the overrides say.
pub(super) fn policies(plan: &Plan, ledger: &mut Ledger) {
    let used: BTreeSet<&String> = plan.recommendations.iter().map(|row| &row.environment).collect();
    let listed: BTreeSet<&String> = plan.policies.keys().collect();
    ledger.expect(
        Check::Membership,
        used == listed,
        "environments with a policy",
        format!("{used:?}"),
        format!("{listed:?}"),
    );
    for (environment, policy) in &plan.policies {
        let expected = plan.assessment.policy(environment, &plan.overrides).ok();
        ledger.expect(
            Check::Membership,
            expected.as_ref() == Some(policy),
            &format!("policy of environment `{environment}`"),
            format!("{expected:?}"),
            format!("{policy:?}"),
        );
    }
}

/// Checks what the assessment says of one host.
pub(super) fn membership(plan: &Plan, subject: &Subject<'_>, ledger: &mut Ledger) {
    let (row, member) = (subject.row, &subject.member);
    let check = Check::Membership;
    ledger.same(check, "environment", &member.environment, &row.environment);
    ledger.same_option(check, "group", member.group.as_ref(), row.proof.group.as_ref());
    ledger.same_option(
        check,
        "current type",
        member.current_type.as_ref(),
        row.proof.current_type.as_ref(),
    );
    ledger.same(check, "region", region(plan), row.region.as_str());
    ledger.expect(
        check,
        !member.ignored,
        "host that the assessment ignores",
        "no row",
        "a row",
    );
}
