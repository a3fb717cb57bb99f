//! Does a name say that its value is a secret?

/// How secret the value behind a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrecy {
    /// The name says nothing of the kind.
    Open,
    /// The value is a secret unless it is a path (`--tls-key /etc/ssl/own.key`).
    UnlessPath,
    /// The value is a secret whatever it looks like.
    Always,
}

/// Parts of names, without their separators, whose values are secrets.
const ALWAYS: [&str; 30] = [
    "pass",
    "pwd",
    "secret",
    "token",
    "credential",
    "apikey",
    "accesskey",
    "accountkey",
    "privatekey",
    "sharedkey",
    "encryptionkey",
    "masterkey",
    "signingkey",
    "licensekey",
    "licencekey",
    "bearer",
    "connectionstring",
    "connstr",
    "conninfo",
    "webhook",
    "jwt",
    "authorization",
    "signature",
    "salt",
    "dsn",
    "passin",
    "passout",
    "proxyuser",
    "userpwd",
    "databaseurl",
];

/// Parts of names whose values are secrets unless they are paths.
const UNLESS_PATH: [&str; 6] = ["auth", "cookie", "session", "cred", "login", "seed"];

/// Whole words of a name whose values are secrets unless they are paths.
const WORDS: [&str; 13] = [
    "key", "keys", "pin", "pw", "psk", "otp", "sas", "sig", "hmac", "user", "username", "uid", "account",
];

/// Endings of names whose values are files or folders, not the secret itself.
const FILES: [&str; 8] = ["file", "path", "dir", "folder", "location", "store", "files", "socket"];

/// Programs whose `-p` or `-P` is a password, also when it is a number.
const TAKE_A_PASSWORD: [&str; 34] = [
    "mysql",
    "mariadb",
    "mysqldump",
    "mariadb-dump",
    "mysqladmin",
    "mariadb-admin",
    "mysqlimport",
    "mysqlsh",
    "mysqlslap",
    "mysqlbinlog",
    "mysqlcheck",
    "mysqlshow",
    "mydumper",
    "myloader",
    "xtrabackup",
    "mariabackup",
    "innobackupex",
    "sshpass",
    "mongo",
    "mongosh",
    "mongodump",
    "mongorestore",
    "mongoexport",
    "mongoimport",
    "mongostat",
    "sqlcmd",
    "bcp",
    "7z",
    "7za",
    "7zr",
    "zip",
    "unzip",
    "expect",
    "docker",
];

/// Tells how secret the value behind a name is; the name may carry its dashes, `-D` and separators.
pub(super) fn secrecy(name: &str) -> Secrecy {
    let small = name
        .trim_matches(['-', ':', '=', '/', '"', '\'', ' '])
        .to_ascii_lowercase();
    let joined: String = small.chars().filter(char::is_ascii_alphanumeric).collect();
    let is_file = FILES.iter().any(|ending| joined.ends_with(ending));
    if ALWAYS.iter().any(|part| joined.contains(part)) {
        return if is_file { Secrecy::UnlessPath } else { Secrecy::Always };
    }
    let is_word = words(name).any(|word| WORDS.contains(&word.as_str()));
    if is_word || joined.ends_with("key") || UNLESS_PATH.iter().any(|part| joined.contains(part)) {
        return Secrecy::UnlessPath;
    }
    Secrecy::Open
}

/// Splits a name at separators and at its capitals.
fn words(name: &str) -> impl Iterator<Item = String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        let begins = letter.is_ascii_uppercase() && before.is_ascii_lowercase();
        if !letter.is_ascii_alphanumeric() || begins {
            words.push(String::new());
        }
        if letter.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    words.into_iter().filter(|word| !word.is_empty())
}

/// Tells whether `-p` of a program is a password.
pub(super) fn takes_a_password(program: &str) -> bool {
    let base = program.rsplit('/').next().unwrap_or_default();
    TAKE_A_PASSWORD.contains(&base.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_how_secret_their_values_are() {
        for name in [
            "--password",
            "-Djavax.net.ssl.keyStorePassword",
            "AWS_SECRET_ACCESS_KEY",
            "PGPASSWORD",
            "requirepass",
            "api-key",
            "MYSQL_PWD",
            "github_token",
            "DATABASE_URL",
            "Authorization:",
            "SharedAccessSignature",
        ] {
            assert_eq!(secrecy(name), Secrecy::Always, "{name}");
        }
        for name in [
            "--tls-key",
            "-setcookie",
            "--password-file",
            "--masterauth",
            "User Id",
            "KEY",
        ] {
            assert_eq!(secrecy(name), Secrecy::UnlessPath, "{name}");
        }
        for name in [
            "--port",
            "-Xmx",
            "--config-file",
            "-Des.path.home",
            "--workers",
            "--bind_ip",
            "keyspace",
            "--monkeys",
        ] {
            assert_eq!(secrecy(name), Secrecy::Open, "{name}");
        }
    }
}
