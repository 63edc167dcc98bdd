"""Changes the configuration of `iot base run` while it runs, and reads its log as those do who keep it.

usage: base_reload.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding: {"what": ..., "is": ...}. All units have addresses in 127.78.0.0/16.
"""

import json
import os
import signal
import subprocess
import sys
import time

from base_operations import Place
from fake_broker import FakeBroker
from fake_dashboard import FakeDashboard
from fake_unit import FakeUnit
from running_base import PATIENCE, Base, authorizing, eventually, finding


def logs(iot, directory):
    """Each line of the log is JSON, and has a priority before it where stderr is the journal's stream."""
    broker = FakeBroker()
    base = Base(iot, directory, FakeDashboard(authorizing), broker, arguments=["--log-format", "json", "--log-window", "60"])
    client, _ = broker.subscribed()
    for _ in range(20):
        client.send("update.request", {"ip": "8.8.8.8", "payload": "red"}, "private-requests")
    for _ in range(2):
        client.send("update.request", {"ip": "8.8.4.4", "payload": "red"}, "private-requests")
    client.send("update.request", {"payload": "red"}, "private-requests")
    eventually("the last refusal", lambda: base.log("request.refused"))
    finding("exit code", base.stop())
    base.reader.join(PATIENCE)
    events = [json.loads(line) for line in base.events]
    finding("all are of the base", {event["part"] for event in events} == {"base"})
    failed = [(e["unit"], e.get("repeated")) for e in events if e["event"] == "command.failed"]
    finding("the same is told once, and how often", [unit + (f" x {more}" if more else "") for unit, more in failed])
    log = os.path.join(directory, "stderr")
    with open(log, "w") as handle:
        status = os.fstat(handle.fileno())
        environment = {**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        process = subprocess.Popen(
            [iot, "base", "run", "--config", base.file, "--json"], stdout=subprocess.PIPE, stderr=handle, env=environment)
        process.stdout.readline()
        process.terminate()
        finding("exit code", process.wait(PATIENCE))
    with open(log) as handle:
        told = [line.split(" ")[0][:3] + " " + line.split(" ")[3].strip() for line in handle]
    finding("priorities", [line for line in told if line.split(" ")[1] in ("base.started", "base.stopped")])


def counting(connection, number):
    """Says 1, 2, 3 …, every 10 ms, over this connection."""
    value = 0
    while True:
        value += 1
        connection.sendall(b"%d\n" % (number * 100_000 + value))
        time.sleep(0.01)


def reload(iot, directory):
    place, broker, dashboard = Place(), FakeBroker(), FakeDashboard(authorizing)
    stays, goes, comes = (FakeUnit(f"127.78.92.{n}", counting).start() for n in (1, 2, 3))
    base = Base(iot, directory, dashboard, broker, [stays.address, goes.address], operations=place.keys)
    client, _ = broker.subscribed()

    def settled(what, condition, told):
        """The change is told, and counted; then what it has come to."""
        eventually(what, condition)
        eventually(f"{what}, told", lambda: place.metrics() and base.log(told))
        return {key: value for key, value in json.loads(place.ask("/status")[2])["configuration"].items()}

    eventually("values of both", lambda: dashboard.puts(stays.address) and dashboard.puts(goes.address))
    base.configuration["clients"] = [stays.address, comes.address]
    base.write()
    eventually("the new unit", lambda: dashboard.puts(comes.address))
    eventually("the old unit is left", lambda: goes.open == 0)
    finding("a file that is replaced", settled("one reload", lambda: base.log("configuration.reloaded"), "added=1 removed=1"))

    with open(base.file, "r+") as handle:  # In place, and then too short.
        handle.truncate(40)
    finding("a bad file", settled("the refusal", lambda: base.log("configuration.refused"), "configuration.refused")["problem"].replace(base.file, "FILE"))
    base.configuration["clients"] = ["kitchen"]
    base.configuration["webhook"] = {"batch": 0}
    base.write()
    eventually("the second refusal", lambda: len(base.log("configuration.refused")) == 2)
    finding("all that is wrong", json.loads(place.ask("/status")[2])["configuration"]["problem"].replace(base.file, "FILE").split("\n"))
    before = len(dashboard.puts(comes.address))
    eventually("the units are read as before", lambda: len(dashboard.puts(comes.address)) > before + 10)
    lamp = FakeUnit("127.79.92.9").start()
    base.configuration.update(clients=[stays.address, comes.address], allow=["127.79.92.0/24"], webhook={"batch": 7})
    base.configuration["pusher"]["app-key"] = "other"
    base.write()
    eventually("the reload", lambda: len(base.log("configuration.reloaded")) == 2)
    finding("what needs a restart", json.loads(place.ask("/status")[2])["configuration"])
    client.send("update.request", {"ip": lamp.address, "payload": "red"}, "private-requests")
    eventually("a lamp that was not allowed before", lambda: lamp.bytes_heard == b"red\r")
    finding("what may be sent requests changes", True)
    base.process.send_signal(signal.SIGHUP)
    eventually("the answer to SIGHUP", lambda: len(base.log("configuration.reloaded")) == 3)
    base.configuration["clients"] = [stays.address, comes.address, goes.address]
    base.write()
    eventually("a unit that comes back", lambda: goes.accepted == 2 and goes.open == 1)
    finding("connections", [stays.accepted, stays.most_open, goes.most_open, comes.accepted])
    finding("exit code", base.stop())
    values = [int(request.value) for request in dashboard.puts(stays.address)]
    finding("the unit that stayed lost no line", values == list(range(100_001, 100_001 + len(values))) and len(values) > 50)


SCENARIOS = {scenario.__name__: scenario for scenario in [logs, reload]}

if __name__ == "__main__":
    SCENARIOS[sys.argv[3]](sys.argv[1], sys.argv[2])
