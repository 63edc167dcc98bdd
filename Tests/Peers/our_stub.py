"""Our stub behind unmodified esptool: what esptool's ROM class loads, and its stub class then speaks to.

A description of the stub is a file of JSON: {"address": ..., "entry": ..., "greeting": ..., "code": base64}.
"""

import base64
import json
import struct

from esptool import FatalError
from esptool.logger import log
from esptool.targets import ESP8266ROM

SECTOR = 0x1000
MAGIC = 0x40001000


# It writes its progress to stdout, where the findings go.
log.set_verbosity("silent")


def finding(what, value):
    print(json.dumps({"what": what, "is": value}), flush=True)


def contents(path):
    with open(path, "rb") as handle:
        return handle.read()


def start(port, description, baud=115200):
    """Connects, loads the stub unless one is there, and returns esptool's stub class for it."""
    rom = ESP8266ROM(port, baud)
    rom.connect()
    if rom.sync_stub_detected:
        return ESP8266ROM.STUB_CLASS(rom)
    with open(description) as handle:
        stub = json.load(handle)
    rom.flash_spi_attach(0)
    rom._upload_segment(base64.b64decode(stub["code"]), stub["address"])
    rom.mem_finish(stub["entry"])
    greeting = rom.read()
    if greeting != stub["greeting"].encode():
        raise FatalError(f"the stub has said {greeting!r}")
    return ESP8266ROM.STUB_CLASS(rom)


def answer(esp, opcode, payload=b"", checksum=0, timeout=3):
    """The status and the error of one command, as hexadecimal digits."""
    return esp.command(opcode, payload, checksum, timeout=timeout)[1][-2:].hex()


def frame(opcode, payload=b"", checksum=0, length=None):
    return struct.pack("<BBHI", 0, opcode, len(payload) if length is None else length, checksum) + payload


def is_well(esp):
    """Whether the stub, and no ROM, answers to a SYNC, and a register can be read."""
    esp.flush_input()
    esp.sync()
    return esp.sync_stub_detected and esp.read_reg(MAGIC) == 0xFFF0C101


class Expected:
    """What the flash file should hold."""

    def __init__(self, path):
        self.path = path
        self.bytes = bytearray(contents(path))

    def erase(self, start, count):
        self.bytes[start:start + count] = b"\xff" * count

    def write(self, address, data):
        """All sectors that the data touches are erased before."""
        first = address // SECTOR * SECTOR
        self.erase(first, -(-(address + len(data)) // SECTOR) * SECTOR - first)
        self.bytes[address:address + len(data)] = data

    def difference(self):
        found = contents(self.path)
        if found == self.bytes:
            return None
        return next(i for i in range(len(self.bytes)) if found[i:i + 1] != self.bytes[i:i + 1])

    def check(self, what):
        place = self.difference()
        finding(what, True if place is None else f"differs from {place:#x} on")
