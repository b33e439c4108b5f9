"""How the hub holds up as a county's hub fills: parties and clauses, months of history, open incidents, and the start
after a crash. Started by run.sh --growth, which builds first. Prints a table; --svg draws the curves.

Pasts are made by bench_fill with the hub's own parts, syncs switched off for that alone (libbench_no_sync.so). Sizes
take turns round by round, so that what is compared ran within minutes of each other. Every throughput is of the same
work as compare.py's: 256 reports in flight, three agencies of twelve, durable, mutual TLS.
"""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import systems
from compare import machine
from report import grid

SITES = [(12, 40), (100, 400), (1_000, 4_000)]
PASTS = [0, 10_000, 100_000, 1_000_000]
OPEN = [1_000, 10_000, 100_000]
WARM_UP, MEASURED = "warm:64:1", "flight:256:4"
CRASHES = 3
HISTORY_S = 900  # most that history may need to catch up


class GrownHub(systems.Hub):
    """A hub on a data folder that stays."""
    name = "grown"

    def __init__(self, bin_folder, run, site, past):
        super().__init__(bin_folder, run, site)
        self.past = past

    def start(self):
        for name in ("data", "master.key"):
            if (self.past / name).exists():
                (self.folder / name).symlink_to(self.past / name)
        begun = time.monotonic()
        super().start()
        self.started_s = time.monotonic() - begun

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.server_pid()}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def kill(self):
        self.processes[-1].send_signal(signal.SIGKILL)
        self.processes[-1].wait()


def fill(options, run, past, ended=0, opened=0):
    past.mkdir()
    print(f"filling: {ended:,} incidents that ended, {opened:,} open", file=sys.stderr)
    command = [options.bin / "bench_fill", "--data", past / "data", "--site", run / "site", "--master-key",
               past / "master.key", "--ended", ended, "--open", opened]
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=True,
                          env={**os.environ, "LD_PRELOAD": str(options.bin / "libbench_no_sync.so")})
    told = json.loads(done.stdout)
    told["disk_mib"] = sum(file.stat().st_size for file in past.rglob("*") if file.is_file()) // 2**20
    return told


def throughput(hub, prefix):
    lines = hub.load([WARM_UP, MEASURED], prefix)
    figures = next(one for one in map(json.loads, lines) if one["phase"] == "flight_256")
    if figures["failed"] or figures["not_done"] or figures["repeats"]:
        raise SystemExit(f"{prefix}: {figures}")
    return figures["per_s"]


def by_size(options, run):
    """Throughput with so many parties and clauses: [{parties, clauses, per_s: [a round each]}]."""
    rows = []
    for parties, clauses in SITES:
        site = run / f"site-{parties}"
        systems.make_site(site, parties, clauses)
        rows.append({"parties": parties, "clauses": clauses, "site": site, "per_s": []})
    for round_number in range(options.rounds):
        turn = round_number % len(rows)
        for row in rows[turn:] + rows[:turn]:
            print(f"round {round_number + 1}: {row['parties']:,} parties, {row['clauses']:,} clauses", file=sys.stderr)
            with systems.Hub(options.bin, run, row["site"]) as hub:
                row["per_s"].append(throughput(hub, f"s{round_number}"))
    for row in rows:
        del row["site"]
    return rows


def by_past(options, run):
    """Throughput after so many incidents: [{ended, records, per_s, disk_mib}]; on the longest past the starts too."""
    rows = []
    for ended in [past for past in PASTS if past <= options.past]:
        past = run / f"past-{ended}"
        rows.append({**fill(options, run, past, ended=ended), "ended": ended, "past": past, "per_s": []})
    for round_number in range(options.rounds):
        turn = round_number % len(rows)
        for row in rows[turn:] + rows[:turn]:
            print(f"round {round_number + 1}: after {row['ended']:,} incidents", file=sys.stderr)
            with GrownHub(options.bin, run, run / "site", row["past"]) as hub:
                row["per_s"].append(throughput(hub, f"p{round_number}"))
    rows[-1]["start_after_kill_s"] = []
    for crash in range(CRASHES):
        print(f"crash {crash + 1} of {CRASHES}, {rows[-1]['records']:,} records", file=sys.stderr)
        with GrownHub(options.bin, run, run / "site", rows[-1]["past"]) as hub:
            throughput(hub, f"k{crash}")
            hub.kill()
        with GrownHub(options.bin, run, run / "site", rows[-1]["past"]) as hub:
            rows[-1]["start_after_kill_s"].append(hub.started_s)
    for row in rows:
        shutil.rmtree(row.pop("past"))
    return rows


def by_open(options, run):
    """Memory with so many open incidents, each with three deliveries: [{open, resident_mib, bytes_each}]."""
    rows = []
    with systems.Hub(options.bin, run) as hub:
        pid = hub.server_pid()
        empty_kib = int(pathlib.Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0])
    for opened in [count for count in OPEN if count <= options.open]:
        past = run / f"open-{opened}"
        fill(options, run, past, opened=opened)
        with GrownHub(options.bin, run, run / "site", past) as hub:
            resident = steady(hub)
        rows.append({"open": opened, "resident_mib": resident / 1024, "bytes_each": (resident - empty_kib) * 1024 / opened})
        shutil.rmtree(past)
    return {"empty_mib": empty_kib / 1024, "rows": rows}


def steady(hub):
    """Resident memory once it has stayed within 1 % for three looks a second apart."""
    seen, give_up = [], time.monotonic() + HISTORY_S
    while time.monotonic() < give_up:
        seen.append(hub.resident_kib())
        if len(seen) >= 3 and max(seen[-3:]) <= min(seen[-3:]) * 1.01:
            break
        time.sleep(1)
    return seen[-1]


def told(result):
    def cells(per_s, first):
        return [f"{statistics.median(per_s):,.0f} ({min(per_s):,.0f}-{max(per_s):,.0f})",
                f"{statistics.median(a / b for a, b in zip(per_s, first)):.2f}"]

    size, past, memory = result["size"], result["past"], result["open"]
    out = [grid([["parties, clauses", "reports/s, 256 in flight", "of the first"]] +
                [[f"{row['parties']:,}, {row['clauses']:,}", *cells(row["per_s"], size[0]["per_s"])] for row in size]),
           grid([["incidents of history", "records", "on disk", "reports/s, 256 in flight", "of the first"]] +
                [[f"{row['ended']:,}", f"{row['records']:,}", f"{row['disk_mib']:,} MiB",
                  *cells(row["per_s"], past[0]["per_s"])] for row in past]),
           grid([["open incidents", "resident", "bytes each"]] +
                [[f"{row['open']:,}", f"{row['resident_mib']:,.0f} MiB", f"{row['bytes_each']:,.0f}"]
                 for row in memory["rows"]])]
    starts = past[-1]["start_after_kill_s"]
    goals = [["goal", "reached", ""]]

    def goal(words, found, met):
        goals.append([words, found, "met" if met else "NOT met"])

    share = statistics.median(a / b for a, b in zip(size[-1]["per_s"], size[0]["per_s"]))
    goal(f"{size[-1]['parties']:,} parties and {size[-1]['clauses']:,} clauses, at least 0.80 of "
         f"{size[0]['parties']} and {size[0]['clauses']}", f"{share:.2f}", share >= 0.80)
    share = statistics.median(a / b for a, b in zip(past[-1]["per_s"], past[0]["per_s"]))
    goal(f"{past[-1]['ended']:,} incidents of history, at least 0.95 of none", f"{share:.2f}", share >= 0.95)
    goal(f"start after a crash, {past[-1]['records']:,} records, under 3 s", f"{statistics.median(starts):.2f} s",
         statistics.median(starts) < 3)
    last = memory["rows"][-1]
    goal(f"{last['open']:,} open incidents with {3 * last['open']:,} deliveries, under 600 MB",
         f"{last['resident_mib'] * 1.048576:,.0f} MB", last["resident_mib"] * 1.048576 < 600)
    return "\n\n".join([*out, grid(goals)])


def svg(result):
    """The curves: each chart's first value is 100 %, the goal a dashed line; memory in bytes an incident."""
    def share(rows):
        return [statistics.median(row["per_s"]) / statistics.median(rows[0]["per_s"]) * 100 for row in rows]

    charts = [
        ("Throughput by parties / clauses, % of the first", [f"{r['parties']:,} / {r['clauses']:,}" for r in result["size"]],
         share(result["size"]), 80),
        ("Throughput by incidents of history, % of none", [f"{row['ended']:,}" for row in result["past"]],
         share(result["past"]), 95),
        ("Memory by open incidents, KiB each", [f"{row['open']:,}" for row in result["open"]["rows"]],
         [row["bytes_each"] / 1024 for row in result["open"]["rows"]], None),
    ]
    width, height, left, top = 330, 210, 40, 40
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width * len(charts)} {height + 60}" '
           'font-family="sans-serif" font-size="11" fill="#1f2933">',
           '<rect width="100%" height="100%" fill="#ffffff"/>']
    for number, (title, labels, values, goal) in enumerate(charts):
        x0, inner_w, inner_h = number * width + left, width - left - 30, height - top
        most = max([*values, goal or 0]) * 1.15
        at = [(x0 + inner_w * (i + 0.5) / len(values), top + inner_h * (1 - value / most)) for i, value in enumerate(values)]
        out.append(f'<text x="{x0}" y="20" font-size="12" font-weight="bold">{title}</text>')
        out.append(f'<path d="M{x0} {top}V{top + inner_h}H{x0 + inner_w}" fill="none" stroke="#9aa5b1"/>')
        if goal:
            y = top + inner_h * (1 - goal / most)
            out.append(f'<path d="M{x0} {y:.1f}H{x0 + inner_w}" stroke="#b44d12" stroke-dasharray="4 3"/>'
                       f'<text x="{x0 + inner_w}" y="{y - 4:.1f}" text-anchor="end" fill="#b44d12">goal {goal}</text>')
        out.append('<polyline fill="none" stroke="#0b69a3" stroke-width="2" points="' +
                   " ".join(f"{x:.1f},{y:.1f}" for x, y in at) + '"/>')
        for (x, y), label, value in zip(at, labels, values):
            out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#0b69a3"/>'
                       f'<text x="{x:.1f}" y="{y + 16:.1f}" text-anchor="middle">{value:,.{0 if value >= 100 else 1}f}</text>'
                       f'<text x="{x:.1f}" y="{top + inner_h + 18}" text-anchor="middle">{label}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--past", type=int, default=PASTS[-1], help="the most incidents of history")
    parser.add_argument("--open", type=int, default=OPEN[-1], help="the most open incidents")
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--svg", type=pathlib.Path)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    run = pathlib.Path(tempfile.mkdtemp(prefix="liandong-growth."))
    try:
        systems.make_pki(options.bin, run)
        systems.make_site(run / "site")
        result = {"machine": machine(), "size": by_size(options, run), "open": by_open(options, run),
                  "past": by_past(options, run)}
    finally:
        shutil.rmtree(run, ignore_errors=True)
    print(told(result))
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    if options.svg:
        options.svg.write_text(svg(result))


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
