"""Meets `iot base run` as those do who watch over it: a probe, Prometheus, a person.

usage: base_operations.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding: {"what": ..., "is": ...}. All units have addresses in 127.78.0.0/16.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from fake_broker import FakeBroker
from fake_dashboard import FakeDashboard
from fake_unit import FakeUnit
from running_base import PATIENCE, Base, authorizing, eventually, finding


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Place:
    """Where a base tells how it fares."""

    def __init__(self):
        self.port = free_port()
        self.keys = {"listen": f"127.0.0.1:{self.port}", "failing-limit": "1s"}

    def ask(self, path, method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers["Content-Type"], error.read().decode()
        except urllib.error.URLError:
            return 0, "", ""

    def metrics(self):
        """Each family that Prometheus' own reader finds, by its name."""
        return {family.name: family for family in text_string_to_metric_families(self.ask("/metrics")[2])}


def command(iot, *arguments, folder=None):
    done = subprocess.run(
        [os.path.abspath(iot), "base", *arguments], capture_output=True, text=True, timeout=60, cwd=folder)
    return done.returncode, done.stdout, done.stderr


def sample(family, **labels):
    return sum(s.value for s in family.samples if s.labels == labels and not s.name.endswith("_created"))


def says(*lines):
    """Says lines, and then stays."""

    def behave(connection, number):
        for line in lines:
            connection.sendall(line)
        connection.recv(1)

    return behave


def endpoint(iot, directory):
    place, broker, works = Place(), FakeBroker(), [True]
    dashboard = FakeDashboard(lambda request: authorizing(request) if works[0] or not request.line.startswith("PUT ") else (500, [], ""))
    unit = FakeUnit("127.78.90.1", says(b"1\n", b"\n", b"2\n", b"\xff\n", b"3\n")).start()
    talker = FakeUnit("127.78.90.2", says(b"7\n")).start()
    clients = [unit.address, talker.address, "127.78.90.3"]
    base = Base(iot, directory, dashboard, broker, clients, operations=place.keys, units={"period": "60s"})
    eventually("an answer", lambda: place.ask("/livez")[0])
    finding("alive", place.ask("/livez"))
    status, _, body = place.ask("/readyz")
    finding("not ready without the broker", [status, body.split(" not subscribed")[0]])
    client, _ = broker.subscribed()
    eventually("the subscription", lambda: place.ask("/readyz")[0] == 200)
    finding("ready", place.ask("/readyz"))
    eventually("four deliveries", lambda: sample(place.metrics()["iot_base_deliveries"], result="accepted") == 4)
    families = place.metrics()
    finding("families", sorted(f"{family.name} {family.type}" for family in families.values()))
    finding("all are explained", all(family.documentation.endswith(".") for family in families.values()))
    finding("label names", sorted({name for family in families.values() for s in family.samples for name in s.labels}))
    finding("lines", sample(families["iot_base_unit_lines"]))
    finding("malformed", [sample(families["iot_base_malformed_lines"], reason=r) for r in ("empty", "notUTF8", "tooLong")])
    finding("connected", sample(families["iot_base_units"], state="connected"))
    delivery = families["iot_base_delivery_seconds"]
    finding("delivery times", [
        {s.name.rsplit("_", 1)[1]: s.value for s in delivery.samples}["count"],
        [s.value for s in delivery.samples if s.labels.get("le") == "+Inf"]])
    finding("the text's kind", place.ask("/metrics")[1])
    finding("other questions", [place.ask("/")[0], place.ask("/metrics", "POST")[0], place.ask("/livez?a=b")[0]])
    finding("HEAD", place.ask("/livez", "HEAD"))
    works[0] = False
    lamp = FakeUnit("127.78.90.4").start()
    client.send("update.request", {"ip": lamp.address, "payload": "red"}, "private-requests")
    client.send("update.request", {"ip": "8.8.8.8", "payload": "red"}, "private-requests")
    client.send("update.request", {"payload": "red"}, "private-requests")
    eventually("the command's result", lambda: sample(place.metrics()["iot_base_commands"], result="acknowledged") == 1)
    families = place.metrics()
    finding("commands", [sample(families["iot_base_commands"], result=r) for r in ("acknowledged", "refused", "failed")])
    finding("refused", sample(families["iot_base_requests_refused"], reason="malformed"))
    code, output, _ = command(iot, "status", "--json", "--config", base.file)
    finding("status as JSON", [code, json.loads(output)["units"]["lines"], json.loads(output)["units"]["troubled"][0]["address"]])
    code, output, _ = command(iot, "status", "--config", base.file)
    finding("status for people", [code, [line.split("  ")[0] for line in output.splitlines()], "\x1b" in output])
    finding("exit code", base.stop())
    code, output, errors = command(iot, "status", "--config", base.file)
    finding("status of nothing", [code, output, errors.replace(str(place.port), "PORT").split(" (")[0]])


def failing(iot, directory):
    place, broker = Place(), FakeBroker()
    dashboard = FakeDashboard(lambda request: (500, [], "") if request.line.startswith("PUT ") else authorizing(request))
    unit = FakeUnit("127.78.91.1", says(b"1\n")).start()
    keys = {**place.keys, "needs-broker": False}
    base = Base(iot, directory, dashboard, broker, [unit.address], operations=keys, units={"period": "60s"})
    eventually("an answer", lambda: place.ask("/livez")[0])
    finding("ready without the broker", place.ask("/readyz")[0])
    eventually("not ready", lambda: place.ask("/readyz")[0] == 503)
    finding("what is missing", json.loads(place.ask("/readyz")[2])["missing"][0].split(" answer for ")[0])
    families = place.metrics()
    finding("failures are counted", sample(families["iot_base_deliveries"], result="failed") >= 1)
    finding("waiting", sample(families["iot_base_queue_measurements"]))
    dashboard.answer = authorizing
    eventually("ready again", lambda: place.ask("/readyz")[0] == 200)
    finding("ready when the dashboard answers", True)
    finding("exit code", base.stop())


def unauthorized(iot, directory):
    """A token that has been withdrawn, and is given back."""
    place, works = Place(), [False]
    dashboard = FakeDashboard(
        lambda request: authorizing(request) if works[0] or not request.line.startswith("PUT ") else (401, [], "no such token"))
    unit = FakeUnit("127.78.94.1", says(b"1\n", b"2\n", b"3\n")).start()
    late = FakeUnit("127.78.94.2", says(b"4\n"))
    keys = {**place.keys, "needs-broker": False}
    base = Base(iot, directory, dashboard, FakeBroker(), [unit.address, late.address], operations=keys, units={"period": "60s"})
    eventually("three refusals", lambda: sample(place.metrics()["iot_base_deliveries"], result="rejected") == 3)
    finding("what is missing", json.loads(place.ask("/readyz")[2])["missing"])
    eventually("three dead letters", lambda: sample(place.metrics()["iot_base_dead_letters"]) == 3)
    families = place.metrics()
    finding("told", [
        len(base.log("webhook.unauthorized")), sample(families["iot_base_webhook_unauthorized"]), sample(families["iot_base_dead_letters"])])
    rows = command(iot, "status", "--config", base.file)[1].splitlines()
    finding("status", sorted(row.split(" ")[0] for row in rows if row.startswith(("refused", "webhook"))))
    works[0] = True
    late.start()
    eventually("the fourth", lambda: sample(place.metrics()["iot_base_deliveries"], result="accepted") == 1)
    finding("ready with dead letters, which are counted", [place.ask("/readyz")[0], sample(place.metrics()["iot_base_dead_letters"])])
    finding("told again", len(base.log("webhook.authorized")))
    command(iot, "dead-letters", "retry", "--all", "--config", base.file)
    eventually("no dead letters", lambda: sample(place.metrics()["iot_base_dead_letters"]) == 0, 30)
    finding("all that was refused is delivered", sorted({int(request.value) for request in dashboard.puts()}))
    finding("exit code", base.stop())


def alone(iot, directory):
    """A base of a cluster that reaches no etcd."""
    place = Place()
    keys = {**place.keys, "needs-broker": False}
    base = Base(
        iot, directory, FakeDashboard(authorizing), FakeBroker(), ["127.78.95.1"], operations=keys,
        cluster={"etcd": [f"http://127.0.0.1:{free_port()}"], "lease": "3s"})
    eventually("an answer", lambda: place.ask("/livez")[0] == 200)
    finding("what is missing", json.loads(place.ask("/readyz")[2])["missing"][0][:len("cluster: no lease for")])
    families = place.metrics()
    finding("metrics", [sample(families["iot_base_cluster_held_units"]), "iot_base_cluster_lease_missing_seconds" in families])
    finding("exit code", base.stop())


def taken(iot, directory):
    """A place that another program has: an error where it is written, else a warning."""
    place, broker, dashboard = Place(), FakeBroker(), FakeDashboard(authorizing)
    with socket.socket() as other, socket.socket() as usual:
        other.bind(("127.0.0.1", place.port))
        other.listen()
        usual.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

        def bound():
            try:
                usual.bind(("127.0.0.1", 28888))
                return True
            except OSError:
                return False  # Another test's base has it for a moment.

        eventually("the usual place", bound, 60)
        usual.listen()
        base = Base(iot, directory, dashboard, broker, operations=place.keys)
        finding("a place that is written and taken", [
            base.process.wait(PATIENCE), len(eventually("the error", lambda: base.log("Error: cannot listen on"))), base.ready])
        base = Base(iot, directory, dashboard, broker, operations=None)
        eventually("the warning", lambda: base.log("operations.unavailable"))
        finding("the usual place, taken", base.stop())
    base = Base(iot, directory, dashboard, broker, operations=None)
    eventually("a base at the usual place", lambda: command(iot, "status", folder=directory)[0] == 0)
    finding("status without a configuration", command(iot, "status", "--json", folder=directory)[1].startswith("{"))
    spoilt = os.path.join(directory, "spoilt.json")
    with open(spoilt, "w") as handle:
        handle.write("{")
    code, output, errors = command(iot, "status", "--json", "--config", spoilt)
    finding("status with a configuration that is spoilt", [code, output.startswith("{"), errors.count("warning: ")])
    base.stop()
    broker = FakeBroker()
    base = Base(iot, directory, dashboard, broker, operations={"listen": "off"})
    broker.subscribed()
    finding("off", [base.log("operations."), base.stop()])
    finding("status where it is off", command(iot, "status", "--config", base.file)[::2])


class Stranger(threading.Thread):
    """Something that listens and behaves in its own way."""

    def __init__(self, behave):
        super().__init__(daemon=True)
        self.behave = behave
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.start()

    def run(self):
        connection, _ = self.listener.accept()
        connection.recv(4096)
        try:
            self.behave(connection)
        except OSError:
            pass
        connection.close()


def answering(body, status="200 OK"):
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return lambda connection: connection.sendall(head + body)


def drips(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b"{")
        time.sleep(0.2)


def strangers(iot, directory):
    """`iot base status` where something else answers, or nothing does, each time as a table and as JSON."""

    def asked(what, port):
        file = os.path.join(directory, "stranger.json")
        with open(file, "w") as handle:
            json.dump({"operations": {"listen": f"127.0.0.1:{port}"}}, handle)
        began = time.monotonic()
        code, output, errors = command(iot, "status", *what, "--config", file)
        return [code, output, errors.replace(str(port), "PORT").strip(), time.monotonic() - began]

    for what in ([], ["--json"]):
        code, output, errors, took = asked(what, free_port())
        finding("nobody", [code, output, errors.split(" (")[0], took < 5])
        for kind, behave in (
                ("garbage", answering(b"\x1b[31mhello\n" + b"x" * 500)), ("other JSON", answering(b'{"a":1}')),
                ("a base that ends", answering(b'{"missing":["the base has ended"],"ready":false}\n', "503 Service Unavailable"))):
            finding(kind, asked(what, Stranger(behave).listener.getsockname()[1])[:3])
    code, output, errors, took = asked(["--json"], Stranger(drips).listener.getsockname()[1])
    finding("a body that drips", [code, output, errors, took < 25])


def vanished(iot, directory):
    """The outbox's folder is removed while the dashboard is away, and the base is started anew."""
    works = [False]
    dashboard = FakeDashboard(lambda request: authorizing(request) if works[0] or not request.line.startswith("PUT ") else (500, [], ""))
    place, state = Place(), os.path.join(directory, "state")
    unit = FakeUnit("127.78.93.1", says(b"1\n", b"2\n", b"3\n")).start()
    more = {"outbox": {"directory": state}, "units": {"period": "60s"}, "operations": place.keys}
    base = Base(iot, directory, dashboard, FakeBroker(), [unit.address], **more)
    eventually("three that wait", lambda: sample(place.metrics()["iot_base_queue_measurements"]) == 3)
    shutil.rmtree(state)
    eventually("the alarm", lambda: base.log("outbox.degraded"), 30)
    eventually("its end", lambda: base.log("outbox.recovered"), 30)
    finding("it is counted", sample(place.metrics()["iot_base_outbox_troubles"]) >= 1)
    base.process.kill()
    base.process.wait(PATIENCE)
    works[0] = True
    base = Base(iot, directory, dashboard, FakeBroker(), **more)
    eventually("the third", lambda: any(request.value == "3" for request in dashboard.puts()))
    answered = [request.value for request in dashboard.puts()][-3:]
    finding("what waited is delivered by the next run", answered)
    finding("exit code", base.stop())


def crowd(iot, directory):
    """Connections that ask nothing keep no probe out, and do not stay; a base whose broker is not there is asked."""
    place = Place()
    base = Base(iot, directory, FakeDashboard(authorizing), FakeBroker(), operations=place.keys)
    eventually("an answer", lambda: place.ask("/livez")[0])
    idle = [socket.create_connection(("127.0.0.1", place.port)) for _ in range(40)]
    finding("alive beside 40 connections that ask nothing", [place.ask("/livez")[0] for _ in range(3)])
    flood = [socket.create_connection(("127.0.0.1", place.port)) for _ in range(16)]
    for one in flood:
        one.setblocking(False)
        try:
            while one.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 1000):
                pass
        except OSError:
            pass
    finding("alive beside 16 connections that ask again and again and read nothing", [place.ask("/livez")[0] for _ in range(3)])
    dripping = socket.create_connection(("127.0.0.1", place.port))
    dripping.settimeout(0.2)
    began, head = time.monotonic(), iter(b"GET /livez HTTP/1.1\r\nX: " + b"x" * 1000)

    def is_closed():
        try:
            dripping.sendall(bytes([next(head)]))
            return dripping.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    eventually("the end of one that drips", is_closed)
    finding("one that drips is closed", 3 < time.monotonic() - began)
    for one in idle:
        one.settimeout(PATIENCE)
    finding("all others are closed", [one.recv(1) for one in idle] == [b""] * 40)
    finding("exit code", base.stop())


SCENARIOS = {scenario.__name__: scenario for scenario in [endpoint, failing, unauthorized, alone, taken, strangers, vanished, crowd]}

if __name__ == "__main__":
    SCENARIOS[sys.argv[3]](sys.argv[1], sys.argv[2])
