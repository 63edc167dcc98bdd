#!/usr/bin/env python3
"""Looks at the assembly of the LX106's loops: they call nothing but functions of the LX106 that are not inlined.

usage: cpu_loop.py --bench PATH

PATH is a release build of lx106-bench. The inner loop is one function, Processor.execute; the loop around it, from interrupt to
interrupt, is Processor.run. In them nothing may count references, allocate or check exclusivity, so none of their calls and
none of their jumps may lead into Swift's runtime or another library.
That such a call would be seen is shown by a function that has some: Processor.begin, which decodes a block.
"""

import argparse
import collections
import re
import subprocess
import sys

# As Swift mangles LX106.Processor.execute, run and begin; parameters and result follow. A switch over all instructions of an
# LX106 cannot be shorter than that.
LOOPS = {"$s5LX1069ProcessorC7execute": 200, "$s5LX1069ProcessorC3run3for": 20}
DECODING = "$s5LX1069ProcessorC5begin"
OURS = "$s5LX106"
# What leaves the function: `call 198c0 <name>`, `jmp 198c0 <name@plt>`, or `call *0x18(%rax)` with no name at all.
TRANSFER = re.compile(r"\s(call|jmp|j[a-z]{1,4})q?\s+(\*\S+|[0-9a-f]+ <([^>+]+)(\+0x[0-9a-f]+)?>)")


def lines(command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, timeout=120).stdout.splitlines()


def symbol(binary, prefix):
    found = {line.split()[-1] for line in lines(["nm", binary]) if line.split()[-1].startswith(prefix)}
    if len(found) != 1:
        sys.exit(f"{binary}: {len(found)} functions begin with {prefix}: {', '.join(sorted(found)) or 'was it inlined?'}")
    return found.pop()


def calls(binary, name):
    """What the function's code leads to, with how often; and how many instructions it has."""
    code = [line for line in lines(["objdump", "-d", "--no-show-raw-insn", f"--disassemble={name}", binary])
            if re.match(r"\s+[0-9a-f]+:\s", line)]
    targets = collections.Counter()
    for line in code:
        transfer = TRANSFER.search(line)
        if transfer is None:
            continue
        kind, where, target = transfer.group(1), transfer.group(2), transfer.group(3)
        # The switch over the instructions is a jump by a table.
        if target == name or (kind != "call" and where.startswith("*")):
            continue
        targets[target or where] += 1
    return targets, len(code)


def foreign(targets):
    return sorted(f"{count} x {target}" for target, count in targets.items() if not target.startswith(OURS))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bench", required=True)
    bench = parser.parse_args().bench
    said = []
    for prefix, least in LOOPS.items():
        loop = symbol(bench, prefix)
        targets, instructions = calls(bench, loop)
        if instructions < least:
            sys.exit(f"{loop}: objdump shows {instructions} instructions of it, fewer than it can have")
        if foreign(targets):
            sys.exit(f"a loop of the interpreter ({loop}) calls what it must not: {', '.join(foreign(targets))}")
        said.append(f"{instructions} instructions with {sum(targets.values())} calls")
    decoding = symbol(bench, DECODING)
    if not any("swift_" in name for name in foreign(calls(bench, decoding)[0])):
        sys.exit(f"{decoding} shows no call into Swift's runtime, though it decodes into arrays: this check sees none any more")
    print(f"inner loop {said[0]}, loop around it {said[1]}: none of them into Swift's runtime")


if __name__ == "__main__":
    main()
