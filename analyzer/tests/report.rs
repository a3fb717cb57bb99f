//! Laws of the report: nothing a host is called runs anywhere, nothing leaves the file, no total differs from the plan's.
#![allow(clippy::unwrap_used)]

use std::f64::consts::TAU;

use sizewright_analyzer::catalog::Catalog;
use sizewright_analyzer::money::UsdPerMonth;
use sizewright_analyzer::plan::{Plan, PlanInputs, make};
use sizewright_analyzer::policy::{Assessment, Overrides};
use sizewright_analyzer::price::{Bill, BillLine};
use sizewright_analyzer::profile::{EstateReader, HostProfile, ProfileOptions, profile_estate};
use sizewright_analyzer::report::{ChartFile, ReportInputs, chart_files, charted_hosts, html, json, markdown};
use telemetry::schema::{disk, filesystem, host, network};
use telemetry::store::Origin;
use telemetry::{Series, Store, Table};

const HOSTILE: [&str; 9] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'-alert(1)-'",
    "=cmd|' /C calc'!A0",
    "db\u{1b}[2J\u{1b}]0;owned\u{7}",
    "evil\u{202e}gnp.exe",
    "../../etc/passwd",
    "{{7*7}}{% raw %}",
    "`[click](javascript:alert(1))`|http://evil.example/|<https://evil.example>\nnext",
];
/// 2026-05-04, a Monday.
const START_MS: i64 = 1_777_852_800_000;
const STEP_MS: i64 = 900_000;
const ROWS: i64 = 8 * 96;
/// Charts of every host.
const ALL: usize = usize::MAX;
const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// A plan with everything it was made from.
struct Sample {
    plan: Plan,
    profiles: Vec<HostProfile>,
    reader: EstateReader,
    _folder: tempfile::TempDir,
}

impl Sample {
    fn inputs(&self, charted_hosts: usize) -> ReportInputs<'_> {
        ReportInputs {
            plan: &self.plan,
            profiles: &self.profiles,
            catalog: Catalog::embedded(),
            inventory: None,
            map: None,
            scenarios: None,
            answers: None,
            charted_hosts,
        }
    }

    fn html(&self, charted_hosts: usize) -> String {
        html(&self.inputs(charted_hosts), &|host| self.reader.read_host(host)).unwrap()
    }

    fn charts(&self) -> Vec<ChartFile> {
        let mut files = Vec::new();
        let mut keep = |file: ChartFile| -> std::io::Result<()> {
            files.push(file);
            Ok(())
        };
        chart_files(&self.inputs(ALL), &|host| self.reader.read_host(host), &mut keep).unwrap();
        files
    }
}

/// Measures hosts for eight days; the last one has no file system, so its storage is unknown.
fn sample(names: &[String], storage_of_last: bool) -> Sample {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let at = |row: i64| START_MS + (row + 1) * STEP_MS;
    let mut tables: [Vec<Series>; 4] = Default::default();
    for (number, name) in names.iter().enumerate() {
        let size = (number + 1) as f64;
        let mut machine = Series::new(Table::Host, name, vec![]);
        let mut sda = Series::new(Table::Disk, name, vec!["sda".to_string()]);
        let mut eth0 = Series::new(Table::Network, name, vec!["eth0".to_string()]);
        let mut root = Series::new(
            Table::Filesystem,
            name,
            vec!["/".into(), "/dev/sda1".into(), "ext4".into()],
        );
        for row in 0..ROWS {
            let wave = 1.0 - (TAU * row as f64 / 96.0).cos();
            machine.push(
                at(row),
                &[
                    (host::CPU_CORES, 8.0),
                    (host::CPU_BUSY_CORES, 0.3 + wave * size % 3.0),
                    (host::MEMORY_TOTAL_BYTES, 32.0 * GIB),
                    (host::MEMORY_AVAILABLE_BYTES, (24.0 - size % 12.0 - wave) * GIB),
                ],
            );
            sda.push(
                at(row),
                &[
                    (disk::READS_PER_S, 40.0 * wave),
                    (disk::WRITES_PER_S, 15.0),
                    (disk::READ_BYTES_PER_S, 9e5 * wave),
                    (disk::WRITE_BYTES_PER_S, 4e5),
                ],
            );
            eth0.push(
                at(row),
                &[
                    (network::RECEIVE_BYTES_PER_S, 2e5 * wave),
                    (network::TRANSMIT_BYTES_PER_S, 1e5),
                ],
            );
            if row % 96 == 0 {
                root.push(
                    at(row),
                    &[
                        (filesystem::SIZE_BYTES, 200.0 * GIB),
                        (filesystem::USED_BYTES, 60.0 * GIB),
                    ],
                );
            }
        }
        tables[0].push(machine);
        tables[1].push(sda);
        tables[2].push(eth0);
        if storage_of_last || number + 1 < names.len() {
            tables[3].push(root);
        }
    }
    let mut writer = store.begin("test").unwrap();
    for series in tables {
        writer.write(series).unwrap();
    }
    writer.commit(&Origin::new("test", "test")).unwrap();

    let reader = EstateReader::open(&store).unwrap();
    let mut assessment = Assessment::new("Acme <b>&</b> Söhne", "ap-southeast-1");
    assessment.time_zone = "Asia/Ho_Chi_Minh".to_string();
    let options = ProfileOptions {
        zone: Some(assessment.zone().unwrap()),
        ..ProfileOptions::default()
    };
    let profiles = profile_estate(&reader, &options, &|_| {}, &false.into()).unwrap();
    let plan = make(&PlanInputs {
        assessment: &assessment,
        overrides: &Overrides::default(),
        profiles: &profiles,
        inventory: None,
        origins: &store.origins().unwrap(),
        catalog: Catalog::embedded(),
        today: jiff::civil::date(2026, 6, 1),
    })
    .unwrap();
    Sample {
        plan,
        profiles,
        reader,
        _folder: folder,
    }
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_string()).collect()
}

fn hostile() -> Sample {
    let mut names = names(&HOSTILE);
    names.push("n".repeat(300));
    sample(&names, false)
}

/// Writes dollars as the page does.
fn dollars(amount: UsdPerMonth) -> String {
    let whole = format!("{:.0}", amount.as_decimal().round());
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    format!("${text}")
}

/// Gives every tag of a page, outside of its style and script.
fn tags(page: &str) -> Vec<&str> {
    let body = &page[page.find("<body>").unwrap()..page.rfind("<script>").unwrap()];
    body.split('<')
        .skip(1)
        .map(|part| part.split('>').next().unwrap())
        .collect()
}

/// Gives a tag without the values of its attributes: names in them are text.
fn without_values(tag: &str) -> String {
    tag.split('"').step_by(2).collect()
}

#[test]
fn no_name_of_a_host_becomes_markup() {
    let page = hostile().html(ALL);
    let known = [
        "a", "aside", "bdi", "body", "br", "button", "caption", "circle", "dd", "details", "div", "dl", "dt", "figure",
        "footer", "form", "g", "h1", "h2", "h3", "h4", "header", "i", "input", "label", "li", "line", "main", "nav",
        "ol", "option", "output", "p", "path", "polygon", "polyline", "rect", "section", "select", "span", "summary",
        "svg", "table", "tbody", "td", "text", "tfoot", "th", "thead", "title", "tr", "tspan", "ul", "desc",
    ];
    for tag in tags(&page) {
        assert_eq!(tag.matches('"').count() % 2, 0, "a quote was broken: <{tag}>");
        let name = tag.trim_start_matches('/').split([' ', '/', '\n']).next().unwrap();
        assert!(known.contains(&name), "<{tag}>");
        assert!(!without_values(tag).contains(" on"), "an event handler: <{tag}>");
    }
    assert_eq!(page.matches("<script").count(), 1, "only the page's own script");
    assert!(page.contains("&lt;script&gt;alert(1)"), "the name is shown as text");
}

#[test]
fn control_and_direction_characters_do_not_reach_the_outputs() {
    let sample = hostile();
    let page = sample.html(ALL);
    let text = markdown(&sample.plan);
    for output in [&page, &text] {
        for letter in ['\u{1b}', '\u{7}', '\u{202e}', '\0'] {
            assert!(!output.contains(letter), "{letter:?}");
        }
    }
    assert!(page.contains("\\u{202e}"), "they are visible instead");
}

#[test]
fn templates_in_names_are_not_run() {
    let page = hostile().html(0);
    assert!(page.contains("{{7*7}}"));
}

#[test]
fn the_page_needs_no_network() {
    let page = hostile().html(ALL);
    let body = &page[page.find("<body>").unwrap()..];
    for tag in tags(&page) {
        for attribute in [
            " src",
            " srcset",
            " action",
            " formaction",
            " poster",
            " data=",
            " background",
            " xlink:href",
        ] {
            assert!(!without_values(tag).contains(attribute), "<{tag}>");
        }
    }
    let script = &page[page.rfind("<script>").unwrap()..];
    for call in ["fetch(", "XMLHttpRequest", "WebSocket", "import(", "://"] {
        assert!(!script.contains(call), "{call}");
    }
    for (at, _) in body.match_indices("href=\"") {
        assert!(body[at + 6..].starts_with('#'), "{}", &body[at..at + 60]);
    }
    let style = &page[..page.find("</style>").unwrap()];
    for (at, _) in style.match_indices("url(") {
        assert!(style[at + 4..].starts_with("data:font/"), "{}", &style[at..at + 40]);
    }
    assert!(page.contains("Content-Security-Policy\" content=\"default-src 'none';"));
}

#[test]
fn markdown_holds_no_markup_of_a_host() {
    let sample = hostile();
    let text = markdown(&sample.plan);
    assert!(!text.contains('<'), "no HTML");
    let columns = text
        .lines()
        .find(|line| line.starts_with("| Host |"))
        .unwrap()
        .matches('|')
        .count();
    let rows: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("| Host |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(rows.len(), sample.plan.recommendations.len());
    for row in rows {
        let cells = row.matches('|').count() - row.matches("\\|").count();
        assert_eq!(cells, columns, "{row}");
        assert!(!row.contains("http://") && !row.contains("https://"), "{row}");
        assert!(!row.contains("](") || row.contains("\\]("), "{row}");
    }
}

#[test]
fn chart_files_stay_in_their_folder_and_never_collide() {
    let wanted = names(&[HOSTILE[0], HOSTILE[6], "web", "WEB", "a/b", "a:b"]);
    let files = sample(&wanted, true).charts();
    let mut stems: Vec<String> = files.iter().map(|file| file.file_stem.to_ascii_lowercase()).collect();
    for stem in &stems {
        assert!(
            stem.chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter)),
            "{stem}"
        );
        assert!(stem.starts_with("estate-") || stem.starts_with("host-"), "{stem}");
    }
    stems.sort_unstable();
    stems.dedup();
    assert_eq!(stems.len(), files.len());
    for file in &files {
        assert!(
            file.svg.starts_with("<svg ") && !file.svg.contains("<script"),
            "{}",
            file.file_stem
        );
        assert_eq!(&file.png[1..4], b"PNG");
    }
}

#[test]
fn totals_on_the_page_are_the_plans() {
    let sample = sample(&names(&["a", "b", "c"]), true);
    let page = sample.html(ALL);
    assert!(page.contains(&dollars(sample.plan.bill.total.known)));
    assert!(page.contains(&dollars(sample.plan.summary.as_is_compute_usd_per_month)));
    assert!(!page.contains("at least $"), "everything is known");
    for row in &sample.plan.recommendations {
        let total = sample.plan.bill.of_host(&row.host).known.rounded_to_cents();
        let shown = format!("{:.2}", total.as_decimal());
        assert!(page.contains(&shown), "{} {shown}", row.host);
    }
}

#[test]
fn unknown_storage_makes_totals_read_at_least() {
    let sample = sample(&names(&["a", "b"]), false);
    let page = sample.html(ALL);
    assert!(page.contains("<span class=\"unit before\">at least</span>"));
    let total = dollars(sample.plan.bill.total.known);
    assert!(page.contains(&format!("costs at least {total} a month")));
    assert!(markdown(&sample.plan).contains(&format!("at least \\{total}")));
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let sample = hostile();
    assert_eq!(sample.html(ALL), sample.html(ALL));
    assert_eq!(markdown(&sample.plan), markdown(&sample.plan));
    let small = self::sample(&names(&["a", "b"]), true);
    assert_eq!(small.charts(), small.charts());
}

#[test]
fn an_empty_plan_is_a_page_that_says_so() {
    let mut sample = sample(&names(&["a"]), true);
    sample.plan.recommendations.clear();
    sample.plan.retire.clear();
    sample.plan.warnings.clear();
    sample.plan.bill = Bill::of(Vec::<BillLine>::new());
    sample.plan.summary = Default::default();
    let page = sample.html(ALL);
    assert!(page.contains("There is no host in this plan."));
    let body = &page[page.find("<body>").unwrap()..page.rfind("<script>").unwrap()];
    assert!(!body.contains("NaN") && !body.contains(">inf"));
    assert!(markdown(&sample.plan).contains("There is no host in this plan."));
}

#[test]
fn beyond_the_limit_the_costliest_hosts_have_charts_and_the_page_says_so() {
    let list: Vec<String> = (0..6).map(|number| format!("host-{number}")).collect();
    let sample = sample(&list, true);
    let charted = charted_hosts(&sample.plan, 2);
    let cost = |name: &str| sample.plan.bill.of_host(name).known;
    let least = charted.iter().map(|host| cost(host)).min().unwrap();
    let compute = |name: &str| {
        sample
            .plan
            .recommendations
            .iter()
            .find(|row| row.host == name)
            .unwrap()
            .compute_usd_per_month
    };
    let dearest_left_out = list
        .iter()
        .filter(|name| !charted.contains(&name.as_str()))
        .map(|name| compute(name))
        .max()
        .unwrap();
    assert!(
        charted.iter().all(|host| compute(host) >= dearest_left_out),
        "{least:?}"
    );
    let page = sample.html(2);
    assert!(page.contains("Charts are drawn for the 2 costliest hosts; the other 4"));
    assert!(page.len() < sample.html(6).len());
}

#[test]
fn every_host_has_a_row_and_a_section_that_links_lead_to() {
    let sample = hostile();
    let page = sample.html(0);
    let ids: Vec<&str> = page
        .match_indices(" id=\"")
        .map(|(at, _)| page[at + 5..].split('"').next().unwrap())
        .collect();
    for (at, _) in page.match_indices("href=\"#") {
        let target = page[at + 7..].split('"').next().unwrap();
        assert_eq!(ids.iter().filter(|id| **id == target).count(), 1, "{target}");
    }
    assert_eq!(
        page.matches("<details class=\"host").count(),
        sample.plan.recommendations.len()
    );
}

#[test]
fn json_reads_back_as_the_plan() {
    let sample = sample(&names(&["a"]), true);
    let text = json(&sample.plan).unwrap();
    let read: Plan = serde_json::from_str(&text).unwrap();
    assert_eq!(read.bill, sample.plan.bill);
    assert_eq!(read.warnings, sample.plan.warnings);
    let hosts = |plan: &Plan| {
        plan.recommendations
            .iter()
            .map(|row| row.host.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(hosts(&read), hosts(&sample.plan));
}
