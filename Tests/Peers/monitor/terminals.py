"""A board on a pseudo terminal, the monitor at a terminal of its own, and tmux around one."""

import fcntl
import os
import select
import struct
import subprocess
import termios
import threading
import tty

from findings import IOT, LIMIT, path, wait_for

QUIT = b"\x1d"
MENU = b"\x14"


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
    """`iot monitor` at a terminal of its own; without a port, that terminal is its port."""

    def __init__(self, port, *arguments, command=("monitor",), environment={}):
        self.master, self.slave = os.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.screen = Stream(self.master)

        def own_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            [IOT, *command, "--port", port or os.ttyname(self.slave), *arguments], stdin=self.slave, stdout=self.slave,
            stderr=self.slave, preexec_fn=own_terminal, close_fds=True, env={**os.environ, **environment})

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
