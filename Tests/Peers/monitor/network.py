"""Serial servers that say nothing, or refuse."""

import re
import signal
import socket
import time

from findings import finding, wait_for
from serial_server import SerialServer
from terminals import Board, Monitor

# Less than the 5 s that a server is given to answer, and more than a key needs on a slow machine.
AT_ONCE = 2.5


def timed(act):
    start = time.monotonic()
    found = act()
    return found + [time.monotonic() - start < AT_ONCE]


def network():
    with socket.create_server(("127.0.0.1", 0)) as server:
        monitor = Monitor(f"rfc2217://127.0.0.1:{server.getsockname()[1]}")
        silent, _ = server.accept()

        def interrupt():
            monitor.type(b"\x03")
            return [monitor.end(), monitor.is_restored()]

        finding("Ctrl-C before the first answer", timed(interrupt))
        silent.close()

    def terminate():
        monitor.process.send_signal(signal.SIGTERM)
        return [monitor.end(), monitor.is_restored()]

    for what, act in [("keys", lambda: monitor.quit()), ("SIGTERM", terminate)]:
        server = SerialServer(b"", b"")
        monitor = Monitor(server.address).ready()
        server.hang_up()
        monitor.screen.expect("gone")
        silent, _ = server.listener.accept()
        finding(f"{what} while it is silent", timed(act))
        silent.close()
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"socket://127.0.0.1:{server.getsockname()[1]}"
        monitor = Monitor(address)
        for _ in range(4):
            server.accept()[0].close()
        connection, _ = server.accept()
        connection.sendall(b"hello\n")
        monitor.screen.expect("is back")
        lines = re.findall(r"--- (.*)\r\n", monitor.screen.bytes.decode())
        finding("said of a server that refuses", [line.replace(address, "PORT") for line in lines])
        finding("quit", monitor.quit())
        connection.close()
    board = Board()
    board.vanish()
    monitor = Monitor(board.link, "--reconnect").ready()
    monitor.screen.expect("--- the port is not there yet; waiting for it")
    board = Board()
    monitor.screen.expect("is back")
    board.say("power on\n")
    monitor.screen.expect("power on")
    finding("a port that is not there yet is waited for when asked", True)
    finding("quit", monitor.quit())
