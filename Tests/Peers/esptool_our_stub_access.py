"""Batches of register accesses (command 41) in which a wait never comes true, behind unmodified esptool's stub class.

usage: esptool_our_stub_access.py PORT STUB-FILE
Prints one line of JSON a finding: {"what": ..., "is": [status and error as digits, what was read, what the registers hold]}.
"""

import struct
import sys
import zlib

from our_stub import MAGIC, finding, frame, is_well, start

PORT, STUB = sys.argv[1:]
# Words of the RTC's memory, which nothing else uses.
SCRATCH = 0x60001200
MAGIC_VALUE = 0xFFF0C101
ACCESS = 0x41
READ, WRITE, WAIT = 0, 1, 2
FULL = 0xFFFFFFFF


def checked(payload, opcode=ACCESS):
    """The checksum of one of our stub's own commands."""
    return zlib.crc32(payload, zlib.crc32(struct.pack("<BBH", 0, opcode, len(payload))))


def batch(esp, *accesses):
    """Status and error, and the words that were read; the answer's CRC is looked at."""
    payload = b"".join(struct.pack("<III", address | kind, value, mask) for kind, address, value, mask in accesses)
    value, body = esp.command(ACCESS, payload, checked(payload), timeout=3)
    head = struct.pack("<BBH", 1, ACCESS, len(body))
    if value != zlib.crc32(body, zlib.crc32(head, checked(payload))):
        sys.exit("the answer's CRC is wrong")
    words = struct.unpack(f"<{len(body) // 4}I", body[:len(body) // 4 * 4])
    return body[-2:].hex(), [hex(word) for word in words]


def registers(esp):
    return [hex(esp.read_reg(SCRATCH + 4 * index)) for index in range(4)]


def clear(esp):
    for index in range(4):
        esp.write_reg(SCRATCH + 4 * index, index)


def read(index):
    return READ, SCRATCH + 4 * index, 0, 0


def write(index, value, mask=FULL):
    return WRITE, SCRATCH + 4 * index, value, mask


def wait(index, value, mask=FULL):
    return WAIT, SCRATCH + 4 * index, value, mask


def main():
    esp = start(PORT, STUB)
    for what, accesses in [
            ("all come true", [write(0, 0xA5), wait(0, 0xA5), read(0), wait(0, 5, 0xF), write(1, 0xF0, 0xF0), read(1)]),
            ("the first wait fails", [wait(0, 1), write(1, 0xBAD), read(1)]),
            ("a wait in the middle fails", [read(3), write(0, 7), read(0), wait(0, 8), write(1, 0xBAD), read(1)]),
            ("the second of two waits fails", [write(2, 0x30), wait(2, 0x30), read(2), wait(2, 0x31, 0x0F), write(3, 0xBAD)]),
            ("the last wait fails", [write(0, 1), write(1, 2), write(2, 3), write(3, 4), wait(3, 0)]),
            ("nothing is under the mask", [wait(0, 0, 0), read(0)]),
            ("more is wanted than is under the mask", [wait(0, 1, 0), read(0)]),
            ("a wait for what is not there", [read(1), (WAIT, 0x20000000, 0, FULL), write(1, 0xBAD)]),
            ("a write to what is not there", [read(1), (WRITE, 0x4010D000, 0, FULL), write(1, 0xBAD)]),
            ("forty waits that fail are one", [wait(0, 1)] * 40 + [write(1, 0xBAD)])]:
        clear(esp)
        said, words = batch(esp, *accesses)
        finding(what, [said, words, registers(esp)])
    clear(esp)
    # A damaged batch is not begun.
    payload = struct.pack("<III", SCRATCH | WRITE, 0xBAD, FULL)
    esp.write(frame(ACCESS, payload, checked(payload) ^ 1))
    finding("a damaged batch", [esp.command(timeout=3)[1][-2:].hex(), [], registers(esp)])
    finding("well after all that", [is_well(esp), hex(esp.read_reg(MAGIC)) == hex(MAGIC_VALUE)])
    esp._port.close()


main()
