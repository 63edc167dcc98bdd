"""Says to our stub what no host would say, and looks whether it is well and the flash as it was.

usage: esptool_our_stub_noise.py PORT FLASH-FILE STUB-FILE SEED FRAMES
Prints one line of JSON a finding: {"what": ..., "is": ...}. What a valid command asks for is done: so none of those is said
that restart the chip, run code, change the speed, or write registers of devices; and flash is written in its last quarter alone.
"""

import random
import struct
import sys
import time
import zlib

from esptool import FatalError
from our_stub import SECTOR, Expected, finding, frame, is_well, start

PORT, FLASH, STUB = sys.argv[1:4]
SEED, FRAMES = int(sys.argv[4]), int(sys.argv[5])
ALL = 4 << 20
PLAYGROUND = 3 << 20
CHOICE = random.Random(SEED)
OPCODES = [2, 3, 4, 5, 6, 7, 8, 9, 0x0A, 0x0B, 0x0D, 0x0F, 0x10, 0x11, 0x12, 0x13, 0xD1, 0xD2] + list(range(0x40, 0x48))


def number():
    """Small, huge, a border, or anything."""
    return CHOICE.choice([
        CHOICE.randrange(5), CHOICE.randrange(1 << 16), 1 << CHOICE.randrange(32), (1 << CHOICE.randrange(1, 33)) - 1,
        CHOICE.randrange(0xFFFF0000, 1 << 32), CHOICE.randrange(1 << 32)])


def place():
    """Of the flash: in the playground, behind the end, or so that an end would wrap."""
    return CHOICE.choice([CHOICE.randrange(PLAYGROUND, ALL), ALL + CHOICE.randrange(1 << 31), 0xFFFFF000])


def words(*values):
    return struct.pack(f"<{len(values)}I", *values)


def numbers(count):
    return words(*(number() for _ in range(count)))


def nowhere():
    """An address of no memory and no device."""
    known = [0, 4, 0x3FFA0000, 0x40020000, 0x40200000, 0x50000000, 0x70000000, 0xFFFFFFFC]
    return CHOICE.choice(known + [CHOICE.randrange(0x3FF00000)])


def block():
    data = CHOICE.choice([CHOICE.randbytes(CHOICE.randrange(300)), zlib.compress(bytes(CHOICE.randrange(9000)))])
    sum = 0xEF
    for byte in data:
        sum ^= byte
    length = CHOICE.choice([len(data), len(data), number()])
    return words(length, CHOICE.choice([0, 1, number()]), 0, 0) + data, CHOICE.choice([sum, sum, number()])


def runs():
    kinds = CHOICE.choice([(PLAYGROUND // SECTOR, ALL // SECTOR, 4), (ALL // SECTOR - 2, 4096, 4096)])
    return words(*(CHOICE.randrange(kinds[0], kinds[1]) | CHOICE.randrange(kinds[2]) << 12 | CHOICE.randrange(4) << 24
                   for _ in range(CHOICE.randrange(4))))


def payload(opcode):
    """One that does no more than it may, and the checksum."""
    if opcode in (3, 0x11, 7):
        return block()
    made = {
        2: lambda: words(number(), CHOICE.choice([0, 1, 3, number()]), CHOICE.choice([0x400, number()]), place(), 0),
        4: lambda: words(1 + CHOICE.randrange(9)),
        5: lambda: words(CHOICE.choice([16, 3000, number()]), 1, number(),
                         CHOICE.choice([0x40100000, nowhere(), 0x4010D000, 0x3FFF0000])),
        6: lambda: words(CHOICE.choice([0, 1]), nowhere()),
        9: lambda: words(CHOICE.choice([nowhere(), 0x60001200, 0x4010D100, 0x3FFE8100]), number(), number(), number() | 1 << 22),
        0x0A: lambda: words(CHOICE.choice([
            nowhere(), CHOICE.randrange(0x60000000, 0x60002000), CHOICE.randrange(0x3FFE8000, 1 << 30)])),
        0x0F: lambda: words(CHOICE.choice([0, 1199, 4000001, 0xFFFFFFFF]), number()),
        0x13: lambda: words(place(), number(), 0, 0),
        0xD1: lambda: words(place(), number()),
        0xD2: lambda: words(place(), number(), CHOICE.choice([0x1000, 64, number()]), CHOICE.choice([1, 64, number()])),
        0x41: lambda: words(CHOICE.choice([nowhere() & ~3, 0x60001200, 0x3FFE8001, 0x60001002]), number(), number()),
        0x42: lambda: words(CHOICE.choice([number(), 5]), CHOICE.choice([3, 1025 + CHOICE.randrange(1 << 20)])),
        0x43: lambda: words(number()) + runs(),
        0x44: lambda: words(number()) + CHOICE.randbytes(CHOICE.randrange(1100)),
        0x45: lambda: words(number(), CHOICE.choice([100, number()])),
        0x46: lambda: words(place(), number()),
    }
    content = made.get({0x10: 2, 0x12: 4}.get(opcode, opcode), lambda: numbers(CHOICE.randrange(9)))()
    return content, 0


def said():
    """One frame, right but for what is asked in it, or not even that."""
    opcode = CHOICE.choice(OPCODES)
    content, checksum = payload(opcode)
    if CHOICE.random() < 0.1:
        # No command, or too short for one.
        opcode, content = CHOICE.choice([0, 1, 0x14, 0x48, 0x4F, 0x80, 0xD4, 0xFF]), CHOICE.randbytes(CHOICE.randrange(40))
    if CHOICE.random() < 0.1 and opcode not in (4, 0x12, 6, 9, 0x0F, 0xD1):
        content = content[:CHOICE.randrange(len(content) + 1)]
    if opcode >> 4 == 4 and CHOICE.random() < 0.9:
        checksum = zlib.crc32(content, zlib.crc32(struct.pack("<BBH", 0, opcode, len(content))))
    made = frame(opcode, content, checksum)
    if CHOICE.random() < 0.1 and opcode >> 4 == 4:
        place = CHOICE.randrange(len(made))
        made = made[:place] + bytes([made[place] ^ 1 << CHOICE.randrange(8)]) + made[place + 1:]
    return made if CHOICE.random() < 0.95 else made[:CHOICE.randrange(1, 9)]


def noise(count):
    """Bytes that are no frames of a command, as a line makes them: with each 0xC0 something begins and ends."""
    return bytes(CHOICE.choice([0xC0, 0xDB, 0xDC, 0xDD] + 2 * [1 + CHOICE.randrange(0xFF)]) for _ in range(count))


def main():
    expected = Expected(FLASH)
    esp = start(PORT, STUB)
    ill = []
    for index in range(FRAMES):
        made = said()
        esp.write(made)
        # Its answers are nobody's, and would fill the line.
        esp.flush_input()
        if index % 5 == 4 and not recovers(esp):
            ill.append([index, made[:60].hex()])
            break
    finding(f"well after {FRAMES} frames", ill)
    for _ in range(40):
        esp._port.write(noise(CHOICE.randrange(1, 3000)))
        esp._port.write(b"\xc0")
        esp.flush_input()
    well = recovers(esp)
    # Many a SYNC has been asked meanwhile.
    esp._port.timeout = 0.5
    while esp._port.read(4096):
        continue
    esp.flush_input()
    finding("well after noise", well)
    expected.bytes[PLAYGROUND:] = open(FLASH, "rb").read()[PLAYGROUND:]
    expected.check("the flash is as it was")
    digest = esp.flash_md5sum(0, SECTOR)
    esp.erase_region(PLAYGROUND, SECTOR)
    expected.erase(PLAYGROUND, SECTOR)
    expected.check("commands do what they did")
    finding("and tell what they told", digest == esp.flash_md5sum(0, SECTOR))
    esp._port.close()


def recovers(esp):
    """Late answers are in the way of the first attempts, and what is long, such as a digest of it all, goes on meanwhile; a stub
    that is gone never comes back."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if is_well(esp):
                return True
        except FatalError:
            continue
    return False


main()
