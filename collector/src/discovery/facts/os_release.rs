//! `/etc/os-release`, the way a shell would read it, without one.

/// What the distribution says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OsRelease {
    pub(super) id: Option<String>,
    pub(super) id_like: Option<String>,
    pub(super) name: Option<String>,
    pub(super) pretty_name: Option<String>,
    pub(super) version_id: Option<String>,
}

impl OsRelease {
    /// Reads `NAME="value"` lines; the first of each name counts, an empty value is none.
    pub(super) fn parse<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut os = Self::default();
        for line in lines {
            let line = line.trim();
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            let place = match name {
                "ID" => &mut os.id,
                "ID_LIKE" => &mut os.id_like,
                "NAME" => &mut os.name,
                "PRETTY_NAME" => &mut os.pretty_name,
                "VERSION_ID" => &mut os.version_id,
                _ => continue,
            };
            let value = unquoted(value);
            if place.is_none() && !value.is_empty() {
                *place = Some(value);
            }
        }
        os
    }

    /// Gives the family: what the packages and paths of the distribution are like.
    pub(super) fn family(&self) -> Option<&'static str> {
        let names = self.id.iter().chain(&self.id_like).flat_map(|names| names.split(' '));
        names.into_iter().find_map(|name| {
            Some(match name.to_ascii_lowercase().as_str() {
                "debian" | "ubuntu" | "raspbian" | "kali" | "linuxmint" | "devuan" => "debian",
                "rhel" | "centos" | "fedora" | "rocky" | "almalinux" | "ol" | "amzn" | "scientific" | "cloudlinux"
                | "virtuozzo" | "openela" | "azurelinux" | "mariner" | "photon" | "kvmibm" => "redhat",
                "sles" | "sled" | "suse" | "opensuse" | "opensuse-leap" | "opensuse-tumbleweed" => "suse",
                "alpine" => "alpine",
                "arch" | "manjaro" => "arch",
                "gentoo" | "exherbo" => "gentoo",
                "altlinux" => "alt",
                "coreos" | "flatcar" => "coreos",
                "slackware" => "slackware",
                _ => return None,
            })
        })
    }
}

/// Takes off quotes and the backslashes within double ones.
fn unquoted(value: &str) -> String {
    let value = value.trim();
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    if let Some(single) = inner('\'') {
        return single.to_string();
    }
    let text = inner('"').unwrap_or(value);
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.extend(letters.next()),
            letter => plain.push(letter),
        }
    }
    plain.trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_taken_off_as_a_shell_would() {
        let os = OsRelease::parse(
            "# comment\nID=rhel\nID_LIKE=\"centos fedora\"\nNAME='It''s'\nPRETTY_NAME=\"A \\\"b\\\" \\$c\"\nVERSION_ID=\nID=x".lines(),
        );
        assert_eq!(os.id.as_deref(), Some("rhel"));
        assert_eq!(os.pretty_name.as_deref(), Some("A \"b\" $c"));
        assert_eq!(os.version_id, None);
        assert_eq!(os.family(), Some("redhat"));
    }
}
