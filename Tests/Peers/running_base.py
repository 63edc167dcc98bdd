"""`iot base run` as a process, and what each program that meets it needs beside units, dashboard and broker."""

import json
import os
import signal
import subprocess
import threading
import time

PATIENCE = 20


def finding(what, value):
    print(json.dumps({"what": what, "is": value}), flush=True)


def eventually(what, condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise TimeoutError(what)


class Base:
    """The base as a process; its events are kept."""

    def __init__(
            self, iot, directory, dashboard, broker, clients=(), command=(), arguments=(), environment=None, **more):
        configuration = {
            "clients": list(clients), "allow": ["127.78.0.0/17"],
            "api": {"url": dashboard.url, "token": "t0k3n"},
            "pusher": {"app-key": "key", "host": "127.0.0.1", "port": broker.port},
            "units": {"backoff-min": "50ms", "backoff-max": "200ms", "stagger": "0s"},
            "outbox": {"directory": os.path.join(directory, f"state-{time.monotonic_ns()}")},
            # The usual place is one for the whole machine: scenarios that run at a time would take it from each other.
            "operations": {"listen": "off"},
        }
        for key, value in more.items():
            configuration[key] = {**configuration.get(key, {}), **value} if isinstance(value, dict) else value
        self.configuration = configuration
        self.file = os.path.join(directory, f"config-{time.monotonic_ns()}.json")
        self.write()
        self.process = subprocess.Popen(
            [*command, iot, "base", "run", "--config", self.file, "--json", "--stop-with-parent", "--log-level", "debug", "--log-window", "0",
             *arguments],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.events = []
        self.ready = self.process.stdout.readline()
        self.reader = threading.Thread(target=lambda: self.events.extend(self.process.stderr), daemon=True)
        self.reader.start()

    def write(self):
        """Writes the configuration as it is now, in one step, readable for its owner alone."""
        with open(self.file + ".new", "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as handle:
            json.dump(self.configuration, handle)
        os.rename(self.file + ".new", self.file)

    def log(self, word):
        return [line for line in self.events if word in line]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def values(*numbers):
    return b"".join(b"%d\n" % number for number in numbers)


def authorizing(request):
    if request.line.startswith("POST "):
        return (200, ["Content-Type: application/json"], json.dumps({"auth": "key:signature"}))
    return (200, [], "{}")
