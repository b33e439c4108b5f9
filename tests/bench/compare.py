"""Runs the hub and its peers in turn over the same phases, and prints one table. Started by run.sh, which builds first.

Every round starts each system anew with empty data, loads it, and stops it, so that only one runs at a time; the order
turns from round to round. Figures are medians of the rounds with their range; a ratio is the median of the rounds'
ratios, for machines drift less within a round than between rounds.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import tempfile

import systems
from report import goals, table

WARM_UP = "warm:64:1"
CLOSED = ["flight:1:3", "flight:64:3", "flight:256:4"]
OPEN = ["rate:200:5", "rate:1000:5", "stuck:1000:5"]
HALF_S = 5
SATURATION = "flight_256"


def scaled(phases, scale):
    return [f"{kind}:{value}:{float(seconds) * scale:g}" for kind, value, seconds in (p.split(":") for p in phases)]


def one_turn(kind, bin_folder, run, round_number, phases, half):
    """One system in one round: {phase: figures}."""
    figures = {}
    with kind(bin_folder, run) as system:
        wanted = list(phases)
        lines = system.load(wanted, f"r{round_number}")
        if half is not None:
            lines += system.load([f"rate:{half[0]}:{half[1]:g}"], f"r{round_number}h")
            lines[-1] = lines[-1].replace(f'"rate_{half[0]}"', '"rate_half"')
    for line in lines:
        one = json.loads(line)
        figures[one.pop("phase")] = one
    return figures


def floor(bin_folder, run):
    """What the disk and a bare call take now: {phase: {p50_ms, p99_ms}}."""
    lines = subprocess.run([str(bin_folder / "bench_floor"), "--pki", str(run / "pki"), "--probe", str(run)],
                           stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    return {one.pop("phase"): one for one in map(json.loads, lines)}


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                  if line.startswith("model name")), platform.machine())
    return {"processors": os.cpu_count(), "model": model, "kernel": platform.release(),
            "load_before": os.getloadavg()[0], "when": datetime.datetime.now().astimezone().isoformat("T", "minutes")}


def versions(kinds):
    packages = [package for kind in kinds for package in systems.PACKAGES.get(kind.name, [])]
    if not packages:
        return {}
    shown = subprocess.run(["dpkg-query", "-W", "-f=${Package} ${Version}\n", *packages], stdout=subprocess.PIPE,
                           text=True, check=False).stdout
    return dict(line.split(" ", 1) for line in shown.splitlines())


def wanted_kinds(options):
    if options.cluster:
        peers = [kind for kind in (systems.ThreeRabbits, systems.ThreeNats) if kind.name.removesuffix("_x3") in options.peer]
        return [systems.Hub, systems.ThreeHubs, *peers]
    peers = [kind for kind in (systems.RabbitMQ, systems.Nats) if kind.name in options.peer]
    return [systems.Hub, systems.HubFeedback, systems.HubNoSync, *peers]


def measure(options, run):
    kinds = wanted_kinds(options)
    systems.make_pki(options.bin, run)
    systems.make_site(run / "site")
    result = {"machine": machine(), "versions": versions(kinds),
              "notes": {kind.name: kind.note for kind in kinds},
              "floor": [],  # one a round
              "systems": {kind.name: [] for kind in kinds}}
    if result["machine"]["load_before"] > 0.5:
        print(f"warning: this machine is not quiet (load {result['machine']['load_before']:.1f}); "
              "trust ratios, not figures", file=sys.stderr)
    whole = [kind for kind in kinds if kind not in (systems.HubFeedback, systems.HubNoSync)]
    # At what rate is half of saturation? The same for all, so that latencies compare: half of what the slowest carries.
    slowest = min(one_turn(kind, options.bin, run, 0, scaled([WARM_UP, "flight:256:3"], options.scale), None)
                  [SATURATION]["per_s"] for kind in whole)
    half = (max(int(slowest / 2), 1), HALF_S * options.scale)
    result["half_of_saturation"] = half[0]
    for round_number in range(1, options.rounds + 1):
        result["floor"].append(floor(options.bin, run))
        turn = round_number % len(kinds)
        for kind in kinds[turn:] + kinds[:turn]:
            print(f"round {round_number} of {options.rounds}: {kind.name}", file=sys.stderr)
            phases = [WARM_UP, *CLOSED] + (OPEN[:1] if options.cluster else OPEN if kind in whole else [])
            result["systems"][kind.name].append(one_turn(kind, options.bin, run, round_number,
                                                         scaled(phases, options.scale), half if kind in whole else None))
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--peer", action="append", default=[], choices=["rabbitmq", "nats"])
    parser.add_argument("--cluster", action="store_true", help="three nodes of each beside one hub")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    run = pathlib.Path(tempfile.mkdtemp(prefix="liandong-bench."))
    run.chmod(0o755)  # a peer under another user reaches its own folder in it
    try:
        result = measure(options, run)
    finally:
        shutil.rmtree(run, ignore_errors=True)
    print(table(result))
    print(goals(result))
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    lost = [f"{name}, {phase}: {one['failed']} failed, {one['not_done']} not done, {one['repeats']} delivered twice"
            for name, rounds in result["systems"].items() for figures in rounds for phase, one in figures.items()
            if one["failed"] or one["not_done"] or one["repeats"]]
    for line in lost:
        print(line, file=sys.stderr)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
