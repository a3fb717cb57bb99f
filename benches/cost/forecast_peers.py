"""Forecasts of the same daily values by models of statsforecast; prints one JSON line a model.

Input: a CSV `host,day,value` (an empty value is a gap) and the number of days held out. A gap is filled with
the value of a week before, else of the day before: the library wants whole series.
"""

import json
import sys
import time

import numpy as np
import polars as pl
import statsforecast
from statsforecast import StatsForecast
from statsforecast.models import MSTL, AutoETS, AutoTheta, SeasonalNaive


def filled(values):
    out = list(values)
    for at, value in enumerate(out):
        if value is None:
            if at >= 7:
                out[at] = out[at - 7]
            elif at >= 1:
                out[at] = out[at - 1]
            else:
                out[at] = next(known for known in values if known is not None)
    return out


def main():
    path, held_out = sys.argv[1], int(sys.argv[2])
    frame = pl.read_csv(path, schema_overrides={"value": pl.Float64})
    known, later, unit = {}, {}, {}
    for (host,), rows in frame.group_by(["host"], maintain_order=True):
        values = rows["value"].to_list()
        before, after = values[:-held_out], values[-held_out:]
        errors = [abs(b - a) for a, b in zip(before, before[7:]) if a is not None and b is not None]
        if not errors or np.mean(errors) == 0:
            continue
        known[host], later[host], unit[host] = filled(before), after, float(np.mean(errors))
    train = pl.concat(
        [
            pl.DataFrame({"unique_id": host, "ds": list(range(len(values))), "y": values})
            for host, values in known.items()
        ]
    )
    for model in [
        SeasonalNaive(season_length=7),
        AutoETS(season_length=7),
        AutoTheta(season_length=7),
        MSTL(season_length=[7]),
    ]:
        start = time.perf_counter()
        engine = StatsForecast(models=[model], freq=1, n_jobs=1)
        wide = engine.forecast(df=train, h=held_out)
        seconds = time.perf_counter() - start
        column = [name for name in wide.columns if name not in ("unique_id", "ds")][0]
        scores = []
        for (host,), rows in wide.group_by(["unique_id"], maintain_order=True):
            points = rows[column].to_list()
            errors = [abs(came - max(point, 0.0)) for point, came in zip(points, later[host]) if came is not None]
            if errors:
                scores.append(float(np.mean(errors)) / unit[host])
        print(
            json.dumps(
                {
                    "model": str(model),
                    "mase": float(np.mean(scores)),
                    "hosts": len(scores),
                    "seconds": seconds,
                    "version": statsforecast.__version__,
                }
            ),
            flush=True,
        )


main()
