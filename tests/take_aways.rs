//! What a workshop takes away: the workbook recalculated in LibreOffice, exports read back, imports from the command line.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn sizewright(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap()
}

#[track_caller]
fn done(folder: &Path, words: &[&str]) -> String {
    let output = sizewright(folder, words);
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// An assessment with two hosts, of which one has a name that a spreadsheet could run.
const HOSTILE: &str = "=HYPERLINK(\"http://x\")&cmd|' /C calc'!A0";

fn assessment() -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    done(work.path(), &["init", "acme", "--region", "us-east-1"]);
    let mut csv =
        String::from("host,at,interval_s,cpu_cores,cpu_busy_cores,memory_total_bytes,memory_available_bytes\n");
    for hour in 0..200_u32 {
        for host in ["web-1", HOSTILE] {
            let at = format!("2026-05-{:02}T{:02}:00:00Z", 1 + hour / 24, hour % 24);
            csv.push_str(&format!(
                "\"{}\",{at},3600,4,1.5,17179869184,8589934592\n",
                host.replace('"', "\"\"")
            ));
        }
    }
    fs::write(work.path().join("usage.csv"), csv).unwrap();
    done(work.path(), &["-C", "acme", "import", "csv", "usage.csv"]);
    done(work.path(), &["-C", "acme", "plan", "--as-of", "2026-06-01"]);
    done(work.path(), &["-C", "acme", "report", "--no-charts"]);
    work
}

fn parts(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut part = archive.by_index(at).unwrap();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            (part.name().to_string(), bytes)
        })
        .collect()
}

fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn no_name_of_a_host_is_a_formula() {
    let work = assessment();
    let bytes = fs::read(work.path().join("acme/report/report.xlsx")).unwrap();
    let parts = parts(&bytes);
    let texts = parts.iter().find(|(name, _)| name == "xl/sharedStrings.xml").unwrap();
    let texts = String::from_utf8_lossy(&texts.1).into_owned();
    assert!(texts.contains("cmd|"), "the name is there, as text");
    let mut formulas = 0;
    for (name, bytes) in parts.iter().filter(|(name, _)| name.starts_with("xl/worksheets/")) {
        let text = String::from_utf8_lossy(bytes);
        for formula in text.split("<f>").skip(1) {
            let formula = formula.split("</f>").next().unwrap();
            formulas += 1;
            for word in ["HYPERLINK", "cmd", "http", "DDE", "WEBSERVICE", "["] {
                assert!(!formula.contains(word), "{name}: {formula}");
            }
        }
        assert!(!text.contains("<hyperlink"), "{name}");
    }
    assert!(formulas > 10, "the sums are formulas");
    for name in ["xl/externalLinks", "xl/vbaProject"] {
        assert!(!parts.iter().any(|(part, _)| part.starts_with(name)));
    }
}

#[test]
fn the_same_plan_gives_the_same_workbook() {
    let work = assessment();
    let path = work.path().join("acme/report/report.xlsx");
    let first = fs::read(&path).unwrap();
    done(work.path(), &["-C", "acme", "report", "--no-charts"]);
    assert!(first == fs::read(&path).unwrap(), "byte for byte");
}

#[test]
fn libreoffice_computes_the_same_sums_and_they_follow_a_price() {
    let work = assessment();
    let path = work.path().join("acme/report/report.xlsx");
    let plan: serde_json::Value =
        serde_json::from_slice(&fs::read(work.path().join("acme/plan/plan.json")).unwrap()).unwrap();
    let total: f64 = plan["bill"]["total"]["known"]
        .to_string()
        .trim_matches('"')
        .parse()
        .unwrap();
    let computed = total_in_libreoffice(work.path(), &path, "as-is");
    assert!((computed - total).abs() < 0.005, "{computed} is not {total}");

    // The price of the first line is raised by one dollar an hour: 730 dollars a month more.
    let mut parts = parts(&fs::read(&path).unwrap());
    let bill = parts
        .iter_mut()
        .find(|(name, _)| name == "xl/worksheets/sheet3.xml")
        .unwrap();
    let text = String::from_utf8(bill.1.clone()).unwrap();
    let cell = text.find("<c r=\"I2\"").unwrap();
    let start = cell + text[cell..].find("<v>").unwrap() + 3;
    let end = start + text[start..].find("</v>").unwrap();
    let price: f64 = text[start..end].parse().unwrap();
    bill.1 = format!("{}{}{}", &text[..start], price + 1.0, &text[end..]).into_bytes();
    let dearer = work.path().join("dearer.xlsx");
    fs::write(&dearer, packed(&parts)).unwrap();
    let computed = total_in_libreoffice(work.path(), &dearer, "dearer");
    assert!(
        (computed - total - 730.0).abs() < 0.005,
        "{computed} is not {total} + 730"
    );
}

/// Has LibreOffice open a workbook, compute it, and write its first sheet as CSV; gives the total.
fn total_in_libreoffice(work: &Path, workbook: &Path, name: &str) -> f64 {
    let out = work.join(name);
    let profile = work.join(format!("{name}-profile"));
    // It computes a workbook anew when it is opened only if it is told to.
    fs::create_dir_all(profile.join("user")).unwrap();
    fs::write(
        profile.join("user/registrymodifications.xcu"),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <oor:items xmlns:oor=\"http://openoffice.org/2001/registry\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n\
         <item oor:path=\"/org.openoffice.Office.Calc/Formula/Load\"><prop oor:name=\"OOXMLRecalcMode\" oor:op=\"fuse\"><value>0</value></prop></item>\n\
         </oor:items>\n",
    )
    .unwrap();
    let ran = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", profile.display()))
        .args(["--headless", "--convert-to", "csv", "--outdir"])
        .arg(&out)
        .arg(workbook)
        .output();
    let ran = match ran {
        Ok(ran) => ran,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            panic!("LibreOffice is not installed: `make test` installs it (libreoffice-calc)")
        }
        Err(error) => panic!("{error}"),
    };
    let stem = workbook.file_stem().unwrap().to_string_lossy().into_owned();
    let csv = out.join(format!("{stem}.csv"));
    assert!(csv.is_file(), "{}", String::from_utf8_lossy(&ran.stderr));
    let text = fs::read_to_string(csv).unwrap();
    let line = text.lines().find(|line| line.starts_with("Total,")).unwrap();
    let amount = line.strip_prefix("Total,").unwrap();
    let amount: String = match amount.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap().replace(',', ""),
        None => amount.split(',').next().unwrap().to_string(),
    };
    amount.parse().unwrap()
}

#[test]
fn tables_are_written_in_every_format_and_agree() {
    let work = assessment();
    done(work.path(), &["-C", "acme", "export", "tables"]);
    let folder = work.path().join("acme/export/tables");
    let schema: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("tables.schema.json")).unwrap()).unwrap();
    for name in [
        "recommendations",
        "bill",
        "managed",
        "hosts",
        "services",
        "dependencies",
        "waves",
        "assumptions",
        "purchase_options",
        "commitments",
        "runways",
        "scaling",
        "migration_waves",
        "readiness",
        "projection",
        "projection_months",
        "scenarios",
        "scenario_causes",
        "scenario_prices",
    ] {
        let json: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.join(format!("{name}.json"))).unwrap()).unwrap();
        assert_eq!(json["table"], name);
        let rows = json["rows"].as_array().unwrap();
        let columns = schema["$defs"][name]["properties"]["rows"]["items"]["properties"]
            .as_object()
            .unwrap();
        for row in rows {
            assert_eq!(row.as_object().unwrap().len(), columns.len(), "{name}");
            for (column, value) in row.as_object().unwrap() {
                let kind = columns[column]["type"][0].as_str().unwrap();
                let fits = value.is_null() || value.is_string() == (kind == "string");
                assert!(fits, "{name}.{column}: {value} is no {kind}");
            }
        }
        let csv = fs::read_to_string(folder.join(format!("{name}.csv"))).unwrap();
        assert!(
            !csv.contains("\n=") && !csv.contains(",=") && !csv.contains(",\"="),
            "{name}"
        );
        let parquet = fs::read(folder.join(format!("{name}.parquet"))).unwrap();
        assert!(parquet.starts_with(b"PAR1"));
        assert!(folder.join(format!("{name}.md")).is_file());
    }
}

#[test]
fn templates_name_every_instance_and_what_is_left_to_a_person() {
    let work = assessment();
    done(
        work.path(),
        &["-C", "acme", "export", "cloudformation", "--out", "templates"],
    );
    let text = fs::read_to_string(work.path().join("templates/phase-1-01.template.json")).unwrap();
    let template: serde_json::Value = serde_json::from_str(&text).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    let instances: Vec<_> = resources
        .values()
        .filter(|one| one["Type"] == "AWS::EC2::Instance")
        .collect();
    assert_eq!(instances.len(), 2);
    assert!(
        resources
            .keys()
            .all(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    );
    let left_out = template["Metadata"]["sizewright"]["left_out"].as_array().unwrap();
    assert_eq!(
        left_out.len(),
        2,
        "no file system was measured, and that is said: {left_out:?}"
    );
    terraform_builds_the_same(work.path());
    done(work.path(), &["-C", "acme", "export", "migration-hub"]);
    let csv = fs::read_to_string(work.path().join("acme/export/migration-hub/migration-hub-import.csv")).unwrap();
    if let Some(header) = fixture("exports/aws/migration_hub_import_template.header.csv") {
        let header = fs::read_to_string(header).unwrap();
        assert_eq!(csv.lines().next(), header.lines().next(), "the template's own columns");
    }
    // What is exported can be imported again.
    fs::write(work.path().join("again.csv"), &csv).unwrap();
    done(work.path(), &["init", "again", "--region", "us-east-1"]);
    done(
        work.path(),
        &[
            "-C",
            "again",
            "import",
            "migration-hub",
            "again.csv",
            "--at",
            "2026-05-01T00:00:00Z",
        ],
    );
}

/// Checks that the Terraform of the two hosts names both, refers to nothing that is not there and evaluates no name.
fn terraform_builds_the_same(work: &Path) {
    done(work, &["-C", "acme", "export", "terraform", "--out", "terraform"]);
    let text = fs::read_to_string(work.join("terraform/phase-1-01/main.tf.json")).unwrap();
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let instances = all["resource"]["aws_instance"].as_object().unwrap();
    let names: Vec<&str> = instances
        .values()
        .map(|one| one["tags"]["Name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&HOSTILE) && names.contains(&"web-1"), "{names:?}");
    // Every reference leads to a variable or a resource.
    for reference in text.split("${").skip(1).map(|rest| rest.split('}').next().unwrap()) {
        let path: Vec<&str> = reference.split('.').collect();
        let found = match path[0] {
            "var" => &all["variable"][path[1]],
            kind => &all["resource"][kind][path[1]],
        };
        assert!(!found.is_null(), "{reference} leads nowhere");
    }
    done(work, &["-C", "acme", "export", "drawio", "--out", "pictures"]);
    let picture = fs::read_to_string(work.join("pictures/architecture.drawio")).unwrap();
    assert!(picture.starts_with("<mxfile") && picture.trim_end().ends_with("</mxfile>"));
}

fn fixture(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/fixtures")
        .join(name);
    if !path.exists() {
        eprintln!("not run: {name} is not part of the repository and ../shared is not there");
    }
    path.exists().then_some(path)
}

#[test]
fn a_specification_becomes_a_plan_that_says_so() {
    let Some(book) = fixture("exports/rvtools/rvtools-small-complete.xlsx") else {
        return;
    };
    let work = tempfile::tempdir().unwrap();
    done(work.path(), &["init", "acme", "--region", "us-east-1"]);
    let book = book.canonicalize().unwrap();
    let book = book.to_str().unwrap();
    let dry = done(work.path(), &["-C", "acme", "import", "rvtools", book, "--dry-run"]);
    assert!(
        dry.contains("nothing was imported") && dry.contains("sample-web-01"),
        "{dry}"
    );
    assert!(!work.path().join("acme/telemetry").exists());
    done(work.path(), &["-C", "acme", "import", "rvtools", book]);
    let again = sizewright(work.path(), &["-C", "acme", "import", "rvtools", book]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("already imported"));
    let plan = done(work.path(), &["-C", "acme", "plan"]);
    assert!(plan.contains("undecided"), "{plan}");
    let proof = done(work.path(), &["-C", "acme", "explain", "sample-web-01"]);
    assert!(
        proof.contains("CPU was not measured: what the source has, 2.00 vCPU"),
        "{proof}"
    );
    let status = done(work.path(), &["-C", "acme", "export", "tables"]);
    assert!(status.is_empty());
    let hosts = fs::read_to_string(work.path().join("acme/export/tables/hosts.csv")).unwrap();
    assert!(
        hosts.contains("Ubuntu Linux"),
        "facts of the workbook are in the inventory: {hosts}"
    );
}

#[test]
fn the_workbook_has_scenarios_with_causes_environments_and_what_would_change_the_answer() {
    let work = tempfile::tempdir().unwrap();
    done(work.path(), &["demo", "--out", "demo"]);
    let bytes = fs::read(work.path().join("demo/report/report.xlsx")).unwrap();
    let texts = parts(&bytes)
        .into_iter()
        .find(|(name, _)| name == "xl/sharedStrings.xml")
        .map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap();
    for words in [
        "Scenarios of this assessment",
        "commitment USD a month",
        "By environment, USD a month",
        "What would change the answer",
        "another wins at",
        "savings-plan",
        "discount on its instances",
    ] {
        assert!(texts.contains(&format!(">{words}<")), "{words}");
    }
    // What the page says of the scenarios, the workbook says as well.
    let page = fs::read_to_string(work.path().join("demo/report/report.html")).unwrap();
    assert!(page.contains("stays cheapest even if its commitments save nothing"));
    assert!(texts.contains("stays cheapest even if its commitments save nothing"));
}
