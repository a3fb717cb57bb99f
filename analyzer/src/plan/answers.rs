//! What another tool proposes: a table of hosts with a type, or with vCPUs and memory.
//!
//! Input: the bytes of a CSV file. Output: an [`Answer`] a row. Columns are found by their names, whatever their
//! order, capitals, spaces or underscores; a plan's own recommendations.csv is such a table too.

use std::collections::BTreeSet;

/// What another tool proposes for a host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The host.
    pub host: String,
    /// The type, where one is named.
    pub instance_type: Option<String>,
    /// vCPUs, where they are stated.
    pub vcpu: Option<f64>,
    /// Memory, GiB, where it is stated.
    pub memory_gib: Option<f64>,
    /// Its verdict in a word, such as `keep`, where it has one.
    pub verdict: Option<String>,
}

/// Why a table of answers cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswersError {
    /// It is not CSV.
    #[error("it cannot be read as CSV")]
    Csv(#[from] csv::Error),
    /// A column is missing.
    #[error("there is no column {wanted}; the columns are {found}")]
    Column {
        /// What was looked for.
        wanted: &'static str,
        /// The names that are there.
        found: String,
    },
    /// A cell is no number.
    #[error("line {line}: `{text}` is no {what}")]
    Number {
        /// Line of the file.
        line: u64,
        /// What stands there.
        text: String,
        /// What was expected.
        what: &'static str,
    },
    /// A host has several rows.
    #[error("line {line}: host `{host}` has a second row")]
    Twice {
        /// Line of the file.
        line: u64,
        /// The host.
        host: String,
    },
}

const HOST: [&str; 10] = [
    "host",
    "hostname",
    "servername",
    "server",
    "machinename",
    "machine",
    "vmname",
    "vm",
    "resourcename",
    "name",
];
const INSTANCE_TYPE: [&str; 7] = [
    "instancetype",
    "ec2instancetype",
    "recommendedinstancetype",
    "recommendedtype",
    "targetinstancetype",
    "ec2instancemodel",
    "type",
];
const VCPU: [&str; 6] = ["vcpu", "vcpus", "cpus", "cpu", "cores", "recommendedvcpus"];
/// Memory in GiB: vendors that write GB mean it.
const MEMORY_GIB: [&str; 6] = [
    "memorygib",
    "memorygb",
    "ramgib",
    "ramgb",
    "memory",
    "recommendedmemorygib",
];
const MEMORY_MIB: [&str; 4] = ["memorymib", "memorymb", "rammib", "rammb"];
const VERDICT: [&str; 3] = ["proposal", "verdict", "finding"];

/// Reads a table of answers; rows without a host are left out.
///
/// # Errors
/// When it is not CSV, lacks a column of hosts or of sizes, or holds a number that is none or a host twice.
pub fn read_answers(bytes: &[u8]) -> Result<Vec<Answer>, AnswersError> {
    // Spreadsheets write a mark of the byte order.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(bytes);
    let headers = reader.headers()?.clone();
    let plain: Vec<String> = headers.iter().map(simplified).collect();
    let find = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| plain.iter().position(|column| column == name))
    };
    let missing = |wanted| AnswersError::Column {
        wanted,
        found: headers.iter().collect::<Vec<_>>().join(", "),
    };
    let host = find(&HOST).ok_or_else(|| missing("of hosts, such as `host`"))?;
    let (instance_type, vcpu) = (find(&INSTANCE_TYPE), find(&VCPU));
    let (gib, mib, verdict) = (find(&MEMORY_GIB), find(&MEMORY_MIB), find(&VERDICT));
    if instance_type.is_none() && (vcpu.is_none() || gib.or(mib).is_none()) {
        return Err(missing("`instance_type`, nor both `vcpu` and `memory_gib`"));
    }
    // Our own table has rows of services, and of hosts again in the second phase.
    let own = find(&["targetservice"]).and(find(&["phase"])).zip(find(&["service"]));
    let mut seen = BTreeSet::new();
    let mut answers = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |column: Option<usize>| {
            column
                .and_then(|column| record.get(column))
                .filter(|text| !text.is_empty())
        };
        let number = |column: Option<usize>, what| {
            cell(column)
                .map(|text| match text.parse::<f64>() {
                    Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
                    _ => Err(AnswersError::Number {
                        line,
                        text: text.to_string(),
                        what,
                    }),
                })
                .transpose()
        };
        let is_of_service =
            |(phase, service): (usize, usize)| cell(Some(service)).is_some() || cell(Some(phase)) == Some("replatform");
        if own.is_some_and(is_of_service) {
            continue;
        }
        let Some(name) = cell(Some(host)) else { continue };
        // A host that shrinks when services leave it has one more row there; what it is as a whole stands first.
        if own.is_some() && seen.contains(name) {
            continue;
        }
        if !seen.insert(name.to_string()) {
            return Err(AnswersError::Twice {
                line,
                host: name.to_string(),
            });
        }
        let memory_mib = number(mib, "amount of memory in MiB")?;
        answers.push(Answer {
            host: name.to_string(),
            instance_type: cell(instance_type).map(str::to_ascii_lowercase),
            vcpu: number(vcpu, "number of vCPUs")?,
            memory_gib: number(gib, "amount of memory in GiB")?.or(memory_mib.map(|mib| mib / 1024.0)),
            verdict: cell(verdict).map(str::to_ascii_lowercase),
        });
    }
    Ok(answers)
}

/// Keeps letters and digits of a column's name, in lower case.
fn simplified(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn columns_are_found_whatever_they_look_like() {
        let text = "\u{feff}Notes,Server Name,Memory (MB),vCPUs\n,web-1,8192,2\nx,,1,1\n,db-1,,4\n";
        let answers = read_answers(text.as_bytes()).unwrap();
        assert_eq!(answers.len(), 2);
        assert_eq!(
            (answers[0].host.as_str(), answers[0].memory_gib, answers[0].vcpu),
            ("web-1", Some(8.0), Some(2.0))
        );
        assert_eq!((answers[1].memory_gib, &answers[1].instance_type), (None, &None));
        let typed = read_answers(b"host,instance_type,proposal\na,M7i.Large,Keep\n").unwrap();
        assert_eq!(typed[0].instance_type.as_deref(), Some("m7i.large"));
        assert_eq!(typed[0].verdict.as_deref(), Some("keep"));
    }

    #[test]
    fn what_cannot_be_used_is_said_with_its_place() {
        let said = |text: &str| read_answers(text.as_bytes()).unwrap_err().to_string();
        assert!(
            said("vm,vcpu\na,1\n").contains("vm, vcpu"),
            "{}",
            said("vm,vcpu\na,1\n")
        );
        assert!(said("size,vcpu,memory\n").contains("of hosts"));
        assert_eq!(
            said("host,vcpu,memory\na,two,4\n"),
            "line 2: `two` is no number of vCPUs"
        );
        assert_eq!(said("host,vcpu,memory\na,-1,4\n"), "line 2: `-1` is no number of vCPUs");
        assert_eq!(said("host,type\na,x\na,y\n"), "line 3: host `a` has a second row");
    }
}
