//! Which product is a process?

use super::Package;
use super::fingerprints::{Fingerprint, Fingerprints, Rule};
use super::pattern::{found_in, matches_any};
use super::{control_group, pattern};
use crate::discovery::seen::Process;

/// The thread of the kernel that starts all others.
const KERNEL_THREADS: u32 = 2;

/// Finds the first fingerprint that a process answers, with what the match rests on.
pub(super) fn recognise<'f>(
    process: &Process,
    fingerprints: &'f Fingerprints,
    packages: &[Package],
) -> Option<(&'f Fingerprint, Vec<String>)> {
    let program = program(process);
    for fingerprint in &fingerprints.products {
        for rule in &fingerprint.rules {
            if let Some(reasons) = answers(process, program, rule) {
                return Some(instead(fingerprint, reasons, fingerprints, packages));
            }
        }
    }
    None
}

/// Lets a product take the processes of another that look the same, when only its own package is there.
fn instead<'f>(
    fingerprint: &'f Fingerprint,
    mut reasons: Vec<String>,
    fingerprints: &'f Fingerprints,
    packages: &[Package],
) -> (&'f Fingerprint, Vec<String>) {
    let has_package = |of: &Fingerprint| packages.iter().find(|package| matches_any(&of.packages, &package.name));
    for other in &fingerprints.products {
        if other.stands_for.as_deref() == Some(fingerprint.product.as_str())
            && let Some(package) = has_package(other)
            && has_package(fingerprint).is_none()
        {
            reasons.push(format!("package {}", package.name));
            return (other, reasons);
        }
    }
    (fingerprint, reasons)
}

/// Gives the file name of the program, as the process calls it itself.
pub(super) fn program(process: &Process) -> &str {
    let first = process.arguments.first().map(String::as_str).unwrap_or_default();
    first.rsplit('/').next().unwrap_or_default().trim_end_matches(':')
}

fn answers(process: &Process, program: &str, rule: &Rule) -> Option<Vec<String>> {
    let is_kernel = process.parent == KERNEL_THREADS && process.arguments.is_empty();
    if rule.kernel != is_kernel {
        return None;
    }
    let mut reasons = Vec::new();
    if !rule.process.is_empty() {
        if !program.is_empty() && matches_any(&rule.process, program) {
            reasons.push(format!("process name {program}"));
        } else if matches_any(&rule.process, &process.name) {
            reasons.push(format!("process name {}", process.name));
        } else {
            return None;
        }
    }
    if !rule.argument.is_empty() {
        let found = found_in(&rule.argument, &process.arguments)?;
        reasons.push(format!("argument {found}"));
    }
    if !rule.unit.is_empty() {
        let unit = control_group::unit(process.control_group.as_deref()?)?;
        if !matches_any(&rule.unit, &unit) {
            return None;
        }
        reasons.push(format!("unit {unit}"));
    }
    if found_in(&rule.unless, &process.arguments).is_some() {
        return None;
    }
    Some(reasons)
}

/// Finds the version of a product: in arguments first, since a host may have several packages.
pub(super) fn version(fingerprint: &Fingerprint, arguments: &[&Process], packages: &[Package]) -> Option<String> {
    let texts = || arguments.iter().flat_map(|process| &process.arguments);
    let told = fingerprint
        .version
        .iter()
        .find_map(|pattern| texts().find_map(|text| pattern::version(pattern, text)));
    let packaged = || {
        let mut versions = packages
            .iter()
            .filter(|package| matches_any(&fingerprint.packages, &package.name))
            .filter_map(|package| package.version.as_deref());
        let first = versions.next()?;
        // Several that differ: which of them runs is not known.
        versions
            .all(|other| other == first)
            .then(|| upstream(first).to_string())
    };
    told.or_else(packaged)
}

/// Leaves out the epoch and the distribution's revision: `5:7.0.15-1~deb12u1` is 7.0.15.
fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    version.split(['-', '+', '~']).next().unwrap_or(version)
}
