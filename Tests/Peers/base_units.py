"""Meets `iot base run` with units that are refused, dropped, black-holed, gone, flapping or talkative.

usage: base_units.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding: {"what": ..., "is": ...}. All units have addresses in 127.78.0.0/16.
"""

import ctypes
import signal
import socket
import struct
import sys
import threading
import time

from fake_broker import FakeBroker
from fake_dashboard import FakeDashboard
from fake_unit import FakeUnit, black_hole, reset
from running_base import Base, authorizing, eventually, finding, values

SO_ATTACH_FILTER = 26


def vanish(connection):
    """Makes the kernel drop each segment that comes for this end, as if its machine had lost its power."""
    keep_nothing = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
    connection.setsockopt(
        socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(keep_nothing)))


def speaking(unit):
    """A unit's behaviour: says a number twenty times a second, and keeps what it hears."""

    def behave(connection, number):
        threading.Thread(target=hear, args=(connection,), daemon=True).start()
        for value in range(100_000):
            connection.sendall(values(value % 1024))
            time.sleep(0.05)

    def hear(connection):
        try:
            unit.hear(connection)
        except OSError:
            pass

    return behave


def speaker(address):
    unit = FakeUnit(address)
    unit.behave = speaking(unit)
    return unit


def has_spoken(dashboard, unit, count=4):
    return len(dashboard.puts(unit.address)) >= count


def refused(iot, directory):
    """Nothing listens where a listed unit should be; later it does."""
    dashboard, broker = FakeDashboard(authorizing), FakeBroker()
    late, other = speaker("127.78.30.1"), speaker("127.78.30.2").start()
    base = Base(iot, directory, dashboard, broker, [late.address, other.address])
    eventually("a refused attempt", lambda: base.log("unit.lost"))
    eventually("the other unit's values", lambda: has_spoken(dashboard, other))
    finding("the other unit is read meanwhile", len(dashboard.puts(late.address)))
    late.start()
    eventually("the late unit's values", lambda: has_spoken(dashboard, late))
    client, _ = broker.subscribed()
    client.send("update.request", {"ip": late.address, "payload": "red"}, "private-requests")
    eventually("a command over the same connection", lambda: late.bytes_heard == b"red\r")
    finding("the late unit is read and takes commands, over so many connections", [late.accepted, late.most_open])
    finding("exit code", base.stop())


def dropped(iot, directory):
    """A unit that ends its connections, by FIN and by RST in turn."""
    dashboard, broker = FakeDashboard(authorizing), FakeBroker()

    def drops(connection, number):
        connection.sendall(values(number))
        if number < 7:
            return reset(connection) if number % 2 else None
        connection.recv(1)

    unit = FakeUnit("127.78.31.1", drops).start()
    base = Base(iot, directory, dashboard, broker, [unit.address], units={"period": "60s"})
    eventually("the connection that stands", lambda: "7" in [put.value for put in dashboard.puts(unit.address)])
    # What a reset overtakes in the kernel was never read; what comes before a FIN always is.
    got = [put.value for put in dashboard.puts(unit.address)]
    finding("what was said before each FIN was delivered, in order", [value for value in got if value in "2467"])
    finding("connections, and at a time", [unit.accepted, unit.most_open])
    finding("exit code", base.stop())


def black_holed(iot, directory):
    """The first unit of the list, and one that is only commanded, swallow every SYN."""
    dashboard, broker = FakeDashboard(authorizing), FakeBroker()
    read_hole, lamp_hole = "127.78.32.1", "127.78.32.2"
    holes = [black_hole(read_hole), black_hole(lamp_hole)]
    units = [speaker(f"127.78.32.{number}").start() for number in range(10, 20)]
    lamps = [FakeUnit(f"127.78.32.{number}").start() for number in range(20, 30)]
    # Whoever waited for a black hole would wait for longer than anything here does.
    base = Base(
        iot, directory, dashboard, broker, [read_hole] + [unit.address for unit in units],
        units={"connect-timeout": "120s", "user-timeout": "1h"}, commands={"timeout": "30s"})
    began = time.monotonic()
    eventually("the others' values", lambda: all(has_spoken(dashboard, unit) for unit in units))
    client, _ = broker.subscribed()
    for ip in [read_hole, lamp_hole] + [unit.address for unit in units + lamps]:
        client.send("update.request", {"ip": ip, "payload": "red"}, "private-requests")
    eventually("the others' commands", lambda: all(unit.bytes_heard == b"red\r" for unit in units + lamps))
    count = len(dashboard.puts())
    eventually("more of the others' values", lambda: len(dashboard.puts()) >= count + 50)
    finding("all others were read and commanded before a black hole's time was up", time.monotonic() - began < 30)
    said = [line for line in base.events for hole in (read_hole, lamp_hole) if f"unit={hole}" in line.split()]
    finding("what was said of the holes until then", said)
    finding("exit code", base.stop())
    del holes


def opened_hole(iot, directory):
    """A black hole becomes a unit again."""
    dashboard, broker = FakeDashboard(authorizing), FakeBroker()
    unit = speaker("127.78.33.1")
    listener, fillers = black_hole(unit.address)
    base = Base(iot, directory, dashboard, broker, [unit.address], units={"connect-timeout": "500ms"})
    eventually("an attempt that failed", lambda: base.log("units.connect-timeout"))
    for end in [listener] + fillers:
        end.close()
    unit.start()
    eventually("its values", lambda: has_spoken(dashboard, unit))
    finding("it is read, over so many connections at a time", unit.most_open)
    finding("exit code", base.stop())


def gone(iot, directory):
    """A unit's machine vanishes: no FIN, no answer, and the configuration allows five minutes of silence."""
    dashboard, broker = FakeDashboard(authorizing), FakeBroker()

    def vanishes(connection, number):
        for value in range(40 if number <= 2 else 0):
            connection.sendall(values(value))
            time.sleep(0.02)
        if number == 1:
            vanish(connection)
        connection.recv(1)

    unit = FakeUnit("127.78.34.1", vanishes).start()
    base = Base(
        iot, directory, dashboard, broker, [unit.address],
        units={"period": "60s", "silence-min": "500ms", "keepalive-idle": "1h", "user-timeout": "1h"})
    eventually("a second connection", lambda: unit.accepted >= 2)
    finding("it is given up because of its own period", [("its lines came every" in line) for line in base.log("unit.lost")[:1]])
    eventually("the values of both", lambda: len(dashboard.puts(unit.address)) == 80)
    finding("its values are as they were said", [put.value for put in dashboard.puts(unit.address)] == [str(n) for n in range(40)] * 2)
    finding("exit code", base.stop())


def talkative(iot, directory):
    """One unit says as much as it can; another one speaks as usual, and a third is commanded."""
    dashboard, broker = FakeDashboard(authorizing), FakeBroker()

    def talks(connection, number):
        while True:
            connection.sendall(b"7\n" * 5000)

    talker = FakeUnit("127.78.35.1", talks).start()
    other, lamp = speaker("127.78.35.2").start(), FakeUnit("127.78.35.3").start()
    base = Base(
        iot, directory, dashboard, broker, [talker.address, other.address], units={"rate": 50, "burst": 10},
        webhook={"queue": 5000})
    client, _ = broker.subscribed()
    eventually("the talker is slowed down", lambda: base.log("unit.throttled"))
    eventually("the other's values", lambda: has_spoken(dashboard, other, 40))
    client.send("update.request", {"ip": lamp.address, "payload": "red"}, "private-requests")
    eventually("a command", lambda: lamp.bytes_heard == b"red\r")
    finding("the other's values are as they were said", [put.value for put in dashboard.puts(other.address)][:40] == [str(n) for n in range(40)])
    # At 50 lines a second no queue of 5000 is full within a minute; without a limit it is full at once.
    said = [put.value for put in dashboard.puts(talker.address)]
    finding("the talker's values are delivered, and none is dropped", [set(said) == {"7"}, len(base.log("measurements.dropped"))])
    finding("exit code", base.stop())


def flapping(iot, directory):
    """A unit that loses every connection, until it does not."""
    dashboard, broker = FakeDashboard(authorizing), FakeBroker()
    good = threading.Event()

    def flaps(connection, number):
        connection.sendall(values(number))
        if good.is_set():
            unit.hear(connection)

    unit = FakeUnit("127.78.36.1", flaps).start()
    base = Base(
        iot, directory, dashboard, broker, [unit.address],
        units={"flap-count": 3, "flap-time": "1h", "probe-period": "200ms", "steady-time": "1s", "period": "1h"})
    eventually("probes", lambda: unit.accepted >= 6)
    good.set()
    eventually("the end of the quarantine", lambda: base.log("unit.released"))
    levels = [line.split(" ")[1].lower() for line in base.log("unit.lost")]
    finding("losses that are told as warnings", levels.count("warning"))
    finding("quarantines told, and their ends", [len(base.log("unit.quarantined")), len(base.log("unit.released"))])
    got = [put.value for put in dashboard.puts(unit.address)]
    finding("what the probes brought was delivered, in order", got == [str(n + 1) for n in range(len(got))] and len(got) >= 6)
    finding("exit code", base.stop())


def stood_still(iot, directory):
    """The base itself is stopped for longer than a unit may be silent, and goes on."""
    dashboard, broker = FakeDashboard(authorizing), FakeBroker()

    def speak(connection, number):
        for value in range(1000):
            connection.sendall(values(value))
            time.sleep(0.5)

    units = [FakeUnit(f"127.78.37.{number}", speak).start() for number in range(1, 201)]
    base = Base(iot, directory, dashboard, broker, [unit.address for unit in units])
    eventually("all units", lambda: all(has_spoken(dashboard, unit, 2) for unit in units))
    base.process.send_signal(signal.SIGSTOP)
    time.sleep(7)
    before = {unit.address: len(dashboard.puts(unit.address)) for unit in units}
    base.process.send_signal(signal.SIGCONT)
    eventually("values from then", lambda: all(has_spoken(dashboard, unit, before[unit.address] + 16) for unit in units))
    finding("units that were given up", len(base.log("unit.lost")))
    finding("connections to each", sorted({unit.accepted for unit in units}))
    finding("exit code", base.stop())


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in [refused, dropped, black_holed, opened_hole, gone, talkative, flapping, stood_still]
}

if __name__ == "__main__":
    SCENARIOS[sys.argv[3]](sys.argv[1], sys.argv[2])
