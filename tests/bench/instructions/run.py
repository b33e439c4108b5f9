#!/usr/bin/env python3
"""Instructions that the core's paths take, against a committed baseline: a guard that holds on a noisy machine.

    tests/bench/instructions/run.py --program build/dev/bin/instructions_workload --preset dev [--update]

Runs the workload under callgrind and compares what one call of each path costs with baseline.json. More than 5 % above
fails; more than 5 % below asks for the baseline to be written again, so that the next loss is seen. --update writes the
preset's baseline. Exit: 0 within, 1 above, 77 not to be had here (no valgrind, or no baseline for this preset).
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOLERANCE = 0.05
BASELINE = pathlib.Path(__file__).with_name("baseline.json")
SKIPPED = 77
CALLEE = re.compile(r"cfn=\((\d+)\)(?: (.*))?")
FUNCTION = re.compile(r"fn=\((\d+)\)(?: (.*))?")


def inclusive(profile):
    """{path: instructions of one call} from a callgrind profile: the costs that callers saw of guard_..."""
    names, calls, costs = {}, {}, {}
    called = None  # (name, count), when the next line holds the cost of that call
    for line in profile.splitlines():
        if called:
            name, count = called
            calls[name] = calls.get(name, 0) + count
            costs[name] = costs.get(name, 0) + int(line.split()[1])
            called = None
        elif match := CALLEE.match(line):
            callee = names.setdefault(match[1], match[2])
        elif match := FUNCTION.match(line):
            names.setdefault(match[1], match[2])
        elif line.startswith("calls=") and callee.startswith("guard_"):
            called = (callee.removeprefix("guard_"), int(line[6:].split()[0]))
    return {name: costs[name] // calls[name] for name in sorted(costs)}


def count(program):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "profile"
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", str(program)],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"the workload failed under callgrind:\n{done.stdout[-3000:]}")
        return inclusive(out.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--preset", required=True, help="whose compiler flags the program has")
    parser.add_argument("--update", action="store_true", help="write the baseline of this preset")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed (apt-get install valgrind)")
        return SKIPPED
    baselines = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    if not options.update and options.preset not in baselines:
        print(f"skipped: no baseline for the preset {options.preset} in {BASELINE.name}")
        return SKIPPED
    found = count(options.program)
    if options.update:
        baselines[options.preset] = found
        BASELINE.write_text(json.dumps(baselines, indent=1, sort_keys=True) + "\n")
        for name, cost in found.items():
            print(f"{name:<24}{cost:>12,}")
        return 0
    expected, worse, better = baselines[options.preset], [], []
    print(f"{'instructions a call':<24}{'now':>12}{'baseline':>12}{'change':>9}")
    for name in sorted({*expected, *found}):
        if name not in found or name not in expected:
            worse.append(f"{name} is only in {'the baseline' if name in expected else 'the workload'}")
            continue
        change = found[name] / expected[name] - 1
        print(f"{name:<24}{found[name]:>12,}{expected[name]:>12,}{change:>+8.1%}")
        if abs(change) > TOLERANCE:
            (worse if change > 0 else better).append(f"{name}: {change:+.1%}")
    again = f"{' '.join(sys.argv)} --update"
    if better:
        print(f"\nfaster than the baseline: {', '.join(better)}\nkeep it so: {again}")
    if worse:
        print(f"\nslower than the baseline by more than {TOLERANCE:.0%}: {', '.join(worse)}\n"
              f"when the work is worth it: {again}, and say why in the commit", file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
