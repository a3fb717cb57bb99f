//! `anonymise`: a copy of the assessment without names, and the key that leads back.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use collector::hosts::{Environment, HostsFile, Target};
use telemetry::Table;

use crate::anonymise::{self, Disguise, Key};
use crate::cli::Anonymise;
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;

/// Copies the assessment in other names, or a copy back into its own.
pub fn run(flags: &Anonymise, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let out = &flags.out;
    let taken = fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) || out.is_file();
    if taken {
        return Err(Failure::user(anyhow::anyhow!("`{}` is not empty", out.display()))
            .hint("choose another folder, or remove it"));
    }
    let assessment = folder.assessment()?;
    let telemetry = super::telemetry(folder, printer)?;
    let store = &telemetry.store;
    let key_file = flags.key.clone().unwrap_or_else(|| beside(out));
    let damaged = || Failure::data(anyhow::anyhow!("the key has no secret"));
    let mut disguise = match &flags.reverse {
        Some(path) => Disguise::back(Key::read(path)?).ok_or_else(damaged)?,
        None if flags.key.is_some() && key_file.exists() => Disguise::of(Key::read(&key_file)?).ok_or_else(damaged)?,
        None if key_file.exists() => {
            return Err(
                Failure::user(anyhow::anyhow!("`{}` is there already", key_file.display())).hint(format!(
                    "use it again, for the same pseudonyms, with `--key {}`",
                    key_file.display()
                )),
            );
        }
        None => Disguise::of(Key::new()?).ok_or_else(damaged)?,
    };
    if key_file.starts_with(out) {
        return Err(Failure::user(anyhow::anyhow!("the key would be within the copy"))
            .hint("choose another place with `--key FILE`"));
    }
    let inventory = folder.inventory()?;
    let targets = targets(folder)?;
    let mut hosts: BTreeSet<String> = BTreeSet::new();
    for table in Table::ALL {
        hosts.extend(store.open(table)?.hosts().iter().cloned());
    }
    hosts.extend(inventory.services.iter().map(|service| service.host.clone()));
    hosts.extend(inventory.facts.iter().map(|fact| fact.host.clone()));
    let ends = inventory.dependencies.iter().flat_map(|row| [&row.client, &row.server]);
    hosts.extend(ends.filter_map(|peer| peer.host.clone()));
    hosts.extend(targets.iter().flatten().map(|target| target.name.clone()));

    let copy = Folder::at(out);
    for host in &hosts {
        disguise.host(host);
    }
    let text =
        toml::to_string(&anonymise::assessment(&assessment, &hosts, &mut disguise)).map_err(Failure::internal)?;
    if let Some(targets) = &targets {
        let text = anonymise::hosts_file(targets, &mut disguise);
        copy.write("hosts.toml", text.as_bytes())?;
    }
    let stated = super::phases::stated(folder)?;
    if !stated.is_empty() {
        let text = anonymise::services_file(&stated, &hosts, &mut disguise).map_err(Failure::internal)?;
        copy.write("services.toml", text.as_bytes())?;
    }
    let inventory = anonymise::inventory(&inventory, &mut disguise);
    telemetry::inventory::write(&copy.path("inventory"), &inventory).map_err(Failure::data)?;
    let rows = anonymise::telemetry(store, &copy.store(), &mut disguise)?;
    // Prices name nobody, and the copy's plan should be that of the original.
    let catalog = Path::new("catalog").join(crate::refresh::NAME);
    match fs::read(folder.path("catalog").join(crate::refresh::NAME)) {
        Ok(bytes) => {
            copy.write(&catalog.to_string_lossy(), &bytes)?;
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(Failure::user(error).while_trying("cannot read the assessment's catalog")),
    }
    // Last: a folder counts as an assessment once this file is there.
    copy.write("assessment.toml", text.as_bytes())?;
    printer.note(&format!(
        "wrote {rows} rows of {} hosts to {}",
        hosts.len(),
        out.display()
    ));
    if !disguise.is_back() {
        write_key(disguise.into_key(), &key_file)?;
        printer.note(&format!(
            "wrote the key to {}: keep it, and keep it apart",
            key_file.display()
        ));
        printer.hint(&format!(
            "plan with the copy by `sizewright -C {} plan`; plan and report of the original are not part of it",
            out.display()
        ));
    }
    Ok(Outcome::Done)
}

/// Writes the key; one that is used again is replaced as a whole.
fn write_key(key: Key, path: &Path) -> Result<(), Failure> {
    if !path.exists() {
        return key.write(path);
    }
    let mut newer = path.as_os_str().to_os_string();
    newer.push(".partial");
    let newer = PathBuf::from(newer);
    key.write(&newer)?;
    fs::rename(&newer, path)
        .map_err(|error| Failure::user(error).while_trying(format!("cannot write the key `{}`", path.display())))
}

fn beside(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_os_string();
    name.push(".key");
    PathBuf::from(name)
}

/// Reads hosts.toml, if there is one.
fn targets(folder: &Folder) -> Result<Option<Vec<Target>>, Failure> {
    let path = folder.path("hosts.toml");
    if !path.exists() {
        return Ok(None);
    }
    let file = HostsFile::with_warnings(&path, &Environment::of_this_process()).map_err(Failure::user)?;
    Ok(Some(file.targets))
}
