"""A shell at a terminal of its own in which a fleet's view is painted, stopped, continued and ended: fleet_view.py IOT FLEET."""

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import termios
import time

IOT, FLEET = sys.argv[1:]
LIMIT = 30
ENTER, LEAVE = b"\x1b[?1049h\x1b[?25l", b"\x1b[?25h\x1b[?1049l"


class Shell:
    """dash, which repairs no terminal."""

    def __init__(self):
        self.master, slave = os.openpty()
        self.bytes = b""

        def own_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            ["dash", "-i"], stdin=slave, stdout=slave, stderr=slave, preexec_fn=own_terminal,
            env={**os.environ, "PS1": "ready> ", "ENV": "", "SWIFT_BACKTRACE": "enable=no"})
        os.close(slave)
        self.expect(b"ready> ")

    def read(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.master], [], [], 0.02)[0]:
                self.bytes += os.read(self.master, 65536)

    def expect(self, text, after=0):
        end = time.monotonic() + LIMIT
        while text not in self.bytes[after:]:
            if time.monotonic() > end:
                raise RuntimeError(f"{text} never came; there was {self.bytes[after:][-300:]}")
            self.read(0.05)
        return self.bytes.index(text, after)

    def type(self, text):
        """Returns where what follows begins."""
        at = len(self.bytes)
        os.write(self.master, text)
        return at


def is_whole(text):
    """Whether the shell's screen is there again, and nothing was painted on it afterwards."""
    return text.count(ENTER) <= 1 and text.rfind(LEAVE) >= 0 and b"\x1b[H" not in text[text.rfind(LEAVE):]


def finding(what, value):
    print(json.dumps({"what": what, "is": value}), flush=True)


def start(shell):
    at = shell.type(f"'{IOT}' sim fleet '{FLEET}' --view\n".encode())
    shell.expect(ENTER, at)
    shell.expect(b"units in one process", at)


shell = Shell()
start(shell)
at = shell.type(b"\x1a")
shell.expect(b"ready> ", shell.expect(LEAVE, at))
finding("stopped by Ctrl-Z, the screen is the shell's", is_whole(shell.bytes[at:]))
at = shell.type(b"fg\n")
shell.expect(b"units in", shell.expect(ENTER, at))
finding("continued, it paints again", True)
at = shell.type(b"\x1a")
shell.expect(b"ready> ", shell.expect(LEAVE, at))
at = shell.type(b"bg\n")
shell.expect(b"ready> ", at)
shell.read(1.5)
finding("in the background it paints nothing", b"\x1b[H" not in shell.bytes[at:])
at = shell.type(b"fg\n")
shell.expect(b"units in", shell.expect(ENTER, at))
at = shell.type(b"\x03")
shell.expect(b"ready> ", shell.expect(LEAVE, at))
finding("ended by Ctrl-C, the screen is the shell's", is_whole(shell.bytes[at:]))
start(shell)
at = shell.type(b"\x1c")
shell.expect(b"ready> ", shell.expect(LEAVE, at))
finding("ended by Ctrl-\\, the screen is the shell's", is_whole(shell.bytes[at:]))
start(shell)
at = len(shell.bytes)
with open(f"/proc/{shell.process.pid}/task/{shell.process.pid}/children") as file:
    os.kill(int(file.read().split()[0]), signal.SIGTERM)
shell.expect(b"ready> ", shell.expect(LEAVE, at))
finding("ended by SIGTERM, the screen is the shell's", is_whole(shell.bytes[at:]))
shell.process.kill()
shell.process.wait(LIMIT)
