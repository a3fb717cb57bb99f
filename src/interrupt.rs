//! Ctrl-C: the first asks the work to stop, the second ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Failure;

/// Set once the user pressed Ctrl-C.
pub static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Starts listening for Ctrl-C.
pub fn listen() {
    let handler = || {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    };
    // Without a handler Ctrl-C ends the process at once; files are written beside and renamed, so that is safe too.
    let _ = ctrlc::set_handler(handler);
}

/// Fails once the user pressed Ctrl-C.
pub fn check() -> Result<(), Failure> {
    if INTERRUPTED.load(Ordering::SeqCst) {
        Err(Failure::interrupted())
    } else {
        Ok(())
    }
}
