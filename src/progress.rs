//! Progress bars, on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::printer::Printer;

/// Starts a bar over `total` things called `unit`, such as `hosts`.
pub fn bar(printer: &Printer, total: u64, what: &str, unit: &str) -> ProgressBar {
    let template = format!("{what} [{{bar:30}}] {{pos}}/{{len}} {unit} {{eta}}");
    start(printer, total, &template)
}

/// Starts a bar over bytes.
pub fn bytes(printer: &Printer, total: u64, what: &str) -> ProgressBar {
    let template = format!("{what} [{{bar:30}}] {{bytes}}/{{total_bytes}} {{eta}} {{msg}}");
    start(printer, total, &template)
}

fn start(printer: &Printer, total: u64, template: &str) -> ProgressBar {
    let target = if printer.shows_progress() {
        ProgressDrawTarget::stderr_with_hz(10)
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(total), target);
    // The templates are ours; one that did not parse would only look plainer.
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar,
    }
}
