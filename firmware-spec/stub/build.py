#!/usr/bin/env python3
"""Builds the stub loader and writes it as a Swift resource.

usage: build.py [--check]

With --check nothing is written: it fails where the resource is not what the sources make. Where the compiler is not
installed it says so and checks nothing, except in CI, where that is a failure.
"""

import base64
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESOURCE = HERE.parent.parent / "Sources/ESPLoader/StubProgram+Built.swift"
PREFIX = "xtensa-lx106-elf-"
SOURCES = ["start.S", "digest.c", "serial.c", "flash.c", "inflate.c", "write.c", "stub.c"]
FLAGS = [
    "-Os", "-flto", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-nostdlib", "-mlongcalls",
    "-mtext-section-literals", "-mno-serialize-volatile", "-fno-jump-tables", "-fno-tree-loop-distribute-patterns",
    "-frandom-seed=stub", "-T", "link.ld",
]
LINE = 112


def run(*command):
    return subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True).stdout


def built():
    with tempfile.TemporaryDirectory(prefix="iot-stub-") as folder:
        elf, binary = f"{folder}/stub.elf", f"{folder}/stub.bin"
        run(PREFIX + "gcc", *FLAGS, *SOURCES, "-o", elf)
        run(PREFIX + "objcopy", "-O", "binary", "-j", ".text", elf, binary)
        symbols = dict(reversed(line.split(" ")[::2]) for line in run(PREFIX + "nm", elf).splitlines())
        return int(symbols["text_start"], 16), int(symbols["start"], 16), Path(binary).read_bytes()


def resource():
    address, entry, text = built()
    version = re.search(r"VERSION = (\d+)", (HERE / "stub.h").read_text()).group(1)
    coded = base64.b64encode(text).decode()
    lines = [coded[start:start + LINE] for start in range(0, len(coded), LINE)]
    body = "\\\n        ".join(lines)
    return f'''// swift-format-ignore-file
// Made by firmware-spec/stub/build.py out of the sources beside it; not to be edited.

extension StubProgram {{
    /// The stub of firmware-spec/stub, {len(text)} bytes.
    static let built = StubProgram(
        version: {version}, address: 0x{address:08X}, entry: 0x{entry:08X},
        base64: """
        {body}
        """)
}}
'''


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        print(__doc__.strip())
        sys.exit(0 if sys.argv[1:] in (["-h"], ["--help"]) else 2)
    if shutil.which(PREFIX + "gcc") is None:
        print(f"{PREFIX}gcc is not installed: the stub is not built (make deps installs it)", file=sys.stderr)
        sys.exit(1 if os.environ.get("CI") == "true" or "--check" not in sys.argv else 0)
    try:
        text = resource()
    except subprocess.CalledProcessError as error:
        sys.exit(error.stderr)
    if "--check" not in sys.argv:
        RESOURCE.write_text(text)
    elif not RESOURCE.exists() or RESOURCE.read_text() != text:
        sys.exit(f"{RESOURCE.name} is not what firmware-spec/stub makes; run firmware-spec/stub/build.py")
    else:
        print("stub: as its sources make it")


main()
