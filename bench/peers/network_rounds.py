# SPDX-License-Identifier: BSD-3-Clause
"""Times networks by several peers in turns, and prints a line of JSON per peer and network.

    network_rounds.py DIR NAME ... --peer "python3 bench/peers/onnx_peer.py" ... [--rounds 20]

DIR is what scripts/networks/export.py wrote. The environment variable PEER_THREADS says how many
threads a peer uses. A peer is any command that answers as bench/speedup/contestant.hpp says.
"""
import argparse
import json
import pathlib
import shlex
import statistics
import subprocess
import tempfile

import numpy as np


class Peer:
    def __init__(self, command):
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)
        self.column, _, self.name = self._line().partition("\t")
        if self.column.startswith("missing"):
            raise SystemExit(f"{command}: {self.column}")

    def _line(self):
        return self.process.stdout.readline().rstrip("\n")

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return self._line()


def difference(result, expected):
    """The rms of the difference over the standard deviation."""
    return float(np.sqrt(np.mean((result.astype(float) - expected) ** 2)) / expected.std())


def measure(folder, name, peers, rounds, scratch):
    image = np.load(folder / f"{name}_input.npy")
    expected = np.load(folder / f"{name}_exact.npy").astype(float)
    pixels, result = scratch / "input", scratch / "result"
    image.tofile(pixels)
    shape = "x".join(map(str, reversed(image.shape)))
    row = ("row", "network", shape, f"model={folder / name}.onnx", f"f32:{pixels}")
    lines, able = [], []
    for peer in peers:
        first = peer.ask(*row)
        line = {"network": name, "peer": peer.name}
        lines.append(line)
        if first.startswith("cannot"):
            line["cannot"] = first[len("cannot "):]
            continue
        peer.ask("result", result)
        line["to_exact"] = difference(np.fromfile(result, np.float32).reshape(expected.shape),
                                      expected)
        line["first"] = float(first)
        able.append((peer, line.setdefault("seconds", [])))
    for _ in range(rounds):
        for peer, seconds in able:
            seconds.append(float(peer.ask("call")))
    for line in lines:
        if "seconds" in line:
            line["least"] = min(line["seconds"])
            line["median"] = statistics.median(line["seconds"])
        print(json.dumps(line), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--peer", action="append", required=True)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_intermixed_args()
    peers = [Peer(command) for command in arguments.peer]
    with tempfile.TemporaryDirectory() as scratch:
        for name in arguments.names:
            measure(arguments.folder.resolve(), name, peers, arguments.rounds,
                    pathlib.Path(scratch))


if __name__ == "__main__":
    main()
