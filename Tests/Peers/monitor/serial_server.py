"""pyserial's RFC 2217 server with a board behind it."""

import socket
import threading

import serial.rfc2217

from findings import wait_for


class FakePort:
    """What pyserial's RFC 2217 server takes for its serial port: it writes down what the client does to it.

    It begins with both lines asserted, as a kernel leaves them when the server opens its port.
    """

    def __init__(self, on_change):
        self.__dict__.update(
            events=[], on_change=on_change, baudrate=0, bytesize=8, parity="N", stopbits=1, rts=True, dtr=True,
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
        self.connection = None
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

    def hang_up(self):
        wait_for("a connection", lambda: self.connection)
        self.connection.shutdown(socket.SHUT_RDWR)

    def _serve(self):
        self.connection, _ = self.listener.accept()
        self.manager = serial.rfc2217.PortManager(self.port, self)
        while True:
            data = self.connection.recv(4096)
            if not data:
                return
            self.heard += b"".join(self.manager.filter(data))


def states(events):
    """DTR and RTS after each change, from both asserted on."""
    found = [(True, True)]
    for name, value in events:
        dtr, rts = found[-1]
        now = (value, rts) if name == "dtr" else (dtr, value) if name == "rts" else found[-1]
        if now != found[-1]:
            found.append(now)
    return found


def restarts(events):
    """How often RTS alone was asserted, which pulls EN."""
    held = [rts and not dtr for dtr, rts in states(events)]
    return sum(now and not before for before, now in zip(held, held[1:]))
