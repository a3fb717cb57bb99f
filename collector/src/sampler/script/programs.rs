//! What is asked of running programs that no package of the system brought: for which processor they were built.
//!
//! Paths are first words and arguments of processes that lie where people put
//! programs of their own. Of those that are files, executable and readable by
//! anyone, the first 20 bytes are read: an ELF header names the processor there.
//! `/proc/PID/exe` would need the owner's account. It is asked late, since such a
//! folder may be another machine's.

/// Statements that define `Programs`, each with what it is for.
pub(super) const PROGRAM: &[(&str, &str)] = &[(
    "Programs() { head -c 4096 [0-9]*/cmdline /dev/null | head -c 2000000 | tr '\\000' '\\n' | grep -e '^/opt/' -e '^/usr/local/' -e '^/srv/' -e '^/home/' -e '^/apps*/' -e '^/u0[0-9]/' | sort -u | head -n 400 | while IFS= read -r e; do if [ -f \"$e\" ] && [ -x \"$e\" ] && [ -r \"$e\" ]; then printf 'program:%s %s\\n' \"$(od -A n -t x1 -N 20 \"$e\" < /dev/null | tr -d ' \\n')\" \"$e\"; fi; done | head -n 60; }",
    "for which processor programs outside the system's folders were built: the first 20 bytes of each",
)];
