"""Measures the whole chain: simulated read units, base, hub.

usage: bench.py --iot PATH [--units 1000] [--seconds 30]

One run on one machine: lines a second into the hub as a ratio to those that the units send, the time from a line at the
unit to the webhook's answer and to the moment when the hub tells its pages, the time from a request to the lamp's
socket, and memory and CPU of each process. Twenty of the units, and the lamp, are this program's own sockets: they know
when each byte was sent and received. The base reaches the hub's webhook through this program, which passes the bytes on
and notes when each answer comes; what that costs is inside the figures.
"""

import argparse
import json
import os
import queue
import re
import selectors
import socket
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request

import websocket

PROBES = 20
TICKS = os.sysconf("SC_CLK_TCK")


def start(arguments):
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return process, json.loads(process.stdout.readline())


def address(index):
    return f"127.60.{index // 250}.{index % 250 + 1}"


class Probe(threading.Thread):
    """A read unit whose every value says which line it is."""

    def __init__(self, ip, sent):
        super().__init__(daemon=True)
        self.ip, self.sent = ip, sent
        self.listener = socket.create_server((ip, 8888))

    def run(self):
        connection, _ = self.listener.accept()
        line = 0
        while True:
            line += 1
            self.sent[(self.ip, str(line))] = time.monotonic()
            try:
                connection.sendall(f"{line}\n".encode())
            except OSError:
                return
            time.sleep(1)


class Lamp(threading.Thread):
    """An updatable unit that notes when a command has arrived."""

    def __init__(self, ip):
        super().__init__(daemon=True)
        self.listener = socket.create_server((ip, 8888))
        self.commands = queue.Queue()

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            pending = b""
            while data := connection.recv(4096):
                pending += data
                while b"\r" in pending:
                    command, pending = pending.split(b"\r", 1)
                    self.commands.put((command.decode(), time.monotonic()))
            connection.close()


class Tap(threading.Thread):
    """Passes bytes between the base and the hub, and tells when the webhook of a value was answered.

    The base asks one thing at a time on each connection, so the next answer is that of the last request.
    """

    REQUEST = re.compile(rb"PUT /webhook/update-unit/([0-9.]+)/(\d+) ")

    def __init__(self, port, answered):
        super().__init__(daemon=True)
        self.port, self.answered = port, answered
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ, None)
        self.pending = {}

    def run(self):
        while True:
            for key, _ in self.selector.select():
                if key.data is None:
                    self.accept()
                else:
                    self.carry(key.fileobj, key.data)

    def accept(self):
        base, _ = self.listener.accept()
        hub = socket.create_connection(("127.0.0.1", self.port))
        for end in (base, hub):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(base, selectors.EVENT_READ, (hub, base))
        self.selector.register(hub, selectors.EVENT_READ, (base, base))

    def carry(self, source, ends):
        target, base = ends
        try:
            data = source.recv(65536)
            target.sendall(data)
        except OSError:
            data = b""
        if not data:
            for end in (source, target):
                self.selector.unregister(end)
                end.close()
        elif source is base:
            request = self.REQUEST.match(data)
            self.pending[base] = request and (request[1].decode(), request[2].decode())
        elif self.pending.get(base):
            self.answered(self.pending.pop(base), time.monotonic())


class Hub:
    def __init__(self, url, token):
        self.url, self.token = url, token

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + path, method=method, data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def live(self, key, take):
        """Hears every state that the hub tells its pages."""
        connection = websocket.create_connection(
            self.url.replace("http", "ws") + f"/app/{key}?protocol=7&client=bench", timeout=60)
        socket_id = json.loads(json.loads(connection.recv())["data"])["socket_id"]
        auth = self.call("POST", "/api/broadcasting/auth", {"socket_id": socket_id, "channel_name": "private-dashboard"})
        connection.send(json.dumps({
            "event": "pusher:subscribe", "data": {"channel": "private-dashboard", "auth": auth["auth"]}}))

        def listen():
            while text := connection.recv():
                message = json.loads(text)
                if message["event"] == "device.state":
                    take(json.loads(message["data"]), time.monotonic())
                elif message["event"] == "pusher:ping":
                    connection.send('{"event":"pusher:pong","data":{}}')

        def listen_to_the_end():
            try:
                listen()
            except (OSError, websocket.WebSocketException):
                pass  # The hub was stopped.

        threading.Thread(target=listen_to_the_end, daemon=True).start()


def usage(process):
    with open(f"/proc/{process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    with open(f"/proc/{process.pid}/status") as file:
        resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    return (int(fields[11]) + int(fields[12])) / TICKS, resident / 1024


def percentiles(samples):
    ordered = sorted(samples)
    return " · ".join(f"p{p} {ordered[min(len(ordered) - 1, len(ordered) * p // 100)] * 1000:.1f} ms" for p in (50, 99))


class System:
    """Hub, fleet and base as processes, and this program's own probes and lamp among the units."""

    def __init__(self, iot, units, folder):
        self.iot = iot
        self.folder = folder
        self.units = [address(index) for index in range(units)]
        self.processes = {}
        self.sent, self.told, self.answered, self.received = {}, [], [], 0
        self.start_hub()
        self.start_units()
        self.start_base()

    def run(self, name, *arguments):
        process, ready = start([self.iot, *arguments, "--json", "--stop-with-parent"])
        self.processes[name] = process
        return ready

    def file(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            json.dump(content, file)
        return path

    def start_hub(self):
        state = os.path.join(self.folder, "hub")
        self.ready = self.run("hub", "hub", "run", "--port", "0", "--state", state)
        self.tokens = {
            ability: json.loads(subprocess.check_output(
                [self.iot, "hub", "token", "create", "--state", state, "--name", ability, "--ability", ability]))["token"]
            for ability in ("admin", "base")}
        self.hub = Hub(self.ready["hub"], self.tokens["admin"])

    def start_units(self):
        for ip in self.units:
            self.hub.call("POST", "/api/devices", {"name": ip, "kind": "read", "address": ip})
        self.lamp = Lamp("127.61.0.1")
        self.lamp.start()
        device = {"name": "lamp", "kind": "updatable", "address": "127.61.0.1"}
        self.lamp_id = self.hub.call("POST", "/api/devices", device)["device"]["id"]
        self.addresses = {device["id"]: device["address"] for device in self.hub.call("GET", "/api/devices")["devices"]}
        for ip in self.units[:PROBES]:
            Probe(ip, self.sent).start()
        cohort = {"name": "unit", "kind": "read", "addresses": self.units[PROBES:], "signal": "uniform"}
        self.run("fleet", "sim", "fleet", self.file("fleet.yaml", {"cohorts": [cohort]}))

    def start_base(self):
        key = self.ready["app"]["key"]
        port = int(self.hub.url.rsplit(":", 1)[1])
        tap = Tap(port, self.note_answer)
        tap.start()
        self.run("base", "base", "run", "--config", self.file("config.json", {
            "clients": self.units, "allow": ["127.61.0.1/32"],
            "api": {"url": tap.url, "token": self.tokens["base"]},
            "pusher": {"app-key": key, "host": "127.0.0.1", "port": port},
            "outbox": {"directory": os.path.join(self.folder, "base")},
        }))
        self.hub.live(key, self.take)

    def take(self, data, now):
        self.received += 1
        began = self.sent.get((self.addresses.get(data["device"]), data["value"]))
        if began is not None:
            self.told.append(now - began)

    def note_answer(self, value, now):
        began = self.sent.get(value)
        if began is not None:
            self.answered.append(now - began)

    def stop(self):
        for process in reversed(self.processes.values()):
            process.terminate()
            process.wait(20)


def measure_values(system, seconds):
    before = {name: usage(process)[0] for name, process in system.processes.items()}
    system.told.clear()
    system.answered.clear()
    first, began = system.received, time.monotonic()
    time.sleep(seconds)
    seconds = time.monotonic() - began
    rate = (system.received - first) / seconds
    units = len(system.units)
    print(f"{units} read units at 1 line/s, {seconds:.0f} s on {os.cpu_count()} cores")
    print(f"lines into the hub   {rate:.0f}/s, {rate / units:.3f} of what is sent")
    print(f"line to answer       {percentiles(system.answered)} ({len(system.answered)} samples)")
    print(f"line to page         {percentiles(system.told)} ({len(system.told)} samples)")
    for name, process in system.processes.items():
        used, resident = usage(process)
        print(f"{name:<20} {(used - before[name]) / seconds * 100:.1f} % of a core, {resident:.0f} MB RSS")


def measure_requests(system):
    latencies = []
    for number in range(50):
        colour = f"#{number:06x}"
        began = time.monotonic()
        system.hub.call("POST", f"/api/devices/{system.lamp_id}/requests", {"payload": colour})
        while True:
            command, arrived = system.lamp.commands.get(timeout=20)
            if command == colour:
                break
        latencies.append(arrived - began)
        # Half of them over a new connection: the base leaves a lamp after its dwell of 300 ms.
        time.sleep(0.6 if number % 2 else 0)
    print(f"request to lamp      median {statistics.median(latencies) * 1000:.1f} ms, {percentiles(latencies)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--iot", required=True)
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="iot-bench-") as folder:
        system = System(options.iot, options.units, folder)
        # The base opens its connections staggered.
        time.sleep(5)
        measure_values(system, options.seconds)
        measure_requests(system)
        system.stop()


main()
