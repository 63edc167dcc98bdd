"""Meets the reference firmware as a Linux process, in what the original firmware does not do.

usage: reference_firmware.py FOLDER DIRECTORY SCENARIO
FOLDER has light-sensor and led-lamp. Prints one line of JSON a finding: {"what": ..., "is": ...}.
"""

import os
import socket
import subprocess
import sys
import time

from unit_conformance import Unit, eventually, finding, lines_of


def lamp(folder, address, *more):
    return Unit(address, [f"{folder}/led-lamp", "--address", address, "--ssid", "lab", *more])


def settings(folder, directory):
    """The network is typed in, kept, and known after a restart and a loss of power."""
    file, address = os.path.join(directory, "flash"), "127.0.9.1"
    command = [f"{folder}/led-lamp", "--address", address, "--settings", file]
    def dialogue(lines, until, seconds=10):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        process.stdin.write("".join(line + "\r\n" for line in lines))
        process.stdin.flush()
        said = []
        for line in process.stdout:
            said.append(line.strip("\r\n"))
            if until in line:
                break
        process.kill()
        process.wait()
        return [line.lstrip(".") for line in said if line.strip(".")]

    finding("without a network", dialogue([], "wifi"))
    refused = ["wifi", 'wifi "a', "wifi a short", "wifi " + "x" * 33 + " 12345678", "wifi a 12345678 b", "idle x", "idle 70000", "what"]
    answers = dialogue(refused, "restart")
    finding("what is refused", [line.split(":")[0] for line in answers[2:]])
    finding("nothing is kept of it", os.path.exists(file))
    said = dialogue(["idle 7", 'wifi "my \\"net" pass word'.replace("pass word", "password")], "on port")
    finding("after it is typed", said[2:])
    finding("after a loss of power", dialogue([], "on port")[1:3])
    with open(file, "r+b") as handle:
        handle.seek(10)
        byte = handle.read(1)
        handle.seek(10)
        handle.write(bytes([byte[0] ^ 1]))
    finding("where the flash is damaged", dialogue([], "wifi")[1:])
    dialogue(["wifi open"], "on port")
    finding("an open network, and then none", [dialogue(["forget"], "No network")[-1]])


def silent(folder, directory):
    """A client that says nothing gives way to one that waits, and only then."""
    unit = lamp(folder, "127.0.9.2")
    unit.type("idle 1")
    eventually("it is kept", lambda: unit.says("Kept."))
    first = unit.connect()
    eventually("the first", lambda: unit.says("Client Connected"))
    first.sendall(b"re")
    first.settimeout(2.5)
    try:
        finding("alone it stays", first.recv(1))
    except TimeoutError:
        finding("alone it stays", True)
    second = unit.connect()
    second.sendall(b"blue\n")
    eventually("the second one's command", lambda: unit.says("blue"))
    finding("the console", [line for line in unit.texts() if line.startswith(("Client", "re", "blue"))])
    finding("what the first one is told", first.recv(1) == b"")
    for _ in range(3):
        time.sleep(0.4)
        second.sendall(b"red\r")
    third = unit.connect()
    time.sleep(0.6)
    finding("one that speaks stays beside one that waits", unit.texts().count("Client Connected"))
    unit.stop()


def long_lines(folder, directory):
    unit = lamp(folder, "127.0.9.3")
    connection = unit.connect()
    connection.sendall(b"x" * 100_000 + b"\rred\r" + b"y" * 1024 + b"\r" + b"z" * 1025 + b"\n" + b"\r\n\r\nblue\r\n")
    eventually("the last one", lambda: unit.says("blue"))
    finding("the console", [line if len(line) < 60 else len(line) for line in unit.texts() if not line.startswith(("Client", "IP", "Open"))][-6:])
    connection.sendall(b"\x00\xff\x1b[2J\r" + b"lime")
    connection.shutdown(socket.SHUT_WR)
    eventually("what had no end", lambda: unit.says("lime"))
    eventually("the end", lambda: unit.says("Client disconnected"))
    finding("what a terminal would obey is not printed", unit.says("??") is None and unit.says("???[2J") is not None)
    finding("what had no end when the peer closed is used", [line for _, line in unit.told if line.startswith("shows")][-1])
    unit.stop()


def slow(folder, directory):
    """A client that takes nothing: lines go out whole, and it gives way to one that waits."""
    address = "127.0.9.4"
    unit = Unit(address, [f"{folder}/light-sensor", "--address", address, "--ssid", "lab", "--signal", "counter"])
    connection = unit.connect()
    lines, _ = lines_of(connection, 3)
    finding("a counter", [line.decode() for line in lines])
    other = unit.connect()
    unit.type("idle 1")
    time.sleep(2.5)
    finding("one that takes its lines stays though it is silent", unit.texts().count("Client Connected"))
    connection.close()
    lines, _ = lines_of(other, 1)
    finding("the next one is served then", lines[0].isdigit())
    unit.stop()


SCENARIOS = {scenario.__name__: scenario for scenario in [settings, silent, long_lines, slow]}

if __name__ == "__main__":
    SCENARIOS[sys.argv[3]](sys.argv[1], sys.argv[2])
