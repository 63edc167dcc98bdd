#!/usr/bin/env python3
"""Measures the LX106's interpreter beside QEMU's `-cpu lx106`, on loops that gcc has compiled.

usage: cpu.py --bench PATH [--million 1000]

Each loop runs for about that many million instructions, the same program on both. Ours counts them; QEMU's start is taken
off by running it once more with a single round. Times are those of the CPU, so that other work on the machine counts little.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import zlib

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cpu.c")
LEAVE = 0x40002000
# Instructions in one round, about.
ROUND = {"CHECKSUM": 16384 * 44, "COPY": 4096 * 6, "INFLATE": 40_000 * 70}
# QEMU begins at 0x50000000: j over a literal, l32r a0, jx a0.
BEGIN = bytes.fromhex("0601000000001040" "01ffffa00000")


def unpacked():
    """Repeats itself as firmware does."""
    source = random.Random(1)
    words = [source.randbytes(source.choice((2, 3))) for _ in range(400)]
    return b"".join(source.choice(words) if source.random() < 0.8 else source.randbytes(3) for _ in range(16_000))[:40_000]


def pack(folder):
    data = unpacked()
    packer = zlib.compressobj(9, wbits=-15)
    stream = packer.compress(data) + packer.flush()
    stream += bytes(-len(stream) % 4)
    words = [str(int.from_bytes(stream[place:place + 4], "little")) + "u" for place in range(0, len(stream), 4)]
    with open(os.path.join(folder, "packed.h"), "w") as file:
        file.write(f"enum {{ UNPACKED = {len(data)} }};\nstatic const u32 packed[] = {{{','.join(words)}}};\n")
    return sum(data)


def build(folder, loop, rounds):
    path = os.path.join(folder, f"{loop}-{rounds}")
    subprocess.run(
        ["xtensa-lx106-elf-gcc", "-O2", "-ffreestanding", "-fno-tree-loop-distribute-patterns", "-nostdlib", "-mtext-section-literals",
         "-mlongcalls", f"-I{folder}", f"-D{loop}", f"-DROUNDS={rounds}", SOURCE, "-o", path, "-Wl,--section-start=.start=0x40100000",
         "-Wl,-Ttext=0x40100100", "-Wl,--section-start=.rodata=0x40104000", "-Wl,-Tbss=0x3FFE8000", f"-Wl,--section-start=.leave={LEAVE:#x}", "-Wl,-e,start"], check=True)
    for name, sections in (("image", (".start", ".text", ".rodata")), ("leave", (".leave",))):
        subprocess.run(
            ["xtensa-lx106-elf-objcopy", "-O", "binary", *(f"--only-section={section}" for section in sections), path,
             f"{path}.{name}"], check=True)
    return path


def ours(bench, path):
    done = subprocess.run([bench, f"{path}.image", f"{LEAVE:x}"], stdout=subprocess.PIPE, check=True, timeout=300)
    answer = json.loads(done.stdout)
    return answer["instructions"], answer["seconds"], answer["result"]


def theirs(folder, path):
    begin = os.path.join(folder, "begin")
    with open(begin, "wb") as file:
        file.write(BEGIN)
    command = ["qemu-system-xtensa", "-M", "sim", "-cpu", "lx106", "-m", "64", "-semihosting", "-display", "none",
               "-serial", "none", "-monitor", "none"]
    for name, address in ((begin, 0x50000000), (f"{path}.image", 0x40100000), (f"{path}.leave", LEAVE)):
        command += ["-device", f"loader,file={name},addr={address:#x},force-raw=on"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bench", required=True)
    parser.add_argument("--million", type=int, default=1000)
    options = parser.parse_args()
    print(f"{options.million} million instructions of an LX106, whose own clock is 80 MHz")
    slow = []
    with tempfile.TemporaryDirectory(prefix="iot-bench-") as folder:
        results = {"INFLATE": pack(folder)}
        for loop, instructions in ROUND.items():
            one, many = build(folder, loop, 1), build(folder, loop, options.million * 1_000_000 // instructions)
            count, seconds, result = ours(options.bench, many)
            if result != results.get(loop, result):
                sys.exit(f"{loop.lower()} has come to {result}, not to {results[loop]}")
            qemu = theirs(folder, many) - theirs(folder, one)
            speed, other = count / seconds / 1e6, count / qemu / 1e6
            print(f"{loop.lower():<9} ours {speed:.0f} million a second, QEMU {other:.0f}, ratio {speed / other:.2f}")
            if speed < 80:
                slow.append(loop.lower())
    if slow:
        sys.exit(f"below the chip's own clock: {', '.join(slow)}")


if __name__ == "__main__":
    main()
