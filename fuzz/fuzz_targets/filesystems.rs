//! A layout frame with mounts, a line of three hyphens, the output of `df`: is only told what was asked for?
#![no_main]

use libfuzzer_sys::fuzz_target;
use subject::kernel::{filesystems, layout};
use subject::split;

fuzz_target!(|input: &[u8]| {
    let (host, df) = split(input);
    // All mounts, not only those that are safe to ask for: their names are odder.
    let mounts = layout(host).mounts;
    let found = filesystems(df, &mounts);
    for (place, one) in found.iter().enumerate() {
        assert!(
            mounts
                .iter()
                .any(|mount| mount.mount_point == one.mount && mount.source == one.device)
        );
        assert!(
            found[..place].iter().all(|other| other.mount != one.mount),
            "told twice"
        );
        assert!(one.size_bytes > 0);
    }
});
