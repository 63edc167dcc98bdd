"""Meets `iot base run` with units, a dashboard and a broker that are made of plain sockets.

usage: base.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding: {"what": ..., "is": ...}. All units have addresses in 127.78.0.0/16.
"""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time

from fake_broker import FakeBroker
from fake_dashboard import FakeDashboard
from fake_unit import FakeUnit, black_hole, reset
from running_base import PATIENCE, Base, authorizing, eventually, finding, values


def units(iot, directory):
    dashboard, broker = FakeDashboard(), FakeBroker()

    def steady(connection, number):
        for value in range(10_000):
            connection.sendall(values(value % 1024))
            time.sleep(0.05)

    def drops(connection, number):
        connection.sendall(values(number))
        if number % 2:
            reset(connection)

    def silent_first(connection, number):
        connection.sendall(values(number))
        if number > 1:
            steady(connection, number)
        connection.recv(1)

    def malformed(connection, number):
        connection.sendall(b"51")
        connection.sendall(b"2\n\xff\xfe\n\na\x00b\n" + b"9" * 100_000 + b"\n513\r\n21 C\n-1\n")
        connection.recv(1)

    late = FakeUnit("127.78.1.1", steady)
    dropping = FakeUnit("127.78.1.2", drops).start()
    half_open = FakeUnit("127.78.1.3", silent_first).start()
    broken = FakeUnit("127.78.1.4", malformed).start()
    all_units = [late, dropping, half_open, broken]
    base = Base(iot, directory, dashboard, broker, [unit.address for unit in all_units], units={"period": "200ms"})
    eventually("a refused unit is tried again", lambda: base.log("unit.lost"))
    late.start()
    eventually("values of the late unit", lambda: len(dashboard.puts(late.address)) > 3)
    finding("a unit that was absent is read when it comes", True)
    # A reset that overtakes the end of the connect takes the value along, so not each connection brings one.
    eventually(
        "five connections to the dropping unit, and three values",
        lambda: dropping.accepted >= 5 and len(dashboard.puts(dropping.address)) >= 3)
    kept = [request.value for request in dashboard.puts(dropping.address)]
    finding("a unit that drops its connections is read again and again", kept == sorted(kept, key=int) and len(kept) >= 3)
    eventually("a second connection to the half-open unit", lambda: half_open.accepted >= 2)
    eventually("values over it", lambda: len(dashboard.puts(half_open.address)) > 3)
    finding("a half-open unit is connected anew", [half_open.accepted >= 2, half_open.most_open])
    eventually("the values between the malformed lines", lambda: len(dashboard.puts(broken.address)) >= 4)
    finding("malformed lines are dropped, the others pass", [r.value for r in dashboard.puts(broken.address)[:4]])
    finding("a unit is never connected twice at a time", [unit.most_open for unit in all_units])
    finding("exit code", base.stop())


def webhooks(iot, directory):
    unit = "127.78.2.1"
    texts = ["21 C", "../../x", "é", "100%", "a/b?c#d", "512"]
    tries = {}
    times = {}

    def answer(request):
        tries[request.value] = tries.get(request.value, 0) + 1
        times.setdefault(request.value, []).append(request.at)
        if request.value == "fails" and tries["fails"] <= 2:
            return (500, [], "oops")
        if request.value == "cut" and tries["cut"] == 1:
            return None
        if request.value == "later" and tries["later"] == 1:
            return (503, ["Retry-After: 1"], "")
        if request.value == "unknown":
            return (404, [], "{}")
        return (200, [], "{}")

    go_on = threading.Event()

    def speak(connection, number):
        connection.sendall("".join(text + "\n" for text in texts).encode())
        go_on.wait(PATIENCE)
        connection.sendall(b"fails\nafter-fails\ncut\nafter-cut\nlater\nafter-later\nunknown\nlast\n")
        connection.recv(1)

    dashboard, broker = FakeDashboard(answer), FakeBroker()
    FakeUnit(unit, speak).start()
    base = Base(iot, directory, dashboard, broker, [unit], units={"period": "60s"})
    eventually("the first values", lambda: len(dashboard.puts(unit)) >= len(texts))
    first = dashboard.puts(unit)
    finding("request lines", [request.line for request in first])
    own = ("host", "idempotency-key", "x-measured-at", "x-measurement-age")
    finding("headers", {name: value for name, value in sorted(first[0].headers.items()) if name not in own})
    keys = [re.fullmatch(r"([0-9a-f]{32})-(\d+)", request.headers["idempotency-key"]) for request in first]
    finding("keys", [len({key[1] for key in keys}), [int(key[2]) for key in keys]])
    finding("times", all(
        abs(int(request.headers["x-measured-at"]) / 1000 - time.time()) < 600
        and 0 <= int(request.headers["x-measurement-age"]) < 60_000 for request in first))
    finding("values come as they are", [request.value for request in first] == texts)
    finding("connections are kept and used again", len({request.connection for request in first}) <= 2)
    go_on.set()
    eventually("the last value", lambda: "last" in tries)
    rest = [request.value for request in dashboard.puts(unit)[len(texts):]]
    finding("failures are tried again, in order", rest)
    finding("Retry-After is kept", times["later"][1] - times["later"][0] >= 1)
    finding("a refusal is told", len(base.log("measurement.rejected")))
    finding("exit code", base.stop())


def drain(iot, directory):
    unit = "127.78.3.1"

    def slowly(request):
        time.sleep(0.05)
        return (200, [], "{}")

    def speak(connection, number):
        connection.sendall(values(*range(20)))
        connection.recv(1)

    dashboard, broker = FakeDashboard(slowly), FakeBroker()
    FakeUnit(unit, speak).start()
    base = Base(iot, directory, dashboard, broker, [unit], units={"period": "60s"})
    eventually("the first delivery", lambda: dashboard.puts(unit))
    finding("exit code after SIGTERM", base.stop())
    finding("what was queued was delivered", [request.value for request in dashboard.puts(unit)] == [str(n) for n in range(20)])


def full(iot, directory):
    unit = "127.78.4.1"
    is_open = threading.Event()

    def answer(request):
        is_open.wait(PATIENCE)
        return (200, [], "{}")

    def speak(connection, number):
        # Once: over a second connection the numbers would begin anew.
        if number == 1:
            connection.sendall(values(*range(60000)))
        connection.recv(1)

    dashboard, broker = FakeDashboard(answer), FakeBroker()
    FakeUnit(unit, speak).start()
    base = Base(
        iot, directory, dashboard, broker, [unit], units={"period": "60s", "rate": 1_000_000, "burst": 1_000_000},
        outbox={"maximum-bytes": 1 << 20})
    eventually("drops are told", lambda: base.log("measurements.dropped"))
    is_open.set()
    eventually("some values", lambda: len(dashboard.puts(unit)) >= 200)
    # The value whose request was under way when all were dropped before it comes too, and again when it was in doubt.
    keys = {request.headers["idempotency-key"]: int(request.value) for request in dashboard.puts(unit)}
    found = list(keys.values())
    gaps = sum(after - before - 1 for before, after in zip(found, found[1:]))
    turns = [[before, after] for before, after in zip(found, found[1:]) if before > after]
    dropped = sum(int(re.search(r"count=(\d+) why=oldest", line)[1]) for line in base.log("measurements.dropped"))
    finding("a full outbox drops the oldest, and keeps the order", [found[0], turns[:3], 0 < gaps <= dropped])
    finding("exit code", base.stop())


def requests(iot, directory):
    dashboard, broker = FakeDashboard(authorizing), FakeBroker()

    def speak(connection, number):
        threading.Thread(target=reader.hear, args=(connection,), daemon=True).start()
        for value in range(10_000):
            connection.sendall(values(value % 1024))
            time.sleep(0.05)

    reader = FakeUnit("127.78.5.1", speak).start()
    lamp = FakeUnit("127.78.5.2").start()
    stranger = FakeUnit("127.78.200.1").start()
    base = Base(iot, directory, dashboard, broker, [reader.address], commands={"queue": 100})
    client, data = broker.subscribed()
    finding("handshake", client.target.rsplit("&version=", 1)[0])
    finding("subscription", data)
    post = [request for request in dashboard.requests if request.line.startswith("POST ")][0]
    finding("authorization", [post.line, post.headers["authorization"], post.headers["content-type"], post.body])

    def ask(ip, payload, event="update.request", channel="private-requests"):
        client.send(event, {"ip": ip, "payload": payload}, channel)

    ask(lamp.address, "red")
    ask(lamp.address, 512)
    eventually("two commands", lambda: lamp.bytes_heard == b"red\r512\r")
    finding("commands of a unit come in order, over one connection", [lamp.bytes_heard.decode(), lamp.accepted])
    eventually("the lamp is left", lambda: lamp.ended_at)
    finding("the connection stays for the dwell", lamp.ended_at[0] - lamp.heard[-1][0] >= 0.29)
    eventually("the read unit is read", lambda: reader.accepted == 1)
    ask(reader.address, "blue")
    eventually("a command over the reading connection", lambda: reader.bytes_heard == b"blue\r")
    finding("a read unit takes commands over its one connection", [reader.accepted, reader.most_open])
    for ip in [stranger.address, "localhost", "127.78.5.2:8888", "127.78.1282", "0.0.0.0", "::1", "127.078.5.2", "8.8.8.8", "", 7]:
        ask(ip, "red")
    for payload in ["a\rb", "x" * 1025, None, ["red"], True]:
        ask(lamp.address, payload)
    ask(lamp.address, "ignored", event="other.event")
    ask(lamp.address, "ignored", channel="private-other")
    client.send("update.request", "no json", "private-requests")
    ask(lamp.address, "done")
    eventually("the last command", lambda: lamp.bytes_heard.endswith(b"done\r"))
    finding("what is not allowed or malformed reaches nobody", [lamp.bytes_heard.decode(), stranger.accepted])
    told = lambda: len(base.log("request.refused")) + len(base.log("command.failed"))
    eventually("each refusal in the log", lambda: told() >= 16)
    finding("each refusal is told", told())
    for number in range(100):
        ask(lamp.address, f"#{number:06}")
    ordered = "".join(f"#{number:06}\r" for number in range(100)).encode()
    eventually("a hundred commands", lambda: len(lamp.bytes_heard) >= len("red\r512\rdone\r") + len(ordered))
    finding("a hundred commands at once come in their order", lamp.bytes_heard.endswith(ordered))
    finding("exit code", base.stop())


def crowd(iot, directory):
    dashboard, broker = FakeDashboard(authorizing), FakeBroker()
    lamps = [FakeUnit(f"127.78.6.{number}").start() for number in range(2, 21)]
    hole = black_hole("127.78.6.1")
    base = Base(iot, directory, dashboard, broker)
    client, _ = broker.subscribed()
    began = time.monotonic()
    for ip in ["127.78.6.1"] + [lamp.address for lamp in lamps]:
        client.send("update.request", {"ip": ip, "payload": "red"}, "private-requests")
    eventually("all other lamps", lambda: all(lamp.bytes_heard == b"red\r" for lamp in lamps))
    # The black hole's own time limit is 10 s: whoever waited for it would come after that.
    finding("a black hole delays no other lamp", time.monotonic() - began < 5)
    eventually("the failure is told", lambda: base.log("127.78.6.1"))
    finding("exit code", base.stop())
    del hole


def slow_lamp(iot, directory):
    dashboard, broker = FakeDashboard(authorizing), FakeBroker()
    wakes = threading.Event()

    def sleepy(connection, number):
        wakes.wait(PATIENCE)
        lamp.hear(connection)

    lamp = FakeUnit("127.78.7.1", sleepy)
    lamp.start()
    lamp.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    base = Base(iot, directory, dashboard, broker, commands={"queue": 1024, "timeout": "60s"})
    client, _ = broker.subscribed()
    for _ in range(300):
        client.send("update.request", {"ip": lamp.address, "payload": "x" * 1024}, "private-requests")
    eventually("a connection", lambda: lamp.open == 1)
    # Longer than the dwell: the lamp reads nothing and acknowledges only what its window took.
    time.sleep(1.0)
    finding("a lamp that does not read is not left", [lamp.accepted, lamp.open])
    wakes.set()
    eventually("all bytes", lambda: len(lamp.bytes_heard) == 300 * 1025)
    finding("it gets every byte over that connection", lamp.accepted)
    finding("exit code", base.stop())


def outages(iot, directory):
    dashboard, broker = FakeDashboard(authorizing), FakeBroker(activity_timeout=1)
    lamp = FakeUnit("127.78.8.1").start()
    base = Base(iot, directory, dashboard, broker)

    def works(after):
        client, _ = broker.subscribed(PATIENCE)
        client.send("update.request", {"ip": lamp.address, "payload": after}, "private-requests")
        eventually(after, lambda: lamp.bytes_heard.endswith(after.encode() + b"\r"))
        finding(f"requests pass after {after}", True)
        return client

    client = works("the start")
    client.close(4200)
    client = works("close 4200")
    client.close(4100)
    client = works("close 4100")
    client.cut()
    client = works("a cut")
    client.send_frame(1, b"\xff\xfe not UTF-8")
    client.send_frame(1, b"{ not JSON")
    client.send_frame(2, b"binary")
    client.cut()
    client = works("garbage")
    try:
        client.send_frame(1, b'{"event":"x","data":"' + b"y" * 10_000_000 + b'"}')
    except OSError:
        pass  # The base need not wait for the end of it.
    client = works("a frame of 10 MB")
    request = json.dumps({
        "event": "update.request", "channel": "private-requests",
        "data": json.dumps({"ip": lamp.address, "payload": "fragments"})}).encode()
    client.send_frame(1, request[:10], final=False)
    client.send_frame(0, request[10:20], final=False)
    client.send_frame(0, request[20:])
    eventually("a fragmented request", lambda: lamp.bytes_heard.endswith(b"fragments\r"))
    finding("a fragmented request passes", True)
    finding("exit code", base.stop())


def tls(iot, directory):
    def certificate(name, host):
        files = [os.path.join(directory, f"{name}.{kind}") for kind in ("crt", "key")]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={host}",
             "-addext", f"subjectAltName=DNS:{host}", "-out", files[0], "-keyout", files[1]],
            check=True, capture_output=True)
        return files

    for name, host in [("self-signed", "localhost"), ("other-name", "elsewhere.example")]:
        dashboard, broker = FakeDashboard(authorizing), FakeBroker(certificate=certificate(name, host))
        base = Base(iot, directory, dashboard, broker, pusher={"host": "localhost", "tls": True})
        why = eventually("a refusal", lambda: base.log("broker.lost"))[0]
        broker.tls_failures.get(timeout=PATIENCE)
        finding(f"a broker with a certificate that is {name} is not spoken to", [broker.handshakes, "its certificate is of no authority that is trusted here" in why])
        finding("exit code", base.stop())


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in [units, webhooks, drain, full, requests, crowd, slow_lamp, outages, tls]
}

if __name__ == "__main__":
    SCENARIOS[sys.argv[3]](sys.argv[1], sys.argv[2])
