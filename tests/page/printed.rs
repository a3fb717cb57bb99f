//! The page as a PDF of headless Chromium: every page whole, nothing outside of the margins.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{demo, sizewright};

/// The margins of the style sheet, points; half a point for rounding.
const MARGIN: f64 = 12.0 / 25.4 * 72.0 - 0.5;

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok() || Command::new(program).arg("-v").output().is_ok()
}

/// A sheet: its width, and its words with left end, right end and text; points.
type Sheet = (f64, Vec<(f64, f64, String)>);

/// Prints a page; gives the words of each sheet with their left and right ends, and the sheets' width, points.
fn printed(page: &Path) -> Vec<Sheet> {
    let pdf = page.with_extension("pdf");
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", page.with_extension("browser").display()))
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    assert!(pdf.exists(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = Command::new("pdftotext")
        .arg("-bbox")
        .arg(&pdf)
        .arg("-")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let number = |tag: &str, name: &str| -> f64 {
        let start = tag.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
        tag[start..].split('"').next().unwrap().parse().unwrap()
    };
    text.split("<page ")
        .skip(1)
        .map(|sheet| {
            let words = sheet
                .split("<word ")
                .skip(1)
                .map(|word| {
                    let (tag, rest) = word.split_once('>').unwrap();
                    (
                        number(tag, "xMin"),
                        number(tag, "xMax"),
                        rest.split('<').next().unwrap().to_string(),
                    )
                })
                .collect();
            (number(sheet, "width"), words)
        })
        .collect()
}

#[test]
fn the_page_prints_whole_in_both_languages() {
    if let Some(missing) = ["chromium", "pdftotext"].iter().find(|program| !has(program)) {
        eprintln!("not run: there is no {missing} (tests/install-tools.sh test installs it)");
        return;
    }
    let work = demo();
    let path = work.path().join("demo/report/report.html");
    let plan: serde_json::Value =
        serde_json::from_slice(&fs::read(work.path().join("demo/plan/plan.json")).unwrap()).unwrap();
    for (language, heads, column) in [
        (
            "en",
            ["Recommendations", "Services and phases", "Assumptions and method"],
            "Confidence",
        ),
        (
            "vi",
            ["Đề xuất", "Dịch vụ và các giai đoạn", "Giả định và phương pháp"],
            "Độ tin cậy",
        ),
    ] {
        sizewright(
            work.path(),
            &["-C", "demo", "report", "--no-charts", "--lang", language],
        );
        let sheets = printed(&path);
        assert!((20..90).contains(&sheets.len()), "{language}: {} sheets", sheets.len());
        let mut all = String::new();
        let mut with_column = 0;
        for (number, (width, words)) in sheets.iter().enumerate() {
            assert!((width - 841.9).abs() < 1.0, "A4 across");
            assert!(words.len() > 5, "{language}: sheet {} is all but empty", number + 1);
            for (left, right, word) in words {
                assert!(
                    *left >= MARGIN && *right <= width - MARGIN,
                    "{language}: `{word}` on sheet {} reaches from {left} to {right} of {width}",
                    number + 1
                );
            }
            let text: Vec<&str> = words.iter().map(|word| word.2.as_str()).collect();
            let text = text.join(" ");
            with_column += usize::from(text.matches(column).count() > 0);
            all.push_str(&text);
            all.push(' ');
        }
        for head in heads {
            assert!(all.contains(head), "{language}: {head}");
        }
        assert!(with_column >= 3, "{language}: the heads of a long table are repeated");
        for row in plan["recommendations"].as_array().unwrap() {
            let host = row["host"].as_str().unwrap();
            assert!(all.contains(host), "{language}: {host}");
        }
        // Navigation is for screens.
        let navigation = if language == "en" {
            "Open all"
        } else {
            "Mở tất cả"
        };
        assert!(!all.contains(navigation));
    }
}
