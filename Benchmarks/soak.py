"""Runs a base, a hub, 200 units and a lamp for long, and looks whether memory and descriptors stay as they are.

usage: soak.py --iot PATH [--minutes 10]

One line in a hundred a unit resets its connection; the hub is away for three seconds twice a minute; the base reads its
configuration anew every ten seconds; a request goes to the lamp every second. Ends with exit code 1 where the memory of
the base or the hub at the end is more than a tenth and 8 MB above that of the first third, or descriptors are.
"""

import argparse
import os
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
import urllib.error

from base import Base, Hub, memory
from simulated_units import Units, addresses

UNITS = 200
LAMP = "127.62.0.1"


def lamp():
    listener = socket.create_server((LAMP, 8888), reuse_port=True)

    def serve():
        while True:
            connection, _ = listener.accept()
            while connection.recv(4096):
                pass
            connection.close()

    threading.Thread(target=serve, daemon=True).start()


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


class Series:
    def __init__(self, name):
        self.name, self.memory, self.descriptors = name, [], []

    def look(self, process):
        self.memory.append(memory(process))
        self.descriptors.append(descriptors(process))

    def verdict(self):
        third = len(self.memory) // 3
        first, last = (statistics.median(part) for part in (self.memory[third // 2:third], self.memory[-third:]))
        files = [statistics.median(part) for part in (self.descriptors[third // 2:third], self.descriptors[-third:])]
        is_flat = last <= first * 1.1 + 8 and files[1] <= files[0] + 8
        print(
            f"{self.name}: memory {first:.1f} MB at first, {last:.1f} MB at last, {max(self.memory):.1f} MB at most; "
            f"descriptors {files[0]:.0f} and {files[1]:.0f}: {'flat' if is_flat else 'NOT FLAT'}")
        return is_flat


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iot", required=True)
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    lamp()
    with tempfile.TemporaryDirectory() as folder, Units(1, drops=0.01) as units:
        hub = Hub(options.iot, folder)
        port = int(hub.url.rsplit(":", 1)[1])
        admin, key = hub.token_for("admin"), hub.token_for("base")
        for ip in addresses(UNITS):
            hub.call(admin, "POST", "/api/devices", {"name": ip, "kind": "read", "address": ip})
        made = hub.call(admin, "POST", "/api/devices", {"name": "lamp", "kind": "updatable", "address": LAMP})
        requests = f"/api/devices/{made['device']['id']}/requests"
        more = {
            "pusher": {"app-key": hub.key, "host": "127.0.0.1", "port": port}, "allow": ["127.62.0.0/16"],
            "units": {"flap-count": 0}}
        with Base(options.iot, folder, hub.url, UNITS, key, **more) as base:
            base_series, hub_series = Series("base"), Series("hub")
            end = time.monotonic() + options.minutes * 60
            second = away = 0
            while time.monotonic() < end:
                time.sleep(1)
                second += 1
                base_series.look(base.process)
                if second % 10 == 0:
                    base.process.send_signal(signal.SIGHUP)
                if hub is None:
                    away += 1
                    hub = Hub(options.iot, folder, port) if away % 3 == 0 else None
                    continue
                hub_series.look(hub.process)
                if second % 30 == 0:
                    hub.__exit__()
                    hub = None
                    continue
                try:
                    hub.call(admin, "POST", requests, {"payload": "red"})
                except urllib.error.HTTPError:
                    pass  # The base is not back yet.
            said = units.said.value
            print(f"{said} lines in {second} s; base {base.cpu / max(1, said) * 1e6:.0f} µs CPU a line")
            flat = [series.verdict() for series in (base_series, hub_series)]
            if hub is not None:
                hub.__exit__()
    sys.exit(0 if all(flat) else 1)


if __name__ == "__main__":
    main()
