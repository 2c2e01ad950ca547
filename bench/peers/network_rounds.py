# SPDX-License-Identifier: BSD-3-Clause
"""Times networks by several peers in turns, and prints a line of JSON per peer and network.

    network_rounds.py DIR NAME ... --peer "python3 bench/peers/onnx_peer.py" ... [--rounds 20]
    network_rounds.py --table LINES ...          a page in Markdown of lines that were printed

DIR is what scripts/networks/export.py wrote. The environment variable PEER_THREADS says how many
threads a peer uses. A peer is any command that answers as bench/speedup/contestant.hpp says; to
"peak" with how many floating-point operations per second its device can do, if it knows.
"""
import argparse
import datetime
import json
import os
import pathlib
import re
import shlex
import statistics
import subprocess
import tempfile
import time

import numpy as np

PAUSE = 0.1  # seconds before a call: threads of the peer before have stopped looking for work
# Threads stay on a core each, PoCL's and PyTorch's as ONNX Runtime's do.
PINNED = {"POCL_AFFINITY": "1", "OMP_PROC_BIND": "true"}


class Peer:
    def __init__(self, command):
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1,
                                        env={**os.environ, **PINNED})
        self.column, _, self.name = self._line().partition("\t")
        if self.column.startswith("missing"):
            raise SystemExit(f"{command}: {self.column}")

    def _line(self):
        return self.process.stdout.readline().rstrip("\n")

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return self._line()

    def peak(self):
        """Operations per second of its device; None where it does not know."""
        try:
            return float(self.ask("peak"))
        except ValueError:
            return None

    def forget_memory(self):
        """Its most memory counts from now on."""
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def most_memory(self):
        """Bytes that its process had in memory at once."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(re.search(r"VmHWM:\s*(\d+)", status).group(1))


def difference(result, expected):
    """The rms of the difference over the standard deviation."""
    return float(np.sqrt(np.mean((result.astype(float) - expected) ** 2)) / expected.std())


def measure(folder, name, flops, peers, rounds, scratch):
    image = np.load(folder / f"{name}_input.npy")
    expected = np.load(folder / f"{name}_exact.npy").astype(float)
    pixels, result = scratch / "input", scratch / "result"
    image.tofile(pixels)
    shape = "x".join(map(str, reversed(image.shape)))
    row = ("row", "network", f"model={folder / name}.onnx", f"f32:{shape}:{pixels}")
    lines, able = [], []
    for peer in peers:
        peer.forget_memory()
        first = peer.ask(*row)
        line = {"network": name, "input": shape, "flops": flops,
                "column": peer.column, "peer": peer.name}
        lines.append(line)
        if first.startswith("cannot"):
            line["cannot"] = first[len("cannot "):]
            continue
        peer.ask("result", result)
        line["to_exact"] = difference(np.fromfile(result, np.float32).reshape(expected.shape),
                                      expected)
        line["first"] = float(first)
        line["peak"] = peer.peak()
        able.append((peer, line.setdefault("seconds", [])))
    for i in range(rounds if able else 0):  # each begun by another one
        for peer, seconds in able[i % len(able):] + able[:i % len(able)]:
            time.sleep(PAUSE)
            seconds.append(float(peer.ask("call")))
    for peer, line in zip(peers, lines):
        if "seconds" in line:
            line["peak"] = max(line["peak"], peer.peak()) if line["peak"] else None
            line["memory"] = peer.most_memory()
            line["least"] = min(line["seconds"])
            line["median"] = statistics.median(line["seconds"])
        print(json.dumps(line), flush=True)


def page(lines, command):
    """What was measured, and by whom."""
    print(f"# Networks\n\nMade by\n\n    {command}\n\n"
          f"on {datetime.date.today()}, with\n")
    threads = os.environ.get("PEER_THREADS", os.cpu_count())
    print(f"- {threads} threads for those on the CPU")
    for peer in dict.fromkeys(line["peer"] for line in lines):
        print(f"- {peer}")
    counts = {line["network"]: len(line["seconds"]) for line in lines if "seconds" in line}
    print("- rounds:", ", ".join(f"{name} {count}" for name, count in counts.items()))
    print(f"""
Peers have the same input and take turns, with a pause of {PAUSE} s before each call; their threads
stay on a core each. Times are milliseconds of one call, from an input on the device to a result
there, without the first call. 90 %, 95 % and 99 %: as many calls take that time at most; of few
rounds that is the longest. Inputs are x first. GFLOP/s: what the network's convolutions and
products take as its file has them, two per multiplication, by the median; however few are made.
Ratio: the median of the fastest other peer, divided by this one's; above 1 is faster. Peak: GFLOP/s
as a share of what a kernel of nothing but multiplications and additions reaches on gpuimg's device,
before or after the rounds; Winograd's products may bring more than 100 %. MB: what the peer's
process had in the host's memory at most, from reading the network on. Error: the rms of the
difference from a result that was computed in double, over its standard deviation.
""")
    table(lines)


def table(lines):
    print("| network | input | peer | median | least | 90 % | 95 % | 99 % | images/s | GFLOP/s |"
          " peak | ratio | MB | error |")
    print("|---|---|---|" + "---:|" * 11)
    for line in lines:
        if "cannot" in line:
            print(f"| {line['network']} | {line['input']} | {line['column']} | {line['cannot']} |"
                  + " |" * 10)
            continue
        others = [other["median"] for other in lines
                  if other["network"] == line["network"] and other["column"] != line["column"]
                  and "median" in other]
        times = [line["median"], line["least"],
                 *(np.percentile(line["seconds"], p, method="inverted_cdf") for p in (90, 95, 99))]
        speed = line["flops"] / line["median"]
        cells = [line["network"], line["input"], line["column"],
                 *(f"{1e3 * t:.1f}" for t in times), f"{1 / line['median']:.2f}",
                 f"{speed / 1e9:.0f}",
                 f"{100 * speed / line['peak']:.0f} %" if line["peak"] else "",
                 f"{min(others) / line['median']:.2f}" if others else "",
                 f"{line['memory'] / 1e6:.0f}", f"{line['to_exact']:.1e}"]
        print("| " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--table", nargs="+", type=pathlib.Path, metavar="LINES")
    parser.add_argument("--command", default="network_rounds.py", help="what the page names")
    arguments = parser.parse_intermixed_args()
    if arguments.table:
        page([json.loads(line) for path in arguments.table
              for line in path.read_text().splitlines()], arguments.command)
        return
    if not (arguments.folder and arguments.names and arguments.peer):
        parser.error("give a folder, names of networks and peers, or --table")
    known = json.loads((arguments.folder / "networks.json").read_text())["networks"]
    flops = {network["name"]: network["flops"] for network in known}
    peers = [Peer(command) for command in arguments.peer]
    with tempfile.TemporaryDirectory() as scratch:
        for name in arguments.names:
            measure(arguments.folder.resolve(), name, flops[name], peers, arguments.rounds,
                    pathlib.Path(scratch))


if __name__ == "__main__":
    main()
