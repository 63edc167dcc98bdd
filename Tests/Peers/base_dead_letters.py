"""Meets `iot base dead-letters` with letters of a base that runs, and of one that does not.

usage: base_dead_letters.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding, as base.py does. All units have addresses in 127.78.0.0/16.
"""

import json
import os
import re
import subprocess
import sys

from fake_broker import FakeBroker
from fake_dashboard import FakeDashboard
from fake_unit import FakeUnit
from running_base import Base, eventually, finding


def letters(iot, directory):
    accepting = {"is": False}

    def answer(request):
        if not request.line.startswith("PUT "):
            return (404, [], "")
        if accepting["is"]:
            return (200, [], "")
        if request.value == "teapot":
            return (418, [], "short and\x1b[31m stout")
        return (404, [], "no such\x07 unit")

    def speak(connection, number):
        if number == 1:
            connection.sendall(b"1\n2\nteapot\n3\n..\n")
        connection.recv(1)

    dashboard = FakeDashboard(answer)
    unit, other = "127.78.86.1", "127.78.86.2"
    for address in (unit, other):
        FakeUnit(address, speak).start()
    state = os.path.join(directory, "state")
    more = {"outbox": {"directory": state}, "units": {"period": "60s"}}
    configuration = os.path.join(directory, "named.json")

    def command(*words):
        result = subprocess.run(
            [iot, "base", "dead-letters", *words], capture_output=True, text=True, timeout=60,
            env={**os.environ, "TZ": "UTC"})
        return result.returncode, result.stdout + result.stderr

    def told(*words):
        """Exit code and lines; letters in the order of their keys: they stand in that of their refusals, which is no promise."""
        code, text = command(*words)
        text = re.sub(r"\b[0-9a-f]{8}-(\d+)", r"KEY-\1", text)
        text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", text)
        lines = text.rstrip("\n").split("\n")
        return [code, *(line for line in lines if not line.startswith("KEY-")),
                *sorted(line for line in lines if line.startswith("KEY-"))]

    def listed(*words):
        lines = command("list", "--json", "--outbox", state, *words)[1].splitlines()
        return sorted(map(json.loads, lines), key=lambda row: int(row["key"].rsplit("-", 1)[1]))

    finding("before a base has run", told("list", "--outbox", state)[0])
    broker = FakeBroker()
    base = Base(iot, directory, dashboard, broker, [unit], **more)
    eventually("five letters", lambda: len(listed()) == 5)
    finding("the list", told("list", "--outbox", state))
    finding("by status", [row["value"] for row in listed("--status", "418")])
    finding("by unit", len(listed("--unit", other)))
    rows = listed()
    finding("a whole row", sorted(rows[0]))
    finding("its times", abs(rows[0]["refusedAt"] - rows[0]["measuredAt"]) < 60_000)
    finding("nothing said", told("drop", "--outbox", state)[0])
    finding("too much said", told("drop", "--all", "--status", "404", "--outbox", state)[0])
    finding("a key that is not there", told("drop", "--outbox", state, "abcdef01-99"))
    keys = {row["value"]: row["key"] for row in rows}
    finding("one dropped", told("drop", "--outbox", state, keys["2"][:8] + keys["2"][32:]))
    accepting["is"] = True
    finding("some tried again", told("retry", "--outbox", state, "--status", "404"))
    eventually("they are delivered", lambda: len(listed()) == 2)
    again = [r for r in dashboard.puts() if r.headers["idempotency-key"] in (keys["1"], keys["3"])]
    finding("with the same keys", [[r.value for r in again[:2]], [r.value for r in again[2:]]])
    finding("what is left", [row["value"] for row in listed()])
    finding("exit code", base.stop())
    with open(configuration, "w") as handle:
        json.dump({"clients": [], "api": {"url": "http://127.0.0.1:1", "token": "x"},
                   "pusher": {"app-key": "k", "host": "127.0.0.1", "port": 1}, "outbox": {"directory": state}}, handle)
    finding("without a base", told("retry", "--all", "--config", configuration))
    finding("it is marked", [row["retried"] for row in listed()])
    base = Base(iot, directory, dashboard, broker, [unit], **more)
    eventually("the next run delivers it; what can never be sent stays", lambda: len(listed()) == 1)
    finding("what can never be sent", [[row["value"], row["status"]] for row in listed()])
    finding("exit code", base.stop())
    finding("all dropped", told("drop", "--all", "--config", configuration))
    finding("none left", told("list", "--config", configuration))


SCENARIOS = {"letters": letters}

if __name__ == "__main__":
    SCENARIOS[sys.argv[3]](sys.argv[1], sys.argv[2])
