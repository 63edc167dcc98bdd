"""Measures the base alone: simulated units on one side, a dashboard's HTTP side on the other.

usage: base.py --iot PATH [--only NAME] [--seconds 20]

Everything runs on this machine at the same time and shares its cores: units, base and dashboard. The units are one
process with a listener on port 8888 of all loopback addresses; dashboards are one of Python's event loop that knows when
each line was said, nginx and the hub (to both of which wrk sends the same requests).
"""

import argparse
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import time
import urllib.request

from simulated_units import Units, addresses
from timing_dashboard import Sink

TICKS = os.sysconf("SC_CLK_TCK")
BURSTS = 5


def cpu_seconds(process):
    """CPU time of a process so far."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(process):
    """Resident memory in MB."""
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024


class Hub:
    """A hub as a process, with a token for what is asked here and one for the base."""

    def __init__(self, iot, folder, port=0):
        self.iot, self.place = iot, f"{folder}/hub"
        self.process = subprocess.Popen(
            [iot, "hub", "run", "--port", str(port), "--state", self.place, "--json", "--log-level", "error"],
            stdout=subprocess.PIPE)
        said = json.loads(self.process.stdout.readline())
        self.url, self.key = said["hub"], said["app"]["key"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    @property
    def cpu(self):
        return cpu_seconds(self.process)

    def token_for(self, ability):
        words = ["hub", "token", "create", "--state", self.place, "--name", ability, "--ability", ability]
        made = subprocess.run([self.iot, *words], capture_output=True, check=True).stdout
        return json.loads(made)["token"]

    def call(self, token, method, path, body=None):
        request = urllib.request.Request(
            self.url + path, method=method, data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


class Base:
    def __init__(self, iot, folder, url, count, token="x", **more):
        file = pathlib.Path(folder) / f"base-{time.monotonic_ns()}.json"
        configuration = {
            "clients": addresses(count), "api": {"url": url, "token": token},
            "pusher": {"app-key": "k", "host": "127.0.0.1", "port": 9},
            "operations": {"listen": "off"},
            "outbox": {"directory": f"{folder}/outbox-{time.monotonic_ns()}"}}
        for key, value in more.items():
            configuration[key] = {**configuration.get(key, {}), **value} if isinstance(value, dict) else value
        file.write_text(json.dumps(configuration))
        self.process = subprocess.Popen(
            [iot, "base", "run", "--config", str(file), "--json", "--log-level", "error"], stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @property
    def cpu(self):
        return cpu_seconds(self.process)

    @property
    def rss(self):
        return memory(self.process)


def milliseconds(ages, share):
    return ages[min(len(ages) - 1, int(len(ages) * share))] / 1e6


def steady(options, title, count, period, goal, **sink):
    """Units that say a line each period, for a while."""
    more = sink.pop("more", {})
    with tempfile.TemporaryDirectory() as folder, Units(period) as units, Sink(**sink) as dashboard:
        with Base(options.iot, folder, dashboard.url, count, **more) as base:
            units.wait_for(count)
            # What the first connections have set going is over.
            time.sleep(3)
            dashboard.begin()
            said, cpu = units.said.value, base.cpu
            time.sleep(options.seconds)
            said, cpu = units.said.value - said, base.cpu - cpu
            took, ages, disorder = dashboard.end()
            number = len(ages)
            print(f"{title}")
            print(f"  said {said / options.seconds:.0f}/s by {units.connected.value} units; wanted {count / period:.0f}/s")
            print(
                f"  delivered {number / took:.0f}/s, {number / max(1, said):.3f} of what was said; "
                f"out of order: {disorder}")
            print(
                f"  from the line to the webhook: half within {milliseconds(ages, 0.5):.1f} ms, 99 % within "
                f"{milliseconds(ages, 0.99):.1f} ms, all within {ages[-1] / 1e6:.1f} ms")
            print(
                f"  base: {base.rss:.0f} MB RSS, {cpu / took * 100:.0f} % of a core, "
                f"{cpu / max(1, number) * 1e6:.0f} µs CPU a measurement   (goal: {goal})")


class Nginx:
    """Answers each PUT at once and keeps nothing: what HTTP itself costs."""

    name = "nginx"
    token = "x"
    wrk_request = ""

    def __init__(self, options, folder):
        port = socket.create_server(("127.0.0.1", 0)).getsockname()[1]
        file = pathlib.Path(folder) / "nginx.conf"
        file.write_text(f"""
            daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
            events {{ worker_connections 1024; }}
            http {{
                access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/body;
                server {{
                    listen 127.0.0.1:{port};
                    location = /status {{ stub_status; }}
                    location / {{ return 200 "{{}}"; }}
                    location /webhook/update-units {{ return 404; }}
                }}
            }}""")
        self.process = subprocess.Popen(["nginx", "-e", f"{folder}/error.log", "-c", str(file)])
        self.url = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                self.requests()
                break
            except OSError:
                time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def requests(self):
        with urllib.request.urlopen(f"{self.url}/status", timeout=10) as answer:
            return int(answer.read().split(b"\n")[2].split()[2])

    def prepare(self, count):
        """Units need no entry here."""

    def begin(self):
        self.before = self.requests()

    def check(self, total):
        """It has counted them itself."""

    def wait(self, total, last):
        while self.requests() - self.before < total:
            time.sleep(0.02)


class HubSink(Hub):
    """The hub, with a device for each unit; each PUT ends in its database."""

    name = "the hub"
    # A key of its own for each, as one that was seen is not recorded again.
    wrk_request = """
        local n = 0
        request = function()
            n = n + 1
            wrk.headers["Idempotency-Key"] = "00112233445566778899aabbccddeeff-" .. n
            return wrk.format()
        end"""

    def __init__(self, options, folder):
        super().__init__(options.iot, folder)
        self.admin, self.token = self.token_for("admin"), self.token_for("base")

    def prepare(self, count):
        for ip in addresses(count):
            self.call(self.admin, "POST", "/api/devices", {"name": ip, "kind": "read", "address": ip})
        self.devices = [device["id"] for device in self.call(self.admin, "GET", "/api/devices")["devices"]]

    def begin(self):
        """What was there before has another value."""

    def wait(self, total, last):
        """Asks one device after the other, so that it costs next to nothing."""
        for device in self.devices:
            while not self.has(device, last):
                time.sleep(0.05)

    def check(self, total):
        """What was not kept is no measurement that was taken."""
        with sqlite3.connect(f"file:{self.place}/hub.sqlite?mode=ro", uri=True) as database:
            kept = database.execute("SELECT count(*) FROM device_states").fetchone()[0]
        if kept < total:
            raise SystemExit(f"the hub has kept {kept} of {total} measurements")

    def has(self, device, value):
        state = self.call(self.admin, "GET", f"/api/devices/{device}")["device"]["lastState"]
        return state and state["value"] == value


def wrk(folder, sink):
    """The PUTs a second that wrk reaches."""
    script = pathlib.Path(folder) / "put.lua"
    script.write_text(
        f'wrk.method = "PUT"\nwrk.headers["Authorization"] = "Bearer {sink.token}"\n'
        'wrk.headers["Idempotency-Key"] = "00112233445566778899aabbccddeeff-123456"\n'
        'wrk.headers["X-Measured-At"] = "1700000000000"\nwrk.headers["X-Measurement-Age"] = "3"\n'
        'wrk.headers["User-Agent"] = "iot-base"\nwrk.headers["Content-Length"] = "0"\n' + sink.wrk_request)
    said = subprocess.run(
        ["wrk", "-t1", "-c64", "-d2s", "-s", str(script), f"{sink.url}/webhook/update-unit/{addresses(1)[0]}/512"],
        capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(f"{sink.name} refuses what wrk sends:\n{said}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])


def burst_of_puts(options, kind):
    """60 000 lines at once, one PUT each, beside wrk's PUTs to the same server; several times, since both vary."""
    total, rounds = 60_000, []
    for _ in range(BURSTS):
        rounds.append(one_burst_of_puts(options, kind, total))
    ratios = [rate / peer for _, rate, peer, _, _ in rounds]
    name, rate, peer, cpu, rss = rounds[ratios.index(statistics.median_low(ratios))]
    print(f"burst of {total} lines, single PUTs to {name}, the middle one of {BURSTS}")
    print(
        f"  {rate:.0f}/s; wrk reaches {peer:.0f}/s: {rate / peer:.2f} of it, {min(ratios):.2f} to {max(ratios):.2f}   "
        f"(goal: at least 0.5); {cpu / total * 1e6:.0f} µs CPU a measurement, {rss:.0f} MB RSS")


def one_burst_of_puts(options, kind, total, count=60):
    """The sink's name, the base's and wrk's PUTs a second, the base's CPU time in seconds, and its memory in MB."""
    with tempfile.TemporaryDirectory() as folder, kind(options, folder) as sink, Units(None, total // count) as units:
        sink.prepare(count)
        peer = wrk(folder, sink)
        more = {"units": {"rate": 1_000_000, "burst": 1_000_000}, "webhook": {"batch": 1}}
        with Base(options.iot, folder, sink.url, count, sink.token, **more) as base:
            units.wait_for(count)
            cpu = base.cpu
            sink.begin()
            begin = time.monotonic()
            units.go.set()
            sink.wait(total, str(total // count - 1))
            took = time.monotonic() - begin
            sink.check(total)
            return sink.name, total / took, peer, base.cpu - cpu, base.rss


def burst_of_batches(options):
    """Half a million lines at once, in batches, into the hub's database."""
    count, lines = 200, 2500
    total = count * lines
    with tempfile.TemporaryDirectory() as folder, HubSink(options, folder) as hub, Units(None, lines) as units:
        hub.prepare(count)
        more = {"units": {"rate": 1_000_000, "burst": 1_000_000}, "webhook": {"batch": 1000}}
        with Base(options.iot, folder, hub.url, count, hub.token, **more) as base:
            units.wait_for(count)
            cpu, hub_cpu, units_cpu = base.cpu, hub.cpu, cpu_seconds(units.process)
            begin = time.monotonic()
            units.go.set()
            hub.wait(total, str(lines - 1))
            took, cpu, hub_cpu = time.monotonic() - begin, base.cpu - cpu, hub.cpu - hub_cpu
            units_cpu = cpu_seconds(units.process) - units_cpu
            hub.check(total)
            print(f"burst of {total} lines, batches into the hub, outbox on")
            print(
                f"  {total / took:.0f}/s   (goal: at least 100000); CPU a measurement: base {cpu / total * 1e6:.1f} µs, "
                f"hub {hub_cpu / total * 1e6:.1f} µs, units {units_cpu / total * 1e6:.1f} µs; base {base.rss:.0f} MB RSS")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iot", required=True)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--only")
    options = parser.parse_args()
    all_of_them = {
        "2000": lambda: steady(
            options, "2000 units, a line every 2 s each, single PUTs", 2000, 2, "70 MB, 99 % within 50 ms"),
        "10000": lambda: steady(
            options, "10000 units, a line a second each, batches", 10_000, 1, "all delivered", batches=True),
        "20ms": lambda: steady(
            options, "200 units, 10 lines a second each, a webhook that takes 20 ms", 200, 0.1,
            "2000/s, in order", pause=0.02),
        "puts": lambda: burst_of_puts(options, Nginx),
        "hub-puts": lambda: burst_of_puts(options, HubSink),
        "batches": lambda: burst_of_batches(options),
    }
    for name, measure in all_of_them.items():
        if options.only in (None, name):
            measure()


if __name__ == "__main__":
    main()
