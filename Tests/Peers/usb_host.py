"""A USB host with devices that do not exist: the device files as programs see them through umockdev.

Source: Linux's usbdevice_fs.h (x86-64 and arm64) and Documentation/driver-api/usb/usb.rst.
"""

import errno
import random
import struct
import threading
import time

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402

from usb_chips import Stall  # noqa: E402

SUBMIT, DISCARD, REAP, REAP_NO_DELAY = 0x8038550A, 0x550B, 0x4008550C, 0x4008550D
CLAIM, RELEASE, CLEAR_HALT, CAPABILITIES = 0x8004550F, 0x80045510, 0x80045515, 0x8004551A
DISCONNECT_CLAIM, DRIVER_IOCTL, GET_DRIVER = 0x8108551B, 0xC0105512, 0x41045508
SET_INTERFACE, RESET = 0x80085504, 0x5514
DISCONNECT, CONNECT = 0x5516, 0x5517
CONTROL_TRANSFER = 2
URB_SIZE, URB_STATUS, URB_BUFFER, URB_ACTUAL = 56, 4, 16, 28
# Zero packets, continuation, no size limit, reaping after a disconnect: what a kernel says.
KERNEL_CAPABILITIES = 0x01 | 0x02 | 0x04 | 0x10


class Device:
    """A device: its place, its chip's lines (an interface each), its faults, and its transfers in flight."""

    def __init__(self, place, number, lines, serial, driver, faults, say):
        self.place, self.number, self.lines, self.serial = place, number, lines, serial
        self.kind = type(lines[0])
        self.drivers = [self.kind.driver if driver else None for _ in lines]
        self.faults, self.say = faults, say
        self.names = [None, "Maker", f"Model of {self.kind.__name__}", serial]
        # The program that has an interface.
        self.claimed_by = [None for _ in lines]
        self.is_gone = False
        # Takes no more bytes from the host.
        self.is_full = False
        self.halted = set()
        self.carried = 0
        # How many transfers from the device, and to it, were in flight together.
        self.most = 0
        self.most_out = 0
        # Times that the host must make the endpoint go on before it works again, after failures on the wire.
        self.failures = faults.get("errors", 3)
        # What is behind a transfer that was cut short waits for the host to take it back.
        self.is_cut = False
        self.random = random.Random(1)

    def descriptors(self):
        device = struct.pack(
            "<BBHBBBBHHHBBBB", 18, 1, 0x0110, 0xFF, 0, 0, 8, self.kind.vendor, self.kind.product, 0x0264, 1, 2,
            3 if self.serial else 0, 1)
        interfaces = b"".join(self.interface(number, chip) for number, chip in enumerate(self.lines))
        return device + struct.pack(
            "<BBHBBBBB", 9, 2, 9 + len(interfaces), len(self.lines), 1, 0, 0x80, 50) + interfaces

    @staticmethod
    def interface(number, chip):
        endpoints = b"".join(
            struct.pack("<BBBBHB", 7, 5, address, kind, chip.packet if kind == 2 else 8, 0)
            for address, kind in chip.endpoints)
        return struct.pack("<BBBBBBBBB", 9, 4, number, 0, len(chip.endpoints), 0xFF, 1, 2, 0) + endpoints

    def line_with(self, endpoint):
        """The number of the interface that has this bulk endpoint."""
        for number, chip in enumerate(self.lines):
            if (endpoint, 2) in chip.endpoints:
                return number
        return None

    def control(self, kind, request, value, index, data, length):
        if kind == 0x80 and request == 6 and value >> 8 == 3:
            number = value & 0xFF
            if number == 0:
                return bytes([4, 3, 0x09, 0x04])[:length]
            if number < len(self.names) and self.names[number]:
                text = self.names[number].encode("utf-16-le")
                return (bytes([len(text) + 2, 3]) + text)[:length]
            raise Stall
        line = self.kind.line_of(kind, request, index)
        if line is None:
            raise Stall
        return self.lines[line].control(kind, request, value, index, data, length)

    def vanish(self):
        self.is_gone = True
        self.say(gone=True)

    def carry(self, count):
        """Counts bytes on the bulk endpoints, and lets happen what is to happen after so many."""
        self.carried += count
        if self.carried >= self.faults.get("vanish-after", float("inf")) and not self.is_gone:
            self.vanish()
        if self.carried >= self.faults.get("stall-in-after", float("inf")):
            self.halted.add("in")
        if self.carried >= self.faults.get("stall-out-after", float("inf")):
            self.halted.add("out")
        if self.carried >= self.faults.get("full-after", float("inf")):
            self.is_full = True
        if self.carried >= self.faults.get("error-in-after", float("inf")) and self.failures > 0:
            self.halted.add("error")
        if self.carried >= self.faults.get("overflow-in-after", float("inf")):
            self.halted.add("overflow")


class Urb:
    """A transfer in flight."""

    # What the wire answers with when it fails, as hosts say it one time and another.
    wire_errors = (errno.EPROTO, errno.EILSEQ)

    def __init__(self, data):
        self.data = data
        content = bytes(data.retrieve())
        self.kind, self.endpoint = content[0], content[1]
        self.length = struct.unpack_from("<i", content, 24)[0]
        self.address = data.client_addr
        self.buffer = data.resolve(URB_BUFFER, self.length) if self.length else None
        self.began = time.monotonic()

    def content(self):
        return bytes(self.buffer.retrieve()) if self.buffer else b""

    def finish(self, status, actual=0):
        self.data.update(URB_STATUS, struct.pack("<i", -status))
        self.data.update(URB_ACTUAL, struct.pack("<i", actual))


class DeviceFile(UMockdev.IoctlBase):
    """The file of a device below /dev/bus/usb."""

    def __init__(self, device):
        super().__init__()
        self.device = device
        self.lock = threading.RLock()
        self.flying = {}
        self.done = {}
        self.connect("client-vanished", self.vanished)

    def vanished(self, _, client):
        with self.lock:
            self.flying.pop(client, None)
            self.done.pop(client, None)
            for number, owner in enumerate(self.device.claimed_by):
                if owner is client:
                    self.device.claimed_by[number] = None
                    self.device.lines[number].say(left=True)

    def do_handle_ioctl(self, client):
        try:
            with self.lock:
                result, number = self.answer(client, client.get_request(), client.get_arg())
        except Exception as error:  # noqa: BLE001
            self.device.say(failed=repr(error))
            result, number = -1, errno.EIO
        client.complete(result, number)
        return True

    def answer(self, client, request, argument):
        device = self.device
        if request in (REAP, REAP_NO_DELAY):
            return self.reap(client, argument)
        if request == DISCARD:
            address = struct.unpack("<Q", bytes(argument.retrieve()))[0]
            for urb in self.flying.get(client, []):
                if urb.address == address:
                    self.flying[client].remove(urb)
                    urb.finish(errno.ENOENT)
                    self.done.setdefault(client, []).append(urb)
                    return 0, 0
            return -1, errno.EINVAL
        if device.is_gone:
            return -1, errno.ENODEV
        if request == SUBMIT:
            return self.submit(client, Urb(argument.resolve(0, URB_SIZE)))
        if request == CAPABILITIES:
            argument.resolve(0, 4).update(0, struct.pack("<I", KERNEL_CAPABILITIES))
            return 0, 0
        if request in (GET_DRIVER, DISCONNECT_CLAIM, CLAIM, RELEASE, DRIVER_IOCTL):
            return self.answer_for_interface(client, request, argument)
        if request == CLEAR_HALT:
            endpoint = struct.unpack("<I", bytes(argument.resolve(0, 4).retrieve()))[0]
            direction = "in" if endpoint & 0x80 else "out"
            device.halted.discard(direction)
            if direction == "in" and "error" in device.halted:
                device.failures -= 1
                if device.failures <= 0:
                    device.halted.discard("error")
            device.say(cleared=direction)
            return 0, 0
        if request in (SET_INTERFACE, RESET):
            return 0, 0
        return -1, errno.ENOTTY

    def answer_for_interface(self, client, request, argument):
        """What begins with an interface's number."""
        device = self.device
        size = {GET_DRIVER: 260, DISCONNECT_CLAIM: 264, DRIVER_IOCTL: 16}.get(request, 4)
        content = argument.resolve(0, size)
        number = struct.unpack_from("<I", bytes(content.retrieve()))[0]
        if number >= len(device.lines):
            return -1, errno.EINVAL
        line, owner, driver = device.lines[number], device.claimed_by[number], device.drivers[number]
        if request == GET_DRIVER:
            name = "usbfs" if owner else driver
            if not name:
                return -1, errno.ENODATA
            content.update(4, name.encode() + b"\0")
            return 0, 0
        if request == RELEASE:
            if owner is not client:
                return -1, errno.EINVAL
            device.claimed_by[number] = None
            line.say(released=True)
            return 0, 0
        if request == DRIVER_IOCTL:
            code = struct.unpack_from("<i", bytes(content.retrieve()), 4)[0]
            if code == CONNECT and not owner:
                device.drivers[number] = line.driver
                line.say(attached=line.driver)
                return 1, 0
            if code == DISCONNECT and driver:
                device.drivers[number] = None
                line.say(detached=driver)
                return 0, 0
            return -1, errno.ENODATA
        if owner not in (None, client) or request == CLAIM and driver:
            return -1, errno.EBUSY
        if driver:
            device.drivers[number] = None
            line.say(detached=driver)
        device.claimed_by[number] = client
        line.say(claimed=True)
        if "vanish-ms" in device.faults:
            threading.Timer(device.faults["vanish-ms"] / 1000, device.vanish).start()
        return 0, 0

    def submit(self, client, urb):
        if urb.kind == CONTROL_TRANSFER:
            self.run_control(urb)
            self.done.setdefault(client, []).append(urb)
            return 0, 0
        line = self.device.line_with(urb.endpoint)
        if line is None:
            return -1, errno.ENOENT
        if self.device.claimed_by[line] is not client:
            return -1, errno.EINVAL
        device = self.device
        flying = self.flying.setdefault(client, [])
        flying.append(urb)
        if device.faults.get("flood"):
            device.lines[line].received += bytes(number % 251 for number in range(device.faults.pop("flood")))
        inward = sum(each.endpoint >> 7 for each in flying)
        device.most = max(device.most, inward)
        device.most_out = max(device.most_out, len(flying) - inward)
        if len(flying) - inward == 1 and not urb.endpoint & 0x80:
            device.is_cut = False
        return 0, 0

    def run_control(self, urb):
        content = urb.content()
        kind, request, value, index, length = struct.unpack_from("<BBHHH", content)
        data = b"" if kind & 0x80 else content[8:8 + length]
        try:
            answer = self.device.control(kind, request, value, index, data, length)
        except Stall:
            self.device.say(refused=f"{kind:02x} {request:02x} {value:04x} {index:04x} {data.hex()}".strip())
            urb.finish(errno.EPIPE)
            return
        if kind & 0x80:
            if answer:
                urb.buffer.update(8, answer)
            urb.finish(0, len(answer))
        else:
            urb.finish(0, len(data))

    def reap(self, client, argument):
        flying, done = self.flying.setdefault(client, []), self.done.setdefault(client, [])
        if not done:
            self.run_bulk(flying, done)
        if done:
            argument.resolve(0, 8).set_ptr(0, done.pop(0).data)
            return 0, 0
        if self.device.is_gone:
            return -1, errno.ENODEV
        # The file is always ready for poll(2): this keeps the program from asking without end.
        time.sleep(0.0005)
        return -1, errno.EAGAIN

    def run_bulk(self, flying, done):
        """Lets every endpoint go on with its oldest transfer, as the bus does."""
        device = self.device
        served = set()
        for urb in list(flying):
            if device.is_gone:
                flying.remove(urb)
                urb.finish(errno.ESHUTDOWN)
                done.append(urb)
                continue
            direction = "in" if urb.endpoint & 0x80 else "out"
            chip = device.lines[device.line_with(urb.endpoint)]
            if urb.endpoint in served:
                continue
            if direction in device.halted:
                flying.remove(urb)
                urb.finish(errno.EPIPE)
            elif direction == "in" and "error" in device.halted:
                flying.remove(urb)
                urb.finish(urb.wire_errors[device.failures % 2])
            elif direction == "in" and "overflow" in device.halted:
                flying.remove(urb)
                urb.finish(errno.EOVERFLOW)
            elif direction == "out" and (device.is_full or device.is_cut or self.waits(urb, flying)):
                continue
            elif direction == "out" and self.is_to_be_cut(flying):
                del device.faults["short-out-after"]
                device.is_cut = True
                content = urb.content()[:urb.length // 2]
                device.say(cut=[urb.length, len(content)])
                chip.from_host(content)
                flying.remove(urb)
                urb.finish(0, len(content))
            elif direction == "out":
                content = urb.content()
                chip.from_host(content)
                device.carry(len(content))
                flying.remove(urb)
                urb.finish(0, len(content))
            else:
                # Transfers end where the device has no more: of any length.
                packets = device.random.randint(1, max(1, urb.length // chip.packet))
                content = chip.to_host(packets * chip.packet)
                if content is None:
                    served.add(urb.endpoint)
                    continue
                if content:
                    urb.buffer.update(0, content)
                flying.remove(urb)
                urb.finish(0, len(content))
                device.carry(len(content) if len(content) > 2 else 0)
                served.add(urb.endpoint)
            done.append(urb)


    def is_to_be_cut(self, flying):
        """While more are behind it: a transfer that the host submits when none is in flight is the rest of this one."""
        outward = sum(not urb.endpoint & 0x80 for urb in flying)
        return self.device.carried >= self.device.faults.get("short-out-after", float("inf")) and outward >= 3

    def waits(self, urb, flying):
        """Whether a transfer to the device takes its time: until so many are in flight together, or some time is over."""
        together = self.device.faults.get("out-together", 0)
        return self.device.most_out < together and time.monotonic() - urb.began < 0.5


class Host:
    """One bus: a root, a hub in its first port, and the devices behind that."""

    ROOT = "/devices/pci0000:00/0000:00:14.0/usb1"

    def __init__(self):
        self.testbed = UMockdev.Testbed.new()
        self.files = []
        self.add_hub(self.ROOT, 1)
        self.add_hub(self.ROOT + "/1-1", 2)

    def add_hub(self, path, number):
        descriptors = struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x0200, 9, 0, 0, 64, 0x1D6B, 2, 0x0510, 0, 0, 0, 1)
        descriptors += struct.pack("<BBHBBBBB", 9, 2, 18, 1, 1, 0, 0xE0, 0)
        descriptors += struct.pack("<BBBBBBBBB", 9, 4, 0, 0, 0, 9, 0, 0, 0)
        self.add_node(path, number, descriptors, "hub")

    def add(self, device):
        handler = DeviceFile(device)
        self.files.append(handler)
        self.testbed.attach_ioctl(f"/dev/bus/usb/001/{device.number:03d}", handler)
        path = f"{self.ROOT}/1-1/{device.place}"
        attributes = {"idVendor": f"{device.kind.vendor:04x}", "idProduct": f"{device.kind.product:04x}"}
        attributes |= {
            name: text for name, text in zip(("manufacturer", "product", "serial"), device.names[1:]) if text}
        self.add_node(
            path, device.number, device.descriptors(), "usb",
            "".join(f"A: {name}={text}\\n\n" for name, text in attributes.items()))
        for number in range(len(device.lines)):
            self.testbed.add_from_string(
                f"P: {path}/{device.place}:1.{number}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n"
                f"A: bInterfaceClass=ff\\n\nA: bInterfaceNumber={number:02x}\\n\n")

    def add_node(self, path, number, descriptors, driver, attributes=""):
        self.testbed.add_from_string(
            f"P: {path}\n"
            f"N: bus/usb/001/{number:03d}\n"
            f"E: SUBSYSTEM=usb\nE: DRIVER={driver}\nE: DEVTYPE=usb_device\nE: BUSNUM=001\nE: DEVNUM={number:03d}\n"
            f"E: DEVNAME=/dev/bus/usb/001/{number:03d}\nE: MAJOR=189\nE: MINOR={number - 1}\n"
            f"A: busnum=1\\n\nA: devnum={number}\\n\nA: bConfigurationValue=1\\n\nA: speed=12\\n\n"
            f"{attributes}H: descriptors={descriptors.hex().upper()}\n")
