#!/usr/bin/env python3
"""Whether each deliberate fault is caught by a suite, where it is to be: prints a table, and ends with 1 where one is not.

usage: run.py --iot IOT [--only GLOB] [--jobs N]

No fault is in the command: units, programs before the base, and boards of rigs that are made here have them. Each mutant runs one case
of a suite, of which a step has to fail with the words that are named; a case that fails elsewhere has caught something else. The same
case passes on the same rig without the fault, which is tried first.
"""

import argparse
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SUITES = HERE.parent / "suites"
IMAGE = pathlib.Path(".build-firmware/turns.elf").resolve()


def unit(kind, fault=""):
    abilities = ["early-close", "line-feed"] if kind == "lamp" else []
    start = [sys.executable, str(HERE / "unit.py"), kind, "{address}"] + ([fault] if fault else [])
    return {"kind": kind, "driver": "command", "start": start, "abilities": abilities}


def rig(base="plain", **boards):
    """Two sensors and two lamps of plain sockets; those that are given take the place of the first."""
    usual = {"sensor-1": unit("read"), "sensor-2": unit("read"), "lamp-1": unit("lamp"), "lamp-2": unit("lamp")}
    start = [sys.executable, str(HERE / "base.py"), base, "{iot}"]
    return {"name": "mutant", "base": {"start": start}, "boards": {**usual, **boards}}


def boards(*options):
    board = {"kind": "read", "driver": "virtual-board", "options": ["--timing", "real", *options]}
    return {"name": "mutant", "boards": {"board": board}}


# Each of these gives the rig with the fault, and the one without it.


def sensor(fault):
    return rig(**{"sensor-1": unit("read", fault)}), rig()


def lamp(fault):
    return rig(**{"lamp-1": unit("lamp", fault)}), rig()


def fleet(kind, *fault):
    """A simulated unit with a fault of fleets."""
    name = "sensor-1" if kind == "read" else "lamp-1"

    def one(*words):
        return rig(**{name: {
            "kind": kind, "driver": "command",
            "start": [sys.executable, str(HERE / "fleet.py"), "{iot}", kind, "{address}", *words]}})

    return one(*fault), one()


def base(fault):
    """The base with another configuration."""
    return rig(fault), rig()


def proxy(fault):
    """The base with a proxy before the hub."""
    return rig(fault), rig("none")


def board(*fault):
    return boards("--fault", ":".join(fault)), boards()


def step(suite, text, number=1):
    """The words of a reason that say which step has failed: the `number`th of a suite that has `text`."""
    lines = (SUITES / f"{suite}.yaml").read_text().splitlines()
    return rf"line {[at for at, line in enumerate(lines, 1) if text in line][number - 1]}, "


LOST = "what the hub has is not what the console printed"
BAD_SECTOR = "the chip refused to write 0x4000"
# Of a lamp that was never lit nothing may be known.
UNLIT = "(lamp shows #000000, not|nothing is known of what lamp shows, and it should be)"
# What is wrong; where; the case that is to catch it; the step and the words of its reason.
MUTANTS = [
    ("a lamp does not take CR as an end", lamp("no-carriage-return"), "terminators [terminator=CR,*",
     rf"lamp shows: .*: {UNLIT} #ff8c00"),
    ("a lamp does not take LF as an end", lamp("no-line-feed"), "line-feed", r"lamp shows: .*(not|should be) #0000ff"),
    ("a lamp does not obey after a silence", lamp("no-idle-end"), "terminators [terminator=none,*",
     rf"lamp shows: .*: {UNLIT} #ff8c00"),
    ("a unit serves two clients at once", sensor("serves-two"), "one-connection-only",
     r"client expects: \{client: second, silence: 3s\}: second has received"),
    ("a newer client takes the place of the older", sensor("newest-wins"), "one-connection-only",
     r"client expects: \{client: second, silence: 3s\}: second has received"),
    ("a unit serves nobody after its first client", sensor("serves-once"), "connect",
     step("connect", "Client Connected", 2) + "serial expects: "),
    ("a lamp drops what a waiting client has sent", lamp("drops-what-waited"), "lamp-one-connection",
     r"lamp shows: .*: lamp shows #00ff00, not #0000ff"),
    ("a lamp loses the command when its sender closes", lamp("early-close-loses"), "early-close-used",
     rf"lamp shows: .*: {UNLIT} #ff0000"),
    ("a lamp wants its sender to stay for a second", lamp("wants-a-long-stay"), "early-close",
     rf"lamp shows: .*: {UNLIT} #ff0000"),
    ("a lamp takes colours in small letters alone", lamp("case-sensitive"), "command [colour=upper-case name]",
     rf"lamp shows: .*: {UNLIT} #32cd32"),
    ("a lamp reads three digits as if they ended with 0", lamp("wrong-three-digits"), "command [colour=three digits]",
     r"lamp shows: .*: lamp shows #00f080, not #00ff88"),
    ("a lamp swaps red and blue", lamp("red-and-blue-swapped"), "command [colour=name]",
     r"lamp shows: .*: lamp shows #0000ff, not #ff0000"),
    ("a lamp goes dark at what is no colour", lamp("black-when-wrong"), "command [colour=name]",
     r"lamp keeps: .*: lamp shows #000000, and should go on with #ff0000"),
    ("a lamp obeys three times and no more", lamp("tires"), "soak",
     r"in round 2, .*lamp shows: .*: lamp shows #ff0000, not #0000ff"),
    ("a sensor loses lines that it has printed", sensor("loses-lines"), "stream", rf"unit: left.*: {LOST}"),
    ("a sensor sends lines twice", sensor("doubles-lines"), "stream", rf"unit: left.*: {LOST}"),
    ("a sensor sends lines out of order", sensor("swaps-lines"), "stream", rf"unit: left.*: {LOST}"),
    ("a sensor sends old measurements again after a reconnect", sensor("old-again"), "connection-reset",
     "in round 2, " + step("connection-reset", "count: 2") + f"hub expects: .*: {LOST}"),
    ("a sensor says more than its range", sensor("too-large"), "stream", r"unit: left.*: the hub has \d+, which is not from 0 to 1023"),
    ("a sensor says what is no number", sensor("no-number"), "stream", r"unit: left.*: the hub has a measurement that is no number: 12x"),
    ("a sensor speaks too often", sensor("too-fast"), "pace", r"step: .*: sensor measures every 0\.\d+ s in the mean"),
    ("a sensor speaks too seldom", sensor("too-slow"), "pace", r"step: .*: sensor measures every [23]\.\d+ s in the mean"),
    ("a sensor sends random bytes (fault of fleets)", fleet("read", "garbage"), "stream",
     r"unit: left.*: the hub has (0 of 6 measurements|a measurement that is no number)"),
    ("a sensor's clock is wrong (fault of fleets)", fleet("read", "wrong-period", "period=200ms"), "pace",
     r"step: .*: sensor measures every 0\.\d+ s in the mean"),
    ("a sensor refuses its clients (fault of fleets)", fleet("read", "refuse"), "connect",
     step("connect", "Client Connected") + "serial expects: "),
    ("a lamp hears nothing (fault of fleets)", fleet("lamp", "black-hole"), "command [colour=name]",
     rf"lamp shows: .*: {UNLIT} #ff0000"),
    ("the base does not connect again", base("no-reconnect"), "connection-reset",
     "in round 1, " + step("connection-reset", "Client Connected", 2) + "serial expects: "),
    ("the base waits before it connects again", base("late-reconnect"), "connection-reset",
     "in round 1, " + step("connection-reset", "Client Connected", 2) + "serial expects: "),
    ("the base does not connect again to what was refused", base("no-reconnect"), "cable-pulled [fault=refused]",
     step("cable-pulled", "count: 3") + "hub expects: .*: the hub has 0 of 3 measurements"),
    ("the base does not connect again after a loss of power", base("no-reconnect"), "reboot-mid-stream",
     step("reboot-mid-stream", "Client Connected", 2) + "serial expects: "),
    ("the base never notices a silent unit", base("never-notices-silence"), "half-open-network",
     step("half-open-network", "count: 3") + "hub expects: .*: the hub has 0 of 3 measurements"),
    ("the base never notices a cable that is pulled", base("never-notices-silence"), "cable-pulled [fault=cut]",
     r"connections: .*: 1 connections were made to sensor"),
    ("the base has two connections to a unit", proxy("two-connections"), "one-connection-only",
     r"connections: .*: the base had 2 connections to sensor at once, more than 1"),
    ("the base connects to all units together", proxy("all-together"), "reconnect-spread",
     r"step: .*: the units were connected together"),
    ("the base swaps two units", proxy("swaps-units"), "two-sensors", r"hub expects nothing: \{unit: left"),
    ("the base swaps two lamps", proxy("swaps-lamps"), "two-lamps", r"lamp shows: \{unit: here, .*(not|should be) #ff0000"),
    ("the base loses measurements", proxy("loses-measurements"), "stream", rf"hub expects: .*: {LOST}"),
    ("the base sends measurements twice", proxy("doubles-measurements"), "stream", rf"hub expects: .*: {LOST}"),
    ("the base changes measurements", proxy("changes-measurements"), "stream", rf"hub expects: .*: {LOST}"),
    ("the base forgets what waits for the dashboard", base("forgets-what-waits"), "dashboard-away [fault=refused]",
     step("dashboard-away", "${count}") + f"hub expects: .*: {LOST}"),
    ("the base waits for an answer for ever", base("waits-for-an-answer"), "dashboard-half-open",
     r"hub expects: .*count: 10.*: the hub has \d of 10 measurements of sensor"),
    ("the base forgets what waits for a hub that was killed", base("forgets-what-waits"), "hub-killed",
     step("hub-killed", "${count}") + f"hub expects: .*: {LOST}"),
    ("the base does not come back to the broker", base("loses-the-broker"), "broker-away",
     r"request: \{unit: lamp, colour: lime\}: not within "),
    ("a sector of the flash takes nothing", board("bad-sector", "4"), "flash-and-boot",
     f"flash: .*{BAD_SECTOR}"),
    ("the line goes dead while the flash is written", board("stuck", "20000"), "flash-and-boot",
     "flash: .*erased or unknown from there to .*no answer from the ROM loader after 5 attempts, and nothing at all was heard"),
    ("a sector takes nothing after the power has failed", board("bad-sector", "4"), "brown-out-mid-flash [bytes=18000]",
     step("brown-out-mid-flash", "flash: ", 2) + f"flash: .*{BAD_SECTOR}"),
]


def run(iot, rig, case):
    """The exit code, and of each case its verdict and reason."""
    suite = case.split(" ")[0]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "rig.yaml"
        # JSON is YAML.
        file.write_text(json.dumps({**rig, "variables": {"image": str(IMAGE)}}))
        output = pathlib.Path(folder) / "output"
        try:
            done = subprocess.run(
                [iot, "hil", "run", str(SUITES / f"{suite}.yaml"), "--only", case, "--rig", str(file), "--plain", "--output",
                 str(output), "--until-failure"], capture_output=True, text=True, timeout=900)
        except subprocess.TimeoutExpired:
            return None, [], "the run has not ended within 15 minutes"
        try:
            cases = json.loads((output / "run.json").read_text())["cases"]
        except OSError:
            cases = []
        return done.returncode, cases, done.stdout + done.stderr


def judge(iot, mutant, sound):
    what, (rig, _), case, words = mutant
    if sound is not None:
        return what, "UNKNOWN", f"without the fault: {sound}"
    code, cases, output = run(iot, rig, case)
    failed = [each for each in cases if each["verdict"] == "failed"]
    if code == 0:
        return what, "SURVIVED", case
    if code != 1 or not failed:
        # A bench that is broken has proven nothing.
        return what, "UNKNOWN", f"exit code {code}: " + ((cases[0]["reason"] or "") if cases else output[-300:])
    reason = failed[0]["reason"]
    # What stands at its end says most.
    why = f"{failed[0]['name']}: {reason if len(reason) < 150 else '… ' + reason[-150:]}"
    return what, "caught" if re.search(words, reason) else "ELSEWHERE", why


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--iot", required=True)
    parser.add_argument("--only", default="*")
    parser.add_argument("--jobs", type=int, default=max(2, os.cpu_count() or 2))
    options = parser.parse_args()
    iot = str(pathlib.Path(options.iot).resolve())
    mutants = [mutant for mutant in MUTANTS if fnmatch.fnmatch(mutant[0], options.only)]
    sounds = {(json.dumps(rigs[1]), case): (rigs[1], case) for _, rigs, case, _ in mutants}

    def why_not(key):
        """Why a case does not pass without a fault; None where it does."""
        code, cases, output = run(iot, *sounds[key])
        if code == 0 and cases:
            return None
        reasons = [f"{each['name']}: {each['verdict']}, {each['reason']}" for each in cases if each["verdict"] != "passed"]
        return "; ".join(reasons) or output[-300:] or f"exit code {code}"

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        found = dict(zip(sounds, pool.map(why_not, sounds)))
        print(f"without a fault: {sum(why is None for why in found.values())} of {len(found)} cases passed", flush=True)
        width = max((len(mutant[0]) for mutant in mutants), default=0)
        results = []
        for result in pool.map(lambda mutant: judge(iot, mutant, found[json.dumps(mutant[1][1]), mutant[2]]), mutants):
            what, verdict, why = result
            print(f"{verdict:9} {what:{width}}  {why}", flush=True)
            results.append(result)
    count = sum(verdict == "caught" for _, verdict, _ in results)
    print(f"{count} of {len(results)} mutants caught")
    return 0 if results and count == len(results) else 1


sys.exit(main())
