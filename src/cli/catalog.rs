//! Arguments of `catalog`: show, verify, refresh.

use std::path::PathBuf;

use analyzer::catalog::price_list::Offer;
use clap::{Args, Subcommand};

/// Arguments of `catalog`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sizewright catalog show m7i.xlarge --region ap-southeast-1\n  sizewright catalog verify\n  sizewright -C acme catalog refresh --region ap-southeast-1 --diff"
)]
pub struct Catalog {
    /// What to do with it.
    #[command(subcommand)]
    pub action: CatalogAction,
}

/// What can be done with the catalog.
#[derive(Debug, Subcommand)]
pub enum CatalogAction {
    /// Shows a type, a family, or the catalog's own age and sources.
    #[command(
        after_long_help = "Examples:\n  sizewright catalog show m7i.xlarge --region ap-southeast-1\n  sizewright catalog show --family m7g"
    )]
    Show {
        /// The type, such as m7i.xlarge.
        #[arg(value_name = "TYPE", conflicts_with = "family")]
        name: Option<String>,
        /// A whole family, such as m7g.
        #[arg(long)]
        family: Option<String>,
        /// The region of the prices.
        #[arg(long, default_value = "us-east-1")]
        region: String,
    },
    /// Checks the catalog's data against the laws it must obey.
    #[command(after_long_help = "Examples:\n  sizewright catalog verify\n  sizewright catalog verify --format json")]
    Verify,
    /// Takes new prices from AWS's price list, checks them, and puts them in use.
    ///
    /// The new catalog is the assessment's own: catalog/prices.catalog, which plan, compare and the rest then use. The
    /// one before is kept in catalog/former/. What fails leaves everything as it is; what was downloaded is gone on with.
    #[command(
        after_long_help = "Examples:\n  sizewright -C acme catalog refresh --region ap-southeast-1 --diff\n  sizewright -C acme catalog refresh --region ap-southeast-1 --from price-lists --offers ec2,rds --dry-run\n  sizewright catalog refresh --region eu-west-1 --from https://mirror.example/pricing --out prices.catalog"
    )]
    Refresh(Refresh),
}

/// Arguments of `catalog refresh`.
#[derive(Debug, Args)]
pub struct Refresh {
    /// The region; may be repeated. The assessment's unless given.
    #[arg(long = "region", value_name = "REGION")]
    pub regions: Vec<String>,
    /// Where the files are: a server with AWS's paths, a folder, or one file; AWS's own server unless given.
    #[arg(long, value_name = "URL|DIR")]
    pub from: Option<String>,
    /// Offers to take, such as ec2,rds; all that are there unless given.
    #[arg(long, value_name = "OFFERS", value_delimiter = ',')]
    pub offers: Vec<Offer>,
    /// Show what changed against the catalog in use: new, gone, dearer, cheaper.
    #[arg(long)]
    pub diff: bool,
    /// Only show; put nothing in use.
    #[arg(long)]
    pub dry_run: bool,
    /// Put the prices in use although the checks refuse them.
    #[arg(long)]
    pub accept: bool,
    /// Write to this file instead of the assessment's catalog.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Keep what was downloaded.
    #[arg(long)]
    pub keep: bool,
}
