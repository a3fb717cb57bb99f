//! `catalog refresh`: new prices from AWS's price list, checked before they are put in use.

use std::fmt::Display;
use std::path::PathBuf;

use analyzer::catalog::Catalog;
use analyzer::catalog::price_list::diff::{Difference, FamilyChange, diff};
use anyhow::anyhow;
use jiff::tz::TimeZone;

use crate::cli::{Format, Refresh};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::interrupt;
use crate::printer::Printer;
use crate::refresh::{AWS, From, Place, Refreshed, Request, refresh};
use crate::table::Table;

/// Changes that a table on the screen shows one by one.
const SHOWN_CHANGES: usize = 20;

/// Refreshes the catalog in use.
pub fn run(flags: &Refresh, in_use: &Catalog, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let request = Request {
        regions: regions(flags, folder)?,
        offers: flags.offers.clone(),
        from: source(flags),
    };
    let place = place(flags, folder)?;
    let _lock = place.lock()?;
    let today = jiff::Timestamp::now().to_zoned(TimeZone::UTC).date();
    let refreshed = refresh(&request, in_use, place.downloads(), today, printer)?;
    let differences: Vec<(String, Difference)> = request
        .regions
        .iter()
        .map(|region| (region.clone(), diff(in_use, &refreshed.catalog, region)))
        .collect();
    print(flags, &refreshed, &differences, printer)?;
    for remark in &refreshed.remarks {
        printer.note(remark);
    }
    let refusals = refreshed.findings.iter().filter(|finding| finding.refuses).count();
    for finding in &refreshed.findings {
        let word = if finding.refuses { "refused: " } else { "" };
        printer.warning(&format!("{word}{}", finding.words));
    }
    if refusals > 0 && !flags.accept {
        return Err(Failure::data(anyhow!(
            "the checks refuse the new prices ({refusals} of them); the catalog in use stays as it is"
        ))
        .hint("look at what changed with `--diff --dry-run`; if the prices are right, use them with `--accept`"));
    }
    if flags.dry_run {
        printer.note("nothing was put in use (--dry-run)");
        return Ok(Outcome::Done);
    }
    interrupt::check()?;
    let kept = place.replace(&refreshed.bytes)?;
    printer.note(&format!(
        "catalog {} is in use: {}",
        refreshed.catalog.id(),
        place.file.display()
    ));
    if let Some(kept) = kept {
        printer.note(&format!("the one before is kept: {}", kept.display()));
    }
    if refreshed.is_downloaded && !flags.keep {
        // What stays is found and used, or replaced, the next time.
        let _ = std::fs::remove_dir_all(place.downloads());
    }
    if let Some(out) = &flags.out {
        printer.hint(&format!("use it with `--catalog {}`", out.display()));
    } else {
        printer.hint("make the plan anew with `sizewright plan`");
    }
    Ok(Outcome::Done)
}

/// Gives the regions that were asked for, or the assessment's.
fn regions(flags: &Refresh, folder: &Folder) -> Result<Vec<String>, Failure> {
    let mut regions = if flags.regions.is_empty() {
        let assessment = folder.assessment().map_err(|failure| {
            failure.hint("name the region with `--region`, or the assessment's folder with `-C DIR`")
        })?;
        vec![assessment.region]
    } else {
        flags.regions.clone()
    };
    for region in &regions {
        let is_code = !region.is_empty()
            && region.len() <= 32
            && region
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !is_code {
            return Err(
                Failure::user(anyhow!("`{region}` is not a region code")).hint("a code looks like ap-southeast-1")
            );
        }
    }
    regions.sort();
    regions.dedup();
    Ok(regions)
}

fn source(flags: &Refresh) -> From {
    match flags.from.as_deref() {
        None => From::Server(AWS.to_string()),
        Some(url) if url.starts_with("http://") || url.starts_with("https://") => From::Server(url.to_string()),
        Some(path) => From::Disk(PathBuf::from(path)),
    }
}

fn place(flags: &Refresh, folder: &Folder) -> Result<Place, Failure> {
    if let Some(out) = &flags.out {
        return Ok(Place::at(out));
    }
    if !folder.path("assessment.toml").exists() {
        return Err(Failure::user(anyhow!(
            "there is no assessment in `{}` whose catalog could be refreshed",
            folder.path("").display()
        ))
        .hint("choose its folder with `-C DIR`, or write a catalog of its own with `--out FILE`"));
    }
    Ok(Place::within(&folder.catalog_folder()))
}

fn print(
    flags: &Refresh,
    refreshed: &Refreshed,
    differences: &[(String, Difference)],
    printer: &Printer,
) -> Result<(), Failure> {
    if flags.diff {
        return match printer.format() {
            Format::Table | Format::Markdown => families(differences, printer),
            Format::Csv | Format::Json => changes(differences, printer),
        };
    }
    let mut table = Table::new(&[
        "region",
        "offer",
        "version",
        "published",
        "#prices",
        "#taken",
        "#new",
        "#gone",
        "#dearer",
        "#cheaper",
    ]);
    for read in &refreshed.read {
        let list = &read.list;
        // Families of all offers stand under the region's first file.
        let is_first = refreshed
            .read
            .iter()
            .find(|other| other.list.region == list.region)
            .is_some_and(|other| other.list.offer == list.offer);
        let sums = differences
            .iter()
            .find(|(region, _)| is_first && *region == list.region)
            .map(|(_, difference)| sums(difference));
        let sum = |number: usize| sums.map_or(String::new(), |sums| sums[number].to_string());
        table.row(vec![
            list.region.clone(),
            list.offer.word().to_string(),
            list.version.clone(),
            list.published.to_string(),
            list.rows.to_string(),
            list.prices.len().to_string(),
            sum(0),
            sum(1),
            sum(2),
            sum(3),
        ]);
        for (why, count) in &list.left_out {
            printer.detail(&format!(
                "{} {}: {count} left out: {}",
                list.region,
                list.offer,
                why.words()
            ));
        }
        printer.detail(&format!("{}: sha256 {}", read.name, read.file.sha256));
    }
    printer.data(&table.render(printer.format()))
}

/// New, gone, dearer, cheaper.
fn sums(difference: &Difference) -> [usize; 4] {
    let mut sums = [0; 4];
    for family in &difference.families {
        sums[0] += family.new;
        sums[1] += family.gone;
        sums[2] += family.dearer;
        sums[3] += family.cheaper;
    }
    sums
}

fn families(differences: &[(String, Difference)], printer: &Printer) -> Result<(), Failure> {
    let mut table = Table::new(&[
        "region", "table", "family", "#same", "#new", "#gone", "#dearer", "#cheaper", "#from %", "#to %",
    ]);
    let mut largest = Table::new(&["region", "price", "change", "#USD before", "#USD after", "#%"]);
    for (region, difference) in differences {
        for (name, families) in by_table(difference) {
            // A table that the catalog in use does not have is new as a whole: one row says it.
            let is_new = families
                .iter()
                .all(|family| family.new > 0 && family.same + family.gone + family.dearer + family.cheaper == 0);
            if is_new && families.len() > 1 {
                let prices: usize = families.iter().map(|family| family.new).sum();
                table.row(vec![
                    region.clone(),
                    name.to_string(),
                    format!("all {}", families.len()),
                    "0".to_string(),
                    prices.to_string(),
                    "0".to_string(),
                    "0".to_string(),
                    "0".to_string(),
                    String::new(),
                    String::new(),
                ]);
                continue;
            }
            for family in families {
                if family.new + family.gone + family.dearer + family.cheaper == 0 {
                    continue;
                }
                let (low, high) = family.range.map_or((String::new(), String::new()), |(low, high)| {
                    (signed(low), signed(high))
                });
                table.row(vec![
                    region.clone(),
                    name.to_string(),
                    family.family.clone(),
                    family.same.to_string(),
                    family.new.to_string(),
                    family.gone.to_string(),
                    family.dearer.to_string(),
                    family.cheaper.to_string(),
                    low,
                    high,
                ]);
            }
        }
        let mut moved: Vec<_> = difference
            .changes
            .iter()
            .filter_map(|change| Some((change.percent?, change)))
            .collect();
        moved.sort_by(|(one, first), (other, second)| (other.abs(), &first.item).cmp(&(one.abs(), &second.item)));
        for (percent, change) in moved.into_iter().take(SHOWN_CHANGES) {
            largest.row(vec![
                region.clone(),
                format!("{}: {}", change.table.word(), change.item),
                change.change.word().to_string(),
                usd(change.before),
                usd(change.after),
                signed(percent),
            ]);
        }
    }
    printer.data(&table.render(printer.format()))?;
    if !largest.is_empty() {
        printer.data("\nLargest changes:\n")?;
        printer.data(&largest.render(printer.format()))?;
    }
    printer.note("every change by itself: --format csv or json");
    Ok(())
}

/// Groups families by their table, in the order of the tables.
fn by_table(difference: &Difference) -> Vec<(&'static str, Vec<&FamilyChange>)> {
    let mut tables: Vec<(&'static str, Vec<&FamilyChange>)> = Vec::new();
    for family in &difference.families {
        let name = family.table.word();
        match tables.last_mut() {
            Some((last, families)) if *last == name => families.push(family),
            _ => tables.push((name, vec![family])),
        }
    }
    tables
}

fn changes(differences: &[(String, Difference)], printer: &Printer) -> Result<(), Failure> {
    let mut table = Table::new(&[
        "region",
        "table",
        "family",
        "price",
        "change",
        "#usd_before",
        "#usd_after",
        "#percent",
    ]);
    for (region, difference) in differences {
        for change in &difference.changes {
            table.row(vec![
                region.clone(),
                change.table.word().to_string(),
                change.family.clone(),
                change.item.clone(),
                change.change.word().to_string(),
                usd(change.before),
                usd(change.after),
                change.percent.map_or(String::new(), |percent| percent.to_string()),
            ]);
        }
    }
    printer.data(&table.render(printer.format()))
}

/// Writes an amount as it is; rates with a fee spread over years have more digits than anyone reads.
fn usd(amount: Option<impl Display>) -> String {
    /// Digits and point of an amount, such as 0.0000000655.
    const MOST: usize = 12;
    amount.map_or(String::new(), |amount| {
        let text = amount.to_string();
        if text.contains('.') && text.len() > MOST {
            text[..MOST].trim_end_matches('0').to_string()
        } else {
            text
        }
    })
}

fn signed(percent: impl Display) -> String {
    let text = percent.to_string();
    if text.starts_with('-') {
        text
    } else {
        format!("+{text}")
    }
}
