"""Talks to the hub's signalling as PeerJS's clients do, with websocket-client.

usage: signalling.py '{"host": ..., "port": ..., "device": id, "other": id, "admin": token, "read": token, "base": token,
    "device_token": token, "session": cookie}'
Prints one line of JSON a step: {"step": name, "result": value}.
"""

import json
import sys
import time
import urllib.error
import urllib.request

import websocket

PATIENCE = 20
plan = json.loads(sys.argv[1])
device = f"unit-{plan['device']}"
other = f"unit-{plan['other']}"


def http(path, method="GET", token=None, body=None):
    request = urllib.request.Request(
        f"http://{plan['host']}:{plan['port']}{path}", method=method, data=body,
        headers={"Origin": "http://elsewhere", **({"Authorization": f"Bearer {token}"} if token else {}),
                 **({"Content-Type": "application/json"} if body else {})})
    try:
        answer = urllib.request.urlopen(request, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.headers, answer.read().decode()


def connect(id, token, more="", path="/signalling/peerjs", key="peerjs", **options):
    return websocket.create_connection(
        f"ws://{plan['host']}:{plan['port']}{path}?key={key}&id={id}&token={token}&version=1.5.4{more}",
        timeout=PATIENCE, **options)


def hear(connection):
    return json.loads(connection.recv())


def opened(*arguments, **options):
    connection = connect(*arguments, **options)
    assert hear(connection) == {"type": "OPEN"}
    return connection


def refusal(connection):
    """What a connection is told before it is closed."""
    told = []
    while True:
        opcode, data = connection.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return told
        told.append(json.loads(data))


def say(connection, kind, to=None, payload=None):
    connection.send(json.dumps({"type": kind, **({"dst": to} if to else {}), **({"payload": payload} if payload else {})}))


def ticket(purpose="watch"):
    return json.loads(http(f"/api/devices/{plan['device']}/{purpose}-tickets", "POST", plan["admin"])[2])


def over_http():
    about, id, peers = (http(path) for path in ("/signalling/", "/signalling/peerjs/id", "/signalling/peerjs/peers"))
    return [
        about[0], json.loads(about[2])["name"], id[0], len(id[2]), peers[0], json.loads(peers[2])["error"]["code"],
        [answer[1]["Access-Control-Allow-Origin"] for answer in (about, id, peers)]]


def tickets_are_made_by_admins():
    path = f"/api/devices/{plan['device']}/watch-tickets"
    made = ticket()
    return [
        made["path"] == f"/remote/{plan['device']}#{made['ticket']}", http(path, "POST", plan["read"])[0],
        http(path, "POST")[0], http("/api/devices/99999/watch-tickets", "POST", plan["admin"])[0]]


def offer_answer_candidate():
    """A remote client with a ticket reaches its device, and the device it."""
    remote, unit = opened("remote1", ticket()["ticket"]), opened(device, plan["device_token"])
    say(remote, "OFFER", device, {"sdp": {"type": "offer", "sdp": "v=0"}, "type": "data", "connectionId": "dc_1"})
    heard = [hear(unit)]
    say(unit, "ANSWER", "remote1", {"sdp": {"type": "answer", "sdp": "v=0"}, "type": "data", "connectionId": "dc_1"})
    say(unit, "CANDIDATE", "remote1", {"candidate": {"candidate": "c"}, "type": "data", "connectionId": "dc_1"})
    heard += [hear(remote), hear(remote)]
    for connection in (remote, unit):
        connection.close()
    return [[message["type"], message["src"], message["dst"], message["payload"]["connectionId"]] for message in heard]


def refused():
    good = ticket()["ticket"]
    cases = {
        "no id": connect("", good), "wrong key": connect("remote", good, key="other"), "no token": connect("remote", ""),
        "random token": connect("remote", "k2j5h3k4j5"), "changed ticket": connect("remote", good[:-2] + "AA"),
        "watcher as device": connect(device, good), "base as somebody": connect("remote", plan["base"]),
        "reader as device": connect(device, plan["read"]), "no such device": connect("unit-99999", plan["device_token"]),
        "device as somebody": connect("remote", plan["device_token"]), "ticket to stream as another": connect(other, ticket("stream")["ticket"]),
    }
    return {name: [message["payload"]["msg"] for message in refusal(connection)] for name, connection in cases.items()}


def who_may_watch_what():
    """A ticket is for its device alone, a read token for any; nobody for another watcher."""
    watcher, reader = opened("watcher", ticket()["ticket"]), opened("reader", plan["read"])
    unit = opened(other, plan["device_token"])
    say(watcher, "OFFER", other, {"n": 1})
    say(watcher, "OFFER", "reader", {"n": 2})
    say(reader, "OFFER", other, {"n": 3})
    result = [hear(watcher), hear(watcher), hear(unit)]
    for connection in (watcher, reader, unit):
        connection.close()
    return [[message["type"], message["src"], message.get("payload")] for message in result]


def id_taken_and_replaced():
    first = opened("twice", plan["read"])
    taken = refusal(connect("twice", plan["admin"]))
    second = connect("twice", plan["read"])
    gone = refusal(first)
    unit = opened(device, plan["device_token"])
    say(unit, "OFFER", "twice", {"n": 1})
    result = [taken, gone, hear(second)["type"]]
    second.close()
    unit.close()
    return result


def waits_and_expires():
    """What is for a device that is not there waits for it; one that does not come is told of after five seconds."""
    remote = opened("early", ticket()["ticket"])
    say(remote, "OFFER", device, {"n": 1})
    say(remote, "CANDIDATE", device, {"n": 2})
    unit = opened(device, plan["device_token"])
    delivered = [hear(unit)["payload"]["n"], hear(unit)["payload"]["n"]]
    unit.close()
    say(remote, "HEARTBEAT")
    start = time.monotonic()
    say(remote, "OFFER", device, {"n": 3})
    expired = hear(remote)
    remote.close()
    return [delivered, expired, 4.5 < time.monotonic() - start < 10]


def presence():
    """A device that asks hears who comes and goes; one that does not hears nothing but its messages."""
    unit, stock = opened(device, plan["device_token"], "&presence=1"), opened(other, plan["device_token"])
    remote = opened("guest", ticket()["ticket"], "&presence=1")
    heard = [hear(unit)["payload"], hear(remote)["payload"]]
    remote.close()
    heard.append(hear(unit)["payload"])
    reader = opened("reader", plan["read"])
    say(reader, "OFFER", other, {"n": 1})
    heard.append(hear(stock)["type"])
    for connection in (unit, stock, reader):
        connection.close()
    return heard


def relay():
    """Two peers that find no other way talk through the hub."""
    unit, remote = opened(device, plan["device_token"], "&presence=1"), opened("guest", ticket()["ticket"])
    hear(unit)
    say(remote, "RELAY", device, {"type": "ping"})
    asked = hear(unit)
    for value in range(50):
        say(unit, "RELAY", payload={"value": value})
    values = [hear(remote)["payload"]["value"] for _ in range(50)]
    unit.close()
    remote.close()
    return [asked["type"], asked["src"], asked["payload"], values == list(range(50))]


def session():
    """The session of one of the hub's own pages may be a device; a page from elsewhere has no session."""
    cookie = f"iot_session={plan['session']}"
    own = connect(device, "page1", cookie=cookie, origin=f"http://{plan['host']}:{plan['port']}")
    foreign = connect(device, "page2", cookie=cookie, origin="http://elsewhere")
    result = [hear(own)["type"], [message["payload"]["msg"] for message in refusal(foreign)]]
    own.close()
    return result


def token_in_the_header():
    """A program need not write its token into the address."""
    unit = opened(device, "anything", header=[f"Authorization: Bearer {plan['device_token']}"])
    unit.close()
    refused = connect(device, "anything", header=["Authorization: Bearer nonsense"], cookie=f"iot_session={plan['session']}")
    return [message["payload"]["msg"] for message in refusal(refused)]


def flood():
    """More than a peer may say in a second ends its connection."""
    noisy = opened("noisy", plan["read"])
    try:
        for _ in range(2000):
            say(noisy, "HEARTBEAT")
        told = refusal(noisy)
    except (OSError, websocket.WebSocketException):
        told = []
    return [message["payload"]["msg"] for message in told] in ([], ["Too many messages"])


def main():
    for step in (over_http, tickets_are_made_by_admins, offer_answer_candidate, refused, who_may_watch_what,
                 id_taken_and_replaced, waits_and_expires, presence, relay, session, token_in_the_header, flood):
        try:
            print(json.dumps({"step": step.__name__, "result": step()}, sort_keys=True), flush=True)
        except Exception as error:
            print(json.dumps({"step": step.__name__, "failed": f"{type(error).__name__}: {error}"[:400]}), flush=True)
            return 1
    return 0


sys.exit(main())
