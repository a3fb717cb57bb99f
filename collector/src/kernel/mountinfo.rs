//! `/proc/self/mountinfo`: which file systems hold data, and which of them can be asked for their size without hanging.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use telemetry::untrusted::for_terminal;

use super::{NAME_BYTES_AT_MOST, shortened};

/// Local file systems that hold data; a `df` of them ends even when the network does not.
const LOCAL: [&str; 20] = [
    "bcachefs", "btrfs", "exfat", "ext2", "ext3", "ext4", "f2fs", "fuseblk", "hfsplus", "jfs", "nilfs2", "ntfs",
    "ntfs3", "reiser4", "reiserfs", "simfs", "ufs", "vfat", "xfs", "zfs",
];
/// File systems on other machines (or on a disk that several share): `df` hangs when those are gone.
const NETWORK: [&str; 28] = [
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "davfs",
    "fhgfs",
    "gfs",
    "gfs2",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "orangefs",
    "panfs",
    "prl_fs",
    "pvfs2",
    "smb2",
    "smb3",
    "smbfs",
    "vboxsf",
    "virtiofs",
    "vmhgfs",
    "wekafs",
];
/// Programs that serve a file system from elsewhere.
const NETWORK_PROGRAMS: [&str; 13] = [
    "fuse.blobfuse",
    "fuse.blobfuse2",
    "fuse.ceph",
    "fuse.ceph-fuse",
    "fuse.curlftpfs",
    "fuse.gcsfuse",
    "fuse.glusterfs",
    "fuse.mount-s3",
    "fuse.moosefs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.sshfs",
    "fuse.vmhgfs-fuse",
];
/// Mount points with other things than the host's data, with everything below them: node_exporter's list, and the
/// files that a container engine lays over an image.
const EXCLUDED: [&str; 11] = [
    "/dev",
    "/proc",
    "/sys",
    "/run/credentials",
    "/var/lib/docker",
    "/var/lib/containers/storage",
    "/var/lib/kubelet/pods",
    "/etc/hosts",
    "/etc/hostname",
    "/etc/resolv.conf",
    "/run/secrets",
];
/// Local file systems that are asked at most: their mount points must fit on one command line.
const ASKED_AT_MOST: usize = 256;

/// One mounted file system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Device number: mounts of the same file system share it.
    pub major: u32,
    /// Device number, second half.
    pub minor: u32,
    /// The part of the file system that is mounted; `/` is all of it.
    pub root: String,
    /// Where it is mounted.
    pub mount_point: String,
    /// Its kind, such as `xfs`.
    pub kind: String,
    /// What is mounted, such as `/dev/sda1` or `server:/export`.
    pub source: String,
}

impl Mount {
    /// Reads `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw`.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(' ');
        let (major, minor) = fields.nth(2)?.split_once(':')?;
        let root = name(fields.next()?);
        let mount_point = unescaped(fields.next()?);
        if !mount_point.starts_with('/') || mount_point.len() > NAME_BYTES_AT_MOST {
            return None;
        }
        // Any number of optional fields stands between the options and the hyphen.
        fields.find(|field| *field == "-")?;
        Some(Self {
            major: major.parse().ok()?,
            minor: minor.parse().ok()?,
            root,
            mount_point: for_terminal(&mount_point).into_owned(),
            kind: name(fields.next()?),
            source: name(fields.next().unwrap_or_default()),
        })
    }

    fn is_local(&self) -> bool {
        LOCAL.contains(&self.kind.as_str())
    }

    fn is_network(&self) -> bool {
        NETWORK.contains(&self.kind.as_str()) || NETWORK_PROGRAMS.contains(&self.kind.as_str())
    }

    /// Tells whether looking at anything below it may take forever.
    fn may_hang(&self) -> bool {
        self.is_network() || self.kind.starts_with("fuse.") || self.kind == "fuse"
    }

    fn is_excluded(&self) -> bool {
        EXCLUDED.iter().any(|place| is_at_or_below(&self.mount_point, place))
    }

    /// Tells whether the mount point can stand on a remote command line, in any shell and any quoting.
    fn can_be_asked(&self) -> bool {
        self.mount_point
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_./@:+-".contains(&byte))
    }
}

/// Keeps the mounts that hold data and can be seen: not those that a later mount hides, and no local ones that are
/// reached through a network mount.
pub(super) fn with_data(mounts: Vec<Mount>) -> Vec<Mount> {
    let mut top: BTreeMap<String, usize> = BTreeMap::new();
    for (place, mount) in mounts.iter().enumerate() {
        // In the order of mounting: the last one at a place is what is seen there.
        top.insert(mount.mount_point.clone(), place);
    }
    let seen: BTreeSet<usize> = top.values().copied().collect();
    // A host without disks has its root on the network: when that hangs, so does everything else.
    let hanging: BTreeSet<String> = seen
        .iter()
        .filter_map(|place| mounts.get(*place))
        .filter(|mount| mount.may_hang() && mount.mount_point != "/")
        .map(|mount| mount.mount_point.clone())
        .collect();
    mounts
        .into_iter()
        .enumerate()
        .filter(|(place, mount)| {
            let holds_data = mount.is_network() || mount.is_local() && !is_below_any(&mount.mount_point, &hanging);
            seen.contains(place) && holds_data
        })
        .map(|(_, mount)| mount)
        .collect()
}

/// Chooses the local file systems to ask for their size: each once, by a mount point that is safe on a command line.
pub(super) fn local(mounts: &[Mount]) -> Vec<Mount> {
    let mut chosen: Vec<&Mount> = Vec::new();
    let mut places: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    let candidates = mounts
        .iter()
        .filter(|mount| mount.is_local() && !mount.is_excluded() && mount.can_be_asked());
    for mount in candidates {
        if let Some(other) = places
            .get(&(mount.major, mount.minor))
            .and_then(|place| chosen.get_mut(*place))
        {
            // Of several mounts of one file system, the one that shows all of it, then the shortest.
            let rank = |mount: &Mount| (mount.root != "/", mount.mount_point.len());
            if rank(mount) < rank(other) {
                *other = mount;
            }
        } else if chosen.len() < ASKED_AT_MOST {
            places.insert((mount.major, mount.minor), chosen.len());
            chosen.push(mount);
        }
    }
    chosen.into_iter().cloned().collect()
}

/// Lists what is mounted from other machines.
pub(super) fn network(mounts: &[Mount]) -> Vec<Mount> {
    mounts.iter().filter(|mount| mount.is_network()).cloned().collect()
}

fn is_at_or_below(path: &str, place: &str) -> bool {
    path.strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_below_any(path: &str, places: &BTreeSet<String>) -> bool {
    path.char_indices()
        .filter(|(at, letter)| *letter == '/' && *at > 0)
        .any(|(at, _)| path.get(..at).is_some_and(|above| places.contains(above)))
}

/// A name to show: decoded, short, without control characters.
fn name(field: &str) -> String {
    for_terminal(shortened(&unescaped(field), NAME_BYTES_AT_MOST)).into_owned()
}

/// Undoes the kernel's `\040` for a space, tab, line feed or backslash.
fn unescaped(field: &str) -> String {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match after {
            [high @ b'0'..=b'3', middle @ b'0'..=b'7', low @ b'0'..=b'7', behind @ ..] if *first == b'\\' => {
                bytes.push((high - b'0') << 6 | (middle - b'0') << 3 | (low - b'0'));
                rest = behind;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn mounts(lines: &[&str]) -> Vec<Mount> {
        with_data(lines.iter().filter_map(|line| Mount::parse(line)).collect())
    }

    fn points(mounts: &[Mount]) -> Vec<&str> {
        mounts.iter().map(|mount| mount.mount_point.as_str()).collect()
    }

    #[test]
    fn optional_fields_and_escapes_are_understood() {
        let line = r"36 35 98:1 /sub\040dir /mnt\040a rw,noatime master:1 shared:2 - ext4 /dev/my\134disk rw";
        assert_eq!(
            Mount::parse(line).unwrap(),
            Mount {
                major: 98,
                minor: 1,
                root: "/sub dir".to_owned(),
                mount_point: "/mnt a".to_owned(),
                kind: "ext4".to_owned(),
                source: "/dev/my\\disk".to_owned(),
            }
        );
        let without_source = Mount::parse("36 35 98:1 / /data rw - ext4  rw").unwrap();
        assert_eq!(without_source.source, "");
        for line in [
            "",
            "36 35 98:0 / /data rw master:1",
            "36 35 98 / /d rw - ext4 x rw",
            "1 1 1:1 / data rw - xfs x rw",
        ] {
            assert_eq!(Mount::parse(line), None, "{line}");
        }
    }

    #[test]
    fn a_file_system_is_asked_once_by_its_whole_and_shortest_mount() {
        let mounts = mounts(&[
            "1 0 8:1 /srv/x /bind rw - xfs /dev/sda1 rw",
            "2 0 8:1 / /long/way rw - xfs /dev/sda1 rw",
            "3 0 8:1 / / rw - xfs /dev/sda1 rw",
            "4 0 0:40 /@home /home rw - btrfs /dev/sdb rw",
            "5 0 0:40 /@ /mnt rw - btrfs /dev/sdb rw",
            "6 0 0:50 / /tank/a rw - zfs tank/a rw",
        ]);
        assert_eq!(points(&local(&mounts)), ["/", "/mnt", "/tank/a"]);
    }

    #[test]
    fn what_is_no_data_of_the_host_is_not_asked() {
        let mounts = mounts(&[
            "1 0 0:20 / /proc rw - proc proc rw",
            "2 0 0:30 / / rw - overlay overlay rw",
            "3 0 7:0 / /snap/core/1 ro - squashfs /dev/loop0 ro",
            "4 0 8:2 / /var/lib/docker/volumes rw - ext4 /dev/sdb rw",
            "5 0 8:3 / /var/lib/dockerlike rw - ext4 /dev/sdc rw",
            "6 0 8:4 / /etc/hosts rw - ext4 /dev/sda rw",
            "7 0 8:5 / /sys/x rw - ext4 /dev/sdd rw",
        ]);
        assert_eq!(points(&local(&mounts)), ["/var/lib/dockerlike"]);
    }

    #[test]
    fn nothing_that_a_shell_would_act_on_reaches_a_command_line() {
        let mounts = mounts(&[
            "1 0 8:1 / /data$(reboot) rw - ext4 /dev/sda rw",
            r"2 0 8:2 / /my\040disk rw - ext4 /dev/sdb rw",
            "3 0 8:3 / /a;b rw - ext4 /dev/sdc rw",
            "4 0 8:4 / /ok_1.2/a@b:c+d-e rw - ext4 /dev/sdd rw",
            "5 0 8:5 / /máy rw - ext4 /dev/sde rw",
            "6 0 8:6 / /q' rw - ext4 /dev/sdf rw",
            r"7 0 8:7 / /esc\033 rw - ext4 /dev/sdf rw",
        ]);
        assert_eq!(points(&local(&mounts)), ["/ok_1.2/a@b:c+d-e"]);
        assert_eq!(mounts.len(), 7, "they are known all the same");
    }

    #[test]
    fn a_dead_server_cannot_make_df_hang() {
        let mounts = mounts(&[
            "1 0 8:1 / / rw - ext4 /dev/sda1 rw",
            "2 1 8:2 / /data rw - ext4 /dev/sda2 rw",
            "3 1 0:99 / /data rw - nfs4 server:/export rw",
            "4 3 8:3 / /data/local rw - ext4 /dev/sda3 rw",
            "5 1 0:98 / /mnt/s rw - fuse.sshfs u@h:/ rw",
            "6 5 8:4 / /mnt/s/x/y rw - ext4 /dev/sda4 rw",
            "7 1 8:5 / /data2 rw - ext4 /dev/sda5 rw",
            "8 1 0:97 / /share rw - cifs //server/share rw",
        ]);
        assert_eq!(points(&local(&mounts)), ["/", "/data2"]);
        assert_eq!(points(&network(&mounts)), ["/data", "/mnt/s", "/share"]);
    }

    #[test]
    fn a_root_on_the_network_does_not_hide_the_disks() {
        let mounts = mounts(&["1 0 0:9 / / rw - nfs s:/r rw", "2 1 8:2 / /data rw - ext4 /dev/sda2 rw"]);
        assert_eq!(points(&local(&mounts)), ["/data"]);
    }

    #[test]
    fn the_command_line_stays_short() {
        let lines: Vec<String> = (0..2_000)
            .map(|n| format!("1 0 8:{n} / /m{n} rw - ext4 /dev/x rw"))
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(local(&mounts(&lines)).len(), ASKED_AT_MOST);
    }
}
