//! What can be typed: verbs, flags with units, and help that ends in examples.

mod catalog;
mod cost;

use std::path::PathBuf;
use std::time::Duration;

use analyzer::policy::Rule;
use analyzer::report::language::Language;
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

pub use catalog::{Catalog, CatalogAction, Refresh};
pub use cost::{Budget, Compare};

use crate::units::{day, duration, rate, share};

/// Finds which cloud instance each Linux workload needs, proves it, and prices it.
#[derive(Debug, Parser)]
#[command(
    name = "sizewright",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_long_help = "Examples:\n  sizewright demo --out demo\n  sizewright -C demo explain prod-pg-01\n\nExit codes: 0 done, 1 finished but something failed or is undecided, 2 usage or configuration,\n3 data damaged, too old or too new, 4 internal."
)]
pub struct Arguments {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The assessment's folder.
    #[arg(
        short = 'C',
        long = "directory",
        value_name = "DIR",
        default_value = ".",
        global = true
    )]
    pub directory: PathBuf,
    /// Another price catalog than the assessment's catalog/prices.catalog: a file, or built-in.
    #[arg(long, value_name = "FILE", global = true)]
    pub catalog: Option<PathBuf>,
    /// Format of what goes to standard output.
    #[arg(long, value_enum, default_value_t = Format::Table, global = true)]
    pub format: Format,
    /// Print no progress, notes or hints.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Print more detail; may be repeated.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// When to use colour; NO_COLOR is respected.
    #[arg(long, value_enum, default_value_t = ColorWhen::Auto, global = true)]
    pub color: ColorWhen,
}

/// Format of data on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns for people.
    Table,
    /// JSON for programs.
    Json,
    /// CSV for spreadsheets.
    Csv,
    /// Markdown for documents.
    Markdown,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Writes a whole assessment of a sample estate: telemetry, plan, charts, report.
    Demo(Demo),
    /// Starts an assessment: a commented assessment.toml and hosts.toml in a new folder.
    Init(Init),
    /// Looks at every host of hosts.toml once: what it is, what runs on it, whom it talks to.
    Discover(Discover),
    /// Gathers telemetry from the hosts of hosts.toml, over SSH; goes on where it stopped.
    Collect(Collect),
    /// Takes in telemetry from files.
    Import(Import),
    /// Says what is known: hosts, span, coverage, oddities, confidence.
    Status(Status),
    /// Makes the right-sizing plan and writes it to plan/.
    Plan(Plan),
    /// Proves one recommendation.
    Explain(Explain),
    /// Shows which hosts can scale together, and the policy that would have held.
    Autoscale(Autoscale),
    /// Projects what the years to come cost: staying, and each way to AWS, month by month.
    Project(Project),
    /// Judges every sizing rule on the estate's own past: cost against risk.
    Backtest(Backtest),
    /// Compares scenarios side by side: what if another size, architecture, region or way to pay?
    Compare(Compare),
    /// Finds the plan of least risk that a budget pays for.
    Budget(Budget),
    /// Writes the report: one HTML file, a workbook, Markdown, JSON, charts.
    Report(Report),
    /// Writes tables, templates and files that other tools take.
    Export(Export),
    /// Checks a finished plan from scratch, against catalog and telemetry.
    Audit,
    /// Copies the assessment without names, addresses, accounts and paths; the key leads back.
    Anonymise(Anonymise),
    /// Shows, checks and refreshes the price catalog.
    Catalog(Catalog),
    /// Prints completions for a shell.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Prints the manual page.
    #[command(hide = true)]
    Man,
    /// Prints every command and flag as Markdown: docs/commands.md.
    #[command(hide = true)]
    Reference,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  sizewright demo\n  sizewright demo --out acme-demo --seed 7")]
pub struct Demo {
    /// Folder to write to; it must not exist or be empty.
    #[arg(long, value_name = "DIR", default_value = "sizewright-demo")]
    pub out: PathBuf,
    /// Everything random follows from it: the same seed gives the same telemetry.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// The day the plan is for; today unless given.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Date>,
    /// Draw no chart files beside the report.
    #[arg(long)]
    pub no_charts: bool,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sizewright init acme\n  sizewright init acme --region ap-southeast-1 --time-zone Asia/Ho_Chi_Minh"
)]
pub struct Init {
    /// The new folder.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// AWS region to plan for.
    #[arg(long, default_value = "us-east-1")]
    pub region: String,
    /// IANA name of the zone in which hours of the week are counted.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub time_zone: String,
}

/// Arguments of `discover`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sizewright -C acme discover\n  sizewright -C acme discover --only 'db-*' --no-arguments --format json\n  sizewright -C acme discover --graph svg > map.svg"
)]
pub struct Discover {
    /// Only these hosts: names with * and ?, or tags; may be repeated.
    #[arg(long, value_name = "PATTERN")]
    pub only: Vec<String>,
    /// Another file than the assessment's hosts.toml.
    #[arg(long, value_name = "FILE")]
    pub hosts: Option<PathBuf>,
    /// Keep names of processes only; else their arguments are kept, with every secret taken out.
    #[arg(long)]
    pub no_arguments: bool,
    /// Also load one core of each host for about three seconds, to learn how fast its CPU is: `gzip` at the lowest
    /// priority, one host after the other, nothing written; a busy host is left alone. Never without this flag.
    #[arg(long)]
    pub benchmark: bool,
    /// Only print the map of dependencies that is known already, in this form; no host is looked at.
    #[arg(long, value_enum, value_name = "FORM", conflicts_with_all = ["only", "hosts", "no_arguments", "accept_new", "benchmark"])]
    pub graph: Option<Graph>,
    /// Accept the keys of unknown hosts and write them to this known_hosts file; changed keys are refused all the same.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "~/.ssh/known_hosts")]
    pub accept_new: Option<PathBuf>,
}

/// Forms of the map of dependencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Graph {
    /// For Graphviz.
    Dot,
    /// A picture.
    Svg,
    /// Hosts, links, shared infrastructure and move groups, for programs.
    Json,
}

/// Arguments of `collect`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sizewright -C acme collect --check\n  sizewright -C acme collect --for 14d --every 60s"
)]
pub struct Collect {
    /// How long to collect, such as 14d or 90m; until stopped unless given.
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub time: Option<Duration>,
    /// How often a row is stored, such as 60s; what hosts.toml says unless given.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub every: Option<Duration>,
    /// How often counters are read within an interval, such as 10s; what hosts.toml says unless given.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub tick: Option<Duration>,
    /// Only these hosts: names with * and ?, or tags; may be repeated.
    #[arg(long, value_name = "PATTERN")]
    pub only: Vec<String>,
    /// Another file than the assessment's hosts.toml.
    #[arg(long, value_name = "FILE")]
    pub hosts: Option<PathBuf>,
    /// Only try every host once and say what can be read.
    #[arg(long, conflicts_with_all = ["time", "show_commands"])]
    pub check: bool,
    /// Only print what runs on the hosts, in full.
    #[arg(long)]
    pub show_commands: bool,
    /// Accept the keys of unknown hosts and write them to this known_hosts file; changed keys are refused all the same.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "~/.ssh/known_hosts")]
    pub accept_new: Option<PathBuf>,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sizewright -C acme import csv usage.csv --mapping usage.toml --dry-run\n  sizewright -C acme import sar /var/log/sa --time-zone Asia/Ho_Chi_Minh"
)]
pub struct Import {
    /// Format of the files, or the tool that wrote them.
    #[arg(value_enum)]
    pub kind: ImportKind,
    /// The files; of a tool, also folders of files.
    #[arg(required_unless_present = "url", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What the columns mean; without it they must be native.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Fill only this table: host, disk, filesystem, network, service or process_group.
    #[arg(long, value_name = "TABLE", value_parser = table)]
    pub table: Option<telemetry::Table>,
    /// Only show what would be understood.
    #[arg(long)]
    pub dry_run: bool,
    /// What a tool's files do not say.
    #[command(flatten)]
    pub unsaid: Unsaid,
    /// A server to ask instead of files.
    #[command(flatten)]
    pub server: Server,
}

/// A server that `import prometheus` asks.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "A Prometheus server instead of files")]
pub struct Server {
    /// Address of the server, such as https://prometheus.example.
    #[arg(long, value_name = "URL", conflicts_with = "files", requires = "from")]
    pub url: Option<String>,
    /// First point, such as 2026-05-01T00:00:00Z.
    #[arg(long, value_name = "TIME", requires = "url")]
    pub from: Option<jiff::Timestamp>,
    /// Last point; now unless given.
    #[arg(long, value_name = "TIME", requires = "url")]
    pub to: Option<jiff::Timestamp>,
    /// Distance of two points; the scrapes are told from it.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "60s")]
    pub step: Duration,
    /// File that holds the bearer token, and nothing else.
    #[arg(long, value_name = "FILE", requires = "url")]
    pub token_file: Option<PathBuf>,
    /// Certificates to trust instead of the system's, as PEM.
    #[arg(long, value_name = "FILE", requires = "url")]
    pub ca: Option<PathBuf>,
}

/// What the files of other tools do not say.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What a tool's files do not say")]
pub struct Unsaid {
    /// Zone of times that name none, such as Asia/Ho_Chi_Minh; UTC unless given.
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// The host of all rows.
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,
    /// CPUs of every host in the files.
    #[arg(long, value_name = "N")]
    pub vcpus: Option<u32>,
    /// When figures without a time were taken, such as 2026-05-01T00:00:00Z; the file's last change unless given.
    #[arg(long, value_name = "TIME")]
    pub at: Option<jiff::Timestamp>,
    /// Take free + buffers + cached as available memory where an older sar or nmon does not tell it.
    #[arg(long)]
    pub cache_is_available: bool,
}

/// Formats that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImportKind {
    /// Text with a header line.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// sysstat: text of sar, sadf -d, -j and -x, binary sa files.
    Sar,
    /// nmon of Linux and AIX.
    Nmon,
    /// Range queries of Prometheus over node_exporter's metrics.
    Prometheus,
    /// get-metric-data, get-metric-statistics, metric streams.
    Cloudwatch,
    /// RVTools workbooks.
    Rvtools,
    /// Performance counters of vCenter as CSV.
    Vsphere,
    /// Azure Migrate's import template.
    AzureMigrate,
    /// AWS Migration Hub's import template.
    MigrationHub,
    /// Agent export of AWS Application Discovery Service.
    DiscoveryAgent,
    /// StratoZone (Google Migration Center).
    Stratozone,
    /// Zabbix history.get with item.get.
    Zabbix,
    /// Performance Co-Pilot, and collectl through it: pmrep -o csv.
    Pmrep,
}

fn table(name: &str) -> Result<telemetry::Table, String> {
    telemetry::Table::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = telemetry::Table::ALL.iter().map(|table| table.name()).collect();
        format!("`{name}` is not a table; expected one of {}", known.join(", "))
    })
}

/// Arguments of `status`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  sizewright -C acme status\n  sizewright -C acme status --format json")]
pub struct Status {}

/// What changes a plan from the command line.
#[derive(Clone, Debug, Default, Args)]
pub struct PlanFlags {
    /// Sizing rule for every environment, such as sizewright, azure-migrate or migration-hub:p95+20%.
    #[arg(long, value_name = "RULE")]
    pub rule: Option<Rule>,
    /// Risk dial of rule sizewright: the share of the time a host may be short of CPU, such as 0.5%.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub risk: Option<f64>,
    /// Extra CPU and memory on top of the rule, such as 20%.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub headroom: Option<f64>,
    /// Do not cap a requirement at what the source has.
    #[arg(long)]
    pub no_source_cap: bool,
    /// Architectures that may be proposed; may be repeated.
    #[arg(long = "arch", value_enum, value_name = "ARCH")]
    pub architectures: Vec<Arch>,
    /// Families that may be proposed, as patterns such as m7*; may be repeated.
    #[arg(long = "family", value_name = "PATTERN")]
    pub families: Vec<String>,
    /// Allow types that run on CPU credits.
    #[arg(long)]
    pub burstable: bool,
    /// Another region than the assessment's.
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// The day the plan is for; today unless given.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Date>,
}

/// Architectures that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Arch {
    /// Intel and AMD, 64 bits.
    #[value(name = "x86_64")]
    X86,
    /// Graviton.
    #[value(name = "arm64")]
    Arm,
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sizewright -C acme plan\n  sizewright -C acme plan --rule azure-migrate --arch x86_64 --arch arm64\n  sizewright -C acme plan --compare-with other-tool.csv"
)]
pub struct Plan {
    /// What changes the plan.
    #[command(flatten)]
    pub flags: PlanFlags,
    /// Do not look for groups that can scale.
    #[arg(long)]
    pub no_scaling: bool,
    /// Compare with another tool's answers, or another plan's recommendations.csv: host, and instance_type or vcpu and memory_gib.
    #[arg(long, value_name = "FILE.csv")]
    pub compare_with: Option<PathBuf>,
}

/// Arguments of `backtest`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sizewright -C acme backtest\n  sizewright -C acme backtest --single-family m7i --format csv > league.csv"
)]
pub struct Backtest {
    /// The one family that every rule is tried on besides the whole catalog.
    #[arg(long, value_name = "FAMILY", default_value = "m7i")]
    pub single_family: String,
    /// Architectures that may be proposed; may be repeated.
    #[arg(long = "arch", value_enum, value_name = "ARCH")]
    pub architectures: Vec<Arch>,
    /// Families that may be proposed, as patterns such as m7*; may be repeated.
    #[arg(long = "family", value_name = "PATTERN")]
    pub families: Vec<String>,
    /// Another region than the assessment's.
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
}

/// Arguments of `project`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Growth, costs beside the plan, the migration and what staying costs are [growth], [costs], [transition]\nand [on_premises] of assessment.toml; what is not stated there is not counted and is named.\n\nExamples:\n  sizewright -C demo project\n  sizewright -C demo project --months 60 --format csv > lines.csv"
)]
pub struct Project {
    /// Months to project, 1 to 120.
    #[arg(long, value_name = "N", default_value_t = 36, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub months: u32,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sizewright -C demo explain prod-pg-01 --format json\n  sizewright -C demo explain prod-pg-01 --charts\n  sizewright -C demo explain prod-pg-01/postgresql"
)]
pub struct Explain {
    /// The host, or a service: `HOST/SERVICE` or a product, such as `redis`.
    #[arg(value_name = "HOST|SERVICE")]
    pub host: String,
    /// Draw the hours around the peak and the balance of CPU credits to explain/, as SVG and PNG.
    #[arg(long)]
    pub charts: bool,
}

/// Arguments of `autoscale`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sizewright -C acme autoscale\n  sizewright -C acme autoscale web --chart web.svg\n  sizewright -C acme autoscale web --emit cloudformation > web.json\n  sizewright -C acme autoscale web --requests requests.csv"
)]
pub struct Autoscale {
    /// The group; all of the plan's unless given.
    pub group: Option<String>,
    /// Print the group's policy for those who carry it out.
    #[arg(long, value_enum, value_name = "FORM", requires = "group")]
    pub emit: Option<Emit>,
    /// Draw load, capacity that was ready and shortage to this file; its ending says svg or png.
    #[arg(long, value_name = "FILE", requires = "group")]
    pub chart: Option<PathBuf>,
    /// Take the load from this file of requests (`at,requests_per_second`) instead of the hosts' CPU.
    #[arg(long, value_name = "FILE", requires = "group")]
    pub requests: Option<PathBuf>,
    /// Requests that a busy core serves a second; learnt from the group's CPU unless given.
    #[arg(long, value_name = "N", requires = "requests", value_parser = rate)]
    pub requests_per_core_second: Option<f64>,
}

/// Forms in which a scaling policy is emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Emit {
    /// An AWS CloudFormation template in JSON.
    Cloudformation,
    /// Terraform for the AWS provider.
    Terraform,
    /// A HorizontalPodAutoscaler of Kubernetes.
    Hpa,
    /// A ScaledObject of KEDA.
    Keda,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sizewright -C demo report\n  sizewright -C demo report --format markdown > summary.md"
)]
pub struct Report {
    /// Draw no chart files beside the page.
    #[arg(long)]
    pub no_charts: bool,
    /// Most hosts whose charts are drawn; all of up to 150, else the 40 costliest, unless given.
    #[arg(long, value_name = "N")]
    pub charted_hosts: Option<usize>,
    /// Language of report.html; Markdown, JSON and the workbook are in English.
    #[arg(long, value_enum, default_value_t)]
    pub lang: PageLanguage,
}

/// Languages of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PageLanguage {
    /// English.
    #[default]
    En,
    /// Vietnamese.
    Vi,
}

impl PageLanguage {
    /// Gives the language as the report knows it.
    pub const fn of_report(self) -> Language {
        match self {
            Self::En => Language::English,
            Self::Vi => Language::Vietnamese,
        }
    }
}

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sizewright -C demo export tables\n  sizewright -C demo export cloudformation --out demo-templates"
)]
pub struct Export {
    /// What to write.
    #[arg(value_enum)]
    pub kind: ExportKind,
    /// Folder to write to; export/ of the assessment unless given.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportKind {
    /// Every table as CSV, JSON, Parquet and Markdown, with a JSON Schema.
    Tables,
    /// Import file of AWS Migration Hub.
    MigrationHub,
    /// CloudFormation of what is proposed on EC2.
    Cloudformation,
    /// Terraform of what is proposed on EC2, in Terraform's JSON syntax.
    Terraform,
    /// The architecture as a Mermaid flowchart.
    Mermaid,
    /// The architecture as a draw.io file.
    Drawio,
}

/// Arguments of `anonymise`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  sizewright -C acme anonymise acme-copy\n  sizewright -C acme-copy anonymise acme-again --reverse acme-copy.key"
)]
pub struct Anonymise {
    /// Folder of the copy; it must not exist or be empty.
    #[arg(value_name = "OUT")]
    pub out: PathBuf,
    /// Key file, used again if it exists; OUT.key unless given.
    #[arg(long, value_name = "FILE", conflicts_with = "reverse")]
    pub key: Option<PathBuf>,
    /// Turn a copy back into names, with its key.
    #[arg(long, value_name = "KEY")]
    pub reverse: Option<PathBuf>,
}
