"""The statistics of a profile in a peer: count, mean, P50..P99.5, maximum,
mean and P95 by hour of the week, daily maxima, per host and metric.

Usage: peers.py duckdb|polars|pandas STORE
Prints seconds, peak memory and the number of hosts as JSON.
"""

import json
import resource
import sys
import time

LEVELS = [0.5, 0.9, 0.95, 0.99, 0.995]
METRICS = {
    "host": {
        "cpu": "cpu_busy_cores",
        "memory": "memory_total_bytes - memory_available_bytes",
    },
    "disk": {
        "operations": "reads_per_s + writes_per_s",
        "bytes": "read_bytes_per_s + write_bytes_per_s",
    },
    "network": {
        "receive": "receive_bytes_per_s",
        "transmit": "transmit_bytes_per_s",
    },
}


def with_duckdb(store):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    hosts = 0
    for table, metrics in METRICS.items():
        files = f"read_parquet('{store}/{table}/*.parquet')"
        columns = ", ".join(f"CAST({formula} AS DOUBLE) AS {name}" for name, formula in metrics.items())
        moment = "(\"at\" AT TIME ZONE 'UTC') - INTERVAL 1 MILLISECOND"
        source = f"(SELECT host, {moment} AS inside, {columns} FROM {files})"
        whole = ", ".join(
            f"count({name}), avg({name}), quantile_disc({name}, {LEVELS}), max({name}), arg_max(inside, {name})"
            for name in metrics
        )
        hosts = len(connection.execute(f"SELECT host, {whole} FROM {source} GROUP BY host").fetchall())
        hourly = ", ".join(f"avg({name}), quantile_disc({name}, 0.95)" for name in metrics)
        connection.execute(
            f"SELECT host, isodow(inside) * 24 + hour(inside) AS hour_of_week, {hourly} FROM {source} GROUP BY ALL"
        ).fetchall()
        daily = ", ".join(f"max({name})" for name in metrics)
        connection.execute(f"SELECT host, inside::DATE AS day, {daily} FROM {source} GROUP BY ALL").fetchall()
    return duckdb.__version__, hosts


def with_polars(store):
    import polars as pl

    hosts = 0
    for table, metrics in METRICS.items():
        columns = [pl.sql_expr(formula).cast(pl.Float64).alias(name) for name, formula in metrics.items()]
        frame = pl.scan_parquet(f"{store}/{table}/*.parquet").select(
            "host", (pl.col("at") - pl.duration(milliseconds=1)).alias("inside"), *columns
        )
        whole = []
        for name in metrics:
            column = pl.col(name)
            whole += [column.count().alias(f"{name}_count"), column.mean().alias(f"{name}_mean")]
            whole += [column.quantile(level, "higher").alias(f"{name}_{level}") for level in LEVELS]
            whole += [column.max().alias(f"{name}_max")]
        hosts = frame.group_by("host").agg(whole).collect(engine="streaming").height
        hourly = []
        for name in metrics:
            hourly += [pl.col(name).mean().alias(f"{name}_mean"), pl.col(name).quantile(0.95, "higher").alias(f"{name}_p95")]
        hour_of_week = (pl.col("inside").dt.weekday() * 24 + pl.col("inside").dt.hour()).alias("hour_of_week")
        frame.group_by("host", hour_of_week).agg(hourly).collect(engine="streaming")
        frame.group_by("host", pl.col("inside").dt.date()).agg(pl.col(list(metrics)).max()).collect(engine="streaming")
    return pl.__version__, hosts


def with_pandas(store):
    import glob

    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    hosts = 0
    for table, metrics in METRICS.items():
        parts = []
        for path in sorted(glob.glob(f"{store}/{table}/*.parquet")):
            names = sorted({word for formula in metrics.values() for word in formula.split() if word.isidentifier()})
            data = pq.read_table(path, columns=["host", "at", *names])
            columns = [data["host"].cast(pa.string()).dictionary_encode(), data["at"]]
            columns += [data[name].cast(pa.float64()) for name in names]
            frame = pa.table(columns, names=["host", "at", *names]).to_pandas()
            parts.append(frame.assign(**{name: frame.eval(formula) for name, formula in metrics.items()})[["host", "at", *metrics]])
        frame = pd.concat(parts, ignore_index=True)
        frame["host"] = frame["host"].astype("category")
        frame["inside"] = frame["at"] - pd.Timedelta(milliseconds=1)
        groups = frame.groupby("host", observed=True)[list(metrics)]
        groups.agg(["count", "mean", "max"])
        hosts = len(groups.quantile(LEVELS, interpolation="higher")) // len(LEVELS)
        hour_of_week = frame["inside"].dt.day_of_week * 24 + frame["inside"].dt.hour
        groups = frame.groupby(["host", hour_of_week], observed=True)[list(metrics)]
        groups.mean()
        groups.quantile(0.95, interpolation="higher")
        frame.groupby(["host", frame["inside"].dt.floor("D")], observed=True)[list(metrics)].max()
        del frame, parts
    return pd.__version__, hosts


if __name__ == "__main__":
    peer, store = sys.argv[1:]
    run = {"duckdb": with_duckdb, "polars": with_polars, "pandas": with_pandas}[peer]
    started = time.perf_counter()
    version, hosts = run(store)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mebibytes": peak, "version": version, "hosts": hosts}))
