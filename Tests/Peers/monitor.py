"""Drives `iot monitor` as its users do, over real terminals, and says what came of it.

usage: monitor.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding: {"what": ..., "is": ...}. A wait that ends without its event is an error.
"""

import fcntl
import json
import os
import random
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
import tty

import serial.rfc2217

IOT, DIRECTORY, SCENARIO = sys.argv[1:]
LIMIT = 20

QUIT = b"\x1d"
MENU = b"\x14"


def finding(what, value):
    print(json.dumps({"what": what, "is": value}), flush=True)


def path(name):
    return os.path.join(DIRECTORY, name)


def wait_for(what, condition):
    deadline = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"never came about: {what}")
        time.sleep(0.01)


class Stream:
    """What comes from a descriptor, read in the background."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.bytes = b""
        self.ended = self.stopping = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while True:
            while not select.select([self.descriptor], [], [], 0.05)[0]:
                if self.stopping:
                    return
            try:
                data = os.read(self.descriptor, 65536)
            except OSError:
                data = b""
            if not data:
                self.ended = True
                return
            self.bytes += data

    def stop(self):
        """Lets go of the descriptor, which a read would hold open."""
        self.stopping = True
        self.thread.join()

    def expect(self, wanted, start=0):
        wanted = wanted if isinstance(wanted, bytes) else wanted.encode()
        try:
            wait_for(f"{wanted!r}", lambda: wanted in self.bytes[start:])
        except RuntimeError as error:
            raise RuntimeError(f"{error}; there was {self.bytes[start:]!r}") from None
        return self.bytes.index(wanted, start) + len(wanted)


class Board:
    """A board on a pseudo terminal, at a stable name."""

    def __init__(self, lock=False):
        self.link = path("board")
        self.master, slave = os.openpty()
        tty.setraw(slave)
        if os.path.lexists(self.link):
            os.unlink(self.link)
        self.slave = slave
        if lock:
            fcntl.flock(slave, fcntl.LOCK_EX)
        os.symlink(os.ttyname(slave), self.link)
        self.heard = Stream(self.master)

    def say(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        while data:
            data = data[os.write(self.master, data):]

    def vanish(self):
        self.heard.stop()
        os.unlink(self.link)
        os.close(self.slave)
        os.close(self.master)

    def unlock(self):
        fcntl.flock(self.slave, fcntl.LOCK_UN)

    def speed(self):
        """The kernel's number (struct termios2), whether or not it has a name."""
        return struct.unpack("II", fcntl.ioctl(self.slave, 0x802C542A, bytes(44))[36:])

    def unread(self):
        return int.from_bytes(fcntl.ioctl(self.slave, termios.FIONREAD, bytes(4)), "little")


class Monitor:
    """`iot monitor` at a terminal of its own."""

    def __init__(self, port, *arguments, command=("monitor",)):
        self.master, self.slave = os.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.screen = Stream(self.master)

        def own_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            [IOT, *command, "--port", port, *arguments], stdin=self.slave, stdout=self.slave, stderr=self.slave,
            preexec_fn=own_terminal, close_fds=True)

    def ready(self):
        self.screen.expect("Ctrl-] quits")
        wait_for("raw keys", lambda: not termios.tcgetattr(self.slave)[3] & termios.ICANON)
        return self

    def type(self, text):
        os.write(self.master, text if isinstance(text, bytes) else text.encode())

    def end(self):
        return self.process.wait(LIMIT)

    def is_restored(self):
        return termios.tcgetattr(self.slave) == self.before

    def quit(self):
        self.type(QUIT)
        return [self.end(), self.is_restored()]


def keys():
    board = Board()
    monitor = Monitor(board.link, "--echo").ready()
    monitor.type("hi\r")
    board.heard.expect("hi\n")
    finding("Enter sends LF", board.heard.bytes.decode())
    board.say("open line: ")
    monitor.screen.expect("open line: ")
    finding("an open line shows at once", True)
    monitor.type("ü")
    board.heard.expect("ü")
    monitor.screen.expect("open line: ü")
    finding("keys are echoed, as text", True)
    board.say("\r\n")
    monitor.type(MENU + b"e")
    monitor.screen.expect("--- echo off")
    monitor.type(MENU + b"t")
    start = monitor.screen.expect("--- timestamps on\r\n")
    board.say("stamped\n")
    end = monitor.screen.expect("stamped\r\n", start)
    line = monitor.screen.bytes[start:end].decode()
    finding("timestamps", bool(re.fullmatch(r"\d\d:\d\d:\d\d\.\d\d\d  stamped\r\n", line)) or line)
    monitor.type(MENU + b"t" + MENU + b"x")
    start = monitor.screen.expect("--- hex on\r\n")
    board.say(b"A\x00\xff")
    end = monitor.screen.expect("|A..|\r\n", start)
    finding("hex", monitor.screen.bytes[start:end].decode())
    monitor.type(MENU + b"x" + MENU + b"z")
    monitor.screen.expect("--- \\x7A is not in the menu")
    monitor.type(MENU + b"r")
    monitor.screen.expect("--- this port carries no DTR and RTS: press the board's button")
    monitor.type(MENU + b"f")
    monitor.screen.expect("--- nothing to flash again: start with iot flash write --monitor")
    before = len(board.heard.bytes)
    monitor.type(MENU + QUIT + MENU + MENU + b"\x03\x11\x13\x1a\x1c")
    board.heard.expect(b"\x1c", before)
    finding("control keys reach the board", list(board.heard.bytes[before:]))
    finding("Ctrl-]", monitor.quit())
    monitor = Monitor(board.link, "--eol", "crlf", "--baud", "74880").ready()
    before = len(board.heard.bytes)
    monitor.type("x\r")
    board.heard.expect("x", before)
    board.heard.expect("\n", before)
    finding("--eol crlf", board.heard.bytes[before:].decode())
    finding("--baud", board.speed())
    monitor.type(MENU)
    monitor.type("q")
    finding("Ctrl-T q", [monitor.end(), monitor.is_restored()])


def ends():
    board = Board()
    for name in ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]:
        monitor = Monitor(board.link).ready()
        monitor.process.send_signal(getattr(signal, name))
        finding(name, [monitor.end(), monitor.is_restored()])
    monitor = Monitor(board.link, "--no-reconnect").ready()
    board.vanish()
    finding("the port's end", [monitor.end(), monitor.is_restored()])
    monitor.screen.expect("the port is gone; was the board or its cable pulled out?")
    monitor = Monitor(board.link)
    finding("no port", [monitor.end(), monitor.is_restored()])
    monitor.screen.expect("there is no such port")
    board = Board()
    monitor = Monitor(board.link, "--log", path("no/such/folder"))
    finding("no log", [monitor.end(), monitor.is_restored()])
    monitor.screen.expect("cannot be written: No such file or directory")
    os.mkfifo(path("fifo"))
    monitor = Monitor(board.link, "--log", path("fifo"))
    finding("a log that is a pipe without a reader", [monitor.end(), monitor.is_restored()])
    monitor = Monitor(board.link, "--log", "/dev/full").ready()
    board.say("one\ntwo\n")
    monitor.screen.expect("the log has ended")
    monitor.screen.expect("two")
    finding("a log that is full ends nothing", [monitor.quit(), monitor.screen.bytes.count(b"No space left")])
    monitor = Monitor(board.link, "--filter", "(a*)*b").ready()
    board.say("a" * 60 + "\n")
    wait_for("reading", lambda: board.unread() == 0)
    monitor.process.send_signal(signal.SIGTERM)
    finding("SIGTERM while a pattern runs away", [monitor.end(), monitor.is_restored()])
    monitor = Monitor(board.link).ready()
    # The terminal takes nothing any more: the monitor waits for it, and still ends when it is told to.
    termios.tcflow(monitor.slave, termios.TCOOFF)
    board.say(b"x" * 4000)
    wait_for("reading", lambda: board.unread() < 4000)
    monitor.process.send_signal(signal.SIGTERM)
    code = monitor.end()
    termios.tcflow(monitor.slave, termios.TCOON)
    finding("SIGTERM while the terminal is stopped", [code, monitor.is_restored()])
    monitor = Monitor(board.link).ready()
    monitor.screen.stop()
    os.close(monitor.slave)
    os.close(monitor.master)
    finding("the terminal is closed", monitor.end() is not None)


def reconnect():
    board = Board()
    monitor = Monitor(board.link, "--log", path("log")).ready()
    board.say("first\nhalf")
    monitor.screen.expect("half")
    for number in range(2):
        start = len(monitor.screen.bytes)
        board.vanish()
        start = monitor.screen.expect("--- the port is gone; waiting for it to come back", start)
        monitor.type("lost")
        # It is back, but somebody else has it.
        board = Board(lock=True)
        start = monitor.screen.expect("it is in use by", start)
        board.unlock()
        start = monitor.screen.expect("is back", start)
        board.say(f"again {number}\n")
        monitor.screen.expect(f"again {number}", start)
        monitor.type(f"typed {number}\r")
        board.heard.expect(f"typed {number}\n")
        finding("what was typed meanwhile is not sent later", "lost" not in board.heard.bytes.decode())
    board.vanish()
    start = monitor.screen.expect("waiting for it to come back", start)
    finding("it can be quit while it waits", monitor.quit())
    finding("said once each time", monitor.screen.bytes.count(b"waiting for it"))
    finding("log", open(path("log")).read())
    with socket.create_server(("127.0.0.1", 0)) as server:
        monitor = Monitor(f"socket://127.0.0.1:{server.getsockname()[1]}")
        for turn in range(3):
            connection, _ = server.accept()
            connection.sendall(b"turn %d\n" % turn)
            start = monitor.screen.expect(f"turn {turn}")
            connection.close()
            monitor.screen.expect("the port is gone", start)
        finding("plain TCP too", monitor.quit())


def piped():
    board = Board()

    def start(*arguments, **streams):
        process = subprocess.Popen(
            [IOT, "monitor", "--port", board.link, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, **streams)
        process.out, process.err = Stream(process.stdout.fileno()), Stream(process.stderr.fileno())
        process.err.expect("baud\n")
        return process

    monitor = start()
    board.say("one\r\ntwo \x1b[31m\r\n")
    monitor.out.expect("two \\x1B[31m\n")
    finding("whole lines", monitor.out.bytes.decode())
    board.say("Except")
    wait_for("all to be read", lambda: board.unread() == 0)
    monitor.send_signal(signal.SIGINT)
    finding("SIGINT", monitor.wait(LIMIT))
    wait_for("the end", lambda: monitor.out.ended)
    finding("the last line", monitor.out.bytes.decode().splitlines()[-1])
    monitor = start("--filter", "^T=", "--filter", "error", "--exclude", "debug", "--log", path("log"))
    board.say("T=1\nnoise\nerror debug\nan error\nend T=\nT=2\n")
    monitor.out.expect("T=2\n")
    finding("filters", monitor.out.bytes.decode())
    wait_for("the log", lambda: open(path("log")).read().endswith("T=2\n"))
    finding("the log has every line", open(path("log")).read())
    monitor.send_signal(signal.SIGTERM)
    finding("SIGTERM", monitor.wait(LIMIT))
    monitor = start("--log", path("log"), "--timestamps")
    board.say("later\n")
    monitor.out.expect("later\n")
    wait_for("the log", lambda: "later" in open(path("log")).read())
    finding("the log is continued", open(path("log")).read().startswith("T=1\n"))
    board.vanish()
    finding("the port's end", monitor.wait(LIMIT))
    wait_for("the error", lambda: monitor.err.ended)
    finding("the error", monitor.err.bytes.decode().splitlines()[-1].replace(DIRECTORY, "DIR"))
    board = Board()
    head = subprocess.Popen(["head", "-n", "2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    monitor = subprocess.Popen(
        [IOT, "monitor", "--port", board.link], stdin=subprocess.DEVNULL, stdout=head.stdin, stderr=subprocess.PIPE)
    head.stdin.close()
    Stream(monitor.stderr.fileno()).expect("baud\n")
    board.say("1\n2\n3\n")
    finding("head", head.stdout.read().decode())
    finding("the reader has gone and the board is silent", monitor.wait(LIMIT))
    # A reader that is slow: nothing is lost, and the monitor can still be ended.
    reader, writer = os.pipe()
    monitor = subprocess.Popen(
        [IOT, "monitor", "--port", board.link], stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    Stream(monitor.stderr.fileno()).expect("baud\n")
    text = "".join(f"line {number:06}\n" for number in range(30000))
    talking = threading.Thread(target=board.say, args=(text,), daemon=True)
    talking.start()

    def waiting():
        return int.from_bytes(fcntl.ioctl(reader, termios.FIONREAD, bytes(4)), "little")

    def is_full():
        before = waiting()
        time.sleep(0.3)
        return before == waiting() > 20_000

    wait_for("a full pipe", is_full)
    slow = Stream(reader)
    wait_for("all lines", lambda: len(slow.bytes) == len(text))
    finding("a slow reader loses nothing", slow.bytes.decode() == text)
    monitor.send_signal(signal.SIGTERM)
    finding("and it ends", monitor.wait(LIMIT))


def files():
    board = Board()
    content = random.Random(1).randbytes(40_000)
    with open(path("a file"), "wb") as file:
        file.write(content)
    monitor = Monitor(board.link).ready()
    monitor.type(MENU + b"s")
    monitor.screen.expect("--- file: ")
    board.say("meanwhile\n")
    monitor.type(path("a filf") + "\x7fe")
    monitor.screen.expect("a file", len(monitor.screen.bytes) - 200 if len(monitor.screen.bytes) > 200 else 0)
    finding("the board's lines wait for the answer", b"meanwhile" not in monitor.screen.bytes)
    monitor.type("\r")
    board.say("during\n")
    monitor.screen.expect("meanwhile")
    monitor.screen.expect("during")
    monitor.screen.expect("40000 bytes")
    wait_for("all bytes", lambda: len(board.heard.bytes) >= len(content))
    finding("the board has the file", board.heard.bytes == content)
    for name, expected in [("nothing there", "there is no such file"), ("", "nothing is sent")]:
        start = len(monitor.screen.bytes)
        monitor.type(MENU + b"s" + name.encode() + b"\r")
        monitor.screen.expect(expected, start)
    os.mkfifo(path("pipe"))
    monitor.type(MENU + b"s" + path("pipe").encode() + b"\r")
    monitor.screen.expect("only regular files are read")
    finding("what cannot be sent is named", True)
    finding("quit", monitor.quit())


class FakePort:
    """What pyserial's RFC 2217 server takes for its serial port: it writes down what the client does to it."""

    def __init__(self, on_change):
        self.__dict__.update(
            events=[], on_change=on_change, baudrate=0, bytesize=8, parity="N", stopbits=1, rts=False, dtr=False,
            cts=False, dsr=False, ri=False, cd=False, break_condition=False, xonxoff=False, rtscts=False, dsrdtr=False)

    def __setattr__(self, name, value):
        self.__dict__[name] = value
        if name in ("baudrate", "rts", "dtr"):
            self.events.append([name, value])
            self.on_change(self)

    def reset_input_buffer(self):
        pass

    def reset_output_buffer(self):
        pass


class SerialServer:
    """A serial server that is pyserial's, with a board behind it that starts when RTS drops."""

    def __init__(self, boot, sketch):
        self.boot, self.sketch = boot, sketch
        self.booted = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"rfc2217://127.0.0.1:{self.listener.getsockname()[1]}"
        self.port = FakePort(self.changed)
        self.heard = b""
        threading.Thread(target=self._serve, daemon=True).start()

    def changed(self, port):
        if port.events[-2:-1] and port.events[-1] == ["rts", False] and ["rts", True] in port.events:
            if not self.booted:
                self.booted = True
                self.send(self.boot)
        if self.booted and port.events[-1][0] == "baudrate" and port.events[-1][1] != 74880:
            self.send(self.sketch)

    def send(self, data):
        self.connection.sendall(b"".join(self.manager.escape(data)))

    def write(self, data):
        self.connection.sendall(data)

    def _serve(self):
        self.connection, _ = self.listener.accept()
        self.manager = serial.rfc2217.PortManager(self.port, self)
        while True:
            data = self.connection.recv(4096)
            if not data:
                return
            self.heard += b"".join(self.manager.filter(data))


def restarts(events):
    """How often RTS alone was asserted, which pulls EN."""
    dtr = rts = held = False
    count = 0
    for name, value in events:
        dtr, rts = (value, rts) if name == "dtr" else (dtr, value) if name == "rts" else (dtr, rts)
        now = rts and not dtr
        count += now and not held
        held = now
    return count


def lines():
    boot = (b"\r\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n\r\nload 0x4010f000, len 3460, room 16 \r\n"
            b"tail 4\r\nchksum 0xcc\r\ncsum 0xcc\r\nv00046fc0\r\n~ld\r\n")
    server = SerialServer(boot, b"sketch\r\n")
    monitor = Monitor(server.address).ready()
    finding("opening releases both lines and restarts nothing", server.port.events)
    finding("quit", monitor.quit())
    server = SerialServer(boot, b"sketch\r\n")
    monitor = Monitor(server.address, "--reset", "--boot-baud", "74880", "--baud", "250000").ready()
    monitor.screen.expect("sketch")
    finding("--reset --boot-baud", server.port.events)
    finding("restarts", restarts(server.port.events))
    finding("both speeds were heard", b"~ld\r\nsketch" in monitor.screen.bytes)
    finding("quit", monitor.quit())
    # A sketch without a boot loader's last line: the silence ends the boot log.
    server = SerialServer(boot[:40], b"sketch\r\n")
    monitor = Monitor(server.address, "--boot-baud", "74880", "--baud", "9600").ready()
    finding("without --reset", server.port.events)
    monitor.type(MENU + b"r")
    monitor.screen.expect("sketch")
    finding("Ctrl-T r", [server.port.events[-1], restarts(server.port.events)])
    monitor.type(MENU + b"b")
    monitor.screen.expect("--- reset into the loader")
    wait_for("the loader", lambda: server.port.events[-1] == ["baudrate", 9600] and restarts(server.port.events) == 2)
    finding("Ctrl-T b", [event for event in server.port.events if event[0] != "baudrate"][-6:])
    finding("quit", monitor.quit())


class Tmux:
    def __init__(self, command):
        self.socket = path("tmux")
        self("-f", "/dev/null", "new-session", "-d", "-x", "250", "-y", "24", command)

    def __call__(self, *arguments):
        done = subprocess.run(
            ["tmux", "-S", self.socket, *arguments], capture_output=True, text=True, timeout=LIMIT,
            env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"})
        if done.returncode != 0:
            raise RuntimeError(f"{arguments}: {done.stderr}")
        return done.stdout

    def screen(self):
        return [line.rstrip() for line in self("capture-pane", "-p").rstrip().splitlines()]

    def expect(self, text):
        try:
            wait_for(text, lambda: text in "\n".join(self.screen()))
        except RuntimeError as error:
            raise RuntimeError(f"{error}; the screen: {self.screen()}") from None


def screen():
    board = Board()
    shell = f"stty -a | md5sum; '{IOT}' monitor --port '{board.link}'; echo ended $?; stty -a | md5sum; sleep 1000"
    tmux = Tmux(shell)
    try:
        tmux.expect("Ctrl-T menu")
        board.say("\x1b[2J\x1b]0;title\x07\x1b[31mred\r\nFüße €\r\n\x9b1A\r\n")
        tmux.expect("\\x9B1A")
        tmux("send-keys", "C-t")
        tmux.expect("send that key to the board")
        tmux("send-keys", "t")
        tmux.expect("timestamps on")
        tmux("send-keys", "C-t", "t", "C-t", "s", "abc", "BSpace")
        tmux.expect("file: ab")
        tmux("send-keys", "Escape")
        tmux.expect("nothing is sent")
        board.say("open: ")
        tmux.expect("open:")
        tmux("send-keys", "C-]")
        tmux.expect("ended 0")
        wait_for("the settings", lambda: "\n".join(tmux.screen()).count("  -") == 2)
        shown = tmux.screen()
        finding("settings are back", shown[0] == shown[-1])
        finding("screen", [line.replace(board.link, "BOARD") for line in shown[1:-1]])
    finally:
        tmux("kill-server")


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


def virtual():
    """`iot flash write --monitor` and the lines of a virtual board, over RFC 2217."""
    board = subprocess.Popen(
        [IOT, "board", "--rfc2217", "0", "--flash", path("flash"), "--timing", "fast", "--json", "--stop-with-parent"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        port = json.loads(board.stdout.readline())["boards"][0]["port"]
        monitor = Monitor(port, "--boot-baud", "74880").ready()
        monitor.type(MENU + b"r")
        monitor.screen.expect("rst cause:2, boot mode:(3,6)")
        monitor.screen.expect("--- restarted by its reset pin or from deep sleep; starts from its flash")
        finding("opening did not restart it", monitor.screen.bytes.count(b"rst cause"))
        monitor.type(MENU + b"b")
        monitor.screen.expect("rst cause:2, boot mode:(1,6)")
        finding("Ctrl-T b", True)
        finding("quit", monitor.quit())

        first, second = (random.Random(seed).randbytes(5000) for seed in (1, 2))
        with open(path("data"), "wb") as file:
            file.write(first)
        monitor = Monitor(
            port, "--monitor", "--boot-baud", "74880", "0x1000", path("data"), command=("flash", "write")).ready()
        monitor.screen.expect("rst cause:2, boot mode:(3,6)")

        def flash():
            with open(path("flash"), "rb") as file:
                return file.read()[0x1000:0x1000 + 5000]

        finding("written, and then shown from its start", flash() == first)
        with open(path("data"), "wb") as file:
            file.write(second)
        start = len(monitor.screen.bytes)
        monitor.type(MENU + b"f")
        monitor.screen.expect("boot mode:(3,6)", start)
        finding("Ctrl-T f writes what the file has become", flash() == second)
        os.unlink(path("data"))
        start = len(monitor.screen.bytes)
        monitor.type(MENU + b"f")
        monitor.screen.expect("there is no such file", start)
        monitor.screen.expect("boot mode:(3,6)", start)
        finding("a file that is gone ends nothing", True)
        wait_for("raw keys", lambda: not termios.tcgetattr(monitor.slave)[3] & termios.ICANON)
        finding("quit", monitor.quit())
        with open(path("small"), "wb") as file:
            file.write(first[:100])
        monitor = Monitor(port, "--monitor", "0x1000", path("small"), command=("flash", "write")).ready()
        monitor.process.send_signal(signal.SIGTERM)
        finding("SIGTERM after a write", [monitor.end(), monitor.is_restored()])
        terminal = subprocess.Popen(
            [IOT, "board", "--link", path("pty"), "--timing", "fast", "--json", "--stop-with-parent"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        terminal.stdout.readline()
        try:
            monitor = Monitor(path("pty"), "--monitor", "0x1000", path("small"), command=("flash", "write")).ready()
            finding("without lines nobody is asked to press a button", b"button" not in monitor.screen.bytes)
            finding("quit", monitor.quit())
        finally:
            terminal.terminate()
            terminal.wait(LIMIT)
        done = subprocess.run(
            [IOT, "flash", "write", "--monitor", "--port", port, "--port", port, "0x0", path("flash")],
            capture_output=True, text=True, timeout=LIMIT)
        finding("one board only", done.returncode)
    finally:
        board.terminate()
        board.wait(LIMIT)


# A run that takes too long ends what it has started.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
{function.__name__: function for function in [keys, ends, reconnect, piped, files, lines, screen, crash, virtual]}[
    SCENARIO]()
