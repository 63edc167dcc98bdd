"""Pipes, files, and what a terminal shows."""

import fcntl
import os
import random
import signal
import subprocess
import termios
import threading
import time

from findings import DIRECTORY, IOT, LIMIT, finding, path, wait_for
from terminals import Board, MENU, Monitor, Stream, Tmux


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
    with open("/dev/full", "w") as full:
        monitor = subprocess.Popen(
            [IOT, "monitor", "--port", board.link], stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE)
    err = Stream(monitor.stderr.fileno())
    err.expect("baud\n")
    board.say("too much\n")
    code = monitor.wait(LIMIT)
    wait_for("the error", lambda: err.ended)
    finding("a full disk", [code, err.bytes.decode().split("baud\n")[1]])
    done = subprocess.run(
        [IOT, "monitor", "--port", board.link], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        timeout=LIMIT, preexec_fn=lambda: os.close(1))
    finding("stdout is closed", [done.returncode, done.stderr])
    board = Board()
    monitor = subprocess.Popen(
        [IOT, "monitor", "--port", board.link], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        preexec_fn=lambda: os.close(2))
    out = Stream(monitor.stdout.fileno())
    board.say("alive\n")
    out.expect("alive\n")
    monitor.send_signal(signal.SIGTERM)
    finding("stderr is closed, and the board gets nothing of it", [monitor.wait(LIMIT), board.heard.bytes.decode()])


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
