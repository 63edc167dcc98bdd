"""Models of the USB-serial chips on boards, from the vendors' documents and what Linux's drivers send to them.

They know nothing of the programs that are tested with them. Each one decodes the control requests that it gets, says
what they amount to, refuses (stalls) what the chip does not know, and carries bytes only when its line is set up.
"""

import struct
import time


class Stall(Exception):
    pass


class Chip:
    """What the chips share: queues of the UART and what is told of it."""

    packet = 64
    # Of each interface: addresses and kinds (2 is bulk).
    endpoints = ((0x81, 2), (0x02, 2))
    # How many lines a chip has; each one is a model of its own.
    lines = 1
    # Which one this is.
    line = 0

    def __init__(self, say):
        self.say = say
        self.uart = None
        self.received = bytearray()

    def control(self, kind, request, value, index, data, length):
        """Answers a vendor request: what is sent back, b"" for requests to the device. Raises Stall."""
        raise NotImplementedError

    def is_set_up(self):
        raise NotImplementedError

    def from_host(self, data):
        if self.is_set_up() and self.uart:
            self.uart.write(data)

    def from_uart(self, data):
        if self.is_set_up():
            self.received += data

    def to_host(self, length):
        """The content of a transfer of at most `length` bytes; None when there is nothing (the chip answers NAK)."""
        if not self.received:
            return None
        data = bytes(self.received[:length])
        del self.received[:length]
        return data

    @classmethod
    def line_of(cls, kind, request, index):
        """Which line a request is for."""
        return 0

    def set_lines(self, dtr, rts):
        self.say(lines=[int(dtr), int(rts)])
        if self.uart:
            self.uart.lines(dtr, rts)

    def set_baud(self, baud):
        self.say(baud=round(baud))
        if self.uart:
            self.uart.baud(round(baud))


class CH340(Chip):
    vendor, product, driver = 0x1A86, 0x7523, "ch341"
    packet = 32
    endpoints = ((0x82, 2), (0x02, 2), (0x81, 3))

    def __init__(self, say):
        super().__init__(say)
        self.begun = False
        self.control_register = 0

    def is_set_up(self):
        return self.begun and self.control_register & 0xC3 == 0xC3

    def control(self, kind, request, value, index, data, length):
        if kind == 0xC0 and request == 0x5F:
            return bytes([0x31, 0x00])[:length]
        if kind == 0xC0 and request == 0x95 and value == 0x0706:
            return bytes([0xFF, 0xEE])[:length]
        if kind != 0x40 or data:
            raise Stall
        if request == 0xA1:
            self.begun = True
            self.say(reset=True)
        elif request == 0x9A and value == 0x1312:
            # The divisor counts up to 0x100; bit 7: hand over at once.
            divisor, factor, prescaler = 0x100 - (index >> 8), index >> 2 & 1, index & 3
            if not index & 0x80 or divisor < 2:
                raise Stall
            self.set_baud(48e6 / (2 ** (12 - 3 * prescaler - factor) * divisor))
        elif request == 0x9A and value == 0x2518:
            self.control_register = index
            self.say(format={0xC3: "8N1"}.get(index, hex(index)))
        elif request == 0xA4:
            self.set_lines(not value & 0x20, not value & 0x40)
        else:
            raise Stall
        return b""


class CP210x(Chip):
    vendor, product, driver = 0x10C4, 0xEA60, "cp210x"
    packet = 64
    endpoints = ((0x82, 2), (0x01, 2))
    # CP2104.
    part, slowest, fastest = 0x04, 300, 2_000_000

    def __init__(self, say):
        super().__init__(say)
        self.enabled = False
        self.format = None
        self.dtr = self.rts = False

    def is_set_up(self):
        return self.enabled and self.format == 0x0800

    def control(self, kind, request, value, index, data, length):
        if kind == 0xC0 and request == 0xFF and value == 0x370B:
            return bytes([self.part])[:length]
        if index != self.line:
            raise Stall
        if kind == 0xC1 and request == 0x08:
            return bytes([self.dtr | self.rts << 1])[:length]
        if kind != 0x41:
            raise Stall
        if request == 0x00 and value in (0, 1):
            self.enabled = value == 1
            self.say(enabled=self.enabled)
        elif request == 0x1E and len(data) == 4:
            baud = struct.unpack("<I", data)[0]
            if not self.slowest <= baud <= self.fastest:
                raise Stall
            self.set_baud(baud)
        elif request == 0x03 and not data:
            self.format = value
            self.say(format={0x0800: "8N1"}.get(value, hex(value)))
        elif request == 0x13 and len(data) == 16:
            self.say(flow="none" if not any(data[:8]) else data.hex())
        elif request == 0x07 and not data:
            if value & 0x0100:
                self.dtr = bool(value & 1)
            if value & 0x0200:
                self.rts = bool(value & 2)
            self.set_lines(self.dtr, self.rts)
        elif request == 0x12 and not data:
            if value & 0x0A:
                self.received.clear()
        else:
            raise Stall
        return b""


class CP2105(CP210x):
    """Two lines; the second one, the standard port, is slower."""

    product = 0xEA70
    lines = 2
    part = 0x05

    @property
    def endpoints(self):
        return ((0x82, 2), (0x02, 2)) if self.line == 1 else ((0x81, 2), (0x01, 2))

    @property
    def slowest(self):
        return 2400 if self.line == 1 else 300

    @property
    def fastest(self):
        return 921_600 if self.line == 1 else 2_000_000

    @classmethod
    def line_of(cls, kind, request, index):
        return index if index < cls.lines else None


class FTDI(Chip):
    vendor, product, driver = 0x0403, 0x6001, "ftdi_sio"
    packet = 64
    endpoints = ((0x81, 2), (0x02, 2))
    eighths = {0: 0, 3: 1, 2: 2, 4: 3, 1: 4, 5: 5, 6: 6, 7: 7}

    def __init__(self, say):
        super().__init__(say)
        self.format = None
        self.latency = 16
        self.last = 0.0
        self.dtr = self.rts = False

    def numbers(self):
        """What the index may be: ports count from 1, and a chip of one takes 0 too."""
        return (0, 1)

    def divisor_bit(self, index):
        """Bit 16 of the divisor. A chip of one port has it in the index, and no port's number."""
        if index > 1:
            raise Stall
        return index

    def is_set_up(self):
        return self.format == 8

    def control(self, kind, request, value, index, data, length):
        if kind == 0xC0 and request == 5:
            return bytes([0x01, 0x60])[:length]
        if kind != 0x40 or data:
            raise Stall
        if request == 3:
            high = self.divisor_bit(index)
            whole, code = value & 0x3FFF, high << 2 | value >> 14
            if value in (0, 1) and high == 0:
                divisor = 1 if value == 0 else 1.5
            else:
                divisor = whole + self.eighths[code] / 8
            self.set_baud(3e6 / divisor)
            return b""
        if (index & 0xFF if request == 2 else index) not in self.numbers():
            raise Stall
        if request == 0:
            if value in (0, 1):
                self.received.clear()
            if value == 0:
                self.say(reset=True)
            elif value > 2:
                raise Stall
        elif request == 1:
            if value & 0x0100:
                self.dtr = bool(value & 1)
            if value & 0x0200:
                self.rts = bool(value & 2)
            self.set_lines(self.dtr, self.rts)
        elif request == 2:
            self.say(flow="none" if index >> 8 == 0 else index >> 8)
        elif request == 4:
            self.format = value
            self.say(format={8: "8N1"}.get(value, hex(value)))
        elif request == 9 and 1 <= value <= 255:
            self.latency = value
            self.say(latency=value)
        else:
            raise Stall
        return b""

    def to_host(self, length):
        """Every packet begins with two bytes of status; what does not fill one waits for the latency timer."""
        now = time.monotonic()
        if len(self.received) < self.packet - 2 and now - self.last < self.latency / 1000:
            return None
        self.last = now
        content = b""
        while len(content) + self.packet <= length:
            piece = bytes(self.received[:self.packet - 2])
            del self.received[:len(piece)]
            content += b"\x01\x60" + piece
            if len(piece) < self.packet - 2:
                break
        return content


class FT232H(FTDI):
    """One port, and the divisor's bit where chips of several ports have it."""

    product = 0x6014

    def numbers(self):
        return (1,)

    def divisor_bit(self, index):
        if index >> 8 > 1 or index & 0xFF > 1:
            raise Stall
        return index >> 8


class FT2232(FTDI):
    """Two ports, A and B."""

    product = 0x6010
    lines = 2

    @property
    def endpoints(self):
        return ((0x83, 2), (0x04, 2)) if self.line == 1 else ((0x81, 2), (0x02, 2))

    def numbers(self):
        return (self.line + 1,)

    def divisor_bit(self, index):
        if index >> 8 > 1:
            raise Stall
        return index >> 8

    @classmethod
    def line_of(cls, kind, request, index):
        port = index & 0xFF
        # Only the request for the divisor and for the handshake has more in the index than the port.
        if index >> 8 and request not in (2, 3) or not 1 <= port <= cls.lines:
            return None
        return port - 1


CHIPS = {"ch340": CH340, "cp210x": CP210x, "ftdi": FTDI, "ft232h": FT232H, "ft2232": FT2232, "cp2105": CP2105}
