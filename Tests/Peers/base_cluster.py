"""Three `iot base run` over one set of units, with a real etcd: killed, stopped, cut off.

usage: base_cluster.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding: {"what": ..., "is": ...}; a finding that begins with "measured" is not the same each
time. All units have addresses in 127.78.0.0/16.
"""

import json
import signal
import sys
import time

from etcd import CuttableWay, Etcd
from fake_broker import FakeBroker
from fake_dashboard import FakeDashboard
from fake_unit import FakeUnit
from running_base import Base, authorizing, eventually, finding
from watched_fleet import WatchedFleet

LEASE = 3
# How long anything may take on a busy machine.
PATIENCE = 60
# What the promise is, and how much later a busy machine may see it.
PROMISE, BUSY = LEASE + 2, 5
COUNT = 300


class Cluster:
    def __init__(self, iot, directory, addresses, names=("a", "b", "c")):
        self.iot, self.directory, self.addresses = iot, directory, addresses
        self.etcd = Etcd(directory)
        self.way = CuttableWay(self.etcd.port)
        self.dashboard = FakeDashboard(authorizing)
        self.brokers = {name: FakeBroker() for name in names}
        self.bases = {}
        for name in names:
            self.start(name)

    def start(self, name):
        url = self.way.url if name == "c" else self.etcd.url
        self.bases[name] = Base(
            self.iot, self.directory, self.dashboard, self.brokers[name], self.addresses, units={"period": "2s"},
            cluster={"etcd": [url], "name": name, "lease": f"{LEASE}s"})

    def owners(self):
        return {
            key.rsplit("/", 1)[1]: value for key, value in self.etcd.keys("/iot-base/units/").items()}

    def spread(self):
        counts = {name: 0 for name in self.bases}
        for name, _ in self.owners().values():
            counts[name] += 1
        return sorted(counts.values())

    def is_spread(self, bases):
        spread = self.spread()[-bases:]
        return sum(spread) == len(self.addresses) and spread[-1] - spread[0] <= 1

    def stop(self):
        codes = [self.bases[name].stop() for name in sorted(self.bases)]
        self.etcd.stop()
        return codes


def log_count(base, word):
    return len(base.log(word))


def fail_over(iot, directory):
    addresses = [f"127.78.{110 + number // 100}.{number % 100 + 1}" for number in range(COUNT)]
    fleet = WatchedFleet(addresses)
    cluster = Cluster(iot, directory, addresses)

    def served(what, count=COUNT):
        eventually(f"{count} units served {what}", lambda: fleet.served == count, PATIENCE)

    def even(what, bases=3):
        eventually(f"an even spread {what}", lambda: cluster.is_spread(bases), PATIENCE)
        served(what)

    def measure(what, since):
        finding(f"measured, longest without a base, {what}", f"{fleet.longest_gap(since):.1f} s")

    even("at first")
    finding("three bases have", cluster.spread())

    before, tokens = time.monotonic(), cluster.owners()
    victims = [unit for unit, (name, _) in tokens.items() if name == "a"]
    cluster.bases["a"].process.kill()
    cluster.bases["a"].process.wait()
    even("after a kill", 2)
    finding("two bases have, after the third was killed", cluster.spread()[1:])
    finding("only its units have moved", sorted(
        unit for unit, (name, token) in cluster.owners().items() if token != tokens[unit][1]) == sorted(victims))
    finding("their tokens have grown", all(cluster.owners()[unit][1] > tokens[unit][1] for unit in victims))
    measure("after a kill", before)
    finding("in time", fleet.longest_gap(before) <= PROMISE + BUSY or fleet.longest_gap(before))

    before = time.monotonic()
    # Who gives a unit away waits until it has closed its side.
    fleet.closing_time = 0.8
    cluster.start("a")
    even("after a base came back")
    finding("three bases have, after one came back", cluster.spread())
    finding("so many units have moved", fleet.moved(before))
    measure("when a base comes", before)
    fleet.closing_time = 0.1

    before = time.monotonic()
    cluster.bases["b"].process.send_signal(signal.SIGSTOP)
    even("while a base is stopped", 2)
    measure("while a base is stopped", before)
    finding("in time", fleet.longest_gap(before) <= PROMISE + BUSY or fleet.longest_gap(before))
    cluster.bases["b"].process.send_signal(signal.SIGCONT)
    finding("the kernel has ended it", cluster.bases["b"].process.wait(PATIENCE))
    cluster.start("b")
    even("after it was started anew")

    before = time.monotonic()
    drops = log_count(cluster.bases["c"], "lease.lost")
    cluster.way.cut()
    eventually("the drop", lambda: log_count(cluster.bases["c"], "lease.lost") > drops, PATIENCE)
    even("while a base is cut off", 2)
    measure("while a base is cut off", before)
    finding("in time", fleet.longest_gap(before) <= PROMISE + BUSY or fleet.longest_gap(before))
    finding("the one that is cut off runs", cluster.bases["c"].process.poll() is None)
    cluster.way.heal()
    even("after the cut")
    finding("three bases have, after the cut", cluster.spread())

    before = time.monotonic()
    cluster.etcd.stop()
    eventually("nobody dials without etcd", lambda: fleet.served == 0, PATIENCE)
    took = time.monotonic() - before
    finding("measured, until all had dropped", f"{took:.1f} s")
    finding("they had dropped in time", took <= LEASE + BUSY or took)
    cluster.etcd.start()
    even("after etcd came back")
    finding("all bases run", all(base.process.poll() is None for base in cluster.bases.values()))

    before = time.monotonic()
    fleet.closing_time = 0.8
    codes = [cluster.bases.pop("a").stop()]
    even("after a polite stop", 2)
    measure("after a polite stop", before)
    finding("exit codes", codes + cluster.stop())
    finding("units with two connections at once, ever", fleet.overlaps)


def commands(iot, directory):
    """Each request is heard by three bases; one acts, and one tells."""
    read = [f"127.78.120.{number}" for number in range(1, 13)]
    lamps = [FakeUnit(f"127.78.121.{number}").start() for number in range(1, 25)]
    fleet = WatchedFleet(read)
    cluster = Cluster(iot, directory, read)
    eventually("an even spread", lambda: cluster.is_spread(3) and fleet.served == len(read), PATIENCE)
    clients = [broker.subscribed()[0] for broker in cluster.brokers.values()]
    targets = read + [lamp.address for lamp in lamps]
    for word in ("red", "blue"):
        for number, address in enumerate(targets):
            for client in clients:
                client.send(
                    "update.request", {"ip": address, "payload": word, "id": f"{word}-{number}"}, "private-requests")
    asked = 2 * len(targets)

    def results():
        return [json.loads(request.body) for request in cluster.dashboard.requests if "request-result" in request.line]

    eventually("all results", lambda: len(results()) >= asked, PATIENCE)
    eventually(
        "what is another's is let go", lambda: sum(log_count(base, "request.ignored") for base in cluster.bases.values())
        == 2 * asked, PATIENCE)
    finding("each read unit has got", sorted({unit.heard.decode() for unit in fleet.units.values()}))
    finding("each lamp has got", sorted({lamp.bytes_heard.decode() for lamp in lamps}))
    finding("each result was told once", len({result["id"] for result in results()}) == len(results()) == asked)
    finding("results", sorted({result["result"] for result in results()}))
    eventually("the lamps' keys are gone", lambda: len(cluster.owners()) == len(read), PATIENCE)
    finding("connections at a time", [max(lamp.most_open for lamp in lamps), 1 + fleet.overlaps])
    finding("exit codes", cluster.stop())


def late_etcd(iot, directory):
    """etcd is not there when the base starts."""
    addresses = ["127.78.122.1"]
    fleet = WatchedFleet(addresses)
    etcd = Etcd(directory)
    etcd.stop()
    base = Base(
        iot, directory, FakeDashboard(authorizing), FakeBroker(), addresses,
        cluster={"etcd": ["http://127.0.0.1:1", etcd.url], "lease": "3s"})
    eventually("it is told", lambda: base.log("lease.lost"), PATIENCE)
    finding("nobody is dialled without a lease", [fleet.served, fleet.units[addresses[0]].accepted])
    etcd.start()
    eventually("the unit", lambda: fleet.served == 1, PATIENCE)
    finding("exit code", base.stop())
    finding("what it leaves in etcd", len(etcd.keys("/iot-base/")))
    etcd.stop()


if __name__ == "__main__":
    {"fail_over": fail_over, "commands": commands, "late_etcd": late_etcd}[sys.argv[3]](sys.argv[1], sys.argv[2])
