"""Measures the whole chain: simulated read units, base, hub.

usage: bench.py --iot PATH [--units 1000] [--seconds 30]

One run on one machine: lines a second into the hub as a ratio to those that the units send, the time from a line at the
unit to the moment when the hub tells its pages (the webhook was committed and answered by then), the time from a
request to the lamp's socket, and memory and CPU of each process. Twenty of the units, and the lamp, are this program's
own sockets: they know when each byte was sent and received.
"""

import argparse
import json
import os
import queue
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--iot", required=True)
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="iot-bench-")
    state = os.path.join(folder, "hub")

    hub_process, ready = start([options.iot, "hub", "run", "--port", "0", "--state", state, "--json", "--stop-with-parent"])
    tokens = {
        ability: json.loads(subprocess.check_output(
            [options.iot, "hub", "token", "create", "--state", state, "--name", ability, "--ability", ability]))["token"]
        for ability in ("admin", "base")}
    hub = Hub(ready["hub"], tokens["admin"])
    units = [address(index) for index in range(options.units)]
    for ip in units:
        hub.call("POST", "/api/devices", {"name": ip, "kind": "read", "address": ip})
    lamp_ip = "127.61.0.1"
    lamp_id = hub.call("POST", "/api/devices", {"name": "lamp", "kind": "updatable", "address": lamp_ip})["device"]["id"]
    names = {device["id"]: device["address"] for device in hub.call("GET", "/api/devices")["devices"]}

    sent, delays, received = {}, [], [0]

    def take(data, now):
        received[0] += 1
        began = sent.pop((names.get(data["device"]), data["value"]), None)
        if began is not None:
            delays.append(now - began)

    for ip in units[:PROBES]:
        Probe(ip, sent).start()
    lamp = Lamp(lamp_ip)
    lamp.start()
    fleet_file = os.path.join(folder, "fleet.yaml")
    with open(fleet_file, "w") as file:
        json.dump({"cohorts": [{"name": "unit", "kind": "read", "addresses": units[PROBES:], "signal": "uniform"}]}, file)
    sim_process, _ = start([options.iot, "sim", "fleet", fleet_file, "--json", "--stop-with-parent"])
    configuration = os.path.join(folder, "config.json")
    with open(configuration, "w") as file:
        json.dump({
            "clients": units, "allow": [f"{lamp_ip}/32"], "api": {"url": hub.url, "token": tokens["base"]},
            "pusher": {"app-key": ready["app"]["key"], "host": "127.0.0.1", "port": int(hub.url.rsplit(":", 1)[1])},
        }, file)
    base_process, _ = start([options.iot, "base", "run", "--config", configuration, "--json", "--stop-with-parent"])
    hub.live(ready["app"]["key"], take)
    time.sleep(5)

    processes = {"hub": hub_process, "base": base_process, "fleet": sim_process}
    before = {name: usage(process)[0] for name, process in processes.items()}
    delays.clear()
    first, began = received[0], time.monotonic()
    time.sleep(options.seconds)
    seconds = time.monotonic() - began
    rate = (received[0] - first) / seconds
    print(f"{options.units} read units at 1 line/s, {seconds:.0f} s on {os.cpu_count()} cores")
    print(f"lines into the hub   {rate:.0f}/s, {rate / options.units:.3f} of what is sent")
    print(f"line to page         {percentiles(delays)} ({len(delays)} samples)")
    for name, process in processes.items():
        used, resident = usage(process)
        print(f"{name:<20} {(used - before[name]) / seconds * 100:.1f} % of a core, {resident:.0f} MB RSS")

    latencies = []
    for number in range(50):
        colour = f"#{number:06x}"
        began = time.monotonic()
        hub.call("POST", f"/api/devices/{lamp_id}/requests", {"payload": colour})
        while True:
            command, arrived = lamp.commands.get(timeout=20)
            if command == colour:
                break
        latencies.append(arrived - began)
        # Half of them over a new connection: the base leaves a lamp after its dwell of 300 ms.
        time.sleep(0.6 if number % 2 else 0)
    print(f"request to lamp      median {statistics.median(latencies) * 1000:.1f} ms, {percentiles(latencies)}")
    for process in reversed(processes.values()):
        process.terminate()
        process.wait(20)


main()
