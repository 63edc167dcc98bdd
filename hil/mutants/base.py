#!/usr/bin/env python3
"""Takes the place of `iot base run` in a rig (base.start): the same base with another configuration, or with a proxy before the hub.

usage: base.py FAULT IOT base run --config FILE ...

FAULT may be `none`: with the proxy, which changes nothing; or `plain`: the base alone.
"""

import http.client
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

FAULT, IOT, *ARGUMENTS = sys.argv[1:]
FILE = ARGUMENTS[ARGUMENTS.index("--config") + 1]
# What a base does wrong that is set so.
SETTINGS = {
    "no-reconnect": {"units": {"backoff-min": "1h", "backoff-max": "1h"}},
    # Half of it is at random.
    "late-reconnect": {"units": {"backoff-min": "40s", "backoff-max": "40s"}},
    "never-notices-silence": {
        "units": {
            "period": "1h", "idle-periods": 1000, "silence-min": "1h", "keepalive-idle": "1h", "keepalive-interval": "1h",
            "user-timeout": "1h"}},
    "waits-for-an-answer": {"webhook": {"timeout": "10m"}},
    "forgets-what-waits": {"webhook": {"newest-only": True}},
}
# What is without the proxy before the hub.
WITHOUT_PROXY = {"plain", "loses-the-broker", *SETTINGS}


def changed(configuration, changes):
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(configuration.get(key), dict):
            changed(configuration[key], value)
        else:
            configuration[key] = value


class Proxy(http.server.BaseHTTPRequestHandler):
    """Between base and hub: hands on what comes, but for what the fault does to measurements."""

    protocol_version = "HTTP/1.1"
    hub = None
    # From the addresses that the base knows to those that the hub knows.
    names = {}
    count = 0
    lock = threading.Lock()

    def log_message(self, *_):
        pass

    def measurements(self, body):
        """The measurements of a request as the hub gets them."""
        one = re.fullmatch(r"/webhook/update-unit/([^/]+)/([^/]+)", self.path)
        if one:
            found = [{"ip": one[1], "value": urllib.parse.unquote(one[2]), "key": self.headers.get("Idempotency-Key")}]
            at = self.headers.get("X-Measured-At")
            age = self.headers.get("X-Measurement-Age")
            found[0].update({name: int(value) for name, value in (("at", at), ("age", age)) if value})
        else:
            found = json.loads(body)["measurements"]
        result = []
        for measurement in found:
            Proxy.count += 1
            copies = [dict(measurement)]
            copies[0]["ip"] = self.names.get(measurement["ip"], measurement["ip"])
            if Proxy.count % 4 == 0:
                if FAULT == "loses-measurements":
                    copies = []
                if FAULT == "doubles-measurements":
                    # Another name: the hub cannot know that it is the same.
                    copies.append({**measurement, "key": measurement["key"] + "9"})
                if FAULT == "changes-measurements":
                    copies[0]["value"] = str(int(measurement["value"]) + 1)
            result += copies
        return result

    def handle_one(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.lock:
            headers = {key: value for key, value in self.headers.items() if key.lower() not in ("host", "content-length")}
            method, path, answered = self.command, self.path, None
            if path == "/webhook/request-result":
                result = json.loads(body)
                result["ip"] = self.names.get(result["ip"], result["ip"])
                body = json.dumps(result).encode()
            if re.match(r"/webhook/update-unit", path) and method != "OPTIONS":
                measurements = self.measurements(body)
                if measurements:
                    body = json.dumps({"measurements": measurements}).encode()
                    headers["Content-Type"] = "application/json"
                    for name in ("Idempotency-Key", "X-Measured-At", "X-Measurement-Age"):
                        headers.pop(name, None)
                    method, path = "POST", "/webhook/update-units"
                else:
                    answered = (200, b'{"recorded":1,"refused":[]}')
            if answered is None:
                connection = http.client.HTTPConnection(*self.hub, timeout=20)
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                answered = (answer.status, answer.read())
                most = answer.getheader("X-Most-Measurements")
                connection.close()
            else:
                most = None
        status, data = answered
        if method == "POST" and path == "/webhook/update-units" and status == 200:
            data = b'{"recorded":true,"refused":[]}' if self.command == "PUT" else b'{"recorded":1,"refused":[]}'
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if most:
            self.send_header("X-Most-Measurements", most)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if status != 204:
            self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_OPTIONS = handle_one


def carry(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def broker_way(place, towards_base, once=False):
    """A way to the broker, on which `towards_base` carries what the broker says; its port. One that is there `once` refuses all who
    come after the first."""
    listener = socket.create_server(("127.0.0.1", 0))

    def work():
        while True:
            near, _ = listener.accept()
            if once:
                listener.close()
            far = socket.create_connection(place)
            threading.Thread(target=carry, args=(near, far), daemon=True).start()
            if once:
                return towards_base(far, near)
            threading.Thread(target=towards_base, args=(far, near), daemon=True).start()

    threading.Thread(target=work, daemon=True).start()
    return listener.getsockname()[1]


def swapping(names):
    """Carries a WebSocket's way to the client (RFC 6455), whose frames are not masked, with addresses changed in its texts."""
    pattern = re.compile(rb"(?<![\d.])(" + b"|".join(re.escape(name.encode()) for name in names) + rb")(?![\d.])")

    def work(source, sink):
        stream = source.makefile("rb")
        try:
            while (line := stream.readline()) not in (b"\r\n", b""):
                sink.sendall(line)
            sink.sendall(b"\r\n")
            while len(head := stream.read(2)) == 2:
                length = head[1]
                if length > 125:
                    length = int.from_bytes(stream.read(2 if length == 126 else 8), "big")
                body = stream.read(length)
                if head[0] & 15 == 1:
                    body = pattern.sub(lambda found: names[found[0].decode()].encode(), body)
                size = bytes([len(body)]) if len(body) < 126 else b"\x7e" + len(body).to_bytes(2, "big")
                sink.sendall(head[:1] + size + body)
        except OSError:
            pass
        carry(source, sink)

    return work


def second_connection(unit):
    """Connects to a unit once the base has, stays, and hears what comes."""
    # As /proc/net/tcp has it: the remote address, and 01 for an established connection.
    place = socket.inet_aton(unit)[::-1].hex().upper() + ":%04X 01 " % 8888

    def work():
        while not any(place in line for line in open("/proc/net/tcp", encoding="ascii")):
            time.sleep(0.05)
        client = socket.create_connection((unit, 8888))
        while client.recv(4096):
            pass

    threading.Thread(target=work, daemon=True).start()


class Front:
    """A place that is always there for the base, before a unit, which is connected when `Front.all_together` says."""

    def __init__(self, unit):
        self.unit, self.near, self.far = unit, None, None
        # Cables are at 127.64.0.0 to 127.127.255.255; the other half of a unit's second number is free.
        numbers = unit.split(".")
        self.address = ".".join(["127", str(int(numbers[1]) + 64), *numbers[2:]])
        self.listener = socket.create_server((self.address, 8888))
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        while True:
            self.near, _ = self.listener.accept()
            threading.Thread(target=self.watch, args=(self.near,), daemon=True).start()

    def watch(self, near):
        try:
            while near.recv(4096):
                pass
        except OSError:
            pass
        if self.near is near:
            self.near = None
            if self.far:
                self.far.close()

    def hear(self, far):
        try:
            while data := far.recv(4096):
                self.near.sendall(data)
        except (OSError, AttributeError):
            pass
        self.far = None

    def connect(self):
        try:
            self.far = socket.create_connection((self.unit, 8888))
            threading.Thread(target=self.hear, args=(self.far,), daemon=True).start()
        except OSError:
            self.far = None

    @staticmethod
    def all_together(fronts):
        """Who has lost its unit tries again at each full second, as all others do."""

        def work():
            while True:
                time.sleep(1 - time.time() % 1)
                for front in fronts:
                    if front.near and not front.far:
                        front.connect()

        threading.Thread(target=work, daemon=True).start()


def main():
    with open(FILE, encoding="utf-8") as file:
        configuration = json.load(file)
    changed(configuration, SETTINGS.get(FAULT, {}))
    units = configuration["clients"]
    lamps = [text.split("/")[0] for text in configuration["allow"] if text.split("/")[0] not in units]
    broker = (configuration["pusher"]["host"], configuration["pusher"]["port"])
    if FAULT == "swaps-units":
        Proxy.names = dict(zip(units, reversed(units)))
    if FAULT == "swaps-lamps":
        Proxy.names = dict(zip(lamps, reversed(lamps)))
        configuration["pusher"]["port"] = broker_way(broker, swapping(Proxy.names))
    if FAULT == "two-connections":
        second_connection(units[0])
    if FAULT == "all-together":
        fronts = [Front(unit) for unit in units]
        Proxy.names = {front.address: front.unit for front in fronts}
        configuration["clients"] = list(Proxy.names)
        Front.all_together(fronts)
    if FAULT not in WITHOUT_PROXY:
        url = urllib.parse.urlsplit(configuration["api"]["url"])
        Proxy.hub = (url.hostname, url.port)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        configuration["api"]["url"] = f"http://127.0.0.1:{server.server_port}"
    if FAULT == "loses-the-broker":
        configuration["pusher"]["port"] = broker_way(broker, carry, once=True)
    with open(FILE, "w", encoding="utf-8") as file:
        json.dump(configuration, file)
    base = subprocess.Popen([IOT, *ARGUMENTS])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: base.send_signal(number))
    os._exit(base.wait() & 255)


main()
