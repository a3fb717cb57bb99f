//! This machine as a feed.

use super::feed::{Feed, Opened, Trouble};
use crate::kernel::{Layout, Parsed};
use crate::local::Probe;
use crate::reading::Filesystem;

struct LocalFeed {
    probe: Probe,
}

/// Lets `work` read this machine.
///
/// # Errors
/// What `work` ended with.
pub fn visit_local(work: &mut dyn FnMut(&mut dyn Feed) -> Result<(), Trouble>) -> Result<(), Trouble> {
    work(&mut LocalFeed {
        probe: Probe::default(),
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
}
