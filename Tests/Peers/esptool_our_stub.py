"""Does with esptool's stub class, against our stub, everything that esptool does with its own.

usage: esptool_our_stub.py PORT FLASH-FILE STUB-FILE fast|real
Prints one line of JSON a finding: {"what": ..., "is": ...}; after each change the flash file is compared whole.
"""

import base64
import hashlib
import json
import random
import struct
import sys
import time
import zlib

from esptool import FatalError, cmds
from our_stub import MAGIC, Expected, finding, start

PORT, FLASH, STUB, TIMING = sys.argv[1:]
SCRATCH = 0x60001200
ALL = 4 << 20
# Stores 0x12345678 at 0x60001100, sends the frame RAN, and returns.
PROGRAM = bytes.fromhex(
    "00110060785634120000006021fdff31fdff390221fdff42a0c049025c2339024c1339024ce339024902c020000df000")
PROGRAM_AT, PROGRAM_ENTRY = 0x40100000, 0x4010000C
NOISE = random.Random(1).randbytes(200_000)
EVEN = bytes(index // 700 % 5 for index in range(150_000))
MIXED = NOISE[:20_000] + EVEN[:30_000] + b"\xff" * 9_000 + b"\xc0\xdb\xdc\xdd" * 300


def registers(esp):
    finding("chip", [hex(esp.read_reg(MAGIC)), ":".join(f"{byte:02x}" for byte in esp.read_mac()), esp.get_crystal_freq()])
    finding("flash", hex(esp.flash_id()))
    esp.write_reg(SCRATCH, 0xFFFFFFFF)
    esp.write_reg(SCRATCH, 0x12345678, mask=0x00FF0F00)
    begin = time.monotonic()
    esp.write_reg(SCRATCH + 4, 0xCAFE, delay_us=300_000, delay_after_us=100_000)
    # With fast timing nothing takes time.
    is_delayed = TIMING == "fast" or time.monotonic() - begin >= 0.4
    finding("registers", [hex(esp.read_reg(SCRATCH)), hex(esp.read_reg(SCRATCH + 4)), is_delayed])
    esp.write_status(0x0200, num_bytes=2, set_non_volatile=True)
    finding("status", hex(esp.read_status(2)))
    esp.write_status(0, num_bytes=2, set_non_volatile=True)
    esp.flash_spi_attach(0)
    esp.flash_set_parameters(ALL)


def write_plain(esp, address, data, block):
    esp.FLASH_WRITE_SIZE = block
    blocks = esp.flash_begin(len(data), address)
    for index in range(blocks):
        part = data[index * block:(index + 1) * block]
        esp.flash_block(part + b"\xff" * (block - len(part)), index)
    esp.flash_finish(False)


def write_packed(esp, address, data, block, level=9):
    packed = zlib.compress(data, level)
    esp.FLASH_WRITE_SIZE = block
    for index in range(esp.flash_defl_begin(len(data), len(packed), address)):
        esp.flash_defl_block(packed[index * block:(index + 1) * block], index, timeout=60)
    esp.flash_defl_finish(False)


def cut(data, block):
    """As much of `data` as leaves a last packed block of one to three bytes: it holds but a part of the checksum."""
    return next(data[:count] for count in range(len(data), 0, -1) if len(zlib.compress(data[:count], 9)) % block in (1, 2, 3))


def writes(esp, expected):
    plain = [(0x1000, NOISE[:0x8000], 0x4000), (0x9004, NOISE[:5001], 0x4000), (0xC000, NOISE[7:8], 0x400),
             (0x10F3, EVEN[:300], 0x1000), (0x20000, MIXED, 0x4000)]
    packed = [(0x30000, EVEN, 0x4000, 9), (0x60000, NOISE[:70_001], 0x4000, 9), (0x80000, MIXED, 1000, 9),
              (0x90104, MIXED, 0x4000, 1), (0xA0007, NOISE[:40_000], 0x4000, 0), (0xB0000, cut(NOISE[:33_000], 0x4000), 0x4000, 9),
              (0xBFF00, b"\x00", 0x4000, 9), (ALL - 0x3000, NOISE[:0x3000], 0x4000, 9)]
    if TIMING == "real":
        plain = [(0x9004, NOISE[:5001], 0x4000)]
        packed = [(0x30000, EVEN[:50_000], 0x4000, 9), (0x60000, NOISE[:20_001], 0x4000, 9)]
    for address, data, block in plain:
        write_plain(esp, address, data, block)
        expected.write(address, data)
        expected.check(f"plain at {address:#x}")
    for address, data, block, level in packed:
        write_packed(esp, address, data, block, level)
        expected.write(address, data)
        expected.check(f"packed at {address:#x}")
    esp.FLASH_WRITE_SIZE = type(esp).FLASH_WRITE_SIZE


def looks(esp, expected):
    ranges = [(0, 1), (3, 5), (0x1001, 4095), (0xFFE, 4099), (0x10000, 0x8001), (ALL - 100, 100), (ALL, 0)]
    for offset, count in ranges[:4] if TIMING == "real" else ranges:
        data = bytes(expected.bytes[offset:offset + count])
        digest = esp.flash_md5sum(offset, count) == hashlib.md5(data).hexdigest()
        finding(f"read {count} at {offset:#x}", [esp.read_flash(offset, count) == data, digest])


def speeds(esp, expected):
    bauds = [921600] if TIMING == "real" else [230400, 460800, 921600, 1500000, 2000000]
    for index, baud in enumerate(bauds):
        esp.change_baud(baud)
        data, address = NOISE[index:20_000 + index], 0xD0000 + index * 0x10000
        write_packed(esp, address, data, 0x4000)
        expected.write(address, data)
        expected.check(f"written at {baud} baud")
        finding(f"read at {baud} baud", esp.read_flash(address, len(data)) == data)


def erasures(esp, expected):
    for offset, count in [(0x60000, 0x3000), (0x2F000, 0x12000)]:
        esp.erase_region(offset, count)
        expected.erase(offset, count)
        expected.check(f"{count:#x} erased at {offset:#x}")
    if TIMING == "fast":
        esp.erase_flash()
        expected.erase(0, ALL)
        expected.check("all erased")


def command_line(esp, expected):
    """The functions behind esptool's commands, as they come."""
    cmds.attach_flash(esp)
    cmds.write_flash(esp, [(0x100000, MIXED), (0x120000, NOISE[:9001])])
    cmds.write_flash(esp, [(0x130104, MIXED[:30_002])], no_compress=True)
    for address, data in [(0x100000, MIXED), (0x120000, NOISE[:9001]), (0x130104, MIXED[:30_002])]:
        expected.write(address, data + b"\xff" * (-len(data) % 4))
    expected.check("write-flash")
    changed = bytearray(MIXED)
    changed[40_000] ^= 1
    cmds.write_flash(esp, [(0x100000, bytes(changed))], diff_with=[MIXED])
    expected.write(0x100000, changed)
    expected.check("write-flash with the sectors that differ")
    cmds.verify_flash(esp, [(0x100000, bytes(changed))])
    try:
        cmds.verify_flash(esp, [(0x100000, MIXED)])
        finding("verify-flash", "nothing differs")
    except FatalError:
        finding("verify-flash", True)
    finding("read-flash", cmds.read_flash(esp, 0x100001, 50_000) == changed[1:50_001])
    cmds.erase_region(esp, 0x101000, 0x2000)
    expected.erase(0x101000, 0x2000)
    expected.check("erase-region")
    # The stub itself, as words of instruction memory.
    with open(STUB) as handle:
        stub = json.load(handle)
    finding("dump-mem", cmds.dump_mem(esp, stub["address"], 256) == base64.b64decode(stub["code"])[:256])
    cmds.write_mem(esp, SCRATCH, 0x55AA55AA, 0xFFFF0000)
    finding("write-mem", hex(esp.read_reg(SCRATCH)))
    image = struct.pack("<BBBBIII", 0xE9, 1, 0, 0, PROGRAM_ENTRY, PROGRAM_AT, len(PROGRAM)) + PROGRAM
    image += bytes(15 - len(image) % 16)
    cmds.load_ram(esp, image + bytes([esp.checksum(PROGRAM)]))
    finding("load-ram", [esp.read().decode(), hex(esp.read_reg(0x60001100))])
    esp.write_reg(0x60001100, 0)


def program(esp):
    esp.mem_begin(len(PROGRAM), 3, 16, PROGRAM_AT)
    for index in range(3):
        esp.mem_block(PROGRAM[index * 16:(index + 1) * 16], index)
    esp.mem_finish(PROGRAM_ENTRY)
    esp._port.timeout = 60
    said = esp.read()
    esp.sync()
    finding("a program in memory", [said.decode(), hex(esp.read_reg(0x60001100)), esp.sync_stub_detected])


def boot_log(esp):
    """What the ROM prints, at its own speed."""
    esp._set_port_baudrate(74880)
    esp._port.timeout = 5
    said = esp._port.read_until(b"boot mode:(3,6)")
    return b"rst cause:" in said and said.endswith(b"boot mode:(3,6)")


def ends(esp):
    esp.sync()
    esp.run(False)
    finding("FLASH_END without a restart", [esp.sync_stub_detected, hex(esp.read_reg(MAGIC))])
    esp.sync()
    finding("SYNC again", esp.sync_stub_detected)
    # On a board without DTR and RTS a restart ends in what is in the flash; a SYNC brings the loader.
    for what, stays in [("soft reset to the loader", True), ("user code", False)]:
        # A busy machine may change its speed too late for what the ROM says; then it is restarted once more.
        for tries in range(6):
            esp.soft_reset(stays)
            if not stays:
                # esptool does not wait for the answer; before it the line's speed must stay.
                esp.read()
            is_heard = boot_log(esp)
            esp._port.close()
            time.sleep(0.1)
            esp = start(PORT, STUB)
            if is_heard:
                break
        finding(what, is_heard)
    finding("loaded again", hex(esp.flash_id()))
    esp._port.close()


def main():
    expected = Expected(FLASH)
    esp = start(PORT, STUB)
    registers(esp)
    writes(esp, expected)
    looks(esp, expected)
    speeds(esp, expected)
    erasures(esp, expected)
    if TIMING == "fast":
        command_line(esp, expected)
    program(esp)
    esp.change_baud(115200)
    ends(esp)


main()
