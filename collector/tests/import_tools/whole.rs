//! Hostile files: whatever comes, an import ends with an error or with rows, and never with half of a file.

use proptest::prelude::*;
use sizewright_collector::import::{Tool, ToolOptions, ToolRequest, Watch, import_tool};
use telemetry::Store;

fn outcome_is_whole(tool: Tool, bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, bytes).unwrap();
    let store = Store::at(folder.path().join("telemetry"));
    let request = ToolRequest {
        paths: &[path],
        tool,
        options: &ToolOptions::default(),
    };
    let outcome = import_tool(&store, &request, &Watch::nobody());
    let origins = store.origins().unwrap();
    assert_eq!(origins.len(), usize::from(outcome.is_ok()));
    assert!(store.leftovers().unwrap().is_empty());
}

const SEEDS: [&str; 6] = [
    "Linux 3.1 (a) \t05/01/26 \t_x86_64_\t(2 CPU)\n\n00:00:01 CPU %user %nice %system %iowait %steal %idle\n00:10:01 all 1 2 3 4 5 6\n",
    "# hostname;interval;timestamp;CPU;%usr;%idle\na;1;2026-05-01 00:00:00 UTC;-1;1.0;99.0\n",
    "AAA,host,a\nAAA,cpus,2\nCPU_ALL,CPU,User%,Sys%,Wait%,Idle%,Busy,CPUs\nZZZZ,T0001,00:00:01,01-MAY-2026\nCPU_ALL,T0001,1,2,3,94,,2\n",
    "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":\"node_load1\",\"instance\":\"a:1\"},\"values\":[[1777593600,\"1\"]]}]}}",
    "MachineId,TimeStamp,CpuUtilizationPercentage\nm,2026-05-01,5\n",
    "Time,\"kernel.all.cpu.user\",\"kernel.all.cpu.sys\",\"kernel.all.cpu.idle\",\"disk.dev.read-sda\"\n2026-05-01 00:00:00,1,2,997,4\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_file_with_broken_bytes_is_taken_whole_or_not_at_all(
        seed in 0..SEEDS.len(),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        end in any::<prop::sample::Index>(),
        tool in 0..Tool::ALL.len(),
    ) {
        let mut bytes = SEEDS[seed].as_bytes().to_vec();
        for (at, byte) in cuts {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(end.index(bytes.len()) + 1);
        outcome_is_whole(Tool::ALL[tool], &bytes);
        outcome_is_whole([Tool::Sar, Tool::Sar, Tool::Nmon, Tool::Prometheus, Tool::StratoZone, Tool::Pmrep][seed], &bytes);
    }
}
