//! The seam between a campaign and the ways to a host: a feed gives readings, whatever carries them.

use super::patience::Remedy;
use crate::hosts::Target;
use crate::kernel::{Complaint, Layout, Parsed};
use crate::reading::Filesystem;
use crate::sampler::Question;
use crate::ssh::{BesideError, Channel, Way};

/// An open way to the counters of one host; used by one thread.
pub trait Feed {
    /// Says how the way was opened, in words for the record.
    fn opened_by(&self) -> Opened;

    /// Reads what the host is built of.
    ///
    /// # Errors
    /// When the host does not answer as it should.
    fn layout(&mut self) -> Result<Layout, Trouble>;

    /// Takes one reading; `whole` asks for what moves slowly too.
    ///
    /// # Errors
    /// When the host does not answer as it should.
    fn read(&mut self, layout: &Layout, whole: bool) -> Result<Parsed, Trouble>;

    /// Asks for the sizes of the local file systems.
    ///
    /// # Errors
    /// When the host does not answer in time; it is not asked again in this run.
    fn filesystems(&mut self, layout: &Layout) -> Result<Vec<Filesystem>, Trouble>;

    /// Asks a question of discovery; gives the text of the answer as it came.
    ///
    /// # Errors
    /// When the host does not answer as it should.
    fn ask(&mut self, question: Question) -> Result<Vec<u8>, Trouble>;

    /// Opens a way to a service of the host, or a shell, beside what the feed reads itself.
    ///
    /// # Errors
    /// When the host refuses, nobody listens, or the connection is gone.
    fn beside<'b>(&'b mut self, way: &Way<'_>) -> Result<Box<dyn Channel + 'b>, BesideError> {
        let _ = way;
        let reason = "this host is not reached by a connection that could carry another".to_string();
        Err(BesideError::Forbidden { reason })
    }
}

/// Opens feeds; shared by all host threads.
pub trait Opener: Sync {
    /// Opens the way to a host, lets `work` use it, and closes it.
    ///
    /// # Errors
    /// Why the way could not be opened, or what `work` ended with.
    fn visit(&self, target: &Target, work: &mut dyn FnMut(&mut dyn Feed) -> Result<(), Trouble>)
    -> Result<(), Trouble>;
}

/// How a way was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// What the server calls itself, or that it is this machine.
    pub server: String,
    /// Fingerprint of a host key that was not known and was accepted because the user said so.
    pub accepted_host_key: Option<String>,
}

/// Why a host could not be read, and what is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Whether to try again.
    pub remedy: Remedy,
    /// What went wrong, safe to print.
    pub message: String,
    /// What the user may do.
    pub hint: Option<String>,
}

impl Trouble {
    /// Makes a trouble that may pass by itself.
    #[must_use]
    pub fn passing(message: impl Into<String>) -> Self {
        Self {
            remedy: Remedy::Wait,
            message: message.into(),
            hint: None,
        }
    }
}

/// Gives the complaints as lines for the record.
pub(super) fn lines(complaints: &[Complaint]) -> Vec<String> {
    complaints.iter().map(ToString::to_string).collect()
}
