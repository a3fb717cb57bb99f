//! This machine as a feed.

use super::feed::{Feed, Opened, Trouble};
use crate::kernel::{Layout, Parsed};
use crate::local::{self, LocalShell, Probe};
use crate::reading::Filesystem;
use crate::sampler::{Question, Request, Sampler};
use crate::ssh::{BesideError, Channel, Way};

struct LocalFeed {
    probe: Probe,
    /// Answers the questions of discovery; started at the first.
    shell: Option<Sampler<'static>>,
}

/// Lets `work` read this machine.
///
/// # Errors
/// What `work` ended with.
pub fn visit_local(work: &mut dyn FnMut(&mut dyn Feed) -> Result<(), Trouble>) -> Result<(), Trouble> {
    work(&mut LocalFeed {
        probe: Probe::default(),
        shell: None,
    })
}

impl Feed for LocalFeed {
    fn opened_by(&self) -> Opened {
        Opened {
            server: "this machine".to_string(),
            accepted_host_key: None,
        }
    }

    fn layout(&mut self) -> Result<Layout, Trouble> {
        Ok(self.probe.layout())
    }

    fn read(&mut self, layout: &Layout, whole: bool) -> Result<Parsed, Trouble> {
        self.probe
            .read(layout, whole)
            .map_err(|error| Trouble::passing(error.to_string()))
    }

    fn filesystems(&mut self, layout: &Layout) -> Result<Vec<Filesystem>, Trouble> {
        Ok(self.probe.filesystems(layout))
    }

    fn ask(&mut self, question: Question) -> Result<Vec<u8>, Trouble> {
        let shell = match &mut self.shell {
            Some(shell) => shell,
            none => {
                let channel = LocalShell::start().map_err(|error| Trouble::passing(error.to_string()))?;
                none.insert(Sampler::start(Box::new(channel), rand::random())?)
            }
        };
        Ok(shell.request(Request::Question(question))?.text)
    }

    fn beside<'b>(&'b mut self, way: &Way<'_>) -> Result<Box<dyn Channel + 'b>, BesideError> {
        local::open(way)
    }
}
