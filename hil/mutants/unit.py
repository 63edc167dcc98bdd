#!/usr/bin/env python3
"""A unit for driver `command`, of plain sockets: right without a fault, and wrong in one way with one.

usage: unit.py KIND ADDRESS [FAULT]
"""

import os
import select
import socket
import sys
import threading
import time

KIND, ADDRESS = sys.argv[1:3]
FAULT = sys.argv[3] if len(sys.argv) > 3 else ""
COLOURS = {
    "black": 0x000000, "red": 0xFF0000, "blue": 0x0000FF, "lime": 0x00FF00, "white": 0xFFFFFF, "limegreen": 0x32CD32,
    "darkorange": 0xFF8C00,
}


def say(text):
    print(text, flush=True)


def end_with_parent():
    while os.read(0, 4096):
        pass
    os._exit(0)


def peer_has_closed(client):
    readable, _, _ = select.select([client], [], [], 0)
    return bool(readable) and client.recv(1, socket.MSG_PEEK) == b""


class Sensor:
    """A number a second, which it prints as well."""

    def __init__(self):
        self.count = 0

    def serve(self, client):
        first = self.count
        while True:
            number = self.count
            self.count += 1
            say(number)
            # From its first one on again, for each client anew.
            old = f"{number - first}\n"
            text = {"too-large": f"{number + 5000}\n", "no-number": "12x\n", "old-again": old}.get(FAULT, f"{number}\n")
            # One of five is lost, or comes twice, or changes its place.
            lines = [text]
            if number % 5 == 3:
                lines = {"loses-lines": [], "doubles-lines": [text, text]}.get(FAULT, lines)
            if FAULT == "swaps-lines":
                lines = {2: [], 3: [text, f"{number - 1}\n"]}.get(number % 5, lines)
            for line in lines:
                client.sendall(line.encode())
            end = time.monotonic() + {"too-fast": 0.3, "too-slow": 2.5}.get(FAULT, 1)
            while (rest := end - time.monotonic()) > 0:
                readable, _, _ = select.select([client], [], [], rest)
                if readable and not client.recv(4096):
                    return


class Lamp:
    """Obeys as the reference firmware does: at CR, LF, or five seconds after the last byte."""

    def __init__(self):
        self.shown = 0
        self.served = 0
        self.obeyed = 0

    def colour(self, text):
        if text.startswith("#"):
            digits = ""
            for character in text[1:8]:
                if character not in "0123456789abcdefABCDEF":
                    break
                digits += character
            if len(digits) == 3:
                wrong = FAULT == "wrong-three-digits"
                return int("".join(digit + ("0" if wrong else digit) for digit in digits), 16)
            return int(digits, 16) if len(digits) == 6 else None
        name = ""
        for character in text:
            if not character.isalnum():
                break
            name += character
        return COLOURS.get(name if FAULT == "case-sensitive" else name.lower())

    def obey(self, command):
        say(command)
        colour = self.colour(command)
        self.obeyed += 1
        if FAULT == "tires" and self.obeyed > 3:
            colour = None
        if colour is None and FAULT == "black-when-wrong":
            colour = 0
        if colour is not None:
            if FAULT == "red-and-blue-swapped":
                colour = (colour & 0xFF) << 16 | colour & 0xFF00 | colour >> 16
            self.shown = colour
        print(f"shows #{self.shown:06x}", file=sys.stderr, flush=True)

    def serve(self, client):
        self.served += 1
        if FAULT == "drops-what-waited" and self.served > 1:
            client.setblocking(False)
            try:
                client.recv(4096)
            except BlockingIOError:
                pass
            client.setblocking(True)
        if FAULT == "wants-a-long-stay":
            # What came is looked at after a while, and only where the sender is still there.
            time.sleep(1)
            if peer_has_closed_behind(client):
                return
        if FAULT == "early-close-loses":
            time.sleep(0.2)
            if peer_has_closed_behind(client):
                return
        line = b""
        ends = {"no-carriage-return": b"\n", "no-line-feed": b"\r"}.get(FAULT, b"\r\n")
        while True:
            readable, _, _ = select.select([client], [], [], 5)
            piece = client.recv(4096) if readable else None
            if piece == b"":
                if line:
                    self.obey(line.decode(errors="replace"))
                return
            if piece is None:
                if line and FAULT != "no-idle-end":
                    self.obey(line.decode(errors="replace"))
                    line = b""
                continue
            for byte in piece:
                byte = bytes([byte])
                if byte in (ends[:1], ends[1:]) and byte:
                    if line:
                        self.obey(line.decode(errors="replace"))
                    line = b""
                else:
                    line += byte


def peer_has_closed_behind(client):
    """Whether FIN has come behind what is unread (TCP_INFO: CLOSE_WAIT is 8)."""
    return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 8


def serve(unit, client):
    say("Client Connected")
    try:
        unit.serve(client)
    except OSError:
        pass
    say("Client disconnected")
    client.close()


def main():
    threading.Thread(target=end_with_parent, daemon=True).start()
    unit = Sensor() if KIND == "read" else Lamp()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((ADDRESS, 8888))
    listener.listen(5)
    say("Connecting to Wifi")
    say("")
    say("Connected to hil")
    say(f"IP address: {ADDRESS}")
    say(f"Open Telnet and connect to IP:{ADDRESS} on port 8888")
    served = 0
    current = None
    while True:
        client, _ = listener.accept()
        served += 1
        if FAULT == "serves-once" and served > 1:
            # It goes on to listen, and never looks.
            time.sleep(3600)
        if FAULT == "serves-two":
            threading.Thread(target=serve, args=(unit, client), daemon=True).start()
        elif FAULT == "newest-wins":
            if current:
                current.shutdown(socket.SHUT_RDWR)
            current = client
            threading.Thread(target=serve, args=(unit, client), daemon=True).start()
        else:
            serve(unit, client)


main()
