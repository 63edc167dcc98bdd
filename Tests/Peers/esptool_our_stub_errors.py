"""What esptool's user sees of our stub when something is wrong, and that the stub is well afterwards.

usage: esptool_our_stub_errors.py PORT FLASH-FILE STUB-FILE BAD-SECTOR
Prints one line of JSON a finding: {"what": ..., "is": ...}; answers are status and error as hexadecimal digits.
"""

import random
import struct
import sys
import zlib

from esptool import FatalError, cmds
from our_stub import SECTOR, Expected, answer, finding, frame, is_well, start

PORT, FLASH, STUB = sys.argv[1:4]
BAD = int(sys.argv[4]) * SECTOR
ALL = 4 << 20
NOISE = random.Random(3).randbytes(60_000)
BLOCK = 0x1000


def block(esp, opcode, number, data, checksum=None, length=None):
    head = struct.pack("<IIII", len(data) if length is None else length, number, 0, 0)
    return answer(esp, opcode, head + data, esp.checksum(data) if checksum is None else checksum, 10)


def begin(esp, opcode, size, blocks, offset, block_size=BLOCK):
    return answer(esp, opcode, struct.pack("<IIIII", size, blocks, block_size, offset, 0))


def end(esp, opcode=4):
    return answer(esp, opcode, struct.pack("<I", 1))


def seen(call, *arguments, **options):
    """What esptool tells its user."""
    try:
        call(*arguments, **options)
        return "done"
    except FatalError as error:
        return str(error)


def blocks_refused(esp, expected):
    data = [NOISE[index * BLOCK:(index + 1) * BLOCK] for index in range(3)]
    finding("data before a begin", [block(esp, 3, 0, data[0]), block(esp, 0x11, 0, data[0])])
    said = [begin(esp, 2, 3 * BLOCK, 3, 0x10000), block(esp, 3, 0, data[0])]
    said += [block(esp, 3, 1, data[1], checksum=0), block(esp, 3, 1, data[1], length=7), block(esp, 3, 1, b"")]
    said += [block(esp, 3, 2, data[2]), block(esp, 3, 1, data[1]), block(esp, 3, 1, data[1]), block(esp, 3, 2, data[2])]
    said += [block(esp, 3, 2, data[2]), block(esp, 3, 3, data[2]), end(esp), block(esp, 3, 3, data[2])]
    finding("wrong blocks among right ones", said)
    expected.write(0x10000, b"".join(data))
    expected.check("only the right ones are in the flash")
    # A frame whose head tells another length, and a stray one, do not end the job.
    begin(esp, 2, BLOCK, 1, 0x14000)
    esp.write(frame(3, struct.pack("<IIII", BLOCK, 0, 0, 0) + data[0], esp.checksum(data[0]), length=3))
    said = esp.command(timeout=3)[1][-2:].hex()
    esp.write(b"\x00\x03")
    finding("a damaged block", [said, block(esp, 3, 0, data[0]), end(esp)])
    expected.write(0x14000, data[0])
    expected.check("the one behind it is in the flash")


def streams(esp, expected):
    data = NOISE[:6000] + bytes(6000)
    packed = zlib.compress(data, 9)
    broken = packed[:3000] + b"\xff" + packed[3001:]
    for what, size, stream in [
            ("a broken stream", len(data), broken), ("no stream at all", len(data), NOISE[:2000]),
            ("a wrong sum", len(data), packed[:-1] + bytes([packed[-1] ^ 1])),
            ("a stream of too much", len(data) - 4, packed), ("a stream of too little", len(data) + 4, packed)]:
        said = [begin(esp, 0x10, size, 1, 0x20000), block(esp, 0x11, 0, stream), block(esp, 0x11, 1, b"more"), end(esp, 0x12)]
        finding(what, said + [is_well(esp)])
    said = [begin(esp, 0x10, len(data), 2, 0x20000), block(esp, 0x11, 0, packed[:5000]), end(esp, 0x12), end(esp, 0x12)]
    finding("half a stream", said + [is_well(esp)])
    said = [begin(esp, 2, 2 * BLOCK, 2, 0x20000), block(esp, 3, 0, NOISE[:BLOCK]), end(esp)]
    finding("half of the blocks", said + [is_well(esp)])
    said = [begin(esp, 2, 100, 1, 0x20000), block(esp, 3, 0, NOISE[:BLOCK]), end(esp)]
    finding("more than the blocks were to bring", said)
    begin(esp, 0x10, len(data), 1, 0x20000)
    finding("the whole stream", [block(esp, 0x11, 0, packed), block(esp, 0x11, 0, packed), end(esp, 0x12)])
    expected.write(0x20000, data)
    expected.check("it is in the flash")


def places(esp):
    words = struct.Struct("<II").pack
    huge = [(0xFFFFFFFF, 0x1000), (ALL, 0x1000), (ALL - 0x1000, 0x2000), (0, 0xFFFFF000), (0xFFFFF000, 0x2000)]
    finding("past the end: erase", [answer(esp, 0xD1, words(*place)) for place in huge])
    finding("past the end: write", [begin(esp, op, size, 1, at) for at, size in huge for op in (2, 0x10)])
    finding("past the end: digest", [answer(esp, 0x13, struct.pack("<IIII", at, size, 0, 0)) for at, size in huge])
    finding("past the end: read", [answer(esp, 0xD2, struct.pack("<IIII", at, size, 0x1000, 64)) for at, size in huge])
    finding("not in sectors", [answer(esp, 0xD1, words(0x1001, 0x1000)), answer(esp, 0xD1, words(0x1000, 0xFFF))])
    finding("blocks too large", [begin(esp, 2, 0x8000, 1, 0, 0x8000), begin(esp, 2, 0x8000, 0x20000, 0)])
    finding("registers that are not there", [
        answer(esp, 0x0A, struct.pack("<I", address))
        for address in (0, 0x20000000, 0x3FFA0000, 0x40020000, 0x40200000, 0xFFFFFFFC)])
    finding("registers that cannot be written", [
        answer(esp, 9, struct.pack("<IIII", address, 1, 0xFFFFFFFF, 0)) for address in (0, 0x40001000, 0x4010D000, 0x3FFE8000)])
    finding("a delay of an hour", answer(esp, 9, struct.pack("<IIII", 0x60001200, 1, 0xFFFFFFFF, 0xFFFFFFFF)))
    memory = [(0x100, 0x4010D000), (0x100, 0x3FFE8000), (0x100, 0x3FFFC000), (0x20000, 0x40100000), (0x100, 0x20000000),
              (0x100, 0xFFFFFFFC), (0x100, 0x40100001)]
    finding("memory that is not to be had", [answer(esp, 5, struct.pack("<IIII", size, 1, 0x1800, at)) for size, at in memory])
    finding("memory before a begin", block(esp, 7, 0, b"1234"))
    answer(esp, 5, struct.pack("<IIII", 0x100, 1, 0x100, 0x40100000))
    finding("memory beyond its size", [block(esp, 7, 0, bytes(0x100)), block(esp, 7, 1, b"1234"), block(esp, 7, 0xFFFFFF, b"1234")])
    finding("an entry that is none", [answer(esp, 6, struct.pack("<II", 0, at)) for at in (0x3FFE8000, 0x20000000, 0)])
    finding("speeds that are none", [answer(esp, 0x0F, struct.pack("<II", baud, 0)) for baud in (0, 300, 0xFFFFFFFF)])
    finding("what is no command", [answer(esp, opcode) for opcode in (0, 0x01, 0x14, 0xD5, 0xFF)])
    finding("too few arguments", [answer(esp, opcode) for opcode in (2, 3, 5, 7, 9, 0x0A, 0x10, 0x11, 0x13, 0xD1, 0xD2)])
    esp.write(frame(0x0A, b"\x00\x00\x00\x60", length=8))
    finding("a frame of another length than its head tells", esp.command(timeout=3)[1][-2:].hex())
    finding("well after all that", is_well(esp))


def unwritable(esp, expected):
    """A bad sector in the midst of a write: it is told by the next answer, or by the last."""
    place = BAD - 0x2000
    esp.FLASH_WRITE_SIZE = BLOCK
    blocks = esp.flash_begin(6 * BLOCK, place)
    said = [seen(esp.flash_block, NOISE[index * BLOCK:(index + 1) * BLOCK], index) for index in range(blocks)]
    first = next(index for index, text in enumerate(said) if text != "done")
    # Blocks that are used up may be acknowledged before they are in the flash, by as much as the window holds.
    finding("a bad sector, plain", [2 <= first, said[first].split(" after")[0], said[first].split(": ")[-1], said[-1] != "done"])
    finding("its end", [seen(esp.flash_finish, False), is_well(esp)])
    expected.write(place, NOISE[:0x2000])
    after = bytearray(open(FLASH, "rb").read())
    finding("what is before it", after[:BAD] == expected.bytes[:BAD])
    expected.bytes[BAD:BAD + 0x10000] = after[BAD:BAD + 0x10000]
    expected.check("and what is far behind")
    packed = zlib.compress(NOISE[:0x6000], 9)
    esp.FLASH_WRITE_SIZE = 0x4000
    blocks = esp.flash_defl_begin(0x6000, len(packed), place)
    said = [seen(esp.flash_defl_block, packed[index * 0x4000:(index + 1) * 0x4000], index) for index in range(blocks)]
    finding("a bad sector, packed", [said[-1].startswith("Failed to write compressed data to flash after seq 1"), is_well(esp)])
    finding("a bad sector, by write-flash", [seen(cmds.write_flash, esp, [(place, NOISE[:30_000])]), is_well(esp)])
    finding("a bad sector, erased", [seen(esp.erase_region, BAD, SECTOR), is_well(esp)])
    expected.erase(BAD - 0x2000, 0x2000)
    expected.bytes[BAD - 0x2000:BAD + 0x10000] = open(FLASH, "rb").read()[BAD - 0x2000:BAD + 0x10000]


def protected(esp, expected):
    esp.write_status(0x1C, num_bytes=1, set_non_volatile=True)
    esp.FLASH_WRITE_SIZE = 0x4000
    said = [seen(esp.erase_region, 0x30000, SECTOR), seen(esp.erase_flash)]
    esp.flash_begin(BLOCK, 0x30000)
    said += [seen(esp.flash_block, NOISE[:BLOCK] + b"\xff" * 0x3000, 0), seen(esp.flash_finish, False)]
    finding("a protected flash", said + [is_well(esp)])
    expected.check("it is as it was")
    esp.write_status(0, num_bytes=1, set_non_volatile=True)
    esp.erase_region(0x30000, SECTOR)
    expected.erase(0x30000, SECTOR)
    expected.check("no longer protected, it is erased")


def early(esp, expected):
    """A host that does not wait for answers, as after one that was lost."""
    data = [NOISE[index * 800:(index + 1) * 800] for index in range(4)]
    begin(esp, 2, 3200, 4, 0x38000, 800)
    for number in (0, 0, 1, 1):
        esp.write(frame(3, struct.pack("<IIII", 800, number, 0, 0) + data[number], esp.checksum(data[number])))
    said = [esp.command(timeout=3)[1][-2:].hex() for _ in range(4)]
    finding("blocks that come twice", said + [block(esp, 3, 2, data[2]), block(esp, 3, 3, data[3]), end(esp), is_well(esp)])
    expected.write(0x38000, NOISE[:3200])
    expected.check("they are in the flash once")
    # A host that is gone in the midst of a read, and one that asks anew.
    esp.check_command("read", 0xD2, struct.pack("<IIII", 0, 0x40000, 0x1000, 2))
    esp._port.timeout = 3
    esp.read()
    esp.write(frame(8, b"\x07\x07\x12\x20" + 32 * b"\x55"))
    esp.command(8, b"\x07\x07\x12\x20" + 32 * b"\x55")
    finding("a read that is left", is_well(esp))
    begin(esp, 0x10, 5000, 1, 0x39000)
    finding("a write that is left", is_well(esp))
    expected.bytes[0x39000:0x3B000] = open(FLASH, "rb").read()[0x39000:0x3B000]
    expected.check("nothing else has changed")


def main():
    expected = Expected(FLASH)
    esp = start(PORT, STUB)
    blocks_refused(esp, expected)
    streams(esp, expected)
    places(esp)
    expected.check("nothing else has changed")
    early(esp, expected)
    protected(esp, expected)
    unwritable(esp, expected)
    esp._port.close()


main()
