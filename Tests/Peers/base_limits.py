"""Meets `iot base run` with failures that come in crowds, that never end, or while it stops.

usage: base_limits.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding, as base.py does. All units have addresses in 127.78.0.0/16.
"""

import collections
import random
import sys
import threading
import time

from fake_broker import FakeBroker
from fake_dashboard import FakeDashboard
from fake_unit import FakeUnit, black_hole, reset
from running_base import PATIENCE, Base, authorizing, eventually, finding, values


def speaking(*numbers):
    """A unit's behaviour: says these values once, and stays."""

    def speak(connection, number):
        if number == 1:
            connection.sendall(values(*numbers))
        connection.recv(1)

    return speak


def crowd_under_failures(iot, directory):
    """Twenty units, and a dashboard that fails every eighth request, by a status or by a reset."""
    chance = random.Random(7)
    lock = threading.Lock()
    taken = {}
    failed = set()

    def answer(request):
        if not request.line.startswith("PUT "):
            return authorizing(request)
        unit = request.line.split("/")[3]
        with lock:
            if chance.random() < 0.125:
                failed.add((unit, request.value))
                return (500, [], "") if chance.random() < 0.5 else None
            taken.setdefault(unit, []).append(request.value)
        return (200, [], "{}")

    dashboard, broker = FakeDashboard(answer), FakeBroker()
    units = [FakeUnit(f"127.78.20.{number}", speaking(*range(50))).start() for number in range(1, 21)]
    base = Base(iot, directory, dashboard, broker, [unit.address for unit in units], units={"period": "60s"})
    eventually("all values", lambda: len(taken) == 20 and all(texts[-1] == "49" for texts in list(taken.values())))
    everything = [str(number) for number in range(50)]
    finding("failures", len(failed) > 50)
    finding("every value of every unit came once, in order", all(taken[unit.address] == everything for unit in units))
    tries = collections.Counter(tuple(request.line.split("/")[3:5]) for request in dashboard.puts())
    repeated = {(unit, text.split(" ")[0]) for (unit, text), count in tries.items() if count > 1}
    finding("what failed, and nothing else, was sent again", repeated == failed)
    finding("exit code", base.stop())


def slow_unit(iot, directory):
    """The dashboard never answers one unit; the others' values pass meanwhile."""
    stuck, free = "127.78.21.1", "127.78.21.2"
    gate = threading.Event()

    def answer(request):
        if f"/{stuck}/" in request.line:
            gate.wait(PATIENCE)
        return (200, [], "{}")

    dashboard, broker = FakeDashboard(answer), FakeBroker()
    for address in (stuck, free):
        FakeUnit(address, speaking(*range(100))).start()
    base = Base(iot, directory, dashboard, broker, [stuck, free], units={"period": "60s"})
    eventually("the other unit's values", lambda: len(dashboard.puts(free)) == 100)
    finding("requests of the unit that waits, of the other", [len(dashboard.puts(stuck)), len(dashboard.puts(free))])
    gate.set()
    eventually("the stuck unit's values", lambda: len(dashboard.puts(stuck)) == 100)
    finding("exit code", base.stop())


def endless_answers(iot, directory):
    """Answers that promise more than they hold, trickle, or are far too long."""
    unit = "127.78.22.1"
    endings = {
        "0": b"Content-Length: 10\r\n\r\nhalf",
        "1": b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "3": b"Content-Length: 10000000\r\n\r\n" + b"x" * 1_000_000,
    }

    def trickle(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)

    odd = iter(["000", "099", "302", "102"])

    def answer(request):
        if request.value == "2":
            return trickle
        status = next(odd, None) if request.value == "4" else None
        if status:
            head = f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()
            return lambda connection: (connection.sendall(head), connection.recv(1))
        if request.value in endings:
            return lambda connection: (
                connection.sendall(b"HTTP/1.1 200 OK\r\n" + endings[request.value]), connection.recv(1))
        return (200, [], "{}")

    dashboard, broker = FakeDashboard(answer), FakeBroker()
    FakeUnit(unit, speaking(*range(6))).start()
    base = Base(
        iot, directory, dashboard, broker, [unit], units={"period": "60s"}, webhook={"timeout": "300ms"})
    eventually("the last value", lambda: any(request.value == "5" for request in dashboard.puts(unit)))
    finding("an answer without end holds nothing up", [request.value for request in dashboard.puts(unit)])
    finding("exit code", base.stop())


def no_second_connection(iot, directory):
    """Units that drop their connections while commands keep coming for them."""
    dashboard, broker = FakeDashboard(authorizing), FakeBroker()
    chance = random.Random(3)

    def drops(unit):
        def behave(connection, number):
            connection.settimeout(0.005)
            for value in range(chance.randrange(1, 8)):
                connection.sendall(values(value))
                try:
                    data = connection.recv(4096)
                    if not data:
                        return
                    with unit.lock:
                        unit.heard.append((time.monotonic(), data))
                except TimeoutError:
                    pass
            if number % 2:
                reset(connection)

        return behave

    units = [FakeUnit(f"127.78.23.{number}") for number in range(1, 5)]
    for unit in units:
        unit.behave = drops(unit)
        unit.start()
    base = Base(
        iot, directory, dashboard, broker, [unit.address for unit in units[:2]],
        units={"backoff-min": "10ms", "backoff-max": "20ms"}, commands={"dwell": "20ms"})
    client, _ = broker.subscribed()

    def enough():
        for unit in units:
            client.send("update.request", {"ip": unit.address, "payload": "red"}, "private-requests")
        return all(unit.accepted >= 40 for unit in units)

    eventually("forty connections to each unit", enough)
    finding("connections at a time, while both sides end them", [unit.most_open for unit in units])
    commands = [line for unit in units for line in unit.bytes_heard.replace(b"red\r", b"").split(b"\r") if line]
    finding("what came was whole commands", commands)
    finding("exit code", base.stop())


def stop_with_a_black_hole(iot, directory):
    """SIGTERM while a command waits for a unit that does not answer, and measurements for the dashboard."""
    hole, unit, lamp = "127.78.24.1", "127.78.24.2", "127.78.24.3"
    hung = black_hole(hole)

    def answer(request):
        if request.line.startswith("PUT "):
            time.sleep(0.05)
        return authorizing(request)

    dashboard, broker = FakeDashboard(answer), FakeBroker()
    FakeUnit(unit, speaking(*range(40))).start()
    late = FakeUnit(lamp).start()
    base = Base(
        iot, directory, dashboard, broker, [unit], units={"period": "60s", "connect-timeout": "120s"},
        commands={"timeout": "1h", "dwell": "60s"})
    client, _ = broker.subscribed()
    for ip in (hole, lamp):
        client.send("update.request", {"ip": ip, "payload": "red"}, "private-requests")
    eventually("the lamp's command", lambda: late.bytes_heard == b"red\r")
    eventually("the first delivery", lambda: dashboard.puts(unit))
    finding("exit code", base.stop())
    finding("what was queued was delivered", [request.value for request in dashboard.puts(unit)] == [str(n) for n in range(40)])
    finding("the command's failure is told", [("the base is stopping" in line) for line in base.log(hole) if "command.failed" in line])
    del hung


def stop_with_a_dead_dashboard(iot, directory):
    """SIGTERM while the dashboard takes requests and answers none."""
    unit = "127.78.25.1"
    never = threading.Event()
    dashboard = FakeDashboard(lambda request: never.wait(PATIENCE) and None)
    FakeUnit(unit, speaking(*range(10))).start()
    base = Base(iot, directory, dashboard, FakeBroker(), [unit], units={"period": "60s"})
    eventually("the first delivery", lambda: dashboard.puts(unit))
    finding("exit code", base.stop())
    finding("what is kept is told", len(base.log("measurements.kept")))
    never.set()


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in [
        crowd_under_failures, slow_unit, endless_answers, no_second_connection, stop_with_a_black_hole,
        stop_with_a_dead_dashboard]
}

if __name__ == "__main__":
    SCENARIOS[sys.argv[3]](sys.argv[1], sys.argv[2])
