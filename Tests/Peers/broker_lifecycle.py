"""Watches how the hub's broker ends connections, with the PyPI package `websocket-client`.

usage: broker_lifecycle.py '{"host": ..., "port": ..., "id": ..., "key": ..., "secret": ..., "stalled": count}'
Prints one line of JSON a step: {"step": name, "result": value}. After "waiting" it expects that the hub is stopped.
"""

import json
import socket
import sys

import pusher
import websocket

PATIENCE = 30
plan = json.loads(sys.argv[1])


def report(step, result=None):
    print(json.dumps({"step": step, "result": result}, sort_keys=True), flush=True)


def connect(**options):
    connection = websocket.create_connection(
        f"ws://{plan['host']}:{plan['port']}/app/{plan['key']}?protocol=7", timeout=PATIENCE, **options)
    connection.recv()
    return connection


def subscribe(connection, channel):
    connection.send(json.dumps({"event": "pusher:subscribe", "data": {"channel": channel}}))
    while json.loads(connection.recv())["event"] != "pusher_internal:subscription_succeeded":
        pass


def close_code(connection):
    while True:
        opcode, data = connection.recv_data(control_frame=True)
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return int.from_bytes(data[:2], "big")


def stalled_reader_is_cut(api):
    """One that never reads loses its seat, and another on the same channel misses nothing."""
    stalled = connect(sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)])
    subscribe(stalled, "flood")
    reader = connect()
    subscribe(reader, "flood")
    received = 0
    for number in range(plan["stalled"]):
        api.trigger("flood", "event", f"{number}:" + "x" * 10_000)
        while True:
            message = json.loads(reader.recv())
            if message["event"] == "event":
                assert message["data"].startswith(f"{number}:"), message["data"][:20]
                received += 1
                break
    listeners = api.channel_info("flood", ["subscription_count"])["subscription_count"]
    reader.close()
    try:
        while stalled.recv():
            pass
        ended = "closed"
    except (websocket.WebSocketConnectionClosedException, OSError) as error:
        ended = "timed out" if isinstance(error, TimeoutError) else "closed"
    return {"received": received, "listeners": listeners, "stalled": ended}


def ping_is_answered():
    connection = connect()
    connection.ping("are you there")
    opcode, data = connection.recv_data(control_frame=True)
    connection.close()
    return [websocket.ABNF.OPCODE_MAP[opcode], data.decode()]


def fragments_are_joined():
    connection = connect()
    text = '{"event": "pusher:ping", "data": {}}'
    connection.send_frame(websocket.ABNF.create_frame(text[:10], websocket.ABNF.OPCODE_TEXT, 0))
    connection.send_frame(websocket.ABNF.create_frame(text[10:], websocket.ABNF.OPCODE_CONT, 1))
    event = json.loads(connection.recv())["event"]
    connection.close()
    return event


def own_close_is_echoed():
    connection = connect()
    connection.send_close(1000)
    return close_code(connection)


def main():
    api = pusher.Pusher(
        app_id=plan["id"], key=plan["key"], secret=plan["secret"], host=plan["host"], port=plan["port"], ssl=False)
    report("ping", ping_is_answered())
    report("fragments", fragments_are_joined())
    report("own close", own_close_is_echoed())
    report("stalled", stalled_reader_is_cut(api))
    last = connect()
    report("waiting")
    report("shutdown", close_code(last))


main()
