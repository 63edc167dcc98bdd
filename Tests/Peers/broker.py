"""Talks to the hub's broker with the PyPI packages `pusher` (server SDK) and `pysher` (client).

usage: broker.py '{"host": ..., "port": ..., "id": ..., "key": ..., "secret": ..., "webhook": port}'
Prints one line of JSON a step: {"step": name, "result": value}.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import queue
import sys
import threading

import pusher
import pysher
import websocket

PATIENCE = 20
plan = json.loads(sys.argv[1])
MASTER_KEY = base64.b64encode(bytes(range(32))).decode()


def server(**more):
    return pusher.Pusher(
        app_id=plan["id"], key=plan["key"], secret=plan["secret"], host=plan["host"], port=plan["port"], ssl=False, **more)


def client(**more):
    """A connected client, and a queue of all its channels' events as (event, data).

    It stays connected: pysher's own disconnect() sometimes waits for ever for its thread. The events are taken before
    pysher looks for a channel to give them to, which it makes only after it has asked for the subscription.
    """
    made = pysher.Pusher(plan["key"], custom_host=plan["host"], port=plan["port"], secure=False, secret=plan["secret"], **more)
    events = queue.Queue()
    handler = made.connection.event_handler

    def take(event, data, channel):
        if event != "pusher_internal:subscription_count":
            events.put((event, data))
        handler(event, data, channel)

    made.connection.event_handler = take
    connected = threading.Event()
    made.connection.bind("pusher:connection_established", lambda data: connected.set())
    made.connect()
    if not connected.wait(PATIENCE):
        raise RuntimeError("not connected")
    return made, events


def subscribe(name, **more):
    """A queue of (event, data) on a channel whose subscription has succeeded, and what the success said."""
    made, events = client(**more)
    made.subscribe(name)
    event, data = events.get(timeout=PATIENCE)
    assert event == "pusher_internal:subscription_succeeded", event
    return events, data


def raw(path):
    return websocket.create_connection(f"ws://{plan['host']}:{plan['port']}{path}", timeout=PATIENCE)


def close_code(connection):
    """Reads to the close frame; what came before it, and its code."""
    before = []
    while True:
        opcode, data = connection.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return before, int.from_bytes(data[:2], "big")
        before.append(json.loads(data))


def private_subscription_and_trigger():
    events, _ = subscribe("private-room")
    server().trigger("private-room", "greeting", {"text": "grüße"})
    event = events.get(timeout=PATIENCE)
    return [event[0], json.loads(event[1])]


def batch():
    events, _ = subscribe("open")
    server().trigger_batch([
        {"channel": "open", "name": "greeting", "data": "one"}, {"channel": "open", "name": "greeting", "data": "two"}])
    got = [events.get(timeout=PATIENCE)[1] for _ in range(2)]
    return got


def presence_and_channel_information():
    events, members = subscribe("presence-lab", user_data={"user_id": "ada", "user_info": {"name": "Ada"}})
    subscribe("presence-lab", user_data={"user_id": "bob"})
    added = events.get(timeout=PATIENCE)
    api = server()
    result = {
        "first sees": json.loads(members)["presence"],
        "added": json.loads(added[1]),
        "channel": api.channel_info("presence-lab", ["user_count", "subscription_count"]),
        "channels": api.channels_info("presence-", ["user_count"]),
        "users": api.users_info("presence-lab"),
    }
    return result


def encrypted_trigger():
    """The payload crosses the hub encrypted; a listener gets nonce and ciphertext."""
    events, _ = subscribe("private-encrypted-safe")
    server(encryption_master_key_base64=MASTER_KEY).trigger("private-encrypted-safe", "greeting", {"secret": 1})
    data = json.loads(events.get(timeout=PATIENCE)[1])
    return sorted(data)


def wrong_secret_is_refused():
    wrong = pusher.Pusher(
        app_id=plan["id"], key=plan["key"], secret="wrong", host=plan["host"], port=plan["port"], ssl=False)
    try:
        wrong.trigger("open", "greeting", "x")
    except pusher.errors.PusherBadAuth as error:
        return type(error).__name__
    return "taken"


def too_much_data_is_refused():
    body = json.dumps({"name": "e", "channels": ["open"], "data": "x" * 10241})
    api = server()
    from pusher.http import POST, Request
    request = Request(api._pusher_client, POST, f"/apps/{plan['id']}/events", json.loads(body))
    try:
        api._pusher_client.http.send_request(request)
    except Exception as error:
        return "413" in str(error)
    return "taken"


def closes():
    """Close codes before the greeting."""
    return {
        name: close_code(raw(path))[1]
        for name, path in {
            "wrong key": "/app/nobody?protocol=7", "no protocol": f"/app/{plan['key']}",
            "no number": f"/app/{plan['key']}?protocol=seven", "unknown": f"/app/{plan['key']}?protocol=99",
            "wrong path": "/elsewhere",
        }.items()
    }


def protocols():
    """Greeting of each protocol version, as the clients of old speak them."""
    greetings = {}
    for version in (5, 6, 7):
        connection = raw(f"/app/{plan['key']}?protocol={version}&client=test")
        greeting = json.loads(connection.recv())
        greetings[str(version)] = [greeting["event"], sorted(json.loads(greeting["data"]))]
        connection.close()
    return greetings


def garbage_and_ping():
    connection = raw(f"/app/{plan['key']}?protocol=7")
    connection.recv()
    answers = []
    for text in ("{", "[]", '{"event": 7}', '{"event": "pusher:ping"}'):
        connection.send(text)
        answers.append(json.loads(connection.recv())["event"])
    connection.send('{"event": "pusher:ping", "data": ""}')
    answers.append(json.loads(connection.recv())["event"])
    connection.close()
    return answers


def oversized_frame_ends_the_connection():
    connection = raw(f"/app/{plan['key']}?protocol=7")
    connection.recv()
    try:
        connection.send("x" * (1 << 20))
        while connection.recv():
            pass
    except (websocket.WebSocketException, OSError):
        pass
    return not connection.connected


def client_events():
    """A client event reaches the others, not its sender."""
    first = raw(f"/app/{plan['key']}?protocol=7")
    second = raw(f"/app/{plan['key']}?protocol=7")
    for connection in (first, second):
        socket_id = json.loads(json.loads(connection.recv())["data"])["socket_id"]
        signature = hmac.new(plan["secret"].encode(), f"{socket_id}:private-chat".encode(), hashlib.sha256).hexdigest()
        connection.send(json.dumps({
            "event": "pusher:subscribe", "data": {"channel": "private-chat", "auth": f"{plan['key']}:{signature}"}}))
        while json.loads(connection.recv())["event"] != "pusher_internal:subscription_succeeded":
            pass
    first.send(json.dumps({"event": "client-typing", "channel": "private-chat", "data": {"on": True}}))
    while True:
        message = json.loads(second.recv())
        if message["event"].startswith("client-"):
            break
    first.send('{"event": "pusher:ping"}')
    echoed = []
    while True:
        event = json.loads(first.recv())["event"]
        if event == "pusher:pong":
            break
        echoed.append(event)
    first.close()
    second.close()
    return [message, [event for event in echoed if event.startswith("client-")]]


def webhook_signature():
    """The hub's own webhooks, validated by the server SDK."""
    return validated.get(timeout=PATIENCE)


validated = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        result = server().validate_webhook(
            self.headers["X-Pusher-Key"], self.headers["X-Pusher-Signature"], body)
        validated.put(result["events"][0]["name"] if result else None)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def main():
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", plan["webhook"]), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    for step in (private_subscription_and_trigger, batch, presence_and_channel_information, encrypted_trigger,
                 wrong_secret_is_refused, too_much_data_is_refused, closes, protocols, garbage_and_ping,
                 oversized_frame_ends_the_connection, client_events, webhook_signature):
        try:
            print(json.dumps({"step": step.__name__, "result": step()}, sort_keys=True), flush=True)
        except Exception as error:
            print(json.dumps({"step": step.__name__, "failed": f"{type(error).__name__}: {error}"[:400]}), flush=True)
            return 1
    return 0


# pysher's threads go on; leave without waiting for them.
code = main()
sys.stdout.flush()
os._exit(code)
