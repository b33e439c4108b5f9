"""Half an hour at half of saturation: whether memory, file descriptors and latency stay where they are.

    LIANDONG_BUILD=build/release /usr/bin/python3 tests/bench/soak.py [--minutes 30] [--out FILE.md]

The work is that of run.sh with feedback read, and each incident ends: its command centre closes it once its agencies
have accepted. Saturation is measured first: 256 in flight for a minute, until the last incident is closed. Every five
minutes are one phase of the load; memory and file descriptors of the hub are looked at every five seconds. The first
phase fills the caches and windows that are bounded: growth is that from its end to the end of the last.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading

import systems

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("LIANDONG_BUILD", ROOT / "build" / "release")).resolve() / "bin"
PHASE_S, LOOK_S = 300, 5


class SoakedHub(systems.Hub):
    load_options = ("--feedback", "--close")


class Watch:
    """Memory in MiB and open files of a process, each phase: a list of looks."""

    def __init__(self, pid):
        self.pid, self.looks, self._over = pid, [], threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._over.wait(LOOK_S):
            status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
            self.looks.append((int(status.split("VmRSS:")[1].split()[0]) / 1024, len(os.listdir(f"/proc/{self.pid}/fd"))))

    def take(self):
        looks, self.looks = self.looks, []
        return looks

    def end(self):
        self._over.set()
        self._thread.join()


def of_phases(lines, *names):
    told = {one["phase"]: one for one in map(json.loads, lines)}
    return [told[name] for name in names]


def soak(options, run):
    rows = []
    with SoakedHub(BIN, run) as hub:
        flight, closed = of_phases(hub.load(["warm:64:1", "flight:256:60"], "s"), "flight_256", "closed")
        saturation = flight["reports"] / closed["seconds"]
        rate = int(saturation / 2)
        print(f"saturation {saturation:,.0f}/s; the load is {rate}/s", file=sys.stderr)
        watch = Watch(hub.server_pid())
        for number in range(max(2, options.minutes * 60 // PHASE_S)):
            figures, closed = of_phases(hub.load([f"rate:{rate}:{PHASE_S}"], f"p{number}"), f"rate_{rate}", "closed")
            looks = watch.take()
            rows.append({**figures, "closed_s": closed["seconds"], "memory_mib": statistics.median(one[0] for one in looks[-6:]), "files": max(one[1] for one in looks[-6:])})
            print(f"{(number + 1) * PHASE_S // 60} min: p99 {figures['delivery_p99_ms']:.1f} ms, {rows[-1]['memory_mib']:.0f} MiB, "
                  f"{rows[-1]['files']} files", file=sys.stderr)
        watch.end()
    return saturation, rate, rows


def told(saturation, rate, rows):
    out = [f"Saturation {saturation:,.0f}/s, load {rate}/s.", "", "| minutes | report to delivery p50 / p99 | receipt p99 | memory | files | failed | all closed after |", "|---|---|---|---|---|---|---|"]
    for number, row in enumerate(rows):
        out.append(f"| {number * PHASE_S // 60}-{(number + 1) * PHASE_S // 60} | {row['delivery_p50_ms']:.1f} / {row['delivery_p99_ms']:.1f} ms | "
                   f"{row['receipt_p99_ms']:.1f} ms | {row['memory_mib']:.0f} MiB | {row['files']} | {row['failed'] + row['not_done']} | "
                   f"{row['closed_s']:.0f} s |")
    first, last = rows[0], rows[-1]
    out += ["", f"p99 of the last five minutes to the first: {last['delivery_p99_ms'] / first['delivery_p99_ms']:.2f}; memory "
            f"{last['memory_mib'] - first['memory_mib']:+.0f} MiB ({last['memory_mib'] / first['memory_mib'] - 1:+.1%}); files {last['files'] - first['files']:+d}"]
    return "\n".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--out", type=pathlib.Path, help="where the figures go, with command and commit")
    options = parser.parse_args()
    run = pathlib.Path(tempfile.mkdtemp(prefix="liandong-bench."))
    try:
        systems.make_pki(BIN, run)
        systems.make_site(run / "site")
        with open(run / "site" / "settings.textproto", "a", encoding="utf-8") as settings:
            # What has ended leaves memory after a minute: after ten, as a county would have it, so many a second would fill the hub's bound of 200,000
            # incidents, and it would refuse.
            settings.write("evict_after_s: 60\n")
        saturation, rate, rows = soak(options, run)
        text = told(saturation, rate, rows)
    finally:
        shutil.rmtree(run, ignore_errors=True)
    print(text)
    failed = sum(row["failed"] + row["not_done"] for row in rows)
    if options.out:
        commit = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        options.out.write_text(f"# Soak\n\n    LIANDONG_BUILD=build/release /usr/bin/python3 tests/bench/soak.py --minutes {options.minutes} --out {options.out}\n\n"
                               f"Commit {commit}.\n\n{text}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
