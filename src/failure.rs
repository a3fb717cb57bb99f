//! How a command ends: exit codes, and errors with a hint.
//!
//! 0 all asked work done · 1 finished, but something failed or is undecided ·
//! 2 usage, configuration, missing path · 3 data damaged, too old, too new ·
//! 4 internal. A closed pipe is 0.

use std::process::ExitCode;

use telemetry::StoreError;
use telemetry::inventory::InventoryError;

/// How a command that finished ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All asked work was done.
    Done,
    /// Done, but some of it failed or is undecided.
    Partly,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::Partly => ExitCode::from(1),
        }
    }
}

/// Whose fault it is that a command could not finish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Usage, configuration or a missing path.
    User,
    /// Data that is damaged, too old or too new.
    Data,
    /// Ours.
    Internal,
    /// The reader of our output went away.
    ClosedPipe,
    /// The user pressed Ctrl-C.
    Interrupted,
}

/// Why a command could not finish, and what to do.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    error: anyhow::Error,
    hint: Option<String>,
}

impl Failure {
    /// A mistake in usage or configuration.
    pub fn user(error: impl Into<anyhow::Error>) -> Self {
        Self {
            kind: Kind::User,
            error: error.into(),
            hint: None,
        }
    }

    /// Damaged or foreign data.
    pub fn data(error: impl Into<anyhow::Error>) -> Self {
        Self {
            kind: Kind::Data,
            error: error.into(),
            hint: None,
        }
    }

    /// A bug, or a machine that refuses what it should not.
    pub fn internal(error: impl Into<anyhow::Error>) -> Self {
        Self {
            kind: Kind::Internal,
            error: error.into(),
            hint: None,
        }
    }

    /// The user pressed Ctrl-C.
    pub fn interrupted() -> Self {
        Self {
            kind: Kind::Interrupted,
            error: anyhow::anyhow!("interrupted; nothing was left half-written"),
            hint: None,
        }
    }

    /// Says what was being tried.
    pub fn while_trying(mut self, what: impl std::fmt::Display + Send + Sync + 'static) -> Self {
        self.error = self.error.context(what.to_string());
        self
    }

    /// Adds what the user can do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Gives the error's chain, outermost first.
    pub fn chain(&self) -> Vec<String> {
        self.error.chain().map(ToString::to_string).collect()
    }

    /// Gives the hint.
    pub fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Says whether anything should be printed at all.
    pub fn is_silent(&self) -> bool {
        self.kind == Kind::ClosedPipe
    }

    /// Says whether it is a mistake in usage or configuration.
    pub fn is_usage(&self) -> bool {
        self.kind == Kind::User
    }

    /// Gives the exit code.
    pub fn exit_code(&self) -> ExitCode {
        match self.kind {
            Kind::ClosedPipe => ExitCode::SUCCESS,
            Kind::User => ExitCode::from(2),
            Kind::Data => ExitCode::from(3),
            Kind::Internal => ExitCode::from(4),
            // 128 + SIGINT, as shells report it.
            Kind::Interrupted => ExitCode::from(130),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let hint = match &error {
            StoreError::Damaged { .. } => Some("move the file away and import its source again"),
            StoreError::TooOld { .. } => Some("import the source again with this program"),
            StoreError::TooNew { .. } => Some("use a newer sizewright"),
            StoreError::Io { .. } => Some("check the path, its permissions and the free space"),
            _ => None,
        };
        let failure = match &error {
            StoreError::Damaged { .. } | StoreError::TooOld { .. } | StoreError::TooNew { .. } => Failure::data(error),
            StoreError::Io { .. } => Failure::user(error),
            _ => Failure::internal(error),
        };
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<InventoryError> for Failure {
    fn from(error: InventoryError) -> Self {
        match &error {
            InventoryError::Damaged { .. } => {
                Failure::data(error).hint("move the folder inventory/ away and run `sizewright discover` again")
            }
            InventoryError::TooOld { .. } => Failure::data(error)
                .hint("move the folder inventory/ away and run `sizewright discover` with this program"),
            InventoryError::TooNew { .. } => Failure::data(error).hint("use a newer sizewright"),
            _ => Failure::user(error).hint("check the path, its permissions and the free space"),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        let kind = if error.kind() == std::io::ErrorKind::BrokenPipe {
            Kind::ClosedPipe
        } else {
            Kind::User
        };
        Self {
            kind,
            error: error.into(),
            hint: None,
        }
    }
}
