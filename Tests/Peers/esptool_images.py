"""Makes ELF files and files to merge, by seed, runs unmodified esptool and iot image on them, and compares every byte.

usage: esptool_images.py IOT DIRECTORY
Prints one line of JSON a finding: {"what": ..., "is": ...}.
"""

import contextlib
import io
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys

import esptool

IOT, DIRECTORY = sys.argv[1:]
os.chdir(DIRECTORY)
TOOLS = "xtensa-lx106-elf-"
REGIONS = {"dram": 0x3FFE8000, "system": 0x3FFFC000, "iram": 0x40100000, "irom": 0x40210000, "arduino": 0x40201010}


def finding(what, value):
    print(json.dumps({"what": what, "is": value}), flush=True)


def theirs(*arguments):
    """Whether esptool took it."""
    return heard(*arguments)[0]


def heard(*arguments):
    """Whether esptool took it, and what it said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            esptool.main(["--chip", "esp8266", *arguments])
            return True, said.getvalue()
        except SystemExit as end:
            return end.code in (0, None), said.getvalue()
        except (esptool.FatalError, struct.error, TypeError):
            return False, said.getvalue()


def ours(*arguments):
    """Whether iot image took it, and what it said."""
    done = subprocess.run([IOT, "image", *arguments], capture_output=True, text=True, timeout=60)
    if done.returncode not in (0, 6, 64):
        raise RuntimeError(f"{arguments}: exit code {done.returncode}: {done.stderr[-600:]}")
    return done.returncode == 0, done.stderr.strip()


def written(folder):
    found = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as handle:
            found[name] = handle.read()
    return found


def fresh(*names):
    for name in names:
        shutil.rmtree(name, ignore_errors=True)
        os.mkdir(name)


def elf(sections, entry):
    """An ELF file of sections (name, type, flags, address, data, size), as the System V ABI has it."""
    names, body, heads = b"\0", b"", [bytes(40)]
    for name, kind, flags, address, data, size in sections + [(".shstrtab", 3, 0, 0, None, 0)]:
        place = len(names)
        names += name.encode() + b"\0"
        data = names if data is None else data
        body += bytes(-(52 + len(body)) % 4)
        offset = 52 + len(body)
        if kind != 8:
            body += data
        heads.append(struct.pack("<10I", place, kind, flags, address, offset, len(data) or size, 0, 0, 4, 0))
    body += bytes(-(52 + len(body)) % 4)
    header = b"\x7fELF\1\1\1" + bytes(9) + struct.pack(
        "<HHIIIIIHHHHHH", 2, 94, 1, entry, 0, 52 + len(body), 0, 52, 32, 0, 40, len(heads), len(heads) - 1)
    return header + body + b"".join(heads)


def random_elf(dice):
    """Sections of every kind in any order: neighbours, odd sizes, gaps, borders of memories, empty ones, arrays, notes."""
    sections = []
    for region in dice.sample(list(REGIONS), dice.randint(1, len(REGIONS) - 1)):
        address = REGIONS[region]
        if region == "irom" and any(".arduino" in section[0] for section in sections) and dice.random() < 0.8:
            continue
        if dice.random() < 0.1:
            address -= dice.choice([4, 8])
        for index in range(dice.choice([1, 1, 2, 3] if region not in ("irom", "arduino") else [1, 1, 1, 2])):
            data = dice.randbytes(dice.choice([0, 1, 2, 3, 4, 5, 7, 8, 16, 100, dice.randint(1, 3000)]))
            kind = dice.choice([1, 1, 1, 1, 14, 15, 16])
            if dice.random() < 0.12:
                kind, data, size = 8, b"", dice.randint(1, 400)
            else:
                size = 0
            if dice.random() < 0.05:
                kind, size = dice.choice([7, 6]), 0
            sections.append(
                (f".{region}{index}", kind, dice.choice([2, 3, 6, 7, 7, 2, 0]), 0 if dice.random() < 0.04 else address,
                 data, size))
            address += (len(data) or size) + (-(len(data) or size) % 4 if dice.random() < 0.8 else 0)
            if dice.random() < 0.25:
                address += dice.choice([4, 16, 256])
    if dice.random() < 0.3:
        dice.shuffle(sections)
    if dice.random() < 0.06:
        sections += [(f".many{index}", 1, 3, 0x3FFF0000 + 64 * index, dice.randbytes(4), 0) for index in range(18)]
    return elf(sections, dice.choice([0x40100000, 0x40100004, 0x40210010, 0]))


def tool(name, *arguments):
    subprocess.run([TOOLS + name, *arguments], check=True, capture_output=True, timeout=60)


def compiled_elf(dice, name, irom=0x40210000, arduino=False):
    """A program of gcc and ld, with the sections in a random order."""
    numbers = ",".join(str(dice.randint(0, 9999)) for _ in range(dice.randint(1, 400)))
    source = f"""
extern int counter; int table[] = {{{numbers}}};
const char text[] = "{'x' * dice.randint(0, 90)}";
char odd[{dice.randint(1, 9)}] = {{1}};
int __attribute__((section(".irom0.text"))) slow(int a) {{ return a * {dice.randint(2, 99)} + table[0]; }}
int __attribute__((section(".iram"))) quick(int a) {{ return a + counter; }}
int counter = 5; int zeros[{dice.randint(1, 300)}];
static void begin(void) {{ counter = 7; }}
void (*const begins[])(void) __attribute__((section(".init_array"))) = {{ begin }};
void call_start(void) {{ for (;;) counter = slow(quick(counter)) + text[counter % 8] + odd[0] + zeros[counter & 1]; }}
"""
    parts = [
        " .text : { *(.iram.literal .literal .literal.* .iram .text .text.*) } > iram",
        " .data : { *(.data) } > dram", " .rodata : { *(.rodata*) } > dram",
        " .init_array : { KEEP(*(.init_array)) } > dram", " .bss : { *(.bss) } > dram",
    ]
    if arduino:
        flash = (" .irom0.text : { LONG(0) LONG(0) *(.irom0.literal .irom0.text) . = ALIGN(4); } > irom\n"
                 " .text1 : { . = ALIGN(4); } > iram")
        parts = [part.replace(") } >", ") . = ALIGN(4); } >") for part in parts]
        parts[1], parts[3] = parts[1].replace("(.data)", "(.data) KEEP(*(.init_array))"), ""
    else:
        flash = " .irom0.text : { *(.irom0.literal .irom0.text) } > irom"
        dice.shuffle(parts)
    parts.insert(dice.randint(0, len(parts)), flash)
    script = f"""MEMORY {{
 dram : org = 0x3FFE8000, len = 0x14000 iram : org = 0x40100000, len = 0x8000 irom : org = {irom:#x}, len = 0x50000
}} ENTRY(call_start) SECTIONS {{ {chr(10).join(parts)} }}"""
    for suffix, content in ((".c", source), (".ld", script)):
        with open(name + suffix, "w") as handle:
            handle.write(content)
    tool("gcc", "-Os", "-g", "-mlongcalls", "-nostdlib", "-T", name + ".ld", name + ".c", "-o", name)
    if dice.random() < 0.3:
        tool("objcopy", "--strip-debug", name)


def compare_elf(name, dice, tally):
    """Both versions, with any flash parameters."""
    options = []
    for option, values in (
        ("--flash-mode", ["qio", "qout", "dio", "dout"]), ("--flash-freq", ["20m", "26m", "40m", "80m"]),
        ("--flash-size", ["256KB", "512KB", "1MB", "2MB", "4MB", "2MB-c1", "4MB-c1", "8MB", "16MB"])):
        if dice.random() < 0.5:
            options += [option, dice.choice(values)]
    for version in "12":
        fresh("theirs", "ours")
        they = theirs("elf2image", "--version", version, "-o", "theirs/image", *options, name)
        we, said = ours("from-elf", "--version", version, "-o", "ours/image", *options, name)
        if they and we:
            key = "same" if written("theirs") == written("ours") else "different"
        elif not they and not we:
            key = "refused by both"
        elif they and "window (0x40200000), which version 2 is made for" in said:
            key = "version 2 without a part in the flash refused by ours"
        elif they and "no section to load" in said:
            key = "nothing to load refused by ours"
        elif they and "inside the image at 0x0" in said:
            key = "part in the flash inside the image refused by ours"
        else:
            key = f"{name} version {version}: esptool {they}, iot {we}: {said}"
        if key == "different":
            key = f"different: {name} version {version}"
            shutil.copy(name, "kept-" + os.path.basename(name))
        tally[key] = tally.get(key, 0) + 1


def images():
    tally = {}
    for seed in range(60):
        dice = random.Random(seed)
        with open("random.elf", "wb") as handle:
            handle.write(random_elf(dice))
        compare_elf("random.elf", dice, tally)
    finding("images of ELF files written by hand", tally)
    tally = {}
    for seed in range(24):
        dice = random.Random(1000 + seed)
        compiled_elf(dice, "compiled.elf", irom=dice.choice([0x40210000, 0x40210000, 0x40220010, 0x40281000]))
        compare_elf("compiled.elf", dice, tally)
    finding("images of ELF files of gcc and ld", tally)


def info_of_theirs(path):
    """What image-info says, or nothing where it refuses the image, or does not know its flash parameters."""
    took, said = heard("image-info", path)
    if not took or any(name not in said for name in ("Flash mode:", "Flash freq:", "Flash size:")):
        return None

    def one(pattern):
        return re.search(pattern, said).group(1)

    # It says nothing of an entry at 0.
    entry = re.search(r"Entry point: (0x\w+)", said)
    checksum = re.search(r"Checksum: (0x\w+) \((valid|invalid - calculated (0x\w+))\)", said)
    return {
        "version": int(one(r"Image version: (\d)")), "entry": int(entry[1], 16) if entry else 0,
        "flash": [one(r"Flash mode: (\w+)").lower(), one(r"Flash freq: (\w+)"), one(r"Flash size: (\S+)")],
        # Its offsets are those of a segment's address and length, eight bytes before the data.
        "segments": [
            [int(length, 16), int(address, 16), int(offset, 16) + 8]
            for length, address, offset in re.findall(r"^ +\d+  (0x\w+)  (0x\w+)  (0x\w+)", said, re.MULTILINE)],
        "checksum": [int(checksum[1], 16), int(checksum[3] or checksum[1], 16)],
    }


def info_of_ours(path):
    done = subprocess.run([IOT, "image", "info", "--json", path], capture_output=True, text=True, timeout=60)
    if not done.stdout:
        return None
    image = json.loads(done.stdout)["images"][0]
    sums = [image["checksum"]] + ([image["crc"]] if "crc" in image else [])
    assert done.returncode == (0 if all(each["right"] for each in sums) else 6), done
    return {
        "version": image["version"], "entry": image["entry"],
        "flash": [image["flashMode"], image["flashFrequency"], image["flashSize"]],
        "segments": [[each["bytes"], each["address"], each["offset"]] for each in image["segments"]],
        "checksum": [image["checksum"]["stored"], image["checksum"]["computed"]],
    }


def infos():
    """Of images as they are made, and with a byte flipped somewhere in the contents."""
    tally = {}
    for seed in range(30):
        dice = random.Random(4000 + seed)
        with open("random.elf", "wb") as handle:
            handle.write(random_elf(dice))
        fresh("theirs")
        version = dice.choice("12")
        flash = ["--flash-mode", dice.choice(["qio", "dout"]), "--flash-size", dice.choice(["512KB", "4MB", "2MB-c1"])]
        if not theirs("elf2image", "--version", version, "-o", "theirs/image", *flash, "random.elf"):
            continue
        path = "theirs/image" + ("0x00000.bin" if version == "1" else "")
        for state in ("whole", "broken"):
            if state == "broken":
                with open(path, "r+b") as handle:
                    image = bytearray(handle.read())
                    image[-dice.randint(1, 24 if len(image) > 60 else 1)] ^= 1 << dice.randint(0, 7)
                    handle.seek(0)
                    handle.write(image)
            they, we = info_of_theirs(path), info_of_ours(path)
            key = f"{state} {'same' if they else 'refused by both'}" if they == we else f"{state} seed {seed}: esptool {they}, iot {we}"
            tally[key] = tally.get(key, 0) + 1
    finding("what stands in images", tally)


def merges():
    tally = {}
    for seed in range(60):
        dice = random.Random(2000 + seed)
        items, sectors, place = [], [], dice.choice([0, 0, 0x1000, 0x3, 0xFFF0, 0x10000, 0x1FFF8])
        for index in range(dice.randint(1, 4)):
            data = dice.randbytes(dice.choice([1, 5, 16, 451, 452, 453, 4093, 4096, dice.randint(1, 70_000)]))
            path = f"part{index}.bin"
            with open(path, "wb") as handle:
                handle.write(data)
            items.append((hex(place), path))
            end = place + len(data)
            sectors += range(place // 4096, -(-end // 4096))
            place = end if dice.random() < 0.1 else -(-end // 4096) * 4096 + dice.choice([0, 0, 7, 0x1000, 0x20000])
        dice.shuffle(items)
        if dice.random() < 0.3 and len(items) > 1:
            # One of them as Intel HEX, which carries its own place.
            address, path = items[0]
            assert theirs("merge-bin", "--format", "hex", "-o", "part.hex", address, path)
            items[0] = (None, "part.hex")
        for kind in ("raw", "uf2", "hex"):
            fresh("theirs", "ours")
            fill = dice.choice(["256KB", "512KB", "1MB", "4MB"]) if kind == "raw" and dice.random() < 0.3 else None
            they = theirs(
                "merge-bin", "--format", kind, "-o", "theirs/all", *(["--pad-to-size", fill] if fill else []),
                *[word for address, path in items for word in (address or "0x0", path)])
            we, said = ours(
                "merge", "--format", kind, "-o", "ours/all", *(["--fill-to", fill] if fill else []),
                *[word for address, path in items for word in (address, path) if word])
            if they and we:
                key = f"{kind} same" if written("theirs") == written("ours") else f"{kind} different: seed {seed}"
            elif not they and not we:
                key = f"{kind} refused by both"
            elif we and not they and len(sectors) > len(set(sectors)):
                key = f"{kind} that share a sector refused by esptool"
            elif they and "beyond --fill-to" in said:
                key = "raw longer than --fill-to refused by ours"
            else:
                key = f"{kind} seed {seed}: esptool {they}, iot {we}: {said}"
            tally[key] = tally.get(key, 0) + 1
    finding("merged files", tally)


def crc_of_build(build):
    """As the core's ESP.checkFlashCRC does it, bit by bit: from the flash's start on, both fields as zeros."""
    crc = 0xFFFFFFFF
    for index, byte in enumerate(build):
        byte = 0 if 0x1010 <= index < 0x1018 else byte
        for bit in range(7, -1, -1):
            top = crc >> 31 ^ (byte >> bit & 1)
            crc = crc << 1 & 0xFFFFFFFF
            if top:
                crc ^= 0x04C11DB7
    return crc


def segments_of(image):
    found, place, checksum = [], 8, 0xEF
    for _ in range(image[1]):
        address, size = struct.unpack_from("<II", image, place)
        data = image[place + 8:place + 8 + size]
        found.append((address, data))
        for byte in data:
            checksum ^= byte
        place += 8 + size
    end = (place + 16) // 16 * 16
    return found, checksum == image[end - 1], end


def section(name, wanted):
    tool("objcopy", "-O", "binary", "--only-section=" + wanted, name, "section.bin")
    with open("section.bin", "rb") as handle:
        return handle.read()


def arduino():
    """No esptool does this; the layout is read back by what the core documents and objcopy says."""
    tally = {}
    for seed in range(8):
        dice = random.Random(3000 + seed)
        compiled_elf(dice, "sketch.elf", irom=0x40201010, arduino=True)
        compiled_elf(dice, "eboot.elf", irom=0x40281000)
        we, said = ours("from-elf", "--version", "arduino", "--eboot", "eboot.elf", "-o", "build.bin", "sketch.elf")
        assert we, said
        with open("build.bin", "rb") as handle:
            build = handle.read()
        boot, boot_right, boot_end = segments_of(build)
        length, crc = struct.unpack_from("<II", build, 0x1010)
        plain = build[:0x1010] + bytes(8) + build[0x1018:]
        parts, right, end = segments_of(plain[0x1000:])
        names = [".irom0.text", ".text", ".text1", ".data", ".rodata"]
        checks = {
            "eboot": [data.rstrip(b"\0") for _, data in boot] == [
                section("eboot.elf", wanted).rstrip(b"\0") for wanted in (".text", ".rodata")],
            "eboot's checksum": boot_right,
            "filled with AA": set(build[boot_end:0x1000]) == {0xAA},
            "application": [data for _, data in parts] == [section("sketch.elf", wanted) for wanted in names],
            "in place": parts[0][0] == 0x40201010,
            "checksum": right,
            "length": length == len(build) == 0x1000 + end,
            "crc": crc == crc_of_build(build),
            "info": ours("info", "build.bin")[0],
        }
        for key, value in checks.items():
            tally[key] = tally.get(key, 0) + value
    finding("Arduino builds", tally)


images()
infos()
merges()
arduino()
