"""Debian's kernel in QEMU, without acceleration and without a network, and its shell over a virtio port."""

import ctypes
import os
import re
import signal
import socket
import subprocess
import time
from dataclasses import dataclass

COMMAND_LIMIT = 180
BOOT_LIMIT = 180


@dataclass
class Done:
    code: int
    output: str
    errors: str


class Guest:
    """`ftdi` is the (host, port) that the serial side of QEMU's FTDI device is connected to."""

    def __init__(self, kernel, initramfs, directory, ftdi):
        self.log = os.path.join(directory, "console.log")
        self.trace = os.path.join(directory, "qemu.log")
        sockets = {name: os.path.join(directory, name) for name in ("agent", "uart")}
        arguments = [
            "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", "2G",
            "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
            "-kernel", os.path.join(kernel, "vmlinuz"), "-initrd", initramfs,
            "-append", "console=ttyS0 quiet panic=-1 mitigations=off",
            "-serial", "file:" + self.log,
            "-device", "virtio-serial-pci",
            "-device", "qemu-xhci",
            "-chardev", f"socket,id=ftdi,host={ftdi[0]},port={ftdi[1]}", "-device", "usb-serial,chardev=ftdi",
            "-trace", "usb_serial_set_baud",
        ]
        for name, path in sockets.items():
            arguments += [
                "-chardev", f"socket,id={name},path={path},server=on,wait=off",
                "-device", f"virtserialport,chardev={name},name={name}",
            ]
        self.began = time.monotonic()
        with open(self.trace, "wb") as trace:
            self.process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=trace, stderr=trace, preexec_fn=end_with_parent)
        self.uart = self._connect(sockets["uart"])
        self.agent = self._connect(sockets["agent"])
        self.answers = self.agent.makefile("rb")

    def _connect(self, path):
        connection = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + 20
        while True:
            try:
                connection.connect(path)
                return connection
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("QEMU does not start: " + self.said())
                time.sleep(0.05)

    def booted(self):
        """Waits for the guest's shell. Returns the seconds since the start."""
        self.run("true", within=BOOT_LIMIT)
        return time.monotonic() - self.began

    def run(self, command, within=COMMAND_LIMIT):
        """What a line for the guest's shell came to."""
        self.agent.settimeout(within)
        self.agent.sendall(command.encode() + b"\n")
        try:
            code, output, errors = (int(number) for number in self.answers.readline().split())
            return Done(code, self.answers.read(output).decode(), self.answers.read(errors).decode())
        except (OSError, ValueError) as error:
            raise RuntimeError(f"the guest did not answer {command!r} in {within} s ({error}): {self.said()}")

    def bauds(self):
        """The speeds that the guest's driver has set in QEMU's FTDI device."""
        with open(self.trace) as trace:
            return [int(rate) for rate in re.findall(r"usb_serial_set_baud .*baud rate (\d+)", trace.read())]

    def said(self):
        text = ""
        for path in (self.trace, self.log):
            if os.path.exists(path):
                with open(path, errors="replace") as file:
                    text += file.read()[-2000:]
        return text

    def stop(self):
        self.process.kill()
        self.process.wait()


def end_with_parent():
    """The guest does not outlive whoever started it, however that ends. Source: prctl(2), PR_SET_PDEATHSIG."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
