#!/usr/bin/env python3
"""Takes the place of `iot base run` in a rig (base.start): the same base with another configuration, or with a proxy before the hub.

usage: base.py FAULT IOT base run --config FILE ...
"""

import http.client
import http.server
import json
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.parse

FAULT, IOT, *ARGUMENTS = sys.argv[1:]
FILE = ARGUMENTS[ARGUMENTS.index("--config") + 1]
# What a base does wrong that is set so.
SETTINGS = {
    "no-reconnect": {"units": {"backoff-min": "1h", "backoff-max": "1h"}},
    "never-notices-silence": {
        "units": {
            "period": "1h", "idle-periods": 1000, "silence-min": "1h", "keepalive-idle": "1h", "keepalive-interval": "1h",
            "user-timeout": "1h"}},
    "forgets-what-waits": {"webhook": {"newest-only": True}},
}


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
    units = []
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
            if FAULT == "swaps-units" and len(self.units) == 2:
                copies[0]["ip"] = self.units[1 - self.units.index(measurement["ip"])]
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


def once_only(place):
    """A way to the broker that is there once, and refuses all who come after the first has gone."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(5)

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

    def work():
        near, _ = listener.accept()
        listener.close()
        far = socket.create_connection(place)
        threading.Thread(target=carry, args=(near, far), daemon=True).start()
        carry(far, near)

    threading.Thread(target=work, daemon=True).start()
    return listener.getsockname()[1]


def main():
    with open(FILE, encoding="utf-8") as file:
        configuration = json.load(file)
    changed(configuration, SETTINGS.get(FAULT, {}))
    if FAULT in ("none", "swaps-units", "loses-measurements", "doubles-measurements", "changes-measurements"):
        url = urllib.parse.urlsplit(configuration["api"]["url"])
        Proxy.hub = (url.hostname, url.port)
        Proxy.units = configuration["clients"]
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        configuration["api"]["url"] = f"http://127.0.0.1:{server.server_port}"
    if FAULT == "loses-the-broker":
        configuration["pusher"]["port"] = once_only((configuration["pusher"]["host"], configuration["pusher"]["port"]))
    with open(FILE, "w", encoding="utf-8") as file:
        json.dump(configuration, file)
    base = subprocess.Popen([IOT, *ARGUMENTS])
    import signal

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: base.send_signal(number))
    os._exit(base.wait() & 255)


main()
