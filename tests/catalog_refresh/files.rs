//! Price lists of Singapore made of the built-in catalog's own prices, and the program.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use analyzer::catalog::Catalog;
use sample_data::price_list::{Ec2List, ListedRegion, ListedType, Mix, SavingsList};

pub const REGION: &str = "ap-southeast-1";

pub fn types() -> Vec<ListedType> {
    Catalog::embedded()
        .offers(REGION)
        .unwrap()
        .iter()
        .map(|offer| ListedType {
            name: offer.shape.name.clone(),
            vcpu: offer.shape.vcpu,
            memory_mib: offer.shape.memory_mib,
            linux_nano: (offer.price.amount.approximately() * 1e9).round() as u64,
        })
        .collect()
}

/// The prices of today, but for m7i, which is so many per mille of them.
pub fn ec2_csv(m7i_permille: u64) -> Vec<u8> {
    let mut types = types();
    for listed in types.iter_mut().filter(|listed| listed.name.starts_with("m7i.")) {
        listed.linux_nano = listed.linux_nano * m7i_permille / 1000;
    }
    let mut bytes = Vec::new();
    let list = Ec2List {
        region: ListedRegion::singapore(),
        types: &types,
        reserved_until_bytes: 0,
        mix: Mix::Few,
    };
    list.write_csv(&mut bytes).unwrap();
    bytes
}

pub fn savings_csv() -> Vec<u8> {
    let mut bytes = Vec::new();
    let list = SavingsList {
        region: ListedRegion::singapore(),
        types: &types()[..20],
    };
    list.write_csv(&mut bytes).unwrap();
    bytes
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A folder with an assessment in it.
pub struct Assessment {
    pub work: tempfile::TempDir,
}

impl Assessment {
    pub fn new() -> Self {
        let work = tempfile::tempdir().unwrap();
        let assessment = Self { work };
        let made = assessment.run(&["init", "acme", "--region", REGION]);
        assert!(made.status.success(), "{}", said(&made));
        assessment
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.work.path().join(name)
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sizewright"));
        command.args(words).current_dir(self.work.path());
        for name in [
            "HTTPS_PROXY",
            "HTTP_PROXY",
            "ALL_PROXY",
            "https_proxy",
            "http_proxy",
            "all_proxy",
            "SSL_CERT_FILE",
        ] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    pub fn refresh(&self, from: &str, words: &[&str]) -> Output {
        let mut all = vec!["-C", "acme", "catalog", "refresh", "--from", from];
        all.extend(words);
        self.run(&all)
    }

    pub fn catalog(&self) -> PathBuf {
        self.path("acme/catalog/prices.catalog")
    }

    /// Gives the hourly price of a type in the catalog in use.
    pub fn price(&self, name: &str) -> String {
        let catalog = Catalog::read(&self.catalog()).unwrap();
        let offer = catalog.offer(REGION, name).unwrap().unwrap();
        offer.price.amount.as_decimal().normalize().to_string()
    }
}

pub fn said(output: &Output) -> String {
    format!(
        "exit {:?}\n{}{}",
        output.status.code(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

pub fn put(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}
