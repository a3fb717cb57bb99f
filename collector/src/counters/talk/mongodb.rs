//! MongoDB: commands in OP_MSG frames, after SCRAM-SHA-256 where there is a login.

use serde_json::{Value, json};

use super::scram::Scram;
use super::{Line, Talk, or_missing};
use crate::counters::answer::Answer;
use crate::counters::asked::Spot;
use crate::counters::conversation::Login;
use crate::counters::read::{self, bson};
use crate::counters::unavailable::{Unavailable, Why};

/// The number of OP_MSG.
const OP_MSG: u32 = 2013;

/// Asks for all counters.
pub(in crate::counters) fn mongodb(
    feed: &mut Line<'_>,
    spot: &Spot,
    login: Option<&Login>,
    sizes: bool,
) -> Result<Answer, Unavailable> {
    let mut talk = Talk::open(feed, spot)?;
    let hello = greet(&mut talk)?;
    if let Some(login) = login {
        log_in(&mut talk, login)?;
    }
    let build = command(&mut talk, "buildInfo", json!({"$db": "admin"}))?;
    let only_what_is_read = json!({
        "maxTimeMS": 3000, "repl": 0, "metrics": 0, "locks": 0, "tcmalloc": 0, "mirroredReads": 0, "$db": "admin"
    });
    let status = command(&mut talk, "serverStatus", only_what_is_read)?;
    let databases = sizes.then(|| command(&mut talk, "listDatabases", json!({"maxTimeMS": 3000, "$db": "admin"})));
    let (databases, refused) = or_missing(databases, "listDatabases");
    let mut answer = read::mongodb::read(&hello, &build, &status, databases.as_ref());
    answer.missing.extend(refused);
    Ok(answer)
}

/// Asks who it is; servers before 4.4.2 know the older name of the command alone.
fn greet(talk: &mut Talk<'_>) -> Result<Value, Unavailable> {
    match command(talk, "hello", json!({"$db": "admin"})) {
        Err(refused) if refused.words.contains("no such command") => command(talk, "isMaster", json!({"$db": "admin"})),
        answer => answer,
    }
}

fn log_in(talk: &mut Talk<'_>, login: &Login) -> Result<(), Unavailable> {
    let odd = || Unavailable::new(Why::Odd, "it does not prove a password as SCRAM-SHA-256 says");
    let database = login.database.as_deref().unwrap_or("admin");
    let scram = Scram::new(&login.user, &format!("{:032x}", rand::random::<u128>()));
    let binary = |text: String| json!({ "$binary": text });
    let start = json!({
        "mechanism": "SCRAM-SHA-256", "payload": binary(scram.first()),
        "options": {"skipEmptyExchange": true}, "$db": database
    });
    let challenge = command(talk, "saslStart", start)?;
    let payload = challenge.get("payload").and_then(Value::as_str).ok_or_else(odd)?;
    let proof = scram.proof(payload, &login.password).ok_or_else(odd)?;
    let id = challenge.get("conversationId").cloned().unwrap_or(Value::from(1));
    let end = json!({"conversationId": id, "payload": binary(proof.message), "$db": database});
    let last = command(talk, "saslContinue", end)?;
    // A server that does not know the password is not the one whose counters are wanted.
    let signature = last.get("payload").and_then(Value::as_str).unwrap_or_default();
    if signature.split(',').any(|part| part == proof.server_signature) {
        Ok(())
    } else {
        Err(odd())
    }
}

/// Sends a command and reads its answer.
fn command(talk: &mut Talk<'_>, name: &str, rest: Value) -> Result<Value, Unavailable> {
    let mut body = vec![0, 0, 0, 0, 0];
    body.extend(bson::write_command(name, &rest));
    let mut message = Vec::new();
    for word in [body.len() as u32 + 16, 1, 0, OP_MSG] {
        message.extend(word.to_le_bytes());
    }
    message.extend(body);
    talk.send(&message)?;
    let odd = || Unavailable::new(Why::Odd, "it does not speak the protocol of MongoDB");
    let head = talk.exactly(16)?;
    let word = |place: usize| -> Option<u32> { Some(u32::from_le_bytes(head.get(place..place + 4)?.try_into().ok()?)) };
    let length = word(0)
        .and_then(|length| usize::try_from(length).ok())
        .ok_or_else(odd)?;
    if word(12) != Some(OP_MSG) {
        return Err(odd());
    }
    let body = talk.exactly(length.checked_sub(16).ok_or_else(odd)?)?;
    // Four bytes of flags, a kind of section that must be 0, one document.
    let answer = match body.get(4) {
        Some(0) => bson::read(body.get(5..).unwrap_or_default()),
        _ => None,
    };
    let answer = answer.ok_or_else(odd)?;
    if answer.get("ok").and_then(Value::as_f64) == Some(1.0) {
        return Ok(answer);
    }
    let words = answer
        .get("errmsg")
        .and_then(Value::as_str)
        .unwrap_or("it refuses a command");
    let why = match answer.get("code").and_then(Value::as_i64) {
        Some(18) => Why::WrongPassword,
        Some(13) => Why::NotAllowed,
        _ => Why::Odd,
    };
    Err(Unavailable::new(why, words))
}
