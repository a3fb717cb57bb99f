//! The list of command lines with made-up secrets, for tests: how cases.txt is read.

/// One line of the list.
#[derive(Clone, Debug)]
pub struct Case {
    /// What must not be left.
    pub secrets: Vec<String>,
    /// What must stay.
    pub kept: Vec<String>,
    /// The command line.
    pub command: Vec<String>,
}

/// Reads the list; fails on a line that has not three fields.
#[must_use]
pub fn read(text: &str) -> Vec<Case> {
    let split = |words: &str| -> Vec<String> {
        let words = words.split(' ').filter(|word| !word.is_empty() && *word != "-");
        words.map(str::to_string).collect()
    };
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let line = line.replace('¦', "");
            let fields: Vec<&str> = line.splitn(3, " | ").collect();
            let [secrets, kept, command] = fields.as_slice() else {
                panic!("not three fields: {line}");
            };
            Case {
                secrets: split(secrets),
                kept: split(kept),
                command: arguments(command),
            }
        })
        .collect()
}

/// Splits at blanks, but not between single quotes.
fn arguments(line: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => all.push(std::mem::take(&mut word)),
            letter => word.push(letter),
        }
    }
    all.push(word);
    all
}
