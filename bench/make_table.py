#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes a table in Markdown of the results of gpuimg_bench, and of CuPy's beside them.

    build/release/bin/gpuimg_bench --benchmark_repetitions=5 --benchmark_out=bench.json ...
    python3 bench/peers/cupy_bench.py --json cupy.json
    python3 bench/make_table.py bench.json [cupy.json]

A row per operation, pixel type and parameters; milliseconds are the median of the repetitions, with
their spread (greatest minus least, in percent of the median) behind.
"""
import json
import statistics
import sys


def main():
    with open(sys.argv[1], encoding="ascii") as file:
        bench = json.load(file)
    peer = {}
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="ascii") as file:
            cupy = json.load(file)
        peer = {(row["operation"], row["shape"]): row["median_ms"] for row in cupy["rows"]}

    times, shares, shapes = {}, {}, []
    for run in bench["benchmarks"]:
        if run.get("run_type") != "iteration" or run.get("error_occurred"):
            continue
        operation, pixels, shape, parameters = run["name"].split("/")[:4]
        row = (operation, pixels, parameters)
        times.setdefault(row, {}).setdefault(shape, []).append(run["real_time"])
        shares.setdefault(row, {}).setdefault(shape, []).append(run["of_copy"])
        if shape not in shapes:
            shapes.append(shape)

    print("| operation | pixels | parameters |" +
          "".join(f" {s} ms | of copy |" + (" CuPy ms |" if peer else "") for s in shapes))
    print("|---|---|---|" + "".join("---|---|" + ("---|" if peer else "") for _ in shapes))
    for row in times:
        operation, pixels, parameters = row
        line = f"| `{operation}` | {pixels} | {'' if parameters == 'default' else parameters} |"
        for shape in shapes:
            found = times[row].get(shape)
            if not found:
                line += " | |" + (" |" if peer else "")
                continue
            median = statistics.median(found)
            spread = 100 * (max(found) - min(found)) / median
            line += f" {median:.3f} ({spread:.0f} %) |"
            line += f" {100 * statistics.median(shares[row][shape]):.1f} % |"
            if peer:
                name = operation if parameters == "default" else f"{operation} {parameters}"
                other = peer.get((name, shape)) if pixels in ("f32", "binary") else None
                line += f" {other:.3f} |" if other else " |"
        print(line)


if __name__ == "__main__":
    main()
