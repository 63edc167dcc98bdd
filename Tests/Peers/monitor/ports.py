"""Ports that come and go, their lines, and a virtual board behind them."""

import json
import os
import random
import signal
import socket
import subprocess
import termios

from findings import IOT, LIMIT, finding, path, wait_for
from serial_server import SerialServer, restarts, states
from terminals import Board, MENU, Monitor


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


def speeds(server):
    return [value for name, value in server.port.events if name == "baudrate"]


def lines():
    boot = (b"\r\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n\r\nload 0x4010f000, len 3460, room 16 \r\n"
            b"tail 4\r\nchksum 0xcc\r\ncsum 0xcc\r\nv00046fc0\r\n~ld\r\n")
    server = SerialServer(boot, b"sketch\r\n")
    monitor = Monitor(server.address).ready()
    finding("opening releases both lines", states(server.port.events)[-1])
    finding("and restarts nothing", restarts(server.port.events))
    finding("the speed", speeds(server))
    finding("quit", monitor.quit())
    server = SerialServer(boot, b"sketch\r\n")
    monitor = Monitor(server.address, "--reset", "--boot-baud", "74880", "--baud", "250000").ready()
    monitor.screen.expect("sketch")
    finding("--reset --boot-baud", speeds(server))
    finding("restarts", restarts(server.port.events))
    finding("both speeds were heard", b"~ld\r\nsketch" in monitor.screen.bytes)
    finding("quit", monitor.quit())
    # A sketch without a boot loader's last line: the silence ends the boot log.
    server = SerialServer(boot[:40], b"sketch\r\n")
    monitor = Monitor(server.address, "--boot-baud", "74880", "--baud", "9600").ready()
    finding("without --reset", [speeds(server), restarts(server.port.events)])
    monitor.type(MENU + b"r")
    monitor.screen.expect("sketch")
    finding("Ctrl-T r", [server.port.events[-1], restarts(server.port.events)])
    monitor.type(MENU + b"b")
    monitor.screen.expect("--- reset into the loader")
    wait_for("the loader", lambda: server.port.events[-1] == ["baudrate", 9600] and restarts(server.port.events) == 2)
    seen = states(server.port.events)
    # Held in reset, let go with GPIO0 low, and both released.
    seen = [state for state in seen[len(seen) - seen[::-1].index((False, True)) - 1:] if state[0] != state[1]]
    finding("Ctrl-T b", [seen, [server.port.dtr, server.port.rts]])
    finding("quit", monitor.quit())


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
