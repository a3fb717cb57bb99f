//! Names among the dots of the estate: those that matter, where they have room.

use super::drawing::{Anchor, Drawing, Point, Text};
use super::estate::{BOTTOM, Frame, LEFT, Placed, RIGHT, TOP};
use super::font::Weight;
use super::palette::{AXIS, QUIET_TEXT, TEXT, WHITE, faint};
use super::words::name;

/// Hosts that get their name written, when there is room.
const NAMED: usize = 7;
/// Within this many pixels two names are enough.
const NAMED_TOGETHER: f64 = 24.0;
const NAME_LETTERS: usize = 24;

/// What is written among the dots, and which room it takes.
#[derive(Default)]
struct Written {
    rooms: Vec<(Point, Point)>,
    leaders: Vec<Vec<Point>>,
}

impl Written {
    /// Says whether a text and the line to its dot have room.
    fn has_room(&self, text: &Text, leader: &[Point], placed: &[Placed<'_>]) -> bool {
        let room = room_of(text);
        let inside = room.0.0 >= LEFT && room.1.0 <= RIGHT && room.0.1 >= TOP - 14.0 && room.1.1 <= BOTTOM;
        inside
            && !self
                .rooms
                .iter()
                .any(|other| overlaps(*other, room) || crosses(leader, *other))
            && !self.leaders.iter().any(|other| crosses(other, room))
            && !placed.iter().any(|other| touches(other, room))
    }

    fn write(&mut self, drawing: &mut Drawing, text: Text, leader: Vec<Point>) {
        let room = room_of(&text);
        drawing.line(leader.clone(), 1.0, AXIS);
        drawing.rectangle(room.0, room.1, faint(WHITE, 0.8));
        drawing.text(text);
        self.rooms.push(room);
        self.leaders.push(leader);
    }
}

/// Names the diagonal, and the hosts that lie farthest from it and are large, where there is room.
pub(super) fn draw_names(drawing: &mut Drawing, frame: &Frame, placed: &[Placed<'_>]) {
    let mut written = Written::default();
    for part in [0.93, 0.86, 0.75, 0.6, 0.45, 0.3, 0.15] {
        let Some((start, end)) = frame.diagonal() else { break };
        let value = start * (end / start).powf(part);
        let at = (frame.x.pixel(value) - 10.0, frame.y.pixel(value) - 2.0);
        let words = "same size".to_string();
        let text = Text {
            at,
            words,
            size: 12.0,
            weight: Weight::Regular,
            anchor: Anchor::End,
            ink: QUIET_TEXT,
        };
        if written.has_room(&text, &[], placed) {
            written.write(drawing, text, Vec::new());
            break;
        }
    }
    let far = |dot: &Placed<'_>| (dot.today - dot.needed).abs() * (dot.today / dot.needed).log2().abs();
    let mut order: Vec<&Placed<'_>> = placed.iter().filter(|dot| far(dot) > 0.0).collect();
    order.sort_by(|a, b| far(b).total_cmp(&far(a)).then_with(|| a.host.host.cmp(&b.host.host)));
    let mut named: Vec<&Placed<'_>> = Vec::new();
    for dot in order.into_iter().take(NAMED * 10) {
        if named.len() >= NAMED {
            break;
        }
        let near = |other: &&&Placed<'_>| (other.at.0 - dot.at.0).hypot(other.at.1 - dot.at.1) < NAMED_TOGETHER;
        if named.iter().filter(near).count() >= 2 {
            continue;
        }
        let words = name(&dot.host.host, NAME_LETTERS);
        let places = places_of_name(dot, &words);
        let found = places
            .into_iter()
            .find(|(text, leader)| written.has_room(text, leader, placed));
        if let Some((text, leader)) = found {
            written.write(drawing, text, leader);
            named.push(dot);
        }
    }
}

/// Gives where a name may stand, the nearest first, and the line that ties a far one to its dot.
fn places_of_name(dot: &Placed<'_>, words: &str) -> Vec<(Text, Vec<Point>)> {
    let mut places = Vec::new();
    for away in [0.0, 16.0, 34.0, 56.0, 80.0] {
        let beside = dot.radius + 5.0 + away;
        let slant = beside * 0.7;
        let (x, y) = dot.at;
        let around = [
            ((x + beside, y), Anchor::Start),
            ((x - beside, y), Anchor::End),
            ((x, y + beside + 3.0), Anchor::Middle),
            ((x, y - beside - 3.0), Anchor::Middle),
            ((x + slant, y + slant), Anchor::Start),
            ((x - slant, y - slant), Anchor::End),
            ((x + slant, y - slant), Anchor::Start),
            ((x - slant, y + slant), Anchor::End),
        ];
        for (end, anchor) in around {
            let at = (end.0, end.1 + 4.0);
            let leader = if away > 0.0 { vec![dot.at, end] } else { Vec::new() };
            let words = words.to_string();
            places.push((
                Text {
                    at,
                    words,
                    size: 12.0,
                    weight: Weight::Semibold,
                    anchor,
                    ink: TEXT,
                },
                leader,
            ));
        }
    }
    places
}

/// Gives the rectangle that a name takes.
fn room_of(text: &Text) -> (Point, Point) {
    let (from, to) = text.span();
    ((from - 2.0, text.at.1 - 11.0), (to + 2.0, text.at.1 + 4.0))
}

fn touches(dot: &Placed<'_>, (from, to): (Point, Point)) -> bool {
    let nearest = (dot.at.0.clamp(from.0, to.0), dot.at.1.clamp(from.1, to.1));
    (dot.at.0 - nearest.0).hypot(dot.at.1 - nearest.1) < dot.radius
}

/// Says whether a line runs through a rectangle; looked at every few pixels.
fn crosses(line: &[Point], (from, to): (Point, Point)) -> bool {
    let [start, end] = line else { return false };
    (0..=24).map(|step| f64::from(step) / 24.0).any(|part| {
        let (x, y) = (start.0 + (end.0 - start.0) * part, start.1 + (end.1 - start.1) * part);
        (from.0..=to.0).contains(&x) && (from.1..=to.1).contains(&y)
    })
}

fn overlaps(one: (Point, Point), other: (Point, Point)) -> bool {
    one.0.0 < other.1.0 && other.0.0 < one.1.0 && one.0.1 < other.1.1 && other.0.1 < one.1.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_a_name_is_seen() {
        let name = ((10.0, 10.0), (50.0, 24.0));
        assert!(crosses(&[(0.0, 0.0), (60.0, 30.0)], name));
        assert!(!crosses(&[(0.0, 40.0), (60.0, 40.0)], name));
        assert!(!crosses(&[], name));
        assert!(overlaps(name, ((40.0, 20.0), (90.0, 34.0))));
        assert!(!overlaps(name, ((51.0, 10.0), (90.0, 24.0))));
    }
}
