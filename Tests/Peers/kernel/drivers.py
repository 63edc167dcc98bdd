"""Runs the command against the kernel's own drivers, in a guest, and says what came of it.

usage: drivers.py COMMAND KERNEL-FOLDER FTDI-BOARD CH340-BOARD DIRECTORY
The boards are running ones: socket://HOST:PORT behind QEMU's FTDI device, rfc2217://HOST:PORT behind the model of a
CH340.
Prints one line of JSON a finding: {"what": ..., "is": ...}; how long things took goes to stderr.
"""

import json
import os
import re
import sys
import time
from urllib.parse import urlsplit

import initramfs
import rfc2217
from guest import Guest

COMMAND, KERNEL, FTDI_BOARD, CH340_BOARD, DIRECTORY = sys.argv[1:]
FTDI, CH340 = "/dev/ttyUSB0", "/dev/ttyUSB1"
USB_FTDI, USB_CH340 = "usb:0403:6001", "usb:1a86:7523"
ASKED = "/tmp/ch340.log"


def finding(what, value):
    print(json.dumps({"what": what, "is": value}), flush=True)


def address(text):
    parts = urlsplit(text)
    return parts.hostname, parts.port


class Asked:
    """What the driver has asked of the CH340 since this was last looked at."""

    def __init__(self, guest):
        self.guest = guest
        self.seen = 0

    def all(self):
        lines = self.guest.run(f"cat {ASKED}").output.splitlines()[self.seen:]
        self.seen += len(lines)
        return [json.loads(line) for line in lines]

    def bauds(self):
        return [each["baud"] for each in self.all() if "baud" in each]

    def lines(self):
        """DTR and RTS one after the other, each change once, and the resets whose pulses were shorter than they must be."""
        levels = [(each["ms"], [each["dtr"], each["rts"]]) for each in self.all() if "dtr" in each]
        changes = [entry for index, entry in enumerate(levels) if index == 0 or levels[index - 1][1] != entry[1]]
        lengths = [
            (level, changes[index + 1][0] - begun, changes[index + 1][1])
            for index, (begun, level) in enumerate(changes[:-1])]
        # The log counts whole milliseconds.
        short = [each for each in lengths if each[1] < PULSES.get((*each[0], *each[2]), 0) - 1]
        return [[level for _, level in changes], short]


# How long DTR and RTS stay before they become something else (ms): a chip's reset, and GPIO0 while it starts.
PULSES = {(0, 1, 1, 0): 100, (1, 0, 0, 0): 50, (0, 1, 0, 0): 100}


def identity_at_once(guest, asked, port):
    """The board, and the lines' changes, of the first run whose first reset worked.

    On a machine that is busy the board may answer too late for one; a reset that never works fails three times.
    """
    for _ in range(3):
        asked.all()
        found = identity(guest, port)
        lines = asked.lines()
        if lines[0].count([1, 0]) == 1:
            break
    return found, lines


def monitored(guest, asked, port):
    """What `iot monitor` does to the lines from its start to its end; it is open when it has released both."""
    asked.all()
    guest.run(
        f"iot monitor --port {port} < /dev/null > /tmp/monitor 2>&1 & monitor=$!; "
        f"for try in $(seq 300); do tail -n +{asked.seen + 1} {ASKED} | grep -q '\"dtr\": 0, \"rts\": 0' && break; "
        "sleep 0.1; done; kill $monitor; wait $monitor")
    return asked.lines()


def identity(guest, port, *options):
    """Which chip, MAC and flash `iot flash id` finds, or how it failed."""
    done = guest.run(" ".join(["iot flash id --json --port", port, *options]))
    events = [json.loads(line) for line in done.output.splitlines()]
    found = [[each["chip"], each["mac"], each["flashID"]] for each in events if each["event"] == "board"]
    return found[0] if done.code == 0 and found else [done.code, done.output, done.errors]


def written(guest, port, numbers, offset, *options):
    """Whether a file of numbers, a line each, was written and verified, or how that failed."""
    guest.run(f"seq {numbers[0]} {numbers[1]} > /tmp/numbers")
    done = guest.run(" ".join(["iot flash write --port", port, *options, offset, "/tmp/numbers"]))
    return is_verified(done)


def is_verified(done):
    return done.code == 0 and "verified" in done.errors or [done.code, done.output, done.errors]


def ports(guest):
    return listed(guest.run("iot ports --json").output)


def listed(text):
    """Path, chip and driver of each USB port that `iot ports` has printed; where it is plugged in is the kernel's choice."""
    found = [port for port in json.loads(text)["ports"] if "usb" in port]
    return [
        [re.sub("^usb:[0-9.-]+", "usb:-", port["path"]), f"{port['usb']['vendor']:04x}:{port['usb']['product']:04x}",
         port.get("driver")] for port in found]


def plug_in(guest):
    done = guest.run(
        f"ch340 /tmp/port-uart > {ASKED} 2>&1 & echo $! > /tmp/ch340.pid; "
        f"for try in $(seq 100); do [ -c {CH340} ] && exit 0; sleep 0.1; done; cat {ASKED}; dmesg | tail; exit 1")
    if done.code != 0:
        raise RuntimeError("no driver took the CH340: " + done.output)


def through_ftdi(guest):
    latency = "cat /sys/bus/usb-serial/devices/ttyUSB0/latency_timer"
    before = int(guest.run(latency).output)
    finding("ftdi: the board", identity(guest, FTDI))
    finding("ftdi: how long it gathers bytes (ms), before it was opened and after", [
        before, int(guest.run(latency).output)])
    finding("ftdi: the board at 460800 baud", identity(guest, FTDI, "--baud 460800"))
    finding("ftdi: written and verified", written(guest, FTDI, (1, 1000), "0x1000"))
    code, _, errors = identity(guest, FTDI, "--baud 4000000")
    finding("ftdi: a speed that the driver cannot do", [code, errors.strip()])
    # The first is the driver's own default, as the port is opened.
    finding("ftdi: the speeds that the device was set to", sorted(set(guest.bauds())))


def through_ch340(guest):
    asked = Asked(guest)
    found, lines = identity_at_once(guest, asked, CH340)
    finding("ch340: the board", found)
    finding("ch340: DTR and RTS", lines)
    asked.all()
    finding("ch340: written and verified", written(guest, CH340, (2000, 2400), "0x2000", "--baud 460800"))
    finding("ch340: the speeds that the chip was set to", sorted(set(asked.bauds())))
    finding("ch340: the board, left in its loader", identity(guest, CH340, "--after no-reset"))
    asked.all()
    finding("ch340: the board, not restarted", identity(guest, CH340, "--before no-reset --after no-reset"))
    finding("ch340: DTR and RTS when a port is only opened and closed", asked.lines())
    # The kernel's opening, and the monitor's release of both.
    finding("ch340: DTR and RTS while it is monitored", monitored(guest, asked, CH340))


def through_libusb(guest):
    finding("libusb, ftdi: the board", identity(guest, USB_FTDI))
    asked = Asked(guest)
    found, lines = identity_at_once(guest, asked, USB_CH340)
    finding("libusb, ch340: the board", found)
    finding("libusb, ch340: DTR and RTS", lines)
    finding("libusb, ch340: DTR and RTS while it is monitored", monitored(guest, asked, USB_CH340))
    finding("libusb, ch340: ports after it", ports(guest))
    done = guest.run(
        "seq 3000 3400 > /tmp/numbers; "
        f"iot flash write --no-stub --port {USB_CH340} --baud 460800 0x3000 /tmp/numbers 2> /tmp/errors & writing=$!; "
        "for try in $(seq 300); do ls /sys/bus/usb/drivers/usbfs | grep -q : && break; sleep 0.1; done; "
        "iot ports --json; wait $writing; code=$?; cat /tmp/errors >&2; exit $code")
    finding("libusb, ch340: ports while it is written to", listed(done.output))
    finding("libusb, ch340: written and verified", is_verified(done))
    finding("libusb, ch340: the board by its tty again", identity(guest, CH340))


def without_driver(guest):
    """The CH340's driver is told to leave it, as a program does that takes it for something else."""
    guest.run("cd /sys/bus/usb/drivers/ch341; echo *:1.0 > unbind")
    finding("ch340 without its driver: ports", ports(guest))
    done = guest.run("iot flash id --all --json")
    events = [json.loads(line) for line in done.output.splitlines()]
    finding(
        "ch340 without its driver: the boards",
        sorted([re.sub("^usb:[0-9.-]+", "usb:-", each["port"]), each["mac"]]
               for each in events if each["event"] == "board"))
    finding("ch340 without its driver: ports after it", ports(guest))


def pull_out(guest, name, port, offset):
    """Takes the CH340 away when more than two sectors are written."""
    done = guest.run(
        "seq 1 60000 > /tmp/numbers; "
        f"iot flash write --json --port {port} {offset} /tmp/numbers > /tmp/events & writing=$!; "
        "for try in $(seq 300); do grep -Eq 'done\":[0-9]{5,}' /tmp/events && break; sleep 0.1; done; "
        "kill $(cat /tmp/ch340.pid); wait $writing; code=$?; cat /tmp/events; exit $code")
    events = [json.loads(line) for line in done.output.splitlines()]
    said = [each["message"] for each in events if each["event"] == "failed"]
    finding(f"{name}: pulled out in mid-write", [done.code, *(re.sub("0x[0-9a-f]+", "0x-", line) for line in said)])
    up_to = re.search("written up to (0x[0-9a-f]+)", " ".join(said))
    finding(f"{name}: said to be written up to", up_to and int(up_to.group(1), 16))
    for _ in range(50):
        if all(port[0] == FTDI for port in ports(guest)):
            break
        time.sleep(0.1)
    finding(f"{name}: ports without it", ports(guest))


def main():
    archive = os.path.join(DIRECTORY, "initramfs")
    initramfs.build(archive, KERNEL, COMMAND, DIRECTORY)
    began = time.monotonic()
    guest = Guest(KERNEL, archive, DIRECTORY, address(FTDI_BOARD))
    try:
        print(f"booted in {guest.booted():.1f} s", file=sys.stderr)
        rfc2217.join(guest.uart, *address(CH340_BOARD))
        plug_in(guest)
        finding("ports", ports(guest))
        finding("what is in the way of them", guest.run("iot ports doctor").code)
        through_ftdi(guest)
        through_ch340(guest)
        through_libusb(guest)
        without_driver(guest)
        pull_out(guest, "ch340", CH340, "0x10000")
        plug_in(guest)
        finding("ports when it is plugged in again", ports(guest))
        pull_out(guest, "libusb, ch340", USB_CH340, "0x80000")
    finally:
        guest.stop()
    print(f"done in {time.monotonic() - began:.1f} s", file=sys.stderr)


main()
