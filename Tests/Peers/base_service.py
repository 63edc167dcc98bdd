"""Meets `iot base run` as a service manager does: by a datagram socket that hears how it fares.

usage: base_service.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding: {"what": ..., "is": ...}.
"""

import ctypes
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time

from running_base import PATIENCE, eventually, finding

PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WALL = 0x40000000


class Manager:
    """A service manager's socket, and the base that it has started."""

    def __init__(self, iot, directory, name, **environment):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.socket.settimeout(PATIENCE)
        file = os.path.join(directory, "config.json")
        with open(file, "w") as handle:
            json.dump({
                "clients": [], "api": {"url": "http://127.0.0.1:9", "token": "t0k3n"},
                "pusher": {"app-key": "key", "host": "127.0.0.1", "port": 9},
                "outbox": {"directory": os.path.join(directory, "state")},
            }, handle)
        self.process = subprocess.Popen(
            [iot, "base", "run", "--config", file, "--stop-with-parent"], stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={**os.environ, "NOTIFY_SOCKET": name, **environment})

    def heard(self):
        return self.socket.recv(4096).decode()

    def heard_first(self):
        """The first word but those of the watchdog, which may be fed before all units are being connected."""
        while (word := self.heard()) == "WATCHDOG=1":
            pass
        return word

    def heard_now(self):
        """What has come already."""
        self.socket.setblocking(False)
        words = []
        try:
            while True:
                words.append(self.heard())
        except BlockingIOError:
            pass
        self.socket.settimeout(PATIENCE)
        return words

    def stop(self):
        """Everything that is said to the end."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        return self.heard_now(), code


def path(iot, directory):
    manager = Manager(iot, directory, os.path.join(directory, "notify"), WATCHDOG_USEC="1000000")
    finding("the first word", manager.heard_first())
    times = []
    for _ in range(6):
        finding("then", manager.heard())
        times.append(time.monotonic())
    pause = statistics.median(later - earlier for earlier, later in zip(times, times[1:]))
    finding("twice in the manager's interval", 0.4 < pause < 0.9)
    words, code = manager.stop()
    finding("it says once that it stops", words.count("STOPPING=1\nSTATUS=stopping"))
    finding("exit code", code)


def abstract(iot, directory):
    # A watchdog that is meant for another process is none.
    manager = Manager(
        iot, directory, f"@iot-test-{os.getpid()}-{time.monotonic_ns()}", WATCHDOG_USEC="100000", WATCHDOG_PID="1")
    finding("the first word", manager.heard_first())
    words, code = manager.stop()
    finding("the others", words)
    finding("exit code", code)


def absent(iot, directory):
    """The manager's socket is gone: the base serves all the same."""
    manager = Manager(iot, directory, os.path.join(directory, "notify"), WATCHDOG_USEC="100000")
    manager.heard()
    os.unlink(os.path.join(directory, "notify"))
    manager.socket.close()
    time.sleep(0.5)
    finding("it goes on", manager.process.poll() is None)
    manager.process.send_signal(signal.SIGTERM)
    finding("exit code", manager.process.wait(PATIENCE))


def unwell(iot, directory):
    """One thread is stopped, the others run: nothing is said until it runs again."""
    manager = Manager(iot, directory, os.path.join(directory, "notify"), WATCHDOG_USEC="200000")
    manager.heard()
    for name in ["NIO-SGLTN", "outbox"]:
        eventually("a word", lambda: manager.heard() == "WATCHDOG=1")
        thread = thread_named(manager.process.pid, name)
        stop_thread(thread)
        finding(f"silent while a thread {name} stands still", falls_silent(manager))
        continue_thread(thread)
        finding(f"said when {name} runs again", manager.heard())
    _, code = manager.stop()
    finding("exit code", code)


def falls_silent(manager):
    """Whether there is a second without a word, soon: what was answered before may still be said."""
    for _ in range(10):
        manager.heard_now()
        time.sleep(1)
        if not manager.heard_now():
            return True
    return False


def thread_named(process, name):
    for thread in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{thread}/comm") as file:
            if file.read().startswith(name):
                return int(thread)
    raise LookupError(name)


def ptrace(request, thread):
    library = ctypes.CDLL(None, use_errno=True)
    library.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    library.ptrace.restype = ctypes.c_long
    if library.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def stop_thread(thread):
    ptrace(PTRACE_SEIZE, thread)
    ptrace(PTRACE_INTERRUPT, thread)
    os.waitpid(thread, WALL)


def continue_thread(thread):
    ptrace(PTRACE_DETACH, thread)


if __name__ == "__main__":
    globals()[sys.argv[3]](sys.argv[1], sys.argv[2])
