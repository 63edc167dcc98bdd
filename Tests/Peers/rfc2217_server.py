"""A serial server made of pyserial's own RFC 2217 code, with a serial port that tells what is set and echoes.

usage: rfc2217_server.py [OPTIONS]

OPTIONS is JSON: "takes", what the port makes of a setting ({"baudrate": 75000}); "notes", how many notifications follow
each answer in one segment.
The port is as a kernel leaves one that it has opened: DTR and RTS are asserted.
Prints one line of JSON with the TCP port, then one for each setting: {"set": name, "to": value}, with "reset": true where
RTS without DTR begins to hold a board in its reset. Serves one client.
"""

import json
import socket
import sys

import serial.rfc2217

OPTIONS = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
TAKES = OPTIONS.get("takes", {})
# NOTIFY-MODEMSTATE, that CTS is on.
NOTE = bytes([255, 250, 44, 107, 0x10, 255, 240])


def tell(name, value, **more):
    print(json.dumps({"set": name, "to": value} | more), flush=True)


class Port:
    """What PortManager needs of a serial port."""

    cts = dsr = ri = cd = False

    def __init__(self):
        self.__dict__.update(
            baudrate=9600, bytesize=7, parity="E", stopbits=2, dtr=True, rts=True, xonxoff=True, rtscts=True)

    def is_reset(self):
        return self.rts and not self.dtr

    def __setattr__(self, name, value):
        was_reset = self.is_reset()
        self.__dict__[name] = TAKES.get(name, value)
        tell(name, value, **({"reset": True} if self.is_reset() and not was_reset else {}))

    def reset_input_buffer(self):
        tell("input", "discarded")

    def reset_output_buffer(self):
        tell("output", "discarded")


listener = socket.create_server(("127.0.0.1", 0))
print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
connection, _ = listener.accept()


class Connection:
    def write(self, data):
        connection.sendall(data + NOTE * OPTIONS.get("notes", 0))


manager = serial.rfc2217.PortManager(Port(), Connection())
try:
    while data := connection.recv(4096):
        heard = b"".join(manager.filter(data))
        connection.sendall(b"".join(manager.escape(heard)))
except OSError:
    # Who is refused goes away without reading all.
    pass
tell("connection", "ended")
