//! The metrics of table `service`: one name for one idea, whichever product says it.

/// A metric; its name ends in its unit, a plain plural is a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Metric(pub(super) &'static str);

impl Metric {
    /// Gives the name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0
    }
}

macro_rules! metrics {
    ($($id:ident $name:literal $doc:literal;)*) => {
        $(#[doc = $doc] pub const $id: Metric = Metric($name);)*
        /// Every metric with what it means.
        pub const METRICS: &[(Metric, &str)] = &[$((Metric($name), $doc)),*];
    };
}

metrics! {
    CONNECTIONS "connections" "Clients that are connected.";
    CONNECTIONS_ACTIVE "connections_active" "Clients whose request is being worked on.";
    CONNECTIONS_PEAK "connections_peak" "Most clients that were ever connected at once since the start.";
    CONNECTIONS_LIMIT "connections_limit" "Clients that may be connected at once.";
    CONNECTIONS_OPENED "connections_opened_per_s" "New connections per second.";
    OPERATIONS "operations_per_s" "Commands, queries or requests per second.";
    READS "reads_per_s" "Reading commands or rows per second.";
    WRITES "writes_per_s" "Writing commands or rows per second.";
    TRANSACTIONS "transactions_per_s" "Transactions that were committed or rolled back per second.";
    SLOW_QUERIES "slow_queries_per_s" "Queries per second that took longer than the service's own limit.";
    RECEIVED "received_bytes_per_s" "Bytes per second from clients.";
    SENT "sent_bytes_per_s" "Bytes per second to clients.";
    CPU_BUSY "cpu_busy_cores" "CPUs that the service kept busy, by its own count.";
    MEMORY_USED "memory_used_bytes" "Memory that holds data, by the service's own count.";
    MEMORY_PEAK "memory_peak_bytes" "Most memory it ever held since the start.";
    MEMORY_LIMIT "memory_limit_bytes" "Memory it may use; missing where there is no limit.";
    MEMORY_RESIDENT "memory_resident_bytes" "Resident memory of its process, by its own count.";
    BUFFER_SIZE "buffer_size_bytes" "Size of the buffer pool or cache of the database.";
    BUFFER_USED "buffer_used_bytes" "What of the buffer pool holds data.";
    BUFFER_DIRTY "buffer_dirty_bytes" "What of the buffer pool waits to be written.";
    HITS "hits_per_s" "Lookups per second that were answered from memory.";
    MISSES "misses_per_s" "Lookups per second that were not.";
    HIT_FRACTION "hit_fraction" "Share of lookups that were answered from memory in the interval.";
    KEYS "keys" "Keys, items or documents that are held.";
    EVICTED "evicted_per_s" "Keys per second that had to go for lack of memory.";
    EXPIRED "expired_per_s" "Keys per second whose time was over.";
    DISK_READ "disk_read_bytes_per_s" "Bytes per second that the service read from its files.";
    DISK_WRITTEN "disk_written_bytes_per_s" "Bytes per second that the service wrote to its files.";
    LOG_WRITTEN "log_written_bytes_per_s" "Bytes per second written to the transaction log.";
    TEMPORARY "temporary_bytes_per_s" "Bytes per second of temporary files: sorts that did not fit into memory.";
    DEADLOCKS "deadlocks_per_s" "Deadlocks per second.";
    DATA "data_bytes" "Size of the data, with indexes.";
    PRIMARY_DATA "primary_data_bytes" "Size of the data without copies.";
    INDEX "index_bytes" "Size of the indexes.";
    TABLES "tables" "Tables.";
    REPLICAS "replicas" "Replicas that are connected.";
    REPLICATION_LAG "replication_lag_s" "How far a replica is behind.";
    QUEUES "queues" "Queues.";
    CHANNELS "channels" "Channels of connected clients.";
    CONSUMERS "consumers" "Consumers.";
    MESSAGES "messages" "Messages in all queues.";
    MESSAGES_READY "messages_ready" "Messages that wait for a consumer.";
    MESSAGES_UNACKNOWLEDGED "messages_unacknowledged" "Messages that were delivered and not confirmed.";
    PUBLISHED "published_per_s" "Messages per second from producers.";
    DELIVERED "delivered_per_s" "Messages per second to consumers.";
    DISK_FREE "disk_free_bytes" "Free disk, by the service's own count.";
    ALARMS "alarms" "Resource alarms that stand.";
    NODES "nodes" "Nodes of the cluster.";
    SHARDS "shards" "Shards that are active.";
    SHARDS_UNASSIGNED "shards_unassigned" "Shards without a node.";
    SEARCHES "searches_per_s" "Searches per second.";
    INDEXED "indexed_per_s" "Documents indexed per second.";
    HEAP_USED "heap_used_bytes" "Heap in use.";
    HEAP_COMMITTED "heap_committed_bytes" "Heap that was taken from the system.";
    HEAP_LIMIT "heap_limit_bytes" "Largest heap that is allowed.";
    GC_BUSY "gc_busy_fraction" "Share of time spent collecting garbage.";
    JVMS "jvms" "Java virtual machines that could be read.";
    ERRORS "errors_per_s" "Requests per second that failed.";
}
