"""USB-serial adapters that do not exist, for programs that use libusb.

usage: usb_adapters.py PLACE,CHIP[,serial=TEXT][,driver=no][,uart=echo|HOST:PORT][,FAULT=COUNT ...] ...

PLACE is 1-1.N. CHIP is ch340, cp210x, ftdi, ft232h, or one with two lines: ft2232, cp2105. What happens to a line of those is said
of PLACE#0 and PLACE#1. The UART returns what it gets, or is a board behind an RFC 2217 server.
Faults happen after so many bytes (vanish-after, stall-in-after, stall-out-after, full-after: it takes no more;
short-out-after: one transfer is cut short; overflow-in-after; error-in-after: the wire fails until the host has made the
endpoint go on, as often as errors says), or so long after it was opened (vanish-ms). With out-together the device waits
for so many transfers in flight before it takes any. With flood it has so many bytes to say at once.

Prints one line of JSON with the environment that a program needs to see the adapters, then one for each thing that
happens to an adapter. Ends when stdin does, or by SIGTERM.
"""

import functools
import json
import signal
import socket
import sys
import threading

from usb_chips import CHIPS
from usb_host import Device, Host

printing = threading.Lock()


def say(place, **what):
    with printing:
        print(json.dumps({"at": place} | what), flush=True)


class Echo:
    def __init__(self, chip):
        self.chip = chip

    def write(self, data):
        self.chip.from_uart(data)

    def lines(self, dtr, rts):
        pass

    def baud(self, baud):
        pass


class Board:
    """The pins of a board behind an RFC 2217 server."""

    IAC, WILL, DO, SB, SE, PORT = 255, 251, 253, 250, 240, 44

    def __init__(self, chip, host, port):
        self.chip = chip
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send(bytes([self.IAC, self.WILL, self.PORT, self.IAC, self.WILL, 0, self.IAC, self.DO, 0]))
        threading.Thread(target=self.read, daemon=True).start()

    def send(self, data):
        self.socket.sendall(data)

    def command(self, code, content):
        self.send(bytes([self.IAC, self.SB, self.PORT, code]) + content.replace(b"\xff", b"\xff\xff")
                  + bytes([self.IAC, self.SE]))

    def write(self, data):
        self.send(data.replace(b"\xff", b"\xff\xff"))

    def lines(self, dtr, rts):
        """One by one, so that RTS without DTR never stands between them."""
        steps = [8 if dtr else 9, 11 if rts else 12]
        for step in steps if dtr else reversed(steps):
            self.command(5, bytes([step]))

    def baud(self, baud):
        self.command(1, baud.to_bytes(4, "big"))

    def read(self):
        state = "data"
        while True:
            data = self.socket.recv(4096)
            if not data:
                return
            heard = bytearray()
            for byte in data:
                if state == "data":
                    if byte == self.IAC:
                        state = "command"
                    else:
                        heard.append(byte)
                elif state == "command":
                    if byte == self.IAC:
                        heard.append(byte)
                    state = "inside" if byte == self.SB else "option" if 251 <= byte <= 254 else "data"
                elif state == "option":
                    state = "data"
                elif state == "inside":
                    state = "end" if byte == self.IAC else "inside"
                elif state == "end":
                    state = "data" if byte == self.SE else "inside"
            if heard:
                self.chip.from_uart(bytes(heard))


def device(number, text):
    place, kind, *options = text.split(",")
    options = dict(option.split("=", 1) for option in options)

    def tell(**what):
        say(place, **what)

    def line(number):
        name = f"{place}#{number}" if CHIPS[kind].lines > 1 else place
        chip = CHIPS[kind](functools.partial(say, name))
        chip.line = number
        chip.uart = Echo(chip) if uart == "echo" else Board(chip, *uart.rsplit(":", 1))
        return chip

    uart = options.pop("uart", "echo")
    lines = [line(number) for number in range(CHIPS[kind].lines)]
    serial, driver = options.pop("serial", None), options.pop("driver", "yes") == "yes"
    return Device(place, number, lines, serial, driver, {name: int(count) for name, count in options.items()}, tell)


def main():
    host = Host()
    try:
        for number, text in enumerate(sys.argv[1:], 3):
            host.add(device(number, text))
        environment = {"UMOCKDEV_DIR": host.testbed.get_root_dir(), "LD_PRELOAD": "libumockdev-preload.so.0"}
        print(json.dumps({"environment": environment}), flush=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        sys.stdin.read()
    finally:
        for handler in host.files:
            out = {"mostOut": handler.device.most_out} if "out-together" in handler.device.faults else {}
            say(handler.device.place, mostInFlight=handler.device.most, **out)


main()
