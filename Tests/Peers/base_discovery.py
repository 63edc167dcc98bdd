"""Meets `iot base run` with a network in which units are to be found.

usage: base_discovery.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding: {"what": ..., "is": ...}. The script enters a network namespace of its own first, so that
127.79.0.0/24, port 5353 and the route of multicast are its alone: as root, or in a user namespace where the kernel lets it.
"""

import json
import os
import socket
import sys
import time

from fake_broker import FakeBroker
from fake_dashboard import FakeDashboard
from fake_unit import FakeUnit, black_hole
from running_base import Base, authorizing, eventually, finding, values

INSIDE = "IOT_OWN_NETWORK"
ALLOW = {"allow": ["127.79.0.0/24"]}


def enter_own_network():
    """Runs this script again inside a namespace that has a loopback interface with multicast, and nothing else."""
    if os.environ.get(INSIDE):
        return
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    steps = ("ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo && "
             "ip address add 127.79.0.250/8 dev lo && exec \"$@\"")
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--net", *user, "sh", "-c", steps, "sh", sys.executable, "-u", *sys.argv])


class Proposed:
    """A dashboard that takes found units; `status(number)` says how it answers the post with this number, from 1."""

    def __init__(self, status=lambda number: 200):
        self.status = status
        self.posts = []
        self.dashboard = FakeDashboard(self._answer)

    def _answer(self, request):
        if not request.line.startswith("POST /webhook/found-units "):
            return authorizing(request)
        self.posts.append((request, json.loads(request.body)))
        return (self.status(len(self.posts)), [], "{}")

    def units(self):
        """What was told of each address last, without times, in the order of the addresses."""
        latest = {unit["ip"]: unit for _, body in list(self.posts) for unit in body["units"]}
        return [
            [unit[key] for key in ("ip", "kind", "by", "name") if key in unit]
            for ip, unit in sorted(latest.items(), key=lambda item: socket.inet_aton(item[0]))
        ]


def speaking(connection, number):
    for value in range(100_000):
        connection.sendall(values(value % 1024))
        time.sleep(0.1)


def busy(address):
    """A unit that somebody else reads: it completes the handshake, and says nothing to a second peer."""
    unit = FakeUnit(address).start()
    other = socket.create_connection((address, 8888))
    return unit, other


def sweep(iot, directory):
    proposed, broker = Proposed(), FakeBroker()
    read = FakeUnit("127.79.0.1", speaking).start()
    lamp = FakeUnit("127.79.0.2").start()
    known = FakeUnit("127.79.0.3", speaking).start()
    hole = black_hole("127.79.0.4")
    occupied, other = busy("127.79.0.5")
    banner = FakeUnit("127.79.0.6", lambda connection, number: connection.sendall(b"\x00\x01\n")).start()
    edges = [FakeUnit("127.79.0.0").start(), FakeUnit("127.79.0.255").start()]
    first = time.monotonic()
    base = Base(
        iot, directory, proposed.dashboard, broker, [known.address], **ALLOW,
        discovery={"sweep": ["127.79.0.0/24"], "rate": 200, "timeout": "500ms"})
    eventually("the units that answer", lambda: len(proposed.units()) == 4)
    # The whole network: the last address comes 253 / 200 s after the first.
    time.sleep(max(0, 5 - (time.monotonic() - first)))
    finding("what is found", proposed.units())
    request, _ = proposed.posts[0]
    finding("the post", [request.line, request.headers["authorization"], request.headers["content-type"]])
    finding("connections of each, and the most at once", [
        [unit.accepted, unit.most_open] for unit in (read, lamp, known, occupied, banner, *edges)])
    finding("a probe says nothing", [bytes(unit.bytes_heard).decode() for unit in (lamp, occupied)])
    finding("the unit that is read is read on", len(proposed.dashboard.puts(known.address)) > 20)
    finding("exit code", base.stop())
    other.close()
    hole[0].close()


def command(iot, directory):
    """A command comes while its unit is tried, which is listened to for long: the attempt gives way."""
    proposed, broker = Proposed(), FakeBroker()
    lamp = FakeUnit("127.79.0.2").start()
    base = Base(
        iot, directory, proposed.dashboard, broker, **ALLOW, discovery={"sweep": ["127.79.0.2"], "listen": "10s"})
    client, _ = broker.subscribed()
    eventually("the attempt", lambda: lamp.open == 1)
    asked = time.monotonic()
    client.send("update.request", {"ip": lamp.address, "payload": "red"}, "private-requests")
    eventually("the command", lambda: lamp.bytes_heard == b"red\r")
    finding("it did not wait for the attempt", time.monotonic() - asked < 5)
    finding("connections, and the most at once", [lamp.accepted, lamp.most_open])
    finding("exit code", base.stop())


def stop(iot, directory):
    """The base stops while it tries addresses."""
    proposed, broker = Proposed(), FakeBroker()
    lamp = FakeUnit("127.79.0.2").start()
    hole = black_hole("127.79.0.1")
    base = Base(
        iot, directory, proposed.dashboard, broker, **ALLOW,
        discovery={"sweep": ["127.79.0.0/29"], "rate": 100, "timeout": "30s", "listen": "10s"})
    eventually("the attempt", lambda: lamp.open == 1)
    began = time.monotonic()
    finding("exit code", base.stop())
    finding("it waits for no attempt", time.monotonic() - began < 9)
    eventually("the end of the connection", lambda: lamp.open == 0)
    hole[0].close()


def dashboards(iot, directory):
    """Dashboards that fail twice, and that know no found units."""
    for name, status in (("fails", lambda number: 500 if number < 3 else 200), ("knows none", lambda number: 404)):
        proposed, broker = Proposed(status), FakeBroker()
        lamp = FakeUnit("127.79.0.2").start() if name == "fails" else lamp
        base = Base(
            iot, directory, proposed.dashboard, broker, **ALLOW,
            discovery={"sweep": ["127.79.0.2"], "listen": "0s"})
        wanted = 3 if name == "fails" else 1
        eventually("the posts", lambda: len(proposed.posts) == wanted)
        # A dashboard that knows none is not asked again soon.
        time.sleep(2)
        finding(f"a dashboard that {name}", [[[unit["ip"], unit["kind"]] for unit in body["units"]] for _, body in proposed.posts])
        finding("what is told", [len(base.log("found.failing")), len(base.log("found.unsupported"))])
        finding("exit code", base.stop())


def mdns(iot, directory):
    """Units announce themselves through python-zeroconf, an implementation of others."""
    from zeroconf import IPVersion, ServiceInfo, Zeroconf

    kind = "_iot-unit._tcp.local."
    zeroconf = Zeroconf(interfaces=["127.79.0.250"], ip_version=IPVersion.V4Only)

    def announced(name, address, properties, port=8888):
        info = ServiceInfo(
            kind, f"{name}.{kind}", port, properties=properties, server=f"{name.replace(' ', '-')}.local.",
            addresses=[socket.inet_aton(address)])
        zeroconf.register_service(info)
        return info

    announced("Hall lamp", "127.79.0.30", {"kind": "updatable"})
    announced("Far away", "8.8.8.8", {"kind": "read"})
    announced("Known", "127.79.0.31", {"kind": "read"})
    announced("Other port", "127.79.0.32", {"kind": "read"}, port=80)
    proposed, broker = Proposed(), FakeBroker()
    known = FakeUnit("127.79.0.31", speaking).start()
    base = Base(
        iot, directory, proposed.dashboard, broker, [known.address], **ALLOW,
        discovery={"mdns": True, "interface": "127.79.0.250"})
    eventually("the lamp", lambda: ["127.79.0.30", "updatable", "mdns", "Hall lamp"] in proposed.units())
    announced("Later", "127.79.0.33", {})
    eventually("a unit that comes later", lambda: len(proposed.units()) == 2)
    eventually("the foreign address", lambda: [line for line in base.log("found.refused") if "8.8.8.8" in line])
    finding("what is found", proposed.units())
    finding("exit code", base.stop())
    zeroconf.close()


SCENARIOS = {scenario.__name__: scenario for scenario in [sweep, command, stop, dashboards, mdns]}

if __name__ == "__main__":
    enter_own_network()
    SCENARIOS[sys.argv[3]](sys.argv[1], sys.argv[2])
