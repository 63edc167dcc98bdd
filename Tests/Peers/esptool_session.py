"""Works on one board with unmodified esptool over one connection, through its documented Python API.

usage: esptool_session.py PORT FLASH-FILE rom|stub IMAGE@ADDRESS...
Each image is written, with the loader in the ROM or with esptool's stub; after each step the flash file is compared whole with
what the facts say is in it. Prints one line of JSON a finding: {"what": ..., "is": ...}.

A command line of its own for each step would do the same, at some twenty seconds a step over RFC 2217: pyserial waits a while
for each setting and esptool for each level of its reset.
"""

import contextlib
import io
import json
import os
import sys

from esptool import FatalError, cmds

PORT, FLASH, LOADER = sys.argv[1:4]
IMAGES = [(path, int(address, 0)) for path, address in (word.rsplit("@", 1) for word in sys.argv[4:])]
SECTOR = 0x1000
SECTORS_IN_BLOCK = 16


def finding(what, value):
    print(json.dumps({"what": what, "is": value}), flush=True)


def quietly(call, *arguments, **options):
    """esptool writes its progress to stdout, where the findings go."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            return call(*arguments, **options)
    except Exception:
        sys.stderr.write(said.getvalue()[-2000:])
        raise


def contents(path):
    with open(path, "rb") as handle:
        return handle.read()


def erased_by_rom(address, size):
    """The sectors that the ROM erases when its host corrects the size for it, by Espressif's description of both."""
    start, count = address // SECTOR, -(-size // SECTOR)
    head = min(count, SECTORS_IN_BLOCK - start % SECTORS_IN_BLOCK)
    asked = -(-count // 2) if count < 2 * head else count - head
    return start, asked + min(asked, SECTORS_IN_BLOCK - start % SECTORS_IN_BLOCK)


class Expected:
    """What the flash file should hold."""

    def __init__(self):
        self.bytes = bytearray(contents(FLASH))

    def erase(self, start, count):
        self.bytes[start * SECTOR:(start + count) * SECTOR] = b"\xff" * (count * SECTOR)

    def write(self, address, data, is_stub):
        self.erase(*((address // SECTOR, -(-len(data) // SECTOR)) if is_stub else erased_by_rom(address, len(data))))
        self.bytes[address:address + len(data)] = data

    def check(self, what):
        found = contents(FLASH)
        if found == self.bytes:
            finding(what, True)
            return
        first = next((i for i in range(len(self.bytes)) if i >= len(found) or found[i] != self.bytes[i]), None)
        finding(what, f"differs from {first:#x} on" if first is not None else f"has {len(found)} bytes")


def differs(esp, address, data):
    try:
        quietly(cmds.verify_flash, esp, [(address, data)])
        return False
    except FatalError:
        return True


def look(esp, path, address):
    """Through the stub; that a wrong byte is found shows that something is compared."""
    data, name = contents(path), os.path.basename(path)
    quietly(cmds.verify_flash, esp, [(address, path)])
    finding(f"{name} verified, another one not", differs(esp, address, bytes([data[0] ^ 1]) + data[1:]))
    finding(f"{name} read back", quietly(cmds.read_flash, esp, address, len(data)) == data)


def main():
    expected = Expected()
    esp = quietly(cmds.detect_chip, PORT)
    with contextlib.closing(esp._port):
        finding("chip", [esp.CHIP_NAME, esp.get_crystal_freq(), ":".join(f"{byte:02x}" for byte in esp.read_mac())])
        finding("flash", hex(esp.flash_id()))
        is_stub = LOADER == "stub"
        if is_stub:
            esp = quietly(cmds.run_stub, esp)
        quietly(cmds.attach_flash, esp)
        for index, (path, address) in enumerate(IMAGES):
            data, name = contents(path), os.path.basename(path)
            quietly(cmds.write_flash, esp, [(address, path)], no_compress=not is_stub or index % 2 == 1)
            expected.write(address, data, is_stub)
            expected.check(f"{name} written, and nothing beside it")
            if is_stub:
                look(esp, path, address)
        if not is_stub:
            # esptool reads and erases by stub alone; the last image may stand where the first one was.
            esp = quietly(cmds.run_stub, esp)
            quietly(cmds.attach_flash, esp)
            for path, address in IMAGES[1:]:
                look(esp, path, address)
        place = IMAGES[1][1] // SECTOR + 1
        quietly(cmds.erase_region, esp, place * SECTOR, 2 * SECTOR)
        expected.erase(place, 2)
        expected.check("a region erased, and nothing beside it")
        quietly(cmds.erase_flash, esp)
        expected.erase(0, len(expected.bytes) // SECTOR)
        expected.check("all erased")
        quietly(cmds.reset_chip, esp, "hard-reset")


main()
