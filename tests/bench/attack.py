"""What an attack on the hub costs the honest parties: their latency at a fixed rate in peace, while somebody floods another
hub on the same machine (the same load on the processors, aimed elsewhere), and while somebody floods their own.

    LIANDONG_BUILD=build/release /usr/bin/python3 tests/bench/attack.py [--rounds 5] [--rate 100] [--seconds 10]

The attack: a party with a good certificate sends reports over sixteen streams as fast as they are read (the flood of
tests/promises/promise_15_attacks_are_contained.py), and 2,000 connections to the same port say nothing. Settings take
turns; figures are medians of the rounds with their range, the ratio is the median of the rounds' ratios.
"""
import argparse
import contextlib
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import systems

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "promises"))
from harness import BIN  # noqa: E402
from promise_15_attacks_are_contained import Crowd  # noqa: E402

ATTACKER = "noisy"
SILENT = 2_000
SETTINGS = {"in peace": None, "attack aimed elsewhere": "other", "attack on this hub": "measured"}
WAIT_S = 60


class OtherHub(systems.Hub):
    name = "other"


@contextlib.contextmanager
def attack_on(hub, run):
    """Yields what says how many of the attacker's reports were answered, by answer."""
    with open(run / "flood", "wb") as said, Crowd() as silent:
        silent.connect(int(hub.port), SILENT)
        flood = subprocess.Popen([sys.executable, ROOT / "tests/promises/promise_15_attacks_are_contained.py", "--flood", hub.port, run / "pki",
                                  ATTACKER, ""], stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            give_up = time.monotonic() + WAIT_S
            while b"\n" not in (run / "flood").read_bytes():  # a line for each thousand answers
                if flood.poll() is not None or time.monotonic() > give_up:
                    raise SystemExit("the flood did not begin:\n" + (run / "flood").read_text()[-2000:])
                time.sleep(0.1)
            yield lambda: (run / "flood").read_text().splitlines()[-1]
        finally:
            flood.kill()
            flood.wait()


def measured(options, run, round_number):
    """{setting: figures} of one round."""
    found = {}
    order = list(SETTINGS)
    turn = round_number % len(order)
    for setting in order[turn:] + order[:turn]:
        with systems.Hub(BIN, run) as hub, OtherHub(BIN, run) as other, contextlib.ExitStack() as stack:
            hubs = {"measured": hub, "other": other}
            answered = lambda: ""  # noqa: E731
            if SETTINGS[setting]:
                answered = stack.enter_context(attack_on(hubs[SETTINGS[setting]], run))
            lines = hub.load([f"warm:{16}:1", f"rate:{options.rate}:{options.seconds}"], f"a{round_number}")
            found[setting] = json.loads(lines[-1])
            print(f"round {round_number + 1}, {setting}: p99 {found[setting]['delivery_p99_ms']:.1f} ms {answered()}", file=sys.stderr)
    return found


def told(rounds):
    rows = ["| | report to delivery p50 | p99 | receipt p99 | failed |", "|---|---|---|---|---|"]
    for setting in SETTINGS:
        def span(name, setting=setting):
            values = [one[setting][name] for one in rounds]
            return f"{statistics.median(values):.1f} ms ({min(values):.1f}-{max(values):.1f})"
        failed = sum(one[setting]["failed"] + one[setting]["not_done"] for one in rounds)
        rows.append(f"| {setting} | {span('delivery_p50_ms')} | {span('delivery_p99_ms')} | {span('receipt_p99_ms')} | {failed} |")
    ratio = statistics.median(one["attack on this hub"]["delivery_p99_ms"] / one["attack aimed elsewhere"]["delivery_p99_ms"] for one in rounds)
    return "\n".join([*rows, f"p99 under attack, to p99 with the attack aimed elsewhere: {ratio:.2f}"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    run = pathlib.Path(tempfile.mkdtemp(prefix="liandong-bench."))
    try:
        systems.make_pki(BIN, run)
        subprocess.run([BIN / "liandong", "pki", "issue", run / "pki", ATTACKER], check=True, stdout=subprocess.DEVNULL)
        systems.make_site(run / "site")
        with open(run / "site" / "parties.textproto", "a", encoding="utf-8") as parties:
            parties.write(f'party {{ id: "{ATTACKER}" kind: HOTLINE name_zh: "吵闹" name_en: "Noisy" }}\n')
        rounds = [measured(options, run, number) for number in range(options.rounds)]
    finally:
        shutil.rmtree(run, ignore_errors=True)
    print(told(rounds))
    return 1 if any(one[setting]["failed"] or one[setting]["not_done"] for one in rounds for setting in SETTINGS) else 0


if __name__ == "__main__":
    sys.exit(main())
