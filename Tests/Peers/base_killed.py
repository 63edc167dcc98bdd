"""Kills `iot base run` with SIGKILL at random moments under load, and counts what arrives.

usage: base_killed.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding, as base.py does. All units have addresses in 127.78.0.0/16.
"""

import collections
import json
import os
import random
import subprocess
import sys
import threading
import time
import urllib.request

from fake_broker import FakeBroker
from fake_dashboard import FakeDashboard
from fake_unit import FakeUnit
from outbox_reader import records
from running_base import Base, eventually, finding

ROUNDS = 50
UNITS = 20
PAUSE = 0.004


class Counter:
    """A unit that says the next number every few milliseconds, over all its connections, until it is told to end."""

    def __init__(self, address, ended):
        self.said = 0
        self.ended = ended
        self.unit = FakeUnit(address, self.speak).start()
        self.address = address

    def speak(self, connection, number):
        connection.settimeout(60)
        while not self.ended.is_set():
            connection.sendall(b"%d\n" % self.said)
            self.said += 1
            time.sleep(PAUSE)
        # The last ones are read before the end of the connection is seen.
        connection.recv(1)


def kill_again_and_again(iot, directory, dashboard, more):
    """Runs the base ROUNDS times and kills it; gives what was on its disk each time, and the base that stays."""
    ended = threading.Event()
    units = [Counter(f"127.78.87.{number}", ended) for number in range(1, UNITS + 1)]
    chance = random.Random(11)
    broker = FakeBroker()
    state = {"directory": os.path.join(directory, "state"), "sync": "interval"}
    kept, moments = {}, []

    def start():
        return Base(iot, directory, dashboard, broker, [unit.address for unit in units], outbox=state, **more)

    for _ in range(ROUNDS):
        base = start()
        moments.append(chance.random() * 0.6)
        time.sleep(moments[-1])
        base.process.kill()
        base.process.wait()
        base.process.stdin.close()
        for key, unit, value in records(os.path.join(state["directory"], "outbox")):
            assert kept.setdefault(key, (unit, value)) == (unit, value), key
    base = start()
    time.sleep(1)
    ended.set()
    return units, kept, base


def is_ordered(numbers):
    return all(before < after for before, after in zip(numbers, numbers[1:]))


def hub(iot, directory):
    """The hub takes many at once and knows what it has."""
    place = os.path.join(directory, "hub")
    process = subprocess.Popen(
        [iot, "hub", "run", "--port", "0", "--state", place, "--json", "--stop-with-parent"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    url = json.loads(process.stdout.readline())["hub"]

    def token(ability):
        out = subprocess.run(
            [iot, "hub", "token", "create", "--state", place, "--name", ability, "--ability", ability],
            check=True, capture_output=True, text=True).stdout
        return json.loads(out)["token"]

    admin, base_token = token("admin"), token("base")

    def call(method, path, body=None):
        request = urllib.request.Request(
            url + path, method=method, data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {admin}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    devices = {}
    for number in range(1, UNITS + 1):
        address = f"127.78.87.{number}"
        made = call("POST", "/api/devices", {"name": address, "kind": "read", "address": address})
        devices[address] = made["device"]["id"]
    there = type("Hub", (), {"url": url})
    units, kept, base = kill_again_and_again(
        iot, directory, there, {"api": {"token": base_token}})

    def values(unit):
        path = f"/api/devices/{devices[unit.address]}/states?limit=10000"
        return [int(state["value"]) for state in call("GET", path)["states"]]

    eventually("the last value of each unit", lambda: all(values(unit)[-1:] == [unit.said - 1] for unit in units), 120)
    found = {unit.address: values(unit) for unit in units}
    report(units, kept, found, base)
    process.stdin.close()
    process.terminate()
    process.wait(30)


def dashboard(iot, directory):
    """One that takes them one by one, and fails now and then: after the work, before it, or by cutting the connection."""
    chance = random.Random(5)
    lock = threading.Lock()
    taken = {}
    again = collections.Counter()
    contradictions = []

    def answer(request):
        if not request.line.startswith("PUT "):
            return (404, [], "")
        fate = chance.random()
        if fate < 0.02:
            return (503, ["Retry-After: 0"], "")
        key, value = request.headers["idempotency-key"], (request.line.split("/")[3], request.value)
        with lock:
            if key in taken:
                again[key] += 1
                if taken[key] != value:
                    contradictions.append(key)
            else:
                taken[key] = value
        return None if fate < 0.04 else (200, [], "{}")

    units, kept, base = kill_again_and_again(iot, directory, FakeDashboard(answer), {})

    def found():
        with lock:
            lists = {unit.address: [] for unit in units}
            for address, value in taken.values():
                lists[address].append(int(value))
            return lists

    eventually(
        "the last value of each unit",
        lambda: all(found()[unit.address][-1:] == [unit.said - 1] for unit in units), 120)
    report(units, kept, found(), base)
    finding("some came again", len(again) > 10)
    finding("a key stands for one measurement", contradictions)


def report(units, kept, found, base):
    arrived = {(address, str(value)) for address, values in found.items() for value in values}
    on_disk = set(kept.values())
    finding("what was on the disk after a kill and never arrived", sorted(on_disk - arrived)[:5])
    finding("there was much on the disk", len(on_disk) > 1000)
    finding("each unit's values came in order, once", all(is_ordered(values) for values in found.values()))
    said = sum(unit.said for unit in units)
    print(f"{said} said, {len(arrived)} arrived, {len(on_disk)} seen on the disk", file=sys.stderr)
    finding("most of what was said arrived", len(arrived) > said / 2)
    finding("exit code", base.stop())


SCENARIOS = {"hub": hub, "dashboard": dashboard}

if __name__ == "__main__":
    SCENARIOS[sys.argv[3]](sys.argv[1], sys.argv[2])
