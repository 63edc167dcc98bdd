"""Flashes a board with unmodified esptool and says what came of it.

usage: esptool_board.py PORT FLASH-FILE DIRECTORY
Prints one line of JSON a finding: {"what": ..., "is": ...}.
"""

import json
import os
import random
import re
import subprocess
import sys

PORT, FLASH, DIRECTORY = sys.argv[1:]


def finding(what, value):
    print(json.dumps({"what": what, "is": value}), flush=True)


def esptool(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "esptool", "--chip", "esp8266", "--port", PORT, *arguments],
        capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"{arguments}: {done.stdout[-600:]} {done.stderr[-600:]}")
    return done.stdout


def said(pattern, text):
    found = re.search(pattern, text)
    return found.group(1) if found else None


def file(name, content):
    path = os.path.join(DIRECTORY, name)
    with open(path, "wb") as handle:
        handle.write(content)
    return path


def flash(start, count):
    with open(FLASH, "rb") as handle:
        handle.seek(start)
        return handle.read(count)


def main():
    noise = random.Random(1).randbytes(30_000)
    mixed = random.Random(2).randbytes(5_000) + bytes(200_000) + b"\xc0\xdb" * 500
    chip = esptool("--no-stub", "chip-id")
    finding("chip", [said(r"Chip type: +(\S+)", chip), said(r"Crystal frequency: +(\S+)", chip), said(r"MAC: +(\S+)", chip)])
    identity = esptool("--no-stub", "flash-id")
    finding("flash", [said(r"Manufacturer: (\S+)", identity), said(r"Device: (\S+)", identity), said(r"flash size: (\S+)", identity)])
    esptool("--no-stub", "write-flash", "0x1000", file("noise", noise))
    finding("written without a stub", flash(0x1000, len(noise)) == noise)
    written = esptool("write-flash", "0x20000", file("mixed", mixed))
    finding("written with a stub, compressed", [flash(0x20000, len(mixed)) == mixed, "Hash of data verified." in written])
    finding("verified", "Verification successful" in esptool("verify-flash", "0x20000", file("mixed", mixed)))
    back = os.path.join(DIRECTORY, "back")
    esptool("read-flash", "0x20000", str(len(mixed)), back)
    finding("read back", open(back, "rb").read() == mixed)
    esptool("erase-region", "0x20000", "0x1000")
    finding("a region erased", [flash(0x20000, 0x1000) == b"\xff" * 0x1000, flash(0x21000, 0x1000) == mixed[0x1000:0x2000]])
    esptool("--baud", "921600", "erase-flash")
    finding("all erased", flash(0, 4 << 20) == b"\xff" * (4 << 20))


main()
