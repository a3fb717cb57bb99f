//! What carries this system: hardware, a virtual machine of which kind, a cloud, a container.

use super::Notes;
use super::answer::Answer;
use crate::kernel::{Container, Layout};

const DMI: &str = "/sys/class/dmi/id";

/// Chassis tag of every virtual machine of Azure.
const AZURE_TAG: &str = "7783-7084-3265-9085-8269-3286-77";

pub(super) fn note(answer: &Answer<'_>, layout: &Layout, notes: &mut Notes<'_>) {
    let dmi = |name: &str| {
        answer
            .word(&format!("{DMI}/{name}"))
            .filter(|text| !is_placeholder(text))
    };
    for (fact, name) in [
        ("hardware.vendor", "sys_vendor"),
        ("hardware.model", "product_name"),
        ("hardware.sku", "product_sku"),
        ("hardware.version", "product_version"),
        ("hardware.bios", "bios_version"),
        ("hardware.board", "board_name"),
        ("hardware.uuid", "product_uuid"),
        ("hardware.serial", "product_serial"),
    ] {
        if let Some(text) = dmi(name) {
            notes.one(fact, text, DMI);
        }
    }
    if let Some(text) = answer.word("device-tree") {
        notes.one("hardware.model", text, "/proc/device-tree");
    }
    for (fact, name) in [("hardware.vendor", "Manufacturer"), ("hardware.model", "Type")] {
        if let Some(text) = answer.field("sysinfo", name, ':') {
            notes.one(fact, text, "/proc/sysinfo");
        }
    }
    if let Some(kind) = dmi("chassis_type").and_then(chassis) {
        notes.one("hardware.chassis", kind, DMI);
    }
    let seen = Seen {
        vendor: dmi("sys_vendor").unwrap_or_default(),
        product: dmi("product_name").unwrap_or_default(),
        bios: dmi("bios_version").unwrap_or_default(),
        bios_vendor: dmi("bios_vendor").unwrap_or_default(),
        tag: dmi("chassis_asset_tag").unwrap_or_default(),
    };
    if let Some((provider, instance_type)) = seen.cloud() {
        notes.one("cloud.provider", provider, DMI);
        if let Some(kind) = instance_type {
            notes.one("cloud.instance_type", kind, DMI);
        }
    }
    let container = layout.container.map(|kind| match kind {
        Container::Docker => "docker",
        Container::Podman => "podman",
        Container::Lxc => "lxc",
        Container::Kubernetes => "kubernetes",
        Container::Other => "other",
    });
    let told = answer.word("virtual").filter(|word| *word != "none");
    let openvz = (told == Some("openvz")).then_some("openvz");
    if let Some(engine) = container.or(openvz) {
        notes.one("machine.kind", "container", "/proc");
        notes.one("machine.container", engine, "/proc");
    }
    if let Some((hypervisor, how)) = hypervisor(answer, &seen, told) {
        notes.one("machine.kind", "virtual", how);
        notes.one("machine.hypervisor", hypervisor, how);
    } else if has_hypervisor_flag(answer) {
        notes.one("machine.kind", "virtual", "/proc/cpuinfo");
    } else if !seen.vendor.is_empty() {
        notes.one("machine.kind", "physical", DMI);
    } else if answer.word("virtual") == Some("none") {
        notes.one("machine.kind", "physical", "systemd-detect-virt");
    }
}

struct Seen<'a> {
    vendor: &'a str,
    product: &'a str,
    bios: &'a str,
    bios_vendor: &'a str,
    tag: &'a str,
}

impl<'a> Seen<'a> {
    /// Tells the cloud, and the instance type where the firmware names it.
    fn cloud(&self) -> Option<(&'static str, Option<&'a str>)> {
        let bios = self.bios.to_ascii_lowercase();
        Some(if self.vendor == "Amazon EC2" {
            ("aws", Some(self.product).filter(|name| name.contains('.')))
        } else if bios.contains("amazon") {
            // The older, Xen kind names no type.
            ("aws", None)
        } else if self.tag == AZURE_TAG {
            ("azure", None)
        } else if self.product == "Google Compute Engine" || self.vendor == "Google" {
            ("google", None)
        } else if self.vendor.starts_with("Alibaba Cloud") {
            ("alibaba", None)
        } else if self.tag == "OracleCloud.com" {
            ("oracle", None)
        } else if self.vendor == "DigitalOcean" {
            ("digitalocean", None)
        } else if self.vendor == "Hetzner" {
            ("hetzner", None)
        } else if self.vendor.starts_with("Tencent") {
            ("tencent", None)
        } else if self.product.starts_with("OpenStack") {
            ("openstack", None)
        } else {
            return None;
        })
    }
}

fn hypervisor<'a>(answer: &Answer<'a>, seen: &Seen<'_>, told: Option<&'a str>) -> Option<(String, &'static str)> {
    let named = |name: &str, how| Some((name.to_string(), how));
    if seen.vendor == "Amazon EC2" {
        // Bare-metal instances carry the same maker's name and run without a hypervisor.
        return if seen.product.contains(".metal") {
            None
        } else {
            named("nitro", DMI)
        };
    }
    let vendor = seen.vendor.to_ascii_lowercase();
    let by_maker = [
        ("vmware", "vmware"),
        ("innotek", "virtualbox"),
        ("oracle corporation virtualbox", "virtualbox"),
        ("nutanix", "ahv"),
        ("parallels", "parallels"),
        ("bhyve", "bhyve"),
        ("xen", "xen"),
        ("qemu", "kvm"),
        ("ovirt", "kvm"),
        ("red hat", "kvm"),
        ("openstack", "kvm"),
        ("google", "kvm"),
        ("digitalocean", "kvm"),
        ("hetzner", "kvm"),
        ("alibaba cloud", "kvm"),
        ("tencent", "kvm"),
    ];
    if let Some((_, name)) = by_maker.iter().find(|(start, _)| vendor.starts_with(start)) {
        // Nutanix and others sell hardware too, which says so in the processor.
        if !["ahv", "kvm"].contains(name) || has_hypervisor_flag(answer) || !vendor.starts_with("nutanix") {
            return named(name, DMI);
        }
    }
    match seen.product {
        "VirtualBox" => return named("virtualbox", DMI),
        "KVM" | "RHEV Hypervisor" | "oVirt Node" | "Bochs" => return named("kvm", DMI),
        "Virtual Machine" if vendor.starts_with("microsoft") => return named("hyperv", DMI),
        product if product.starts_with("OpenStack") || product.starts_with("Standard PC") => {
            return named("kvm", DMI);
        }
        _ => {}
    }
    if seen.bios_vendor.starts_with("SeaBIOS") && has_hypervisor_flag(answer) {
        return named("kvm", DMI);
    }
    // The first domain of Xen is the machine itself.
    let is_first_domain = answer
        .word("xen/capabilities")
        .is_some_and(|text| text.contains("control_d"));
    if answer.word("/sys/hypervisor/type") == Some("xen") && !is_first_domain {
        return named("xen", "/sys/hypervisor");
    }
    if let Some(program) = answer.field("sysinfo", "VM00 Control Program", ':') {
        let name = if program.starts_with("KVM") { "kvm" } else { "zvm" };
        return named(name, "/proc/sysinfo");
    }
    let containers = [
        "docker",
        "podman",
        "lxc",
        "lxc-libvirt",
        "openvz",
        "systemd-nspawn",
        "rkt",
        "wsl",
        "proot",
        "container-other",
    ];
    let told = told.filter(|word| !containers.contains(word))?;
    let name = match told {
        "microsoft" => "hyperv",
        "oracle" => "virtualbox",
        "qemu" => "kvm",
        "amazon" => "nitro",
        other => other,
    };
    let plain = name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain.then(|| (name.to_string(), "systemd-detect-virt"))
}

fn has_hypervisor_flag(answer: &Answer<'_>) -> bool {
    answer
        .field("cpuinfo", "flags", ':')
        .is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor"))
}

/// What makers leave in a field that they did not fill in.
fn is_placeholder(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    [
        "to be filled by o.e.m.",
        "default string",
        "not specified",
        "not available",
        "none",
        "system product name",
        "system manufacturer",
        "system version",
        "unknown",
        "o.e.m.",
        "n/a",
        "0",
    ]
    .contains(&text.as_str())
}

/// Names the chassis, by the numbers of the SMBIOS specification, 7.4.1.
fn chassis(number: &str) -> Option<&'static str> {
    Some(match number {
        "3" | "4" | "5" | "6" | "7" | "15" | "16" | "35" | "36" => "desktop",
        "8" | "9" | "10" | "14" | "30" | "31" | "32" => "portable",
        "11" => "hand-held",
        "17" | "23" => "rack",
        "25" | "28" | "29" => "blade",
        _ => return None,
    })
}
