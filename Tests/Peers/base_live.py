"""Meets `iot base run` that streams its read units live, with somebody else's PeerJS client (peerjs-py, which is aiortc below).

usage: base_live.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding: {"what": ..., "is": ...}. The script enters a network namespace of its own first, with an interface that
has an address: aiortc finds no way over the loopback.
"""

import json
import os
import subprocess
import sys
import time

from fake_broker import FakeBroker
from fake_dashboard import FakeDashboard
from fake_unit import FakeUnit
from running_base import Base, PATIENCE, authorizing, eventually, finding, values

INSIDE = "IOT_OWN_NETWORK"
ADDRESS = "10.88.0.1"
FIRST, SECOND, THIRD = "127.78.0.1", "127.78.0.2", "127.78.0.3"


def enter_own_network():
    if os.environ.get(INSIDE):
        return
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    steps = (f"ip link set lo up && ip link add live0 type veth peer name live1 && ip address add {ADDRESS}/24 dev live0 && "
             'ip link set live0 up && ip link set live1 up && ip route add default dev live0 && exec "$@"')
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--net", *user, "sh", "-c", steps, "sh", sys.executable, "-u", *sys.argv])


class Hub:
    """`iot hub` with a device at each address; `links` by address are what `iot hub links` prints."""

    def __init__(self, iot, directory, addresses):
        state = os.path.join(directory, "hub")
        self.process = subprocess.Popen(
            [iot, "hub", "run", "--stop-with-parent", "--json", "--port", "0", "--host", "0.0.0.0", "--state", state],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.port = int(ready["hub"].rsplit(":", 1)[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.key = ready["app"]["key"]

        def said(*arguments):
            return json.loads(subprocess.run([iot, "hub", *arguments, "--state", state], check=True, capture_output=True, text=True).stdout)

        self.token = said("token", "create", "--name", "base", "--ability", "base")["token"]
        self.links = {address: said("links", "--name", f"unit at {address}", "--address", address) for address in addresses}

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


class Counting:
    """A unit that counts, twenty times a second, and knows when it said what."""

    def __init__(self, address, first, text="%d\n"):
        self.said = {}
        self.unit = FakeUnit(address, self._speak).start()
        self.first, self.text = first, text

    def _speak(self, connection, number):
        for value in range(self.first, self.first + 100_000):
            self.said[float(value)] = time.time() * 1000
            connection.sendall((self.text % value).encode())
            time.sleep(0.05)


def watch(hub, address):
    """Twenty samples, `[sequence, time, value]`, as somebody else's client gets them."""
    link = hub.links[address]
    ticket = link["remote"].split("#")[1]
    done = subprocess.run(
        [sys.executable, os.path.join(os.path.dirname(__file__), "peerjs_client.py"), ADDRESS, str(hub.port), str(link["device"]), ticket],
        capture_output=True, text=True, timeout=3 * PATIENCE)
    samples = [json.loads(line) for line in done.stdout.splitlines()]
    if len(samples) != 20:
        raise RuntimeError(done.stderr[-600:])
    return samples


def base_of(iot, directory, hub, clients, **more):
    class Place:
        url = hub.url
        port = hub.port
    return Base(
        iot, directory, Place, Place, clients, api={"url": hub.url, "token": hub.token},
        pusher={"app-key": hub.key, "host": "127.0.0.1", "port": hub.port, "tls": False}, **more)


def streams(iot, directory):
    hub = Hub(iot, directory, [FIRST, SECOND])
    units = {FIRST: Counting(FIRST, 1000), SECOND: Counting(SECOND, 5000, "%d.0 C\n"), THIRD: Counting(THIRD, 1)}
    base = base_of(iot, directory, hub, list(units), live={})
    eventually("both have their places", lambda: len(base.log("live.open")) == 2)
    for address in (FIRST, SECOND):
        samples = watch(hub, address)
        finding("one after the other, as the unit counts", all(
            later[0] - earlier[0] == later[2] - earlier[2] > 0 for earlier, later in zip(samples, samples[1:])))
        said = units[address].said
        finding("each is one that the unit has said", all(value in said for _, _, value in samples))
        finding("at the time when the unit said it", all(-5 < moment - said[value] < 1000 for _, moment, value in samples))
    finding("a unit that the hub does not have streams nowhere", len(base.log("live.open")))
    finding("exit code", base.stop())
    hub.stop()


def chosen(iot, directory):
    """Only the unit that is named streams; the hub goes and comes back."""
    hub = Hub(iot, directory, [FIRST, SECOND])
    counting = [Counting(FIRST, 1), Counting(SECOND, 1)]
    base = base_of(iot, directory, hub, [FIRST, SECOND], live={"units": [SECOND]})
    eventually("its place", lambda: base.log("live.open"))
    eventually("both are read", lambda: all(each.unit.open for each in counting))
    finding("the unit that is named", [
        f"device={hub.links[SECOND]['device']}" in base.log("live.open")[0], len(watch(hub, SECOND))])
    hub.stop()
    eventually("the loss is told", lambda: base.log("live.lost"))
    finding("places", len(base.log("live.open")))
    finding("exit code", base.stop())


def stranger(iot, directory):
    """A dashboard that is no hub of ours: measurements go on, and the log says why nothing is to be watched."""
    def answer(request):
        return (404, [], "") if request.line.startswith("GET /webhook/devices ") else authorizing(request)

    dashboard, broker = FakeDashboard(answer), FakeBroker()
    counting = Counting(FIRST, 1)
    base = Base(iot, directory, dashboard, broker, [FIRST], live={})
    line = eventually("why", lambda: base.log("live.no-devices"))[0]
    finding("it is told", "only iot hub brings those together who stream and watch live" in line)
    before = len(dashboard.puts(FIRST))
    eventually("measurements", lambda: len(dashboard.puts(FIRST)) > before + 20)
    finding("exit code", base.stop())


enter_own_network()
scenarios = {function.__name__: function for function in (streams, chosen, stranger)}
scenarios[sys.argv[3]](sys.argv[1], sys.argv[2])
os._exit(0)
