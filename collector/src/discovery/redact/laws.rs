//! Laws of the redaction: no canary survives, wherever it stands.

use proptest::prelude::*;

use super::redact;

/// Places where a machine-made secret may stand; `{}` is the secret, words are divided by `|`.
const PLACES: &[&str] = &[
    "{}",
    "app|{}",
    "app|--flag|{}",
    "app|--flag={}",
    "app|-f|{}",
    "app|-f{}",
    "app|-{}",
    "app|--{}",
    "app|--{}=1",
    "app|-D{}=1",
    "app|-Da.b={}",
    "app|{}=x",
    "app|X={}",
    "app|a:{}",
    "app|{}:a",
    "app|{}@host",
    "app|user:{}@host:1",
    "app|/{}",
    "app|/var/lib/{}/x",
    "app|/etc/{}.conf",
    "app|{}.jar",
    "app|a.b.{}",
    "app|{}.Main",
    "app|http://{}",
    "app|http://h/{}",
    "app|http://h/?t={}",
    "app|http://h/#{}",
    "app|http://u:{}@h:80/x",
    "app|http://{}:80",
    "app|http://{}.example",
    "app|mysql://u:{}@h/x",
    "app|postgres://u:{}@h/x",
    "app|mongodb://u:{}@h,i/x",
    "app|redis://:{}@h",
    "app|amqp://u:{}@h",
    "app|jdbc:oracle:thin:u/{}@h:1:x",
    "app|jdbc:mysql://h/x?password={}",
    "app|Server=h;Password={};Port=1",
    "app|a=1,b={},c=2",
    "app|a=b=c=d=e={}",
    "app|[{}]",
    "app|({})",
    "app|\"{}\"",
    "app|'{}'",
    "app|-XX:{}",
    "app|-XX:A={}",
    "app|-Xlog:{}",
    "app|-javaagent:/a.jar={}",
    "app|-javaagent:{}",
    "app|text with {} inside",
    "app|Authorization: Bearer {}",
    "app|Cookie: a={}; b=c",
    "app|sh -c mysql -p{} x",
    "app|{} {}",
    "app|*:{}",
    "app|{}:80",
    "app|--a:{}",
    "app|/A:{}",
    "app|-p{}",
    "app|-p|{}",
    "app|-a|{}",
    "app|-u|u:{}",
    "app: {}",
    "/opt/{}/app",
    "app|-----BEGIN X-----{}",
    "app|--a=[{},1]",
    "app|a/b/{}.py",
    "app|~/{}",
    "app|./{}",
    "app|10.0.0.1/{}",
    "app|s3://b/{}",
    "app|unix:///run/{}",
    "app|-cp|/a.jar:{}",
    "app|-cp|/a.jar:/lib/{}.jar",
    "app|{}%",
    "app|#{}",
    "app|;{}",
    "app|\u{1b}[{}",
    "app|\n{}",
    "app|=cmd|{}",
    "app|<b>{}</b>",
];

/// Options after which anything is a secret, also `root`, `1234` or a path.
const NAMED: &[&str] = &[
    "--password={}",
    "--password|{}",
    "--db-password={}",
    "-Dapp.password={}",
    "DB_PASSWORD={}",
    "--passwd|{}",
    "--pwd={}",
    "--token|{}",
    "--token={}",
    "GITHUB_TOKEN={}",
    "--secret={}",
    "--client-secret|{}",
    "AWS_SECRET_ACCESS_KEY={}",
    "--requirepass|{}",
    "--api-key={}",
    "API_KEY={}",
    "-password|{}",
    "--passphrase|{}",
    "X-Api-Key: {}",
    "Authorization: Basic {}",
    "https://u:{}@h/",
    "postgres://u:{}@h:5432/x",
    "password={};a=b",
    "--webhook={}",
    "--credential={}",
    "spring.datasource.password={}",
    "--connection-string={}",
];

fn command(place: &str, secret: &str) -> Vec<String> {
    place.split('|').map(|word| word.replace("{}", secret)).collect()
}

/// Tells whether letters and digits are as mixed as a generator mixes them.
fn is_mixed(text: &str) -> bool {
    let pairs = text.as_bytes().windows(2);
    pairs
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count()
        >= 3
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_canary_survives_at_any_place(canary in "[A-Za-z0-9]{20,40}", place in 0..PLACES.len()) {
        prop_assume!(is_mixed(&canary));
        let command = command(PLACES[place], &canary);
        let cleaned = redact(&command).join("\u{0}");
        prop_assert!(!cleaned.contains(&canary), "{:?} gave {:?}", command, cleaned);
    }

    #[test]
    fn nothing_survives_behind_the_name_of_a_secret(
        secret in "([a-z]{3,8}[0-9]{1,4}|[0-9]{4,8}|/[a-z]{4,8}[0-9]|[!-~]{8,24}|[a-z]{8,10})",
        place in 0..NAMED.len(),
    ) {
        // Two dashes begin another option; what a shell would not have passed as one word is left out.
        prop_assume!(!secret.starts_with("--") && !NAMED[place].contains(&secret) && !secret.contains('|'));
        prop_assume!(!(NAMED[place].contains("://") && secret.contains(['/', '?', '#', '@', ';', '\\'])));
        prop_assume!(!(NAMED[place].contains(";a=b") && secret.contains([';', '&', ','])));
        let mut command = vec!["app".to_string()];
        command.extend(self::command(NAMED[place], &secret));
        let cleaned = redact(&command).join("\u{0}");
        prop_assert!(!cleaned.contains(&secret), "{:?} gave {:?}", command, cleaned);
    }

    #[test]
    fn nothing_that_acts_on_a_terminal_comes_out(command in prop::collection::vec("\\PC{0,40}|[\\x00-\\x1f!-~]{0,40}", 0..20)) {
        let cleaned = redact(&command);
        prop_assert!(cleaned.iter().all(|word| !word.chars().any(char::is_control)), "{:?}", cleaned);
        prop_assert!(cleaned.iter().map(String::len).sum::<usize>() <= 10 + 2 * command.iter().map(|word| word.len() + 40).sum::<usize>());
    }
}

#[test]
fn long_lists_keep_their_ends() {
    let mut command: Vec<String> = (0..5_000).map(|number| format!("--flag={}", number % 1_000)).collect();
    command.insert(0, "java".to_string());
    command.push("kafka.Kafka".to_string());
    let cleaned = redact(&command);
    assert!(cleaned.len() <= 257);
    assert_eq!(cleaned.last().map(String::as_str), Some("kafka.Kafka"));
}
