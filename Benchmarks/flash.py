"""Measures writing the flash: our stub beside esptool's, and both without a stub.

usage: flash.py --iot PATH [--bytes 400000] [--baud 921600 115200]

Each tool writes the same file to a virtual board in real time whose flash holds something else. The least time that it can
take is the longer of two: what passes over the wire when the file is packed as tightly as zlib packs it, at ten bits a
byte, and what the flash takes to erase and program what differs, by its data sheet. Then 2 % of the sectors change, and the
file is written again, each tool as its users call it. Every write includes the tool's own verification by digest, and the
flash is compared here.

Without a stub the least time is what passed over the wire, as the board has counted it, and the flash's own.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import zlib

SECTOR = 0x1000
BLOCK = 0x10000
OFFSET = 0x10000
# W25Q32FV, typical values (s).
ERASE_SECTOR, ERASE_BLOCK, PROGRAM_PAGE = 0.045, 0.150, 0.0007
# What it waits before it gives up, as in the tests: a busy machine is no reason for a bench to fail.
PATIENCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Tests", "Peers", "esptool.cfg")
GOAL_WIRE, GOAL_FIRST, GOAL_AGAIN, GOAL_PLAIN = 1.10, 1.25, 8, 1.05


class Board:
    """A virtual board in real time with a flash that holds `contents`."""

    def __init__(self, iot, folder, contents):
        self.port, self.flash = os.path.join(folder, "port"), os.path.join(folder, "flash.bin")
        with open(self.flash, "wb") as file:
            file.write(contents)
        self.errors = open(os.path.join(folder, "board.log"), "w+")
        self.process = subprocess.Popen(
            [iot, "board", "--link", self.port, "--flash", self.flash, "--timing", "real", "--json"],
            stdout=subprocess.PIPE, stderr=self.errors)
        json.loads(self.process.stdout.readline())

    def run(self, name, command):
        began = time.monotonic()
        done = subprocess.run(
            [part.replace("PORT", self.port) for part in command], capture_output=True, text=True,
            env=os.environ | {"ESPTOOL_CFGFILE": PATIENCE})
        seconds = time.monotonic() - began
        if done.returncode != 0:
            sys.exit(f"{name} failed: {done.stdout[-500:]}{done.stderr[-500:]}")
        return seconds

    def end(self):
        """What passed over the wire (bytes), and how long the flash worked (s)."""
        self.process.terminate()
        self.process.wait(20)
        self.errors.seek(0)
        busy, heard, said = map(
            float, re.search(r"board.totals busy-us=(\S+) heard=(\S+) said=(\S+)", self.errors.read()).groups())
        return heard + said, busy / 1e6

    def holds(self, data):
        with open(self.flash, "rb") as file:
            file.seek(OFFSET)
            return file.read(len(data)) == data


def images(count):
    """Random; as firmware is: code, text and tables; and blank but for a twentieth."""
    source = random.Random(1)
    noise = source.randbytes(count)
    words = [source.randbytes(source.choice((2, 3))) for _ in range(600)]
    code = b"".join(source.choice(words) if source.random() < 0.8 else source.randbytes(3) for _ in range(count // 4))
    text = b"".join(source.choice([b"the ", b"error ", b"%d ", b"client ", b"connected\0", b"wifi_", b"sta "]) for _ in range(count // 40))
    firmware = (code + text + noise)[:count]
    blank = bytearray(b"\xff" * count)
    blank[:count // 40] = firmware[:count // 40]
    blank[count // 2:count // 2 + count // 40] = noise[:count // 40]
    return {"random": noise, "as firmware": firmware, "mostly blank": bytes(blank)}


def changed(data):
    """With another byte in every fiftieth sector."""
    data = bytearray(data)
    for start in range(0, len(data), 50 * SECTOR):
        data[start + 100] ^= 0x55
    return bytes(data)


def least(before, data, baud):
    """The least seconds to make a flash that holds `before` hold `data`."""
    sectors = [place for place in range(0, len(data), SECTOR) if before[place:place + SECTOR] != data[place:place + SECTOR]]
    packed = len(zlib.compress(b"".join(data[place:place + SECTOR] for place in sectors), 9))
    pages = sum(
        data[page:page + 256].strip(b"\xff") != b"" for place in sectors for page in range(place, place + SECTOR, 256))
    blocks = {}
    for place in sectors:
        blocks.setdefault((OFFSET + place) // BLOCK, []).append(place)
    erase = sum(min(ERASE_BLOCK if len(found) == BLOCK // SECTOR else 1e9, len(found) * ERASE_SECTOR) for found in blocks.values())
    return max(packed * 10 / baud, erase + pages * PROGRAM_PAGE)


def verdict(is_met, goal):
    return f"{goal}: {'met' if is_met else 'MISSED'}"


def with_stub(iot, name, data, baud):
    old = random.Random(2).randbytes(4 << 20)
    before = old[OFFSET:OFFSET + len(data)]
    with tempfile.TemporaryDirectory(prefix="iot-bench-") as folder:
        path = os.path.join(folder, "image.bin")
        ours = [iot, "flash", "write", "--port", "PORT", "--baud", str(baud), hex(OFFSET), path]
        theirs = [
            sys.executable, "-m", "esptool", "--chip", "esp8266", "--port", "PORT", "--baud", str(baud), "write-flash",
            hex(OFFSET), path]
        seconds = {}
        for tool, command in (("iot", ours), ("esptool", theirs)):
            board = Board(iot, folder, old)
            for step, contents in (("first", data), ("again", changed(data))):
                with open(path, "wb") as file:
                    file.write(contents)
                seconds[tool, step] = board.run(f"{tool} on {name}", command)
            board.end()
            if not board.holds(contents):
                sys.exit(f"{tool} has written something else than {name}")
    first, again = least(before, data, baud), least(data, changed(data), baud)
    ratio, gain = seconds["iot", "first"] / first, seconds["esptool", "first"] / seconds["iot", "first"]
    gain_again = seconds["esptool", "again"] / seconds["iot", "again"]
    print(f"{name} at {baud} baud")
    print(
        f"  first write   least {first:6.2f} s   iot {seconds['iot', 'first']:6.2f} s = {ratio:.2f} of the least "
        f"({verdict(ratio <= GOAL_WIRE, f'at most {GOAL_WIRE:.2f}')})   esptool {seconds['esptool', 'first']:6.2f} s: "
        f"ours is {gain:.2f} times as fast ({verdict(gain >= GOAL_FIRST, f'at least {GOAL_FIRST}')})")
    print(
        f"  2 % changed   least {again:6.2f} s   iot {seconds['iot', 'again']:6.2f} s   esptool "
        f"{seconds['esptool', 'again']:6.2f} s: ours is {gain_again:.1f} times as fast "
        f"({verdict(gain_again >= GOAL_AGAIN, f'at least {GOAL_AGAIN}')})")


def without_stub(iot, data, baud):
    print(f"{len(data)} bytes at {baud} baud without a stub, not verified")
    with tempfile.TemporaryDirectory(prefix="iot-bench-") as folder:
        path = os.path.join(folder, "image.bin")
        with open(path, "wb") as file:
            file.write(data)
        commands = {
            "iot": [iot, "flash", "write", "--no-stub", "--no-verify", "--port", "PORT", "--baud", str(baud), hex(OFFSET), path],
            "esptool": [
                sys.executable, "-m", "esptool", "--chip", "esp8266", "--port", "PORT", "--baud", str(baud), "--no-stub",
                "write-flash", hex(OFFSET), path],
        }
        seconds = {}
        for tool, command in commands.items():
            board = Board(iot, folder, b"\xff" * (4 << 20))
            seconds[tool] = board.run(tool, command)
            wire, busy = board.end()
            least_seconds = wire * 10 / baud + busy
            ratio = seconds[tool] / least_seconds
            goal = f" ({verdict(ratio <= GOAL_PLAIN, f'at most {GOAL_PLAIN}')})" if tool == "iot" else ""
            print(f"  {tool:<8} {seconds[tool]:6.2f} s, {ratio:.3f} of the least for its {wire:.0f} bytes on the wire{goal}")
        print(f"  ours takes {seconds['iot'] / seconds['esptool']:.3f} of esptool's time")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--iot", required=True)
    parser.add_argument("--bytes", type=int, default=400_000)
    parser.add_argument("--baud", type=int, nargs="+", default=[921_600, 115_200])
    options = parser.parse_args()
    for baud in options.baud:
        for name, data in images(options.bytes).items():
            with_stub(options.iot, name, data, baud)
    without_stub(options.iot, images(100_000)["random"], 115_200)


main()
