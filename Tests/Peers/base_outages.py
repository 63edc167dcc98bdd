"""Meets `iot base run` with outages that last: a dashboard that fails, is slow or never answers, a broker that is away, and a
clock that jumps.

usage: base_outages.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding, as base.py does. All units have addresses in 127.78.0.0/16.
"""

import collections
import os
import sys
import threading
import time

from fake_broker import FakeBroker
from fake_dashboard import FakeDashboard
from fake_unit import FakeUnit
from running_base import Base, authorizing, eventually, finding


class Speaker:
    """A unit that says the next number every so often, for so long as it is wanted, over all its connections."""

    def __init__(self, address, pause):
        self.pause = pause
        self.said = 0
        self.ended = threading.Event()
        self.unit = FakeUnit(address, self.speak).start()
        self.address = address

    def speak(self, connection, number):
        while not self.ended.wait(self.pause):
            connection.sendall(b"%d\n" % self.said)
            self.said += 1
        connection.recv(1)


def speakers(network, count, pause):
    return [Speaker(f"127.78.{network}.{number}", pause) for number in range(1, count + 1)]


def end(units):
    for unit in units:
        unit.ended.set()


def taken(dashboard, statuses=None):
    """The values of each unit in the order in which they came, each once."""
    found = collections.defaultdict(dict)
    for request in dashboard.puts():
        if statuses is None or statuses.get(id(request)) == 200:
            found[request.line.split("/")[3]].setdefault(request.headers["idempotency-key"], int(request.value))
    return {address: list(values.values()) for address, values in found.items()}


def all_arrived(units, dashboard, statuses=None):
    found = taken(dashboard, statuses)
    return all(found.get(unit.address, [])[-1:] == [unit.said - 1] for unit in units)


def finish(units, dashboard, base, statuses=None, patience=60):
    end(units)
    eventually("the last value of each unit", lambda: all_arrived(units, dashboard, statuses), patience)
    found = taken(dashboard, statuses)
    finding("each unit's values came in order, none is missing", all(
        found[unit.address] == list(range(unit.said)) for unit in units))
    finding("exit code", base.stop())


def run(iot, directory, answer, units, **more):
    dashboard, broker = FakeDashboard(answer), FakeBroker()
    return dashboard, broker, Base(iot, directory, dashboard, broker, [unit.address for unit in units], **more)


def failures(iot, directory):
    """500 for a minute."""
    statuses, state = {}, {"status": 500}

    def answer(request):
        if not request.line.startswith("PUT "):
            return (404, [], "")
        statuses[id(request)] = state["status"]
        return (state["status"], [], "")

    units = speakers(80, 10, 0.1)
    dashboard, _, base = run(iot, directory, answer, units)
    eventually("the first failure", lambda: dashboard.puts())
    time.sleep(60)
    finding("a dashboard that fails is left alone", len(dashboard.puts()) < 300)
    state["status"] = 200
    finish(units, dashboard, base, statuses, 90)
    told = base.log("webhook.failing") + base.log("webhook.recovered")
    finding("it is told once, and once that it is over", len(told))


def slow(iot, directory, pause, units, seconds):
    """Each answer takes its time, at first; then the dashboard is quick again."""
    state = {"pause": pause, "at once": 0, "most": 0}
    lock = threading.Lock()

    def answer(request):
        if not request.line.startswith("PUT "):
            return (404, [], "")
        with lock:
            state["at once"] += 1
            state["most"] = max(state["most"], state["at once"])
        time.sleep(state["pause"])
        with lock:
            state["at once"] -= 1
        return (200, [], "")

    dashboard, _, base = run(iot, directory, answer, units)
    eventually("the first value of each unit", lambda: len(taken(dashboard)) == len(units), 60)
    time.sleep(seconds)
    behind = sum(unit.said for unit in units) - sum(len(values) for values in taken(dashboard).values())
    state["pause"] = 0
    return state, behind, dashboard, base


def slow_20ms(iot, directory):
    units = speakers(81, 50, 0.1)
    state, behind, dashboard, base = slow(iot, directory, 0.02, units, 10)
    finding("20 ms each: it keeps up with 50 units of 10 a second", behind < 1000)
    finding("no unit has two requests under way", state["most"] <= 50)
    finish(units, dashboard, base)


def slow_2s(iot, directory):
    units = speakers(82, 20, 0.1)
    state, behind, dashboard, base = slow(iot, directory, 2, units, 10)
    finding("2 s each: all units are served at once, and what waits is kept", [state["most"] == 20, behind > 500])
    finish(units, dashboard, base)


def never(iot, directory):
    """No answer at all, then all is well."""
    gate = threading.Event()

    def answer(request):
        if request.line.startswith("PUT "):
            gate.wait(60)
        return (200, [], "{}")

    units = speakers(83, 10, 0.1)
    dashboard, _, base = run(iot, directory, answer, units, webhook={"timeout": "1s"})
    eventually("the first request", lambda: dashboard.puts())
    time.sleep(10)
    gate.set()
    finish(units, dashboard, base)
    finding("it is told once", len(base.log("webhook.failing")))


def broker_away(iot, directory):
    """100 s without the broker: measurements go on, and then requests pass again."""
    units = speakers(84, 2, 0.2)
    lamp = FakeUnit("127.78.84.100").start()
    dashboard, broker, base = run(iot, directory, authorizing, units)
    client, _ = broker.subscribed()
    port = broker.port
    client.send("update.request", {"ip": lamp.address, "payload": "red"}, "private-requests")
    eventually("the first command", lambda: lamp.bytes_heard == b"red\r")
    broker.go_away()
    client.cut()
    before = len(dashboard.puts())
    time.sleep(100)
    finding("measurements are delivered meanwhile", len(dashboard.puts()) - before > 700)
    back = FakeBroker(port=port)
    client, _ = back.subscribed(60)
    client.send("update.request", {"ip": lamp.address, "payload": "blue"}, "private-requests")
    eventually("a command after 100 s without a broker", lambda: lamp.bytes_heard == b"red\rblue\r")
    finding("a request passes after 100 s without the broker", True)
    finish(units, dashboard, base)


def clock(iot, directory):
    """The wall clock jumps by a year, ahead and back; the monotonic one, as on any machine, does not."""
    file = os.path.join(directory, "clock")

    def jump(offset):
        with open(file + ".new", "w") as handle:
            handle.write(offset + "\n")
        os.rename(file + ".new", file)

    jump("+0")
    failing = threading.Event()
    status = {}

    def answer(request):
        if request.line.startswith("PUT "):
            status[id(request)] = 503 if failing.is_set() else 200
            return (status[id(request)], [], "")
        return authorizing(request)

    units = speakers(85, 5, 0.1)
    lamp = FakeUnit("127.78.85.100").start()
    # Through a shell: loaded into it first, the library leaves the arguments of what it becomes alone.
    dashboard, broker, base = run(
        iot, directory, answer, units, outbox={"maximum-age": "1h"}, command=["sh", "-c", 'exec "$0" "$@"'],
        environment={
            "LD_PRELOAD": faketime(), "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
        })
    client, _ = broker.subscribed()
    seen = []
    for offset, colour in (("+1y", b"red"), ("-1y", b"blue"), ("+0", b"lime")):
        failing.set()
        before = len(dashboard.puts())
        eventually("a failure", lambda: len(dashboard.puts()) > before)
        jump(offset)
        failing.clear()
        before = len(dashboard.puts())
        eventually("deliveries after the jump", lambda: len(dashboard.puts()) - before > 100)
        year = time.gmtime(int(dashboard.puts()[-1].headers["x-measured-at"]) / 1000).tm_year
        seen.append(year - time.gmtime().tm_year)
        heard = lamp.bytes_heard
        client.send("update.request", {"ip": lamp.address, "payload": colour.decode()}, "private-requests")
        eventually("a command after the jump", lambda: lamp.bytes_heard == heard + colour + b"\r")
    finding("the base's clock jumped by years", seen)
    finding("no unit was connected anew", [unit.unit.accepted for unit in units])
    finding("nothing was dropped", len(base.log("measurements.dropped")))
    finish(units, dashboard, base, status)


def faketime():
    for folder in ("x86_64-linux-gnu", "aarch64-linux-gnu"):
        path = f"/usr/lib/{folder}/faketime/libfaketimeMT.so.1"
        if os.path.exists(path):
            return path
    raise FileNotFoundError("libfaketime; install Debian's package of that name")


SCENARIOS = {
    scenario.__name__: scenario for scenario in [failures, slow_20ms, slow_2s, never, broker_away, clock]}

if __name__ == "__main__":
    SCENARIOS[sys.argv[3]](sys.argv[1], sys.argv[2])
