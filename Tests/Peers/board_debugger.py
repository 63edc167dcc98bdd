"""A debugger of a board: says what GDB would say, and what came of it.

usage: board_debugger.py SCENARIO GDB-ADDRESS SERIAL-ADDRESS SYMBOLS
SERIAL-ADDRESS is socket://host:port, or rfc2217://host:port for the scenario `lines`; SYMBOLS is what nm printed of the program. Prints one line of JSON a finding:
{"what": ..., "is": ...}. Written from the GDB manual, "Remote Protocol"; the registers are those of an LX106 in QEMU's order.
"""

import json
import random
import re
import socket
import sys
import time

LIMIT_SECONDS = 60
PC = 16


def finding(what, value):
    print(json.dumps({"what": what, "is": value}), flush=True)


def connect(address):
    host, port = address.removeprefix("socket://").rsplit(":", 1)
    link = socket.create_connection((host.strip("[]"), int(port)), timeout=LIMIT_SECONDS)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def word(number):
    return number.to_bytes(4, "little").hex()


class Debugger:
    def __init__(self, address):
        self.link = connect(address)
        self.stream = self.link.makefile("rb")

    def send(self, content):
        self.link.sendall(b"$" + content + b"#%02x" % (sum(content) & 0xFF))
        if self.stream.read(1) != b"+":
            raise RuntimeError(f"{content!r} was not acknowledged")

    def answer(self):
        """The content of the next packet, whose checksum must be right."""
        begin = self.stream.read(1)
        if begin != b"$":
            raise RuntimeError(f"{begin!r} before a packet")
        content = b""
        while (byte := self.stream.read(1)) != b"#":
            if not byte:
                raise RuntimeError(f"the connection ended within {content!r}")
            content += byte
        if int(self.stream.read(2), 16) != sum(content) & 0xFF:
            raise RuntimeError(f"wrong checksum of {content!r}")
        self.link.sendall(b"+")
        return content.decode("ascii")

    def ask(self, content):
        self.send(content.encode("ascii"))
        return self.answer()

    def interrupt(self):
        self.link.sendall(b"\x03")
        return self.answer()

    def register(self, number):
        return int.from_bytes(bytes.fromhex(self.ask(f"p{number:x}")), "little")

    def memory(self, address, count):
        return bytes.fromhex(self.ask(f"m{address:x},{count:x}"))

    def word(self, address):
        return int.from_bytes(self.memory(address, 4), "little")

    def monitor(self, command):
        return bytes.fromhex(self.ask("qRcmd," + command.encode().hex())).decode()

    def close(self):
        self.stream.close()
        self.link.close()

    def is_over(self):
        """Whether the board has closed the connection."""
        try:
            return self.link.recv(1) == b""
        except ConnectionError:
            return True


class Serial:
    def __init__(self, address):
        self.address = address
        self.link = None
        self.heard = b""

    def open(self):
        self.link = connect(self.address)

    def until(self, text):
        """What is said up to and with `text`; what follows is kept."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while text not in self.heard:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{text!r} was not said, but {self.heard[-200:]!r}")
            self.heard += self.link.recv(4096)
        place = self.heard.index(text) + len(text)
        said, self.heard = self.heard[:place], self.heard[place:]
        return said.decode("latin-1")

    def drained(self):
        """All that has come by now, from a board that is halted."""
        self.link.settimeout(0.3)
        try:
            while True:
                self.heard += self.link.recv(4096)
        except TimeoutError:
            self.link.settimeout(LIMIT_SECONDS)
        said, self.heard = self.heard, b""
        return said.decode("latin-1")

    def causes(self):
        """Of the resets since the last look."""
        return re.findall(r"rst cause:(\d)", self.drained())

    def say(self, text):
        self.link.sendall(text)


def begin(address, serial, text):
    """A debugger that has halted the board after a reset, once its program has said `text`.

    The line is only taken when the board is halted: what the program has said before the reset must not be heard as said
    after it. The board has seen the line when it has answered twice.
    """
    debugger = patient(address)
    serial.open()
    for _ in range(2):
        debugger.ask("?")
    debugger.monitor("reset")
    debugger.send(b"c")
    serial.until(text)
    debugger.interrupt()
    return debugger


def session(address, serial, symbols):
    """The program adds `stride` to `total` in step(), which start() calls, and prints it."""
    debugger = Debugger(address)
    finding("begin", debugger.ask("?"))
    debugger.close()
    debugger = begin(address, serial, b"count 1\r\n")
    finding("features", "QStartNoAckMode+" in debugger.ask("qSupported:swbreak+;hwbreak+"))
    finding("set", debugger.ask(f"Z0,{symbols['step']:x},3"))
    finding("stopped", debugger.ask("c"))
    finding("at the function", debugger.register(PC) == symbols["step"])
    registers = debugger.ask("g")
    finding("registers", [len(registers), registers[8 * PC:8 * PC + 8] == word(symbols["step"])])
    count = debugger.word(symbols["total"])
    finding("argument", debugger.register(2) == count)
    finding("magic", debugger.memory(symbols["magic"], 8).hex())
    finding("step", [debugger.ask("s"), 2 <= debugger.register(PC) - symbols["step"] <= 3])
    finding("write", debugger.ask(f"M{symbols['stride']:x},4:{word(5000)}"))
    finding("read back", debugger.word(symbols["stride"]))
    finding("again", [debugger.ask("c"), debugger.register(PC) == symbols["step"]])
    finding("counted", debugger.word(symbols["total"]) - count)
    debugger.ask(f"M{symbols['stride']:x},4:{word(1)}")
    finding("cleared", debugger.ask(f"z0,{symbols['step']:x},3"))
    debugger.send(b"c")
    finding("said", len(serial.until(b"count %d\r\ncount %d\r\n" % (count + 5000, count + 5001))) > 0)
    finding("ctrl-C", debugger.interrupt())
    finding("ROM", debugger.ask("Z1,400024cc,3"))
    finding("in the ROM", [debugger.ask("c"), debugger.register(PC) == 0x400024CC])
    back = debugger.register(0)
    debugger.ask(f"Z0,{back:x},3")
    debugger.ask("z1,400024cc,3")
    finding("done", [debugger.ask("c"), debugger.register(PC) == back])
    debugger.ask(f"z0,{back:x},3")
    debugger.ask("Z1,40002ecc,3")
    finding("is met", [debugger.ask("c"), debugger.register(PC) == 0x40002ECC])
    finding("once a call", [stops(debugger, symbols["total"]) for _ in range(3)])
    finding("refused", [debugger.ask("M40000000,4:00000000"), debugger.ask("m00000000,4"), debugger.ask("Z2,0,4")])
    count = debugger.word(symbols["total"])
    finding("detach", debugger.ask("D"))
    finding("over", debugger.is_over())
    finding("runs on", len(serial.until(b"count %d\r\n" % (count + 10))) > 0)


def stops(debugger, count):
    """How far the program comes from one breakpoint to the next, each stepped over as GDB does it."""
    before = debugger.word(count)
    debugger.ask("z1,40002ecc,3")
    debugger.ask("s")
    debugger.ask("Z1,40002ecc,3")
    return [debugger.ask("c"), debugger.word(count) - before]


def patient(address):
    """A debugger that is taken, as soon as the board has seen the last one go."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while True:
        try:
            debugger = Debugger(address)
            debugger.ask("?")
            return debugger
        except (OSError, RuntimeError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def hostile(address, serial, symbols):
    serial.open()
    noise = random.Random(1)
    link = connect(address)
    for _ in range(200):
        link.sendall(noise.randbytes(noise.randint(1, 5000)))
    link.sendall(b"$" + b"x" * 3_000_000)
    link.close()
    debugger = patient(address)
    count = debugger.word(symbols["total"])
    debugger.close()
    finding("goes on after noise", len(serial.until(b"count %d\r\n" % (count + 5))) > 0)
    greedy = patient(address).link
    try:
        for _ in range(20_000):
            greedy.sendall(b"$m3ffe8000,800#%02x" % (sum(b"m3ffe8000,800") & 0xFF) * 20)
        finding("who does not read", "is fed for ever")
    except OSError as error:
        finding("who does not read", "is cut" if not isinstance(error, TimeoutError) else "waits")
    greedy.close()
    first = patient(address)
    second = connect(address)
    finding("second", second.recv(1).hex())
    second.close()
    finding("first", first.ask("qC"))
    finding("breakpoint", [first.ask(f"Z0,{symbols['step']:x},3"), first.ask("c")])
    count = first.word(symbols["total"])
    first.link.sendall(b"$g#6")
    first.close()
    finding("runs on when it is cut", len(serial.until(b"count %d\r\n" % (count + 20))) > 0)
    third = patient(address)
    finding("comes again", third.ask("?"))
    count = third.word(symbols["total"])
    third.send(b"k")
    finding("killed", third.is_over())
    finding("a board cannot be killed", len(serial.until(b"count %d\r\n" % (count + 10))) > 0)


def flood(address, serial, symbols):
    """Many come and go before one comes that stays; it is not asked to try again."""
    answers = []
    for _ in range(5):
        for _ in range(200):
            connect(address).close()
        try:
            debugger = Debugger(address)
            answers.append(debugger.ask("qC"))
            debugger.close()
        except (OSError, RuntimeError) as error:
            answers.append(repr(error))
    finding("served", answers)
    held = patient(address)
    crowd = [connect(address) for _ in range(100)]
    finding("refused", sum(link.recv(1) == b"" for link in crowd))
    finding("first", held.ask("qC"))


class Lines:
    """A serial port with reset lines, by pyserial."""

    def __init__(self, address):
        import serial
        self.port = serial.serial_for_url(address, baudrate=74880, timeout=LIMIT_SECONDS)
        self.heard = b""

    def reset(self, loader=False):
        self.port.dtr = False
        self.port.rts = True
        time.sleep(0.05)
        self.port.dtr = loader
        self.port.rts = False

    def until(self, text):
        deadline = time.monotonic() + LIMIT_SECONDS
        while text not in self.heard:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{text!r} was not said, but {self.heard[-200:]!r}")
            self.heard += self.port.read(max(1, self.port.in_waiting))
        place = self.heard.index(text) + len(text)
        said, self.heard = self.heard[:place], self.heard[place:]
        return said


def lines(address, port, symbols):
    """DTR and RTS while a debugger is there: with the CPU halted, at a breakpoint, running, and into the loader."""
    line = Lines(port)
    debugger = patient(address)
    last = f"{symbols['last']:x}"
    line.reset()
    finding("halted", [debugger.register(PC) == symbols["start"], debugger.monitor("cycles")])
    debugger.ask(f"Z0,{last},3")
    finding("met", [debugger.ask("c"), debugger.register(PC) == symbols["last"]])
    cycles = debugger.monitor("cycles")
    line.reset()
    finding("at the breakpoint", [debugger.register(PC) == symbols["start"], debugger.monitor("cycles"), cycles != "0 cycles\n"])
    line.heard = b""
    finding("met again", [debugger.ask("c"), debugger.register(PC) == symbols["last"]])
    debugger.ask(f"z0,{last},3")
    debugger.send(b"c")
    line.until(b"count 3\r\n")
    line.reset()
    said = line.until(b"count 1\r\n")
    finding("running", b"rst cause:2, boot mode:(3,6)" in said)
    finding("halts", debugger.interrupt())
    debugger.send(b"c")
    line.reset(loader=True)
    line.until(b"boot mode:(1,6)\r\n\r\n")
    sync = b"\xc0\x00\x08\x24\x00\x00\x00\x00\x00\x07\x07\x12\x20" + b"\x55" * 32 + b"\xc0"
    line.port.write(sync)
    answer = b"\xc0\x01\x08\x02\x00\x07\x07\x12\x20\x00\x00\xc0"
    finding("loader", len(line.until(answer * 8)) == 8 * len(answer))
    finding("halts in the loader", debugger.interrupt())
    line.port.write(sync)
    finding("loader beside a halted CPU", len(line.until(answer * 8)) == 8 * len(answer))
    line.reset()
    finding("comes back halted", [debugger.register(PC) == symbols["start"], debugger.monitor("cycles")])
    finding("detach", debugger.ask("D"))
    finding("runs on", len(line.until(b"count 3\r\n")) > 0)
    line.port.close()


def peripherals(address, serial, symbols):
    """The program waits in a loop for bytes and prints them, but only when `listens` is set."""
    debugger = begin(address, serial, b"ready\r\n")
    serial.say(b"abc")
    deadline = time.monotonic() + LIMIT_SECONDS
    while debugger.word(0x6000001C) & 0xFF != 3 and time.monotonic() < deadline:
        debugger.send(b"c")
        debugger.interrupt()
    finding("FIFO", [debugger.ask(f"m{place:x},4") for place in (0x60000000, 0x60000F00, 0x3FF20E44)])
    finding("still there", debugger.word(0x6000001C) & 0xFF)
    finding("divider", debugger.word(0x60000014))
    finding("eFuses", debugger.memory(0x3FF00050, 8).hex())
    finding("flash", [debugger.ask("m40200000,1"), debugger.ask("M40200000,1:00"), debugger.ask("m40200000,1")])
    finding("others", [debugger.ask("m60000a00,2"), debugger.ask("m50000000,4"), debugger.ask("M60000400,2:0000")])
    finding("pins", [debugger.ask(f"M6000030c,4:{word(1 << 5)}"), debugger.word(0x6000030C)])
    finding("listens", debugger.ask(f"M{symbols['listens']:x},4:{word(1)}"))
    debugger.send(b"c")
    finding("nothing was taken", serial.until(b"c"))
    debugger.interrupt()
    debugger.ask(f"M60000000,4:{word(ord('!'))}")
    debugger.send(b"c")
    finding("a store has its effect", serial.until(b"!"))
    debugger.close()


def resets(address, serial, symbols):
    """The program resets itself after it was in last(); a watchdog bites after 0.1 s in which nobody feeds it."""
    debugger = begin(address, serial, b"count 1\r\n")
    last, start = (f"{symbols[name]:x}" for name in ("last", "start"))
    debugger.ask(f"Z0,{last},3")
    finding("before", [debugger.ask("c"), debugger.register(PC) == symbols["last"]])
    cycles = debugger.monitor("cycles")
    time.sleep(1)
    finding("halted", debugger.monitor("cycles") == cycles)
    serial.drained()
    debugger.ask(f"z0,{last},3")
    debugger.ask("s")
    debugger.ask(f"Z0,{last},3")
    finding("after its own reset", [debugger.ask("c"), debugger.register(PC) == symbols["last"]])
    finding("cause", serial.causes())
    finding("reset", debugger.monitor("reset"))
    finding("at the entry", [debugger.register(PC) == symbols["start"], debugger.monitor("cycles")])
    finding("help", "reset" in debugger.monitor("help"))
    finding("once more", [debugger.ask("c"), debugger.register(PC) == symbols["last"], serial.causes()])
    debugger.ask(f"M{symbols['hangs']:x},4:{word(1)}")
    debugger.ask(f"z0,{last},3")
    debugger.ask(f"Z0,{start},3")
    finding("bitten", [debugger.ask("c"), debugger.register(PC) == symbols["start"], serial.causes()])
    debugger.ask(f"M{symbols['dies']:x},4:{word(1)}")
    debugger.ask(f"z0,{start},3")
    finding("a program that cannot go on", [debugger.ask("c"), debugger.ask("c"), debugger.ask("s")])
    debugger.close()


def main():
    scenario, address, port, table = sys.argv[1:]
    symbols = {}
    with open(table, encoding="ascii") as file:
        for line in file:
            place, _, name = line.split()
            symbols[name] = int(place, 16)
    if scenario == "lines":
        return lines(address, port, symbols)
    {"session": session, "hostile": hostile, "flood": flood, "peripherals": peripherals, "resets": resets}[scenario](
        address, Serial(port), symbols)


main()
