#![allow(clippy::unwrap_used)]
//! Maps of small estates whose right answer is plain.

use std::collections::BTreeSet;

use proptest::prelude::*;
use telemetry::inventory::{
    Category, Dependency, Direction, Inventory, Learnt, Peer, Privilege, Service, Sureness, Transport,
};

use super::*;
use crate::policy::Assessment;

fn peer(name: &str) -> Peer {
    let is_address = name.parse::<std::net::IpAddr>().is_ok();
    Peer {
        host: (!is_address).then(|| name.to_string()),
        address: if is_address {
            name.to_string()
        } else {
            "10.0.0.1".to_string()
        },
        service: None,
    }
}

fn row(client: &str, server: &str, port: u16, bytes: Option<f64>) -> Dependency {
    Dependency {
        client: peer(client),
        server: peer(server),
        port,
        transport: Transport::Tcp,
        direction: Direction::Listening,
        connections_max: 3,
        looks_seen: 1,
        looks_taken: 2,
        to_server_bytes_per_s: bytes,
        to_client_bytes_per_s: bytes,
        learnt: Learnt::default(),
    }
}

fn service(host: &str, product: &str, category: Category, port: u16) -> Service {
    Service {
        host: host.to_string(),
        service: product.to_string(),
        product: product.to_string(),
        category,
        version: None,
        role: None,
        ports: vec![port],
        process: None,
        user: None,
        unit: None,
        arguments: None,
        processes: 1,
        rested_on: Vec::new(),
        sureness: Sureness::Seen,
        learnt: Learnt {
            privilege: Privilege::User,
            ..Learnt::default()
        },
    }
}

fn assessment() -> Assessment {
    Assessment::from_toml(
        "name='A'\nregion='us-east-1'\n[networks]\noffice='10.8.0.0/16'\nfloor='10.8.4.0/24'\n[[hosts]]\npattern='dev-*'\nenvironment='development'\n",
    )
    .unwrap()
}

fn map(rows: Vec<Dependency>, services: Vec<Service>) -> DependencyMap {
    let inventory = Inventory {
        services,
        dependencies: rows,
        ..Inventory::default()
    };
    DependencyMap::of(&assessment(), &["alone".to_string()], &inventory)
}

#[test]
fn what_talks_moves_together_and_shared_services_tie_nothing() {
    let map = map(
        vec![
            row("web", "app", 8080, Some(1000.0)),
            row("app", "db", 5432, None),
            row("app", "dns", 53, Some(9.0)),
            row("other", "dns", 53, Some(9.0)),
            row("10.8.4.7", "web", 443, Some(5.0)),
            row("web", "web", 9000, Some(7.0)),
        ],
        Vec::new(),
    );
    assert_eq!(map.move_groups.len(), 1);
    let group = &map.move_groups[0];
    assert_eq!(group.hosts, ["app", "db", "web"]);
    assert_eq!(
        group.inside,
        Traffic {
            known_bytes_per_s: 2000.0,
            unknown_links: 1
        }
    );
    assert_eq!(group.outside.known_bytes_per_s, 28.0, "names and the office");
    assert_eq!(group.alone["web"].unknown_links, 0);
    assert_eq!(group.alone["db"].to_string(), "bytes not known");
    assert_eq!(group.ties[0].port, 8080, "the busiest first");
    assert_eq!(map.free_hosts(), ["alone", "dns", "other"]);
    assert_eq!(map.shared.len(), 1);
    assert_eq!(map.shared[0].hosts, 2);
    assert_eq!(map.externals[0].network, "floor", "the smallest named network");
}

#[test]
fn a_server_that_most_hosts_of_several_environments_use_is_shared() {
    let mut rows: Vec<Dependency> = (0..8).map(|n| row(&format!("app-{n}"), "hub", 7777, None)).collect();
    rows.extend((0..8).map(|n| row(&format!("dev-{n}"), "hub", 7777, None)));
    rows.push(row("poller", "app-1", 4949, None));
    let map = map(rows, Vec::new());
    assert!(
        map.move_groups
            .iter()
            .all(|group| !group.hosts.contains(&"hub".to_string()))
    );
    assert_eq!(map.shared[0].why, SharedWhy::ManyClients { clients: 16, of: 18 });
    // Of one environment only, it is that environment's heart.
    let rows = (0..15).map(|n| row(&format!("app-{n}"), "hub", 7777, None)).collect();
    assert_eq!(self::map(rows, Vec::new()).move_groups[0].hosts.len(), 16);
}

#[test]
fn tiers_follow_from_services() {
    let services = vec![
        service("a", "java", Category::Application, 8080),
        service("a", "redis", Category::Cache, 6379),
        service("b", "postgresql", Category::Database, 5432),
        service("b", "postfix", Category::Infrastructure, 25),
        service("c", "nginx", Category::Web, 80),
    ];
    let map = map(Vec::new(), services);
    let tiers: Vec<Tier> = map.hosts.iter().map(|host| host.tier).collect();
    assert_eq!(tiers, [Tier::Application, Tier::Unknown, Tier::Data, Tier::Web]);
}

#[test]
fn hostile_names_are_harmless_in_every_form() {
    let name = "x\"]; evil -> y [label=\"</text><script>alert(1)</script>&\u{1b}[31m\n";
    let map = map(
        vec![row(name, "db", 5432, None), row("8.8.8.8", name, 80, None)],
        Vec::new(),
    );
    let svg = svg(&map);
    assert!(!svg.contains("<script") && !svg.contains('\u{1b}'), "{svg}");
    assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    let drawn = drawio(&map);
    assert!(!drawn.contains("<script") && !drawn.contains('\u{1b}'), "{drawn}");
    assert_eq!(
        drawn.matches('"').count() % 2,
        0,
        "a name cannot leave its attribute: {drawn}"
    );
    assert_eq!(drawn.matches("edge=\"1\"").count(), 2);
    assert_eq!(drawn.matches("<mxCell").count(), drawn.matches("</mxCell>").count() + 2);
    let dot = dot(&map);
    let bare = dot.replace("\\\\", "").replace("\\\"", "");
    assert!(bare.lines().all(|line| line.matches('"').count() % 2 == 0), "{dot}");
    assert!(!dot.contains('\u{1b}'));
    let json: serde_json::Value = serde_json::from_str(&map.json().unwrap()).unwrap();
    assert_eq!(json["links"][1]["port"], 80, "networks sort after hosts");
}

#[test]
fn no_box_stands_on_another() {
    let rows: Vec<Dependency> = (0..60)
        .map(|n| {
            row(
                &format!("app{}-{n}", n % 17),
                &format!("dev-db{}-{n}", n % 13),
                5432 + n,
                Some(f64::from(n)),
            )
        })
        .collect();
    let map = map(rows, Vec::new());
    let (works, wires) = super::boxes::boxes(&map);
    let layout = super::layout::layout(&works, &wires);
    for (at, one) in layout.places.iter().enumerate() {
        assert!(one.x >= 0.0 && one.y + one.height <= layout.height && one.x < layout.width);
        for other in &layout.places[..at] {
            let apart = one.x != other.x || one.y >= other.y + other.height || other.y >= one.y + one.height;
            assert!(apart, "{one:?} {other:?}");
        }
    }
}

fn some_rows() -> impl Strategy<Value = Vec<Dependency>> {
    let one = (
        0_u8..14,
        0_u8..14,
        prop::sample::select(vec![53_u16, 80, 5432, 9100]),
        prop::option::of(0.0..1e6_f64),
    );
    let one = one.prop_map(|(client, server, port, bytes)| {
        let name = |n: u8| {
            if n.is_multiple_of(3) {
                format!("dev-{n}")
            } else {
                format!("prod-{n}")
            }
        };
        row(&name(client), &name(server), port, bytes)
    });
    prop::collection::vec(one, 0..40)
}

proptest! {
    #[test]
    fn groups_part_the_hosts_and_do_not_depend_on_the_order(rows in some_rows()) {
        let forward = map(rows.clone(), Vec::new());
        let mut seen = BTreeSet::new();
        for group in &forward.move_groups {
            prop_assert!(group.hosts.len() > 1);
            for host in &group.hosts {
                prop_assert!(seen.insert(host.as_str()), "{} is in two groups", host);
            }
            prop_assert_eq!(group.alone.len(), group.hosts.len());
            let apart: f64 = group.alone.values().map(|traffic| traffic.known_bytes_per_s).sum();
            prop_assert!((apart - 2.0 * group.inside.known_bytes_per_s).abs() < 1.0, "each link has two ends");
        }
        let free = forward.free_hosts();
        prop_assert_eq!(seen.len() + free.len(), forward.hosts.len());
        for link in forward.links.iter().filter(|link| link.shared.is_none()) {
            if let Some((client, server)) = link.between_hosts() {
                let together = forward.move_groups.iter().any(|group| {
                    group.hosts.iter().any(|host| host == client) && group.hosts.iter().any(|host| host == server)
                });
                prop_assert!(together, "{} and {} talk", client, server);
            }
        }
        // Rows of one link are summed, and sums of floats depend on their order in the last bit: compare without.
        let mut backward = rows;
        backward.reverse();
        let backward = map(backward, Vec::new());
        let names = |map: &DependencyMap| map.move_groups.iter().map(|group| group.hosts.clone()).collect::<Vec<_>>();
        prop_assert_eq!(names(&forward), names(&backward));
        prop_assert_eq!(forward.shared, backward.shared);
    }
}
