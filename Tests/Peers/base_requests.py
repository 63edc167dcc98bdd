"""Meets `iot base run` with requests that want an answer, that are encrypted, or that are an attack.

usage: base_requests.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding: {"what": ..., "is": ...}. All units have addresses in 127.78.0.0/16.
"""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request

import nacl.secret
import nacl.utils
import pusher

from fake_broker import FakeBroker
from fake_dashboard import FakeDashboard
from fake_unit import FakeUnit, black_hole
from running_base import PATIENCE, Base, authorizing, eventually, finding

PLAIN = "private-requests"
ENCRYPTED = "private-encrypted-requests"


class Results:
    """A dashboard that takes results; `status(number)` says how it answers the post with this number, from 1."""

    def __init__(self, status=lambda number: 200):
        self.status = status
        self.posts = []
        self.dashboard = FakeDashboard(self._answer)

    def _answer(self, request):
        if not request.line.startswith("POST /webhook/request-result "):
            return authorizing(request)
        self.posts.append((request, json.loads(request.body)))
        return (self.status(len(self.posts)), [], "{}")

    def bodies(self):
        """What was told, without times, by id and in the order of the first post."""
        return [{key: value for key, value in body.items() if key != "milliseconds"} for _, body in self.posts]

    def of(self, number):
        return eventually(f"the result of {number}", lambda: [body for _, body in self.posts if body["id"] == number])[-1]


def ask(client, ip, payload, channel=PLAIN, **more):
    client.send("update.request", {"ip": ip, "payload": payload, **more}, channel)


def results(iot, directory):
    dashboard, broker = Results(), FakeBroker()
    lamp = FakeUnit("127.78.50.1").start()
    base = Base(iot, directory, dashboard.dashboard, broker, commands={"timeout": "20s", "ttl": "2s"})
    client, _ = broker.subscribed()
    hole = black_hole("127.78.50.2")
    ask(client, lamp.address, "red", id=1)
    told = dashboard.of(1)
    finding("a command that arrived", {key: told[key] for key in ("id", "ip", "result")})
    finding("its time", isinstance(told["milliseconds"], int) and 0 <= told["milliseconds"] < 20_000)
    post = dashboard.posts[0][0]
    finding("the post", [post.line, post.headers["authorization"], post.headers["content-type"]])
    ask(client, "127.78.50.2", "red", id="black-hole")
    told = dashboard.of("black-hole")
    finding("a command that waited too long", [told["result"], told["reason"], told["milliseconds"] >= 2000])
    ask(client, "127.78.200.1", "red", id=3)
    finding("an address that is not allowed", [dashboard.of(3)["result"], dashboard.of(3)["reason"]])
    ask(client, lamp.address, None, id=4)
    finding("a payload that is none", [dashboard.of(4)["result"], dashboard.of(4)["reason"]])
    ask(client, lamp.address, "green")
    ask(client, lamp.address, "blue", id={"hostile": 1})
    ask(client, lamp.address, "blue", id="x" * 129)
    ask(client, lamp.address, "white", id=7)
    dashboard.of(7)
    # TCP has acknowledged; the lamp reads in a thread of its own.
    eventually("the last command", lambda: lamp.bytes_heard.endswith(b"white\r"))
    finding("without an id nothing is told, and with a bad one nothing is sent", [len(dashboard.posts), lamp.bytes_heard.decode()])
    finding("exit code", base.stop())
    del hole


def newest(iot, directory):
    dashboard, broker = Results(), FakeBroker()
    hole = black_hole("127.78.51.1")
    base = Base(iot, directory, dashboard.dashboard, broker, commands={"timeout": "2s", "newest-wins": True, "queue": 1})
    client, _ = broker.subscribed()
    for number, payload in enumerate(["red", "green", "blue"], 1):
        ask(client, "127.78.51.1", payload, id=number)
    dashboard.of(3)
    finding("what became of three commands to a unit that is not there", sorted((b["id"], b["result"]) for b in dashboard.bodies()))
    finding("exit code", base.stop())
    del hole


def failing_results(iot, directory):
    """A dashboard that fails three times and then takes results, and one that never answers."""
    dashboard, broker = Results(lambda number: 500 if number <= 2 else 200), FakeBroker()
    lamp = FakeUnit("127.78.52.1").start()
    base = Base(iot, directory, dashboard.dashboard, broker)
    client, _ = broker.subscribed()
    ask(client, lamp.address, "red", id=1)
    eventually("three posts", lambda: len(dashboard.posts) >= 3)
    finding("a result is told again until it is taken", [body["id"] for body in dashboard.bodies()])
    finding("exit code", base.stop())

    is_open = threading.Event()

    def never(number):
        is_open.wait(PATIENCE)
        return 200

    dashboard, broker = Results(never), FakeBroker()
    other = FakeUnit("127.78.52.2").start()
    base = Base(iot, directory, dashboard.dashboard, broker, commands={"queue": 100})
    client, _ = broker.subscribed()
    for number in range(50):
        ask(client, other.address, f"#{number:06}", id=number)
    expected = b"".join(b"#%06d\r" % number for number in range(50))
    eventually("all commands", lambda: other.bytes_heard == expected)
    finding("no command waits for a dashboard that answers nothing", len(dashboard.posts) <= 4)
    is_open.set()
    eventually("all results", lambda: len({body["id"] for _, body in dashboard.posts}) == 50)
    finding("all results are told when it answers", {body["result"] for _, body in dashboard.posts} == {"acknowledged"})
    finding("exit code", base.stop())


class Keys:
    """A dashboard whose authorizations carry a key that can be changed."""

    def __init__(self):
        self.key = nacl.utils.random(32)
        self.asked = []
        self.dashboard = FakeDashboard(self._answer)

    def _answer(self, request):
        if not request.line.startswith("POST /api/"):
            return authorizing(request)
        self.asked.append(request.body.rsplit("=", 1)[1])
        body = {"auth": "key:signature", "shared_secret": base64.b64encode(self.key).decode()}
        return (200, ["Content-Type: application/json"], json.dumps(body))

    def seal(self, ip, payload):
        sealed = nacl.secret.SecretBox(self.key).encrypt(json.dumps({"ip": ip, "payload": payload}).encode())
        return {"nonce": base64.b64encode(sealed.nonce).decode(), "ciphertext": base64.b64encode(sealed.ciphertext).decode()}


def encrypted(iot, directory):
    keys, broker = Keys(), FakeBroker()
    lamp = FakeUnit("127.78.53.1").start()
    base = Base(iot, directory, keys.dashboard, broker, pusher={"encryption": "required"})
    client, data = broker.subscribed()
    finding("the subscription, which has no key in it", data)
    client.send("update.request", keys.seal(lamp.address, "red"), ENCRYPTED)
    eventually("an encrypted request", lambda: lamp.bytes_heard == b"red\r")
    ask(client, lamp.address, "evil")
    ask(client, lamp.address, "evil", ENCRYPTED)
    eventually("both refusals", lambda: len(base.log("request.refused")) >= 2)
    finding("requests in clear, on either channel", [line.split("why=", 1)[1].strip() for line in base.log("request.refused")])
    before = len(keys.asked)
    keys.key = nacl.utils.random(32)
    for payload in ("green", "blue"):
        client.send("update.request", keys.seal(lamp.address, payload), ENCRYPTED)
    eventually("requests with the new key", lambda: lamp.bytes_heard == b"red\rgreen\rblue\r")
    finding("a changed key is asked for once, and nothing is lost", len(keys.asked) - before)
    stranger = Keys()
    client.send("update.request", stranger.seal(lamp.address, "evil"), ENCRYPTED)
    eventually("the drop is told", lambda: len(base.log("request.refused")) >= 3)
    client.send("update.request", keys.seal(lamp.address, "white"), ENCRYPTED)
    eventually("the next request", lambda: lamp.bytes_heard.endswith(b"white\r"))
    finding("what no key opens is dropped, the next request passes", lamp.bytes_heard.decode())
    finding("all that was ever authorized", sorted(set(keys.asked)))
    finding("exit code", base.stop())


def preferred(iot, directory):
    keys, broker = Keys(), FakeBroker()
    lamp = FakeUnit("127.78.54.1").start()
    base = Base(iot, directory, keys.dashboard, broker, pusher={"encryption": "preferred"})
    client, first = broker.subscribed()
    second = client.expect("pusher:subscribe")
    client.send("pusher_internal:subscription_succeeded", {}, second["channel"])
    finding("both channels are subscribed", sorted([first["channel"], second["channel"]]))
    client.send("update.request", keys.seal(lamp.address, "red"), ENCRYPTED)
    eventually("an encrypted request", lambda: lamp.bytes_heard == b"red\r")
    ask(client, lamp.address, "green")
    eventually("a request in clear", lambda: lamp.bytes_heard == b"red\rgreen\r")
    finding("requests pass either way", True)
    finding("exit code", base.stop())


class Hub:
    """Our hub, which encrypts."""

    def __init__(self, iot, directory, port=0):
        self.state = os.path.join(directory, "hub")
        self.process = subprocess.Popen(
            [iot, "hub", "run", "--encrypt", "--state", self.state, "--port", str(port), "--json", "--stop-with-parent"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = json.loads(self.process.stdout.readline())["hub"]
        self.iot = iot
        with open(os.path.join(self.state, "app.json")) as file:
            self.app = json.load(file)
        self.admin = self.token("admin")

    def token(self, ability):
        made = subprocess.run(
            [self.iot, "hub", "token", "create", "--state", self.state, "--name", ability, "--ability", ability],
            check=True, capture_output=True, text=True)
        return json.loads(made.stdout)["token"]

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + self.admin, "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def through_hub(iot, directory):
    """PyPI's `pusher` triggers encrypted requests through our hub to our base; the hub's own form does as well."""
    hub = Hub(iot, directory)
    lamp = FakeUnit("127.78.55.1").start()
    port = int(hub.url.rsplit(":", 1)[1])
    device = hub.call("POST", "/api/devices", {"name": "lamp", "kind": "updatable", "address": lamp.address})["device"]["id"]

    class Dashboard:
        url = hub.url

    class Broker:
        pass

    Broker.port = port
    base = Base(
        iot, directory, Dashboard, Broker, pusher={"app-key": hub.app["key"], "encryption": "required"},
        api={"token": hub.token("base")})
    eventually("the subscription", lambda: base.log("requests.subscribed"))
    finding("the hub sees its base", eventually("the base at the hub", lambda: hub.call("GET", "/api/base")["connected"]))
    finding("the channel", [ENCRYPTED in line for line in base.log("requests.subscribed")])

    def sdk(master):
        return pusher.Pusher(
            app_id=hub.app["id"], key=hub.app["key"], secret=hub.app["secret"], host="127.0.0.1", port=port, ssl=False,
            encryption_master_key_base64=master)

    sdk(hub.app["encryptionMasterKey"]).trigger(ENCRYPTED, "update.request", {"ip": lamp.address, "payload": "red", "id": "from-python"})
    eventually("the request of the Python library", lambda: lamp.bytes_heard == b"red\r")
    finding("a request of PyPI's pusher reaches the lamp", lamp.bytes_heard.decode())

    def latest():
        return {entry["device"]: entry["request"] for entry in hub.call("GET", "/api/requests")["requests"]}.get(device, {})

    eventually("its result at the hub", lambda: latest().get("id") == "from-python")
    finding("its result at the hub", latest()["result"])
    sdk(base64.b64encode(bytes(32)).decode()).trigger(ENCRYPTED, "update.request", {"ip": lamp.address, "payload": "evil"})
    eventually("the drop", lambda: base.log("request.refused"))
    sdk(None).trigger(PLAIN, "update.request", {"ip": lamp.address, "payload": "evil"})
    sent = hub.call("POST", f"/api/devices/{device}/requests", {"payload": "blue"})
    finding("the hub's own form", [sent["dispatched"], sent["listeners"]])
    eventually("the hub's own request", lambda: lamp.bytes_heard == b"red\rblue\r")
    eventually("its result", lambda: latest().get("result") == "acknowledged")
    finding("its result names the request", latest()["id"] == sent["id"])
    finding("with another master key, or in clear, nothing passes", lamp.bytes_heard.decode())
    finding("exit codes", [base.stop(), hub.stop()])


def new_master_key(iot, directory):
    """The hub is stopped, gets another master key, and comes back: the base has the key that belongs to it."""
    hub = Hub(iot, directory)
    lamp = FakeUnit("127.78.56.1").start()
    device = hub.call("POST", "/api/devices", {"name": "lamp", "kind": "updatable", "address": lamp.address})["device"]["id"]

    class Dashboard:
        url = hub.url

    class Broker:
        port = int(hub.url.rsplit(":", 1)[1])

    base = Base(
        iot, directory, Dashboard, Broker, pusher={"app-key": hub.app["key"], "encryption": "required"},
        api={"token": hub.token("base")})
    eventually("the subscription", lambda: base.log("requests.subscribed"))
    hub.call("POST", f"/api/devices/{device}/requests", {"payload": "red"})
    eventually("a request", lambda: lamp.bytes_heard == b"red\r")
    first = hub.stop()
    with open(os.path.join(hub.state, "app.json"), "w") as file:
        json.dump({**hub.app, "encryptionMasterKey": base64.b64encode(os.urandom(32)).decode()}, file)
    hub = Hub(iot, directory, Broker.port)
    eventually("the new subscription", lambda: len(base.log("requests.subscribed")) >= 2)
    hub.call("POST", f"/api/devices/{device}/requests", {"payload": "blue"})
    eventually("a request with the new key", lambda: lamp.bytes_heard == b"red\rblue\r")
    finding("requests before and after", lamp.bytes_heard.decode())
    finding("refused", len(base.log("request.refused")))
    finding("exit codes", [first, base.stop(), hub.stop()])


def survives(iot, directory, subnet, attack):
    """The lamp hears `before`, the attack happens, it hears `after`; nothing else reaches it."""
    dashboard, broker = FakeDashboard(authorizing), FakeBroker()
    lamp = FakeUnit(f"127.78.{subnet}.1").start()
    base = Base(iot, directory, dashboard, broker)
    client, _ = broker.subscribed()
    ask(client, lamp.address, "before")
    eventually("the first command", lambda: lamp.bytes_heard == b"before\r")
    client = attack(client, lamp, base, broker) or client
    ask(client, lamp.address, "after")
    eventually("the last command", lambda: lamp.bytes_heard.endswith(b"after\r"))
    finding("what the lamp heard", lamp.bytes_heard.decode())
    finding("exit code", base.stop())


def integer_payload(iot, directory):
    survives(iot, directory, 60, lambda client, lamp, base, broker: ask(client, lamp.address, 512))


def forbidden_address(iot, directory):
    strangers = [FakeUnit("127.78.201.1").start(), FakeUnit("127.0.7.1").start()]

    def attack(client, lamp, base, broker):
        for ip in ("127.78.201.1", "127.0.7.1", "localhost", "::1", "8.8.8.8"):
            ask(client, ip, "evil")
        eventually("the refusals", lambda: len(base.log("request.refused")) + len(base.log("command.failed")) >= 5)
        finding("connections to strangers", [stranger.accepted for stranger in strangers])

    survives(iot, directory, 61, attack)


def traversal(iot, directory):
    dashboard, broker = FakeDashboard(authorizing), FakeBroker()
    texts = ["../../x", "..", ".", "%2e%2e/x", "a/../b", "last"]
    unit = FakeUnit("127.78.62.1", lambda connection, number: (connection.sendall("".join(t + "\n" for t in texts).encode()), connection.recv(1))).start()
    base = Base(iot, directory, dashboard, broker, [unit.address], units={"period": "60s"})
    eventually("the last value", lambda: any(r.value == "last" for r in dashboard.puts(unit.address)))
    finding("request lines", [request.line.split(" ")[1] for request in dashboard.puts(unit.address)])
    finding("exit code", base.stop())


def huge_frame(iot, directory):
    def attack(client, lamp, base, broker):
        try:
            client.send_frame(1, b'{"event":"update.request","data":"' + b"y" * 10_000_000 + b'"}')
        except OSError:
            pass  # The base need not wait for the end of it.
        return broker.subscribed(PATIENCE)[0]

    survives(iot, directory, 63, attack)


def garbage(iot, directory):
    def attack(client, lamp, base, broker):
        for frame in (b"", b"{", b"[]", b"null", b'"x"', b"[" * 100_000, b'{"event":5}', b'{"event":""}', b"\x00" * 100,
                      b'{"event":"update.request","channel":"private-requests","data":"{"}',
                      b'{"event":"update.request","channel":["private-requests"]}',
                      b'{"event":"pusher:connection_established","data":"{}"}',
                      b'{"event":"pusher:error","data":{"code":4200}}'):
            client.send_frame(1, frame)
        client.send_frame(2, bytes(range(256)))

    survives(iot, directory, 64, attack)


def broker_away(iot, directory):
    def attack(client, lamp, base, broker):
        broker.go_away()
        client.cut()
        eventually("three attempts", lambda: len(base.log("broker.lost")) >= 3)
        return FakeBroker(port=broker.port).subscribed(PATIENCE)[0]

    survives(iot, directory, 65, attack)


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in [results, newest, failing_results, encrypted, preferred, through_hub, new_master_key, integer_payload, forbidden_address,
                     traversal, huge_frame, garbage, broker_away]
}

if __name__ == "__main__":
    SCENARIOS[sys.argv[3]](sys.argv[1], sys.argv[2])
