#!/usr/bin/env python3
"""Whether each deliberate fault is caught by a suite: prints a table, and ends with 1 where one survives.

usage: run.py --iot IOT [--only GLOB] [--jobs N]

No fault is in the command: units, programs before the base, and boards of rigs that are made here have them. Each mutant runs the
suites that are to catch it; those same suites pass on the units and the base without a fault, which is tried first.
"""

import argparse
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SUITES = HERE.parent / "suites"
IMAGE = pathlib.Path(".build-firmware/turns.elf").resolve()


def unit(kind, fault="", **more):
    abilities = ["early-close", "line-feed"] if kind == "lamp" else []
    start = [sys.executable, str(HERE / "unit.py"), kind, "{address}"] + ([fault] if fault else [])
    return {"kind": kind, "driver": "command", "start": start, "abilities": abilities, **more}


def fleet(kind, *fault):
    return {
        "kind": kind, "driver": "command",
        "start": [sys.executable, str(HERE / "fleet.py"), "{iot}", kind, "{address}", *fault]}


def rig(base="none", sensor="", lamp="", **boards):
    """Two sensors and two lamps of plain sockets; the first of a kind has its fault."""
    return {
        "name": "mutant",
        "base": {"start": [sys.executable, str(HERE / "base.py"), base, "{iot}"]},
        "boards": {
            "sensor-1": unit("read", sensor), "sensor-2": unit("read"), "lamp-1": unit("lamp", lamp), "lamp-2": unit("lamp"),
            **boards,
        },
    }


def board(*options):
    return {
        "name": "mutant",
        "boards": {"board": {"kind": "read", "driver": "virtual-board", "options": list(options)}},
    }


# What is wrong, where, and which suites are to catch it.
MUTANTS = [
    ("a lamp does not take CR as an end", rig(lamp="no-carriage-return"), ["terminators", "command"]),
    ("a lamp does not take LF as an end", rig(lamp="no-line-feed"), ["line-feed"]),
    ("a lamp waits for the end of the connection", rig(lamp="waits-for-an-end"), ["terminators"]),
    ("a unit serves two clients at once", rig(sensor="serves-two"), ["one-connection-only"]),
    ("a newer client takes the place of the older", rig(sensor="newest-wins"), ["one-connection-only"]),
    ("a unit serves nobody after its first client", rig(sensor="serves-once"), ["connect"]),
    ("a lamp drops what a waiting client has sent", rig(lamp="drops-what-waited"), ["lamp-one-connection"]),
    ("a lamp loses the command when its sender closes", rig(lamp="early-close-loses"), ["early-close-used"]),
    ("a lamp wants its sender to stay for a second", rig(lamp="wants-a-long-stay"), ["early-close"]),
    ("a lamp takes colours in small letters alone", rig(lamp="case-sensitive"), ["command", "terminators"]),
    ("a lamp reads three digits as if they ended with 0", rig(lamp="wrong-three-digits"), ["command"]),
    ("a lamp swaps red and blue", rig(lamp="red-and-blue-swapped"), ["command"]),
    ("a lamp goes dark at what is no colour", rig(lamp="black-when-wrong"), ["command"]),
    ("a sensor loses lines that it has printed", rig(sensor="loses-lines"), ["stream"]),
    ("a sensor sends lines twice", rig(sensor="doubles-lines"), ["stream"]),
    ("a sensor sends lines out of order", rig(sensor="swaps-lines"), ["stream"]),
    ("a sensor says more than its range", rig(sensor="too-large"), ["stream"]),
    ("a sensor says what is no number", rig(sensor="no-number"), ["stream"]),
    ("a sensor speaks too often", rig(sensor="too-fast"), ["stream"]),
    ("a sensor speaks too seldom", rig(sensor="too-slow"), ["stream"]),
    ("a sensor sends random bytes (fault of fleets)", rig(**{"sensor-1": fleet("read", "garbage")}), ["stream"]),
    ("a sensor's clock is wrong (fault of fleets)", rig(**{"sensor-1": fleet("read", "wrong-period", "period=200ms")}), ["stream"]),
    ("a sensor refuses its clients (fault of fleets)", rig(**{"sensor-1": fleet("read", "refuse")}), ["connect"]),
    ("a lamp hears nothing (fault of fleets)", rig(**{"lamp-1": fleet("lamp", "black-hole")}), ["command"]),
    ("the base does not connect again", rig(base="no-reconnect"), ["half-open-network", "reboot-mid-stream"]),
    ("the base never notices a silent unit", rig(base="never-notices-silence"), ["half-open-network"]),
    ("the base swaps two units", rig(base="swaps-units"), ["two-sensors"]),
    ("the base loses measurements", rig(base="loses-measurements"), ["stream"]),
    ("the base sends measurements twice", rig(base="doubles-measurements"), ["stream"]),
    ("the base changes measurements", rig(base="changes-measurements"), ["stream"]),
    ("the base forgets what waits for the dashboard", rig(base="forgets-what-waits"), ["dashboard-away"]),
    ("the base does not come back to the broker", rig(base="loses-the-broker"), ["broker-away"]),
    ("a sector of the flash takes nothing", board("--timing", "fast", "--fault", "bad-sector:4"), ["flash-and-boot"]),
    ("the line goes dead while the flash is written", board("--timing", "fast", "--fault", "stuck:20000"), ["flash-and-boot"]),
]


def run(iot, rig, suites, arguments=()):
    """The exit code, and of each case its verdict and reason."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "rig.yaml"
        # JSON is YAML.
        file.write_text(json.dumps(rig))
        output = pathlib.Path(folder) / "output"
        done = subprocess.run(
            [iot, "hil", "run", *(str(SUITES / f"{suite}.yaml") for suite in suites), "--rig", str(file), "--plain", "--output",
             str(output), *arguments], capture_output=True, text=True, timeout=900)
        try:
            cases = json.loads((output / "run.json").read_text())["cases"]
        except OSError:
            cases = []
        return done.returncode, cases, done.stdout + done.stderr


def judge(iot, mutant):
    what, rig, suites = mutant
    set_image = ["--set", f"image={IMAGE}"] if suites == ["flash-and-boot"] else []
    code, cases, output = run(iot, rig, suites, ["--until-failure", *set_image])
    caught = [case for case in cases if case["verdict"] == "failed"]
    if code == 1 and caught:
        return what, "caught", f"{caught[0]['name']}: {caught[0]['reason']}"
    if code == 0:
        return what, "SURVIVED", ", ".join(suites)
    # A bench that is broken has proven nothing.
    return what, "UNKNOWN", f"exit code {code}: " + (cases[0]["reason"] or "" if cases else output[-300:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--iot", required=True)
    parser.add_argument("--only", default="*")
    parser.add_argument("--jobs", type=int, default=max(2, os.cpu_count() or 2))
    options = parser.parse_args()
    iot = str(pathlib.Path(options.iot).resolve())
    mutants = [mutant for mutant in MUTANTS if fnmatch.fnmatch(mutant[0], options.only)]
    suites = sorted({suite for _, rig, suites in mutants for suite in suites if "base" in rig})
    status = 0
    if suites:
        code, cases, output = run(iot, rig(), suites, ["--jobs", str(options.jobs)])
        if code != 0:
            print("The suites do not pass without a fault, so that nothing can be said:")
            for case in cases:
                if case["verdict"] != "passed":
                    print(f"  {case['verdict']} {case['name']}: {case['reason']}")
            print("" if cases else output)
            return 1
        print(f"without a fault: {len(cases)} cases passed")
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda mutant: judge(iot, mutant), mutants))
    width = max(len(what) for what, _, _ in results)
    for what, verdict, why in results:
        print(f"{verdict:9} {what:{width}}  {why}")
        status = status if verdict == "caught" else 1
    count = sum(verdict == "caught" for _, verdict, _ in results)
    print(f"{count} of {len(results)} mutants caught")
    return status


sys.exit(main())
