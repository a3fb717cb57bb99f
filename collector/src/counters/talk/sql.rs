//! PostgreSQL and MySQL by their own client programs: one connection, one session that cannot write.

use super::Line;
use super::shell::run;
use crate::counters::answer::Answer;
use crate::counters::asked::Spot;
use crate::counters::conversation::Login;
use crate::counters::read;
use crate::counters::unavailable::{Unavailable, Why};

/// Reads account, password, database, address and port, each on a line; what is empty is left to the client's own files.
pub(super) const POSTGRESQL: &str = "for v in PGUSER PGPASSWORD PGDATABASE PGHOST PGPORT; do IFS= read -r x; if [ -n \"$x\" ]; then eval \"$v=\\$x; export $v\"; fi; done; PGOPTIONS='-c default_transaction_read_only=on -c statement_timeout=3000 -c lock_timeout=1000'; PGCONNECT_TIMEOUT=5; PGAPPNAME=sizewright; export PGOPTIONS PGCONNECT_TIMEOUT PGAPPNAME; if command -v psql >/dev/null 2>&1; then psql -X -w -q -A -t -0 -F \"$(printf '\\037')\" 2>&1; else echo none; fi";

/// Reads account, password, address, port and socket, each on a line.
pub(super) const MYSQL: &str = "IFS= read -r u; IFS= read -r x; IFS= read -r h; IFS= read -r p; IFS= read -r s; set --; [ -n \"$u\" ] && set -- \"$@\" \"--user=$u\"; if [ -n \"$x\" ]; then MYSQL_PWD=$x; export MYSQL_PWD; fi; if [ -n \"$s\" ]; then set -- \"$@\" \"--socket=$s\"; elif [ -n \"$h\" ]; then set -- \"$@\" --protocol=TCP \"--host=$h\" \"--port=$p\"; fi; C=; for c in mariadb mysql; do command -v $c >/dev/null 2>&1 && C=$c && break; done; if [ -n \"$C\" ]; then $C \"$@\" --batch --skip-column-names --force --connect-timeout=5 2>&1; else echo none; fi";

/// Asks PostgreSQL.
pub(in crate::counters) fn postgresql(
    feed: &mut Line<'_>,
    spot: Option<&Spot>,
    login: Option<&Login>,
    sizes: bool,
) -> Result<Answer, Unavailable> {
    let (host, port) = match spot {
        // A name of a socket ends in its port; the folder is what the client wants.
        Some(Spot::Socket { path }) => match path.rsplit_once("/.s.PGSQL.") {
            Some((folder, port)) => (folder.to_string(), port.to_string()),
            None => (path.clone(), String::new()),
        },
        // By TCP only with a password: the socket is where the account of the host counts.
        Some(Spot::Tcp { address, port, .. }) if login.is_some() => (address.clone(), port.to_string()),
        Some(Spot::Tcp { port, .. }) => (String::new(), port.to_string()),
        None if login.is_some() => ("127.0.0.1".to_string(), String::new()),
        None => (String::new(), String::new()),
    };
    let own_database = login.and_then(|login| login.database.as_deref());
    let first = own_database.unwrap_or("postgres");
    let who = [
        login.map_or("", |login| login.user.as_str()),
        login.map_or("", Login::password),
    ];
    let ask = |feed: &mut Line<'_>, database: &str, queries: &[&str]| {
        let mut input = vec![who[0], who[1], database, host.as_str(), port.as_str()];
        input.extend(queries);
        input.push("\\q");
        run(feed, POSTGRESQL, &input)
    };
    let mut queries = read::postgresql::CHEAP.to_vec();
    if sizes {
        queries.extend(read::postgresql::SIZES.iter().take(1));
    }
    let text = ask(feed, first, &queries)?;
    let (mut answer, complaint) = read::postgresql::read(&text);
    if answer.is_empty() {
        return Err(refusal(&text, complaint, "psql", login.is_some()));
    }
    if sizes {
        // Tables are seen from within a database only: the largest that has a plain name.
        let is_plain = |name: &str| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|letter| letter.is_alphanumeric() || "_- .".contains(letter))
        };
        let largest = answer
            .facts
            .iter()
            .find(|(name, part, _)| *name == "database_bytes" && is_plain(part));
        if let Some((_, database, _)) = largest.cloned() {
            let text = ask(feed, &database, read::postgresql::SIZES.get(1..).unwrap_or_default())?;
            let (more, _) = read::postgresql::read(&text);
            answer.values.extend(more.values);
            for (name, part, value) in &more.facts {
                answer.fact_of(name, part, value);
            }
        }
    }
    Ok(answer)
}

/// Asks MySQL or MariaDB.
pub(in crate::counters) fn mysql(
    feed: &mut Line<'_>,
    spot: Option<&Spot>,
    login: Option<&Login>,
    sizes: bool,
) -> Result<Answer, Unavailable> {
    let (host, port, socket) = match spot {
        Some(Spot::Socket { path }) => ("", String::new(), path.as_str()),
        Some(Spot::Tcp { address, port, .. }) if login.is_some() || *port != 3306 => {
            (address.as_str(), port.to_string(), "")
        }
        _ => ("", String::new(), ""),
    };
    let mut input = vec![
        login.map_or("", |login| login.user.as_str()),
        login.map_or("", Login::password),
        host,
        port.as_str(),
        socket,
    ];
    input.extend(read::mysql::GUARD);
    input.extend(read::mysql::CHEAP);
    if sizes {
        input.extend(read::mysql::SIZES);
    }
    input.push("\\q");
    let text = run(feed, MYSQL, &input)?;
    let (mut answer, complaint) = read::mysql::read(&text);
    if answer.is_empty() {
        return Err(refusal(&text, complaint, "mariadb or mysql", login.is_some()));
    }
    if complaint.is_some_and(|words| words.contains("1227")) {
        let words = "whether it is a replica is hidden; grant REPLICATION CLIENT (MariaDB: SLAVE MONITOR)";
        answer.missing.push(words.to_string());
    }
    Ok(answer)
}

/// Says why a client got nothing.
fn refusal(text: &[u8], complaint: Option<String>, program: &str, has_login: bool) -> Unavailable {
    if text.trim_ascii() == b"none" {
        return Unavailable::new(Why::NoProgram, format!("the host has no client program {program}"));
    }
    let words = complaint.unwrap_or_else(|| String::from_utf8_lossy(text).trim().to_string());
    // A password was sent, be it from a file of the account: it is not sent again.
    let was_sent =
        has_login || words.contains("using password: YES") || words.contains("password authentication failed");
    let is_refused = [
        "authentication failed",
        "Access denied",
        "does not exist",
        "no password supplied",
        "pg_hba",
    ]
    .iter()
    .any(|part| words.contains(part));
    let why = match (is_refused, was_sent) {
        (true, true) => Why::WrongPassword,
        (true, false) => Why::NoPassword,
        (false, _) if words.is_empty() => Why::Odd,
        (false, _) => Why::Unreachable,
    };
    Unavailable::new(why, words)
}
