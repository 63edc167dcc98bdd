"""A serial server made of pyserial's own RFC 2217 code, with a serial port that tells what is set and echoes.

Prints one line of JSON with the TCP port, then one for each setting: {"set": name, "to": value}. Serves one client.
"""

import json
import socket

import serial.rfc2217


def tell(name, value):
    print(json.dumps({"set": name, "to": value}), flush=True)


class Port:
    """What PortManager needs of a serial port."""

    cts = dsr = ri = cd = False
    xonxoff = rtscts = False

    def __init__(self):
        self.__dict__.update(baudrate=9600, bytesize=7, parity="E", stopbits=2, dtr=False, rts=False)

    def __setattr__(self, name, value):
        self.__dict__[name] = value
        if name not in ("xonxoff", "rtscts"):
            tell(name, value)

    def reset_input_buffer(self):
        tell("input", "discarded")

    def reset_output_buffer(self):
        tell("output", "discarded")


listener = socket.create_server(("127.0.0.1", 0))
print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
connection, _ = listener.accept()


class Connection:
    def write(self, data):
        connection.sendall(data)


manager = serial.rfc2217.PortManager(Port(), Connection())
while data := connection.recv(4096):
    heard = b"".join(manager.filter(data))
    connection.sendall(b"".join(manager.escape(heard)))
tell("connection", "ended")
