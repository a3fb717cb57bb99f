//! What an EC2 instance type can do: its capacities, without any price.
//!
//! Input: figures of a catalog. Output: [`Shape`]. What AWS does not state is
//! `None`, never zero: a shape whose EBS limits are unknown has no EBS limits.

use std::fmt;

use serde::{Deserialize, Serialize};
use telemetry::units::{Bytes, BytesPerSecond, Cores, OperationsPerSecond};

use super::cpu::CpuScore;

/// An EC2 instance type's capacities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// The instance type, such as `m7i.xlarge`.
    pub name: String,
    /// The part before the dot, such as `m7i`.
    pub family: String,
    /// The part after the dot, such as `xlarge`.
    pub size: String,
    /// The number in the family's name (7 of `m7i`), for "newer first"; comparable within a kind of family only.
    pub generation: Option<u8>,
    /// Whether AWS counts the type as current generation.
    pub current_generation: bool,
    /// Logical CPUs.
    pub vcpu: u32,
    /// Physical cores behind them.
    pub cores: u32,
    /// Logical CPUs per core; 1 on Graviton, and on AMD from generation 7.
    pub threads_per_core: u32,
    /// Memory, a whole number of MiB.
    pub memory_mib: u32,
    /// Instruction set and what boots on it.
    pub architecture: Architecture,
    /// Who made the CPU.
    pub manufacturer: Manufacturer,
    /// Sustained clock.
    pub clock_ghz: Option<f64>,
    /// CPU model as seen on a running instance.
    pub cpu_model: Option<String>,
    /// Throughput of one vCPU relative to one of m7i, best known for this type.
    pub cpu_score: Option<CpuScore>,
    /// The median of the family's smaller sizes, steadier than one run of this type.
    pub family_cpu_score: Option<CpuScore>,
    /// `CoreMark` of the whole instance, if it was run on this type.
    pub coremark_total: Option<f64>,
    /// Whether a CPU that is always busy is served in full.
    pub cpu_performance: CpuPerformance,
    /// Network limits.
    pub network: NetworkLimits,
    /// EBS limits, unknown for some of the oldest types.
    pub ebs: Option<EbsLimits>,
    /// Disks that come with the instance, lost when it stops.
    pub local_disks: Option<LocalDisks>,
    /// GPUs and other accelerators.
    pub accelerators: Option<Accelerators>,
    /// What runs the instance.
    pub hypervisor: Hypervisor,
    /// How it can be bought.
    pub purchase: PurchaseClasses,
}

impl Shape {
    /// Gives the memory.
    #[must_use]
    pub fn memory(&self) -> Bytes {
        Bytes::from_mebibytes(f64::from(self.memory_mib))
    }

    /// Gives the memory in GiB, as AWS's pages show it.
    #[must_use]
    pub fn memory_gib(&self) -> f64 {
        self.memory().as_gibibytes()
    }

    /// Gives the vCPUs as a quantity of logical CPUs.
    #[must_use]
    pub fn vcpus(&self) -> Cores {
        Cores::from_cores(f64::from(self.vcpu))
    }

    /// Orders the types of a family: small to large, bare metal after the same size with a hypervisor.
    #[must_use]
    pub fn size_order(&self) -> (u32, u32, bool, String) {
        (self.vcpu, self.memory_mib, self.is_bare_metal(), self.name.clone())
    }

    /// Says whether the instance is a whole machine without a hypervisor.
    #[must_use]
    pub fn is_bare_metal(&self) -> bool {
        self.hypervisor == Hypervisor::None
    }

    /// Says whether the CPU's full speed lasts only while credits do, or whether that is unknown.
    #[must_use]
    pub fn is_burstable(&self) -> bool {
        !matches!(self.cpu_performance, CpuPerformance::Fixed)
    }

    /// Says whether it is a `-flex` type, which AWS serves in full 95 % of the time and at 40 % at least.
    #[must_use]
    pub fn is_flex(&self) -> bool {
        self.family.ends_with("-flex")
    }

    /// Says whether it carries GPUs or other accelerators.
    #[must_use]
    pub fn has_accelerators(&self) -> bool {
        self.accelerators.is_some()
    }
}

/// Instruction set, as far as it decides what boots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Architecture {
    /// 64-bit x86 only.
    #[serde(rename = "x86_64")]
    X86_64,
    /// 64-bit x86 that also boots 32-bit images (the oldest Xen types).
    #[serde(rename = "i386/x86_64")]
    I386AndX86_64,
    /// 64-bit Arm.
    #[serde(rename = "arm64")]
    Arm64,
    /// Apple hardware with an Intel CPU; runs macOS only.
    #[serde(rename = "x86_64_mac")]
    X86_64Mac,
    /// Apple hardware with an Apple CPU; runs macOS only.
    #[serde(rename = "arm64_mac")]
    Arm64Mac,
}

impl Architecture {
    /// Gives the word that tables and files use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::I386AndX86_64 => "i386/x86_64",
            Self::Arm64 => "arm64",
            Self::X86_64Mac => "x86_64_mac",
            Self::Arm64Mac => "arm64_mac",
        }
    }

    /// Says whether a 64-bit x86 Linux boots on it.
    #[must_use]
    pub const fn runs_x86_64_linux(self) -> bool {
        matches!(self, Self::X86_64 | Self::I386AndX86_64)
    }

    /// Says whether a 64-bit Arm Linux boots on it.
    #[must_use]
    pub const fn runs_arm64_linux(self) -> bool {
        matches!(self, Self::Arm64)
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

/// Who made the CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the makers'")]
pub enum Manufacturer {
    Intel,
    #[serde(rename = "AMD")]
    Amd,
    #[serde(rename = "AWS")]
    Aws,
    Apple,
}

impl fmt::Display for Manufacturer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Intel => "Intel",
            Self::Amd => "AMD",
            Self::Aws => "AWS",
            Self::Apple => "Apple",
        })
    }
}

/// What runs the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hypervisor {
    /// AWS Nitro; needs NVMe and ENA drivers in the image.
    Nitro,
    /// Xen, before Nitro.
    Xen,
    /// None: bare metal.
    None,
}

/// Whether a CPU that is always busy is served in full.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CpuPerformance {
    /// Always in full.
    Fixed,
    /// In full while CPU credits last, else at the baseline.
    Burstable(CpuCredits),
    /// A type of the T kind whose baseline the sources do not state (t8i).
    BurstableUnknown,
}

/// The credit model of a burstable type. One credit is one vCPU busy for one minute.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CpuCredits {
    /// Share of each vCPU that can be busy for ever, 0 to 1.
    pub baseline_fraction_per_vcpu: f64,
    /// Credits earned per hour by the whole instance; the balance is capped at 24 hours of these.
    pub credits_per_hour: f64,
}

/// Network bandwidth of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkLimits {
    /// What is served for ever.
    pub baseline: BytesPerSecond,
    /// What is served while network credits last; equals the baseline if there is no burst.
    pub burst: BytesPerSecond,
}

/// Bandwidth between an instance and its EBS volumes, all volumes together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EbsLimits {
    /// Throughput served for ever; AWS's "MB/s", which are decimal.
    pub baseline: BytesPerSecond,
    /// Throughput served for 30 minutes a day at least; equals the baseline on larger sizes.
    pub maximum: BytesPerSecond,
    /// Operations served for ever, at 16 KiB.
    pub baseline_iops: OperationsPerSecond,
    /// Operations served for 30 minutes a day at least, at 16 KiB.
    pub maximum_iops: OperationsPerSecond,
    /// Volumes that can be attached (on some types shared with network interfaces).
    pub attachments: u16,
}

/// Disks that come with an instance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocalDisks {
    /// How many.
    pub count: u32,
    /// Size of each, in GB (10^9 bytes), as AWS states it.
    pub each_gb: u32,
    /// What they are made of.
    pub kind: LocalDiskKind,
    /// Whether they are NVMe devices.
    pub nvme: bool,
}

impl LocalDisks {
    /// Gives the capacity of all disks together.
    #[must_use]
    pub fn total(self) -> Bytes {
        Bytes::from_bytes(f64::from(self.count) * f64::from(self.each_gb) * 1e9)
    }
}

/// What a local disk is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LocalDiskKind {
    /// Flash.
    Ssd,
    /// Spinning.
    Hdd,
}

/// GPUs and other accelerators of an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accelerators {
    /// What they are for.
    pub kind: AcceleratorKind,
    /// Whole GPUs; `None` for a fraction of one and for what is no GPU.
    pub gpu_count: Option<u32>,
    /// Model of the GPU.
    pub gpu_name: Option<String>,
    /// Memory of all GPUs together.
    pub gpu_memory: Option<Bytes>,
}

/// What accelerators are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AcceleratorKind {
    /// Graphics and general computing.
    Gpu,
    /// Machine learning only (Inferentia, Trainium, Qualcomm).
    MachineLearning,
    /// Programmable logic.
    Fpga,
    /// Video transcoding.
    Video,
}

/// How an instance type can be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseClasses {
    /// By the hour, without commitment.
    pub on_demand: bool,
    /// As spot capacity.
    pub spot: bool,
    /// As a reserved block of accelerator capacity.
    pub capacity_block: bool,
}
