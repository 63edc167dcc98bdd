"""The dump of a crash, decoded with an ELF that is built here."""

import os
import re
import signal
import subprocess

from findings import DIRECTORY, IOT, LIMIT, finding, path
from terminals import Board, Stream


SKETCH = r"""
static volatile int sink;

static inline __attribute__((always_inline)) int inlined(int *place) {
    return *place * 3;
}

__attribute__((noinline)) int deep(int *place) {
    sink = 1;
    return inlined(place) + sink;
}

__attribute__((noinline)) int loop(int *place) {
    int sum = 1;
    sum += deep(place);
    return sum + sink;
}

extern "C" void start(void) {
    for (;;)
        loop(0);
}
"""


def listing(elf):
    """What objdump says of each instruction: its function, its line, what follows it, and its text."""
    text = subprocess.run(
        ["xtensa-lx106-elf-objdump", "-dlC", "--no-show-raw-insn", elf], capture_output=True, text=True,
        check=True).stdout
    found, function, line = [], None, None
    for row in text.splitlines():
        if match := re.fullmatch(r"[0-9a-f]{8} <(.*)>:", row):
            function, line = match.group(1), None
        elif match := re.fullmatch(r"(/.*:\d+)( \(discriminator \d+\))?", row):
            line = match.group(1)
        elif match := re.fullmatch(r"([0-9a-f]{8}):\t(.*)", row):
            found.append({"at": int(match.group(1), 16), "in": function, "line": line, "text": match.group(2)})
    for one, other in zip(found, found[1:]):
        one["next"] = other["at"]
    return found


def crash():
    source, elf = path("sketch.cpp"), path("sketch.elf")
    with open(source, "w") as file:
        file.write(SKETCH)
    subprocess.run(
        ["xtensa-lx106-elf-g++", "-g", "-O1", "-ffreestanding", "-nostdlib", "-mlongcalls", "-Wl,-Ttext=0x40201000",
         "-Wl,-e,start", "-o", elf, source], check=True)
    instructions = listing(elf)
    load = next(i for i in instructions if i["in"].startswith("deep(") and i["text"].startswith("l32i.n\ta2, a2"))
    calls = [i for i in instructions if i["text"].startswith("call")]
    in_loop = next(i for i in calls if i["in"].startswith("loop("))
    in_start = next(i for i in calls if i["in"] == "start")
    dump = "\r\n".join([
        "", "Exception (28):",
        f"epc1=0x{load['at']:08x} epc2=0x00000000 epc3=0x00000000 excvaddr=0x00000000 depc=0x00000000", "",
        ">>>stack>>>", "", "ctx: cont", "sp: 3ffffdb0 end: 3fffffc0 offset: 0190",
        f"3fffff40:  3fffdad0 00000000 3ffee5ac {in_loop['next']:08x}  <",
        f"3fffff50:  {in_start['next']:08x} 40000f49 4020ffff 00000000", "<<<stack<<<", "", ""])

    board = Board()
    process = subprocess.Popen(
        [IOT, "monitor", "--port", board.link, "--elf", elf], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    out, err = Stream(process.stdout.fileno()), Stream(process.stderr.fileno())
    err.expect("baud\n")
    # The line of the load is the inlined function's: that of its place in the source, not of any tool.
    lines_of = {text.strip(): f"{source}:{number}" for number, text in enumerate(SKETCH.splitlines(), 1)}
    expected = [
        "--- exception 28: a load from where nothing may be read, often through a null pointer (LoadProhibited)",
        f"--- epc1 0x{load['at']:08x}: inlined at {lines_of['return *place * 3;']}",
        f"---   inlined into {load['in']} at {lines_of['return inlined(place) + sink;']}",
        f"--- stack (cont) 0x{in_loop['next']:08x}: {in_loop['in']} at {in_loop['line']}",
        f"--- stack (cont) 0x{in_start['next']:08x}: {in_start['in']} at {in_start['line']}"]
    finding("objdump's line of the load is the source's", load["line"] == lines_of["return *place * 3;"])
    finding("the call's line is the source's", in_loop["line"] == lines_of["sum += deep(place);"])
    for turn in range(3):
        start = len(out.bytes)
        board.say(dump)
        out.expect(expected[-1], start)
        found = [line for line in out.bytes[start:].decode().splitlines() if line.startswith("---")]
        finding("crash", found == expected or {"found": found, "expected": expected})
    tasks = os.listdir(f"/proc/{process.pid}/task")
    tools = [int(tool) for task in tasks for tool in open(f"/proc/{process.pid}/task/{task}/children").read().split()]
    finding("processes that look up", len(tools))
    # Lines go on while a lookup runs, and a tool that was killed is named.
    os.kill(tools[0], signal.SIGSTOP)
    start = len(out.bytes)
    board.say(dump + "still here\n")
    out.expect("still here", start)
    finding("a lookup that hangs holds up no line", True)
    os.kill(tools[0], signal.SIGKILL)
    out.expect("xtensa-lx106-elf-addr2line has ended", start)
    board.say("and on\n")
    out.expect("and on", start)
    process.send_signal(signal.SIGTERM)
    finding("end", process.wait(LIMIT))
    process = subprocess.Popen(
        [IOT, "monitor", "--port", board.link, "--elf", elf], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**os.environ, "PATH": DIRECTORY})
    err = Stream(process.stderr.fileno())
    err.expect("sudo apt install binutils-xtensa-lx106")
    finding("a missing tool is named with its package", True)
    process.send_signal(signal.SIGTERM)
    process.wait(LIMIT)
    done = subprocess.run(
        [IOT, "monitor", "--port", board.link, "--elf", source], capture_output=True, text=True, timeout=LIMIT)
    finding("what is no ELF is refused", [done.returncode, done.stderr.replace(DIRECTORY, "DIR")])
