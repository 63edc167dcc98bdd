"""Meets a unit over plain sockets: a simulated one or the reference firmware, with the same questions.

usage: unit_conformance.py WHAT ADDRESS VECTORS COMMAND...
WHAT is `read` or `updatable`; COMMAND starts the unit at ADDRESS, with its console on stdout.
Prints one line of JSON a finding: {"what": ..., "is": ...}.
"""

import json
import socket
import struct
import subprocess
import sys
import threading
import time

from running_base import PATIENCE, eventually, finding

PORT = 8888
# What a unit that waits for the rest of a command waits for at least, and one that does not takes at most.
LATE = 4.5


class Unit:
    """The unit as a process; its console's lines, without the name that a simulator puts before them, and their times."""

    def __init__(self, address, command):
        self.address = address
        name = command[command.index("--name") + 1] + ": " if "--name" in command else ""
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        self.lines, self.told = [], []
        threading.Thread(target=self.read, args=(self.process.stdout, self.lines, name), daemon=True).start()
        threading.Thread(target=self.read, args=(self.process.stderr, self.told, ""), daemon=True).start()
        eventually("the boot", lambda: any("on port 8888" in line for line in self.texts()))

    @staticmethod
    def read(stream, lines, name):
        for line in stream:
            lines.append((time.monotonic(), line.removeprefix(name).rstrip("\r\n")))

    def texts(self):
        return [text for _, text in list(self.lines)]

    def connect(self):
        return socket.create_connection((self.address, PORT), PATIENCE)

    def type(self, text):
        self.process.stdin.write(text + "\r\n")
        self.process.stdin.flush()

    def says(self, text, after=0):
        """When a line that is `text` was printed, beyond the first `after` lines; None: not yet."""
        return next((moment for moment, line in list(self.lines)[after:] if line == text), None)

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


def boot(unit):
    lines = unit.texts()
    begin = next(index for index, line in enumerate(lines) if line.startswith("Connecting to Wifi"))
    finding("CT-001: the boot", [line for line in lines[begin:begin + 5] if line.strip(".")])


def lines_of(connection, count):
    """So many lines, and when each had come."""
    connection.settimeout(PATIENCE)
    received, moments = b"", []
    while len(moments) < count:
        piece = connection.recv(4096)
        if not piece:
            break
        received += piece
        moments += [time.monotonic()] * (received.count(b"\n") - len(moments))
    return received.split(b"\n")[:count], moments


def first_wait(unit):
    """How long a client waits for its first line (seconds)."""
    with unit.connect() as client:
        begin = time.monotonic()
        _, moments = lines_of(client, 1)
        return moments[0] - begin


def read(unit, vectors):
    boot(unit)
    first = unit.connect()
    lines, moments = lines_of(first, 6)
    finding("UP-001, UP-002: the lines are numbers of up to 4 digits that end with LF alone", all(line.isdigit() and len(line) <= 4 for line in lines))
    # A busy machine shifts one and another of them.
    pauses = sorted(after - before for before, after in zip(moments, moments[1:]))
    finding("UP-003: the lines come a second apart", 0.9 < pauses[2] < 1.5)
    eventually("the console has them", lambda: len([line for line in unit.texts() if line.isdigit()]) >= 6)
    finding("CT-004: the console has them too", [line.decode() for line in lines] == [line for line in unit.texts() if line.isdigit()][:6])
    first.sendall(b"what is said to it\r\n" * 1000)
    second = unit.connect()
    lines_of(first, 1)
    second.setblocking(False)
    try:
        finding("UP-030, UP-039: a second client hears something", second.recv(1).decode())
    except BlockingIOError:
        finding("UP-030, UP-039: a second client hears nothing", True)
    first.close()
    lines, moments = lines_of(second, 1)
    finding("it is served when the first has gone", bool(lines[0].isdigit()))
    before = len(unit.texts())
    second.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    second.close()
    eventually("the end is noticed", lambda: unit.says("Client disconnected", before))
    finding("CT-002: the console", [line for line in unit.texts() if line.startswith("Client")][:4])
    finding("the first line comes at once", any(first_wait(unit) < 0.5 for _ in range(10)))


def sent(unit, pieces, text, close=False):
    """Seconds from the last byte to the console's line; None where none comes."""
    before = len(unit.texts())
    connection = unit.connect()
    eventually("it is served", lambda: unit.says("Client Connected", before))
    for piece in pieces:
        connection.sendall(piece)
    begin = time.monotonic()
    try:
        # A simulator's console shows the LF that was part of the string.
        moment = eventually(text, lambda: unit.says(text, before) or unit.says(text + r"\n", before), 12)
    except TimeoutError:
        moment = None
    connection.close()
    eventually("the end", lambda: unit.says("Client disconnected", before))
    return None if moment is None else "late" if moment - begin > LATE else "at once"


def updatable(unit, vectors):
    boot(unit)
    for what, pieces in [
            ("UP-010: CR", [b"red\r"]), ("UP-011: LF", [b"red\n"]), ("UP-012: CR LF", [b"red\r\n"]), ("UP-011: nothing", [b"red"]),
            ("in pieces", [b"r", b"e", b"d", b"\r"])]:
        finding(what, sent(unit, pieces, "red"))
    before = len(unit.texts())
    connection = unit.connect()
    connection.sendall(b"red\rblue\r")
    eventually("both", lambda: unit.says("blue", before))
    finding("UP-013: two commands", [line for line in unit.texts()[before:] if line in ("red", "blue")])
    other = unit.connect()
    other.sendall(b"green\r")
    connection.sendall(b"lime\r")
    eventually("the first one's", lambda: unit.says("lime", before))
    finding("UP-030: nothing of a client that waits", unit.says("green", before) is None)
    connection.close()
    eventually("the second one's", lambda: unit.says("green", before))
    other.close()
    eventually("its end", lambda: unit.texts()[before:].count("Client disconnected") == 2)
    before = len(unit.texts())
    served = unit.connect()
    eventually("it is served", lambda: unit.says("Client Connected", before))
    early = unit.connect()
    early.sendall(b"navy\r")
    early.close()
    served.close()
    last = unit.connect()
    last.sendall(b"teal\r")
    eventually("the one after it", lambda: unit.says("teal", before))
    finding("UP-031: what came is used though the peer has closed", unit.says("navy", before) is not None)
    last.close()
    with open(vectors, encoding="utf-8") as file:
        all_vectors = json.load(file)["vectors"]
    # What holds a line end is several commands where LF ends one too.
    colours(unit, [
        vector for vector in all_vectors
        if isinstance(vector["bytes"], str) and not set(bytes.fromhex(vector["bytes"])) & set(b"\r\n")])


def colours(unit, vectors):
    """Each vector after black, where the unit tells on stderr what it shows."""
    shown = lambda: [line.removeprefix("shows ") for _, line in list(unit.told) if line.startswith("shows ")]
    if not shown():
        return
    wrong = []
    with unit.connect() as connection:
        for vector in vectors:
            before = len(shown())
            connection.sendall(b"black\r" + bytes.fromhex(vector["bytes"]) + b"\r")
            count = 2 if vector["bytes"] else 1
            eventually(vector["name"], lambda: len(shown()) >= before + count)
            if shown()[before + count - 1] != (vector["colour"] or "#000000"):
                wrong.append(vector["name"])
    finding("UP-014 to UP-018: colours that are wrong", wrong)
    finding("how many colours", len(vectors))


if __name__ == "__main__":
    kind, address, vectors, *command = sys.argv[1:]
    unit = Unit(address, command)
    try:
        {"read": read, "updatable": updatable}[kind](unit, vectors)
    finally:
        unit.stop()
