//! A host over SSH as a feed: connection, shell loop, parsers.

use super::feed::{Feed, Opened, Opener, Trouble};
use super::local_feed::visit_local;
use super::patience::Remedy;
use crate::hosts::{Reach, Target};
use crate::kernel::{self, Layout, Parsed};
use crate::reading::Filesystem;
use crate::sampler::{COMMAND, Question, Request, Sampler, SamplerError};
use crate::ssh::{self, BesideError, Channel, FailureKind, Lobby, Secrets, Settings, SshError, Way};

/// Opens every kind of host: this machine directly, others over SSH.
pub struct Reacher<'a> {
    /// Time-outs and whether unknown hosts are let in.
    pub settings: Settings,
    /// Where passwords and pass phrases come from.
    pub secrets: &'a dyn Secrets,
    /// Gates and shared jump hosts.
    pub lobby: Lobby,
}

struct SshFeed<'a> {
    sampler: Sampler<'a>,
    opened: Opened,
}

impl Opener for Reacher<'_> {
    fn visit(
        &self,
        target: &Target,
        work: &mut dyn FnMut(&mut dyn Feed) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let endpoint = match &target.reach {
            Reach::Local => return visit_local(work),
            Reach::Ssh(endpoint) => endpoint,
        };
        let mut connection = ssh::connect(endpoint, &self.settings, self.secrets, &self.lobby)?;
        let channel = connection.exec(COMMAND)?;
        let facts = channel.facts();
        let opened = Opened {
            server: format!("{}, {}", facts.server, facts.authenticated_by),
            accepted_host_key: facts
                .host_key_was_accepted
                .then(|| format!("{} {}", facts.host_key, facts.fingerprint)),
        };
        let sampler = Sampler::start(channel, rand::random())?;
        work(&mut SshFeed { sampler, opened })
    }
}

impl Feed for SshFeed<'_> {
    fn opened_by(&self) -> Opened {
        self.opened.clone()
    }

    fn layout(&mut self) -> Result<Layout, Trouble> {
        Ok(kernel::layout(&self.sampler.request(Request::Layout)?.text))
    }

    fn read(&mut self, layout: &Layout, whole: bool) -> Result<Parsed, Trouble> {
        let request = if whole { Request::Whole } else { Request::Tick };
        let frame = self.sampler.request(request)?;
        kernel::reading(&frame.text, layout, frame.at_ms).map_err(|error| Trouble::passing(error.to_string()))
    }

    fn filesystems(&mut self, layout: &Layout) -> Result<Vec<Filesystem>, Trouble> {
        let mounts = layout.local_mounts();
        if mounts.is_empty() {
            return Ok(Vec::new());
        }
        let points: Vec<String> = mounts.iter().map(|mount| mount.mount_point.clone()).collect();
        let frame = self.sampler.request(Request::Filesystems(&points))?;
        Ok(kernel::filesystems(&frame.text, &mounts))
    }

    fn ask(&mut self, question: Question) -> Result<Vec<u8>, Trouble> {
        Ok(self.sampler.request(Request::Question(question))?.text)
    }

    fn beside<'b>(&'b mut self, way: &Way<'_>) -> Result<Box<dyn Channel + 'b>, BesideError> {
        self.sampler.beside(way)
    }
}

impl From<SshError> for Trouble {
    fn from(error: SshError) -> Self {
        let remedy = match error.kind() {
            FailureKind::HostKey | FailureKind::Stopped => Remedy::Stop,
            // A password that was refused must not be sent again: the account may be locked.
            _ if error.is_password_refused() => Remedy::Stop,
            _ if error.is_final() => Remedy::Person,
            _ => Remedy::Wait,
        };
        Self {
            remedy,
            hint: error.hint(),
            message: with_sources(&error),
        }
    }
}

impl From<SamplerError> for Trouble {
    fn from(error: SamplerError) -> Self {
        Self {
            remedy: if error.is_final() { Remedy::Person } else { Remedy::Wait },
            hint: error.hint().map(str::to_string),
            message: with_sources(&error),
        }
    }
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
