//! The same statistics in DuckDB, pandas and plain polars group-by, over the same files.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::figures::{Figures, Goal};

const PACKAGES: [&str; 4] = ["duckdb==2.0.0", "pandas==3.1.1", "polars==2.1.0", "pyarrow==26.0.1"];

/// Measures each peer once and reports how many times longer it took than profiling.
pub fn measure(figures: &mut Figures, folder: &Path, target: &Path, profile_seconds: f64) {
    let python = match environment(target) {
        Ok(python) => python,
        Err(why) => {
            eprintln!("not run: peers, since their Python environment could not be made: {why}");
            return;
        }
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/main-job/peers.py");
    for (peer, goal) in [
        ("duckdb", Goal::AtLeast(6.0)),
        ("polars", Goal::Reported),
        ("pandas", Goal::Reported),
    ] {
        eprintln!("running {peer}");
        let out = Command::new(&python)
            .arg(&script)
            .arg(peer)
            .arg(folder)
            .output()
            .unwrap();
        if !out.status.success() {
            eprintln!("not run: {peer}: {}", String::from_utf8_lossy(&out.stderr));
            continue;
        }
        let answer: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        let seconds = answer["seconds"].as_f64().unwrap();
        let peak = answer["peak_mebibytes"].as_f64().unwrap();
        figures.add(
            format!("faster than {peer}, same statistics, same files"),
            seconds / profile_seconds,
            "x",
            goal,
            format!(
                "{} {}: {seconds:.1} s with {peak:.0} MiB, over {} hosts",
                peer,
                answer["version"].as_str().unwrap(),
                answer["hosts"]
            ),
        );
    }
}

/// Makes (once) a Python environment with the peers.
fn environment(target: &Path) -> Result<PathBuf, String> {
    let folder = target.join("bench-python");
    let python = folder.join("bin/python");
    let stamp = folder.join("packages.txt");
    let wanted = PACKAGES.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(python);
    }
    let run = |command: &mut Command| {
        let out = command.output().map_err(|error| error.to_string())?;
        if out.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&out.stderr).into_owned())
        }
    };
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet"])
        .args(PACKAGES))?;
    std::fs::write(&stamp, wanted).map_err(|error| error.to_string())?;
    Ok(python)
}
