//! The two phases side by side: EC2 and managed services, a month.

use super::bars::{Bar, Bars, draw};
use super::drawing::Drawing;
use super::palette::{BLUE, ORANGE};
use crate::plan::Plan;
use crate::report::amount::total;

/// Draws every host on EC2, phase `rehost` and phase `replatform`; nothing where no service is known.
#[must_use]
pub fn phase_bars(plan: &Plan) -> Option<Drawing> {
    let phases = plan.phases.as_ref()?;
    let mut rows = vec![Bar {
        name: "every host on EC2".to_string(),
        parts: vec![(plan.bill.total.known.approximately(), BLUE)],
        value: total(plan.bill.total),
    }];
    rows.extend([&phases.rehost, &phases.replatform].into_iter().map(|phase| Bar {
        name: phase.name.clone(),
        parts: vec![
            (phase.ec2.known.approximately(), BLUE),
            (phase.managed_bill.total.known.approximately(), ORANGE),
        ],
        value: total(phase.total),
    }));
    draw(&Bars {
        title: "Two phases".to_string(),
        subtitle: "known cost a month, on demand; what has no known price is in no bar".to_string(),
        parts: vec![
            ("EC2 and its volumes".to_string(), BLUE),
            ("managed services".to_string(), ORANGE),
        ],
        rows,
    })
}
