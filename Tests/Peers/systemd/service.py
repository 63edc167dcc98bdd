"""The life of the package's service under systemd, run in the machine that Tests/Peers/systemd/machine makes.

usage: service.py FIRST-PACKAGE SECOND-PACKAGE
Prints one line of JSON a finding: {"what": ..., "is": ...}.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, "/peers")
sys.dont_write_bytecode = True

from running_base import eventually, finding  # noqa: E402
from fake_broker import FakeBroker  # noqa: E402
from fake_dashboard import FakeDashboard  # noqa: E402
from fake_unit import FakeUnit  # noqa: E402

PATIENCE = 60
UNIT = "iot-base.service"
CONFIGURATION = pathlib.Path("/etc/iot/config.json")


def run(*command):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def shows(*properties):
    lines = run("systemctl", "show", UNIT, *(f"--property={name}" for name in properties)).stdout.splitlines()
    values = dict(line.split("=", 1) for line in lines)
    return [values[name] for name in properties]


def process():
    return int(shows("MainPID")[0])


def install(package):
    done = run("dpkg", "--force-depends", "--force-confold", "--install", package)
    if done.returncode:
        raise RuntimeError(done.stdout)
    return done.stdout


def main():
    first, second = sys.argv[1:]
    dashboard, broker = FakeDashboard(), FakeBroker()

    def speak(connection, number):
        for value in range(100_000):
            connection.sendall(b"%d\n" % (value % 1024))
            time.sleep(0.05)

    unit = FakeUnit("127.78.9.1", speak).start()

    finding("without a configuration it is told", "iot-base is not started" in install(first))
    finding("enabled, and not started", [run("systemctl", "is-enabled", UNIT).stdout.strip(), *shows("ActiveState")])
    CONFIGURATION.write_text(json.dumps({
        "clients": [unit.address], "api": {"url": dashboard.url},
        "pusher": {"app-key": "key", "host": "127.0.0.1", "port": broker.port},
    }))
    store = pathlib.Path("/etc/credstore")
    store.mkdir(mode=0o700, exist_ok=True)
    (store / "iot-base.api-token").write_text("t0k3n")
    started = run("systemctl", "start", UNIT)
    finding("it starts when it says that it is ready", [started.returncode, *shows("ActiveState", "StatusText")])
    count = len(dashboard.puts(unit.address))
    eventually("measurements", lambda: len(dashboard.puts(unit.address)) > count + 5, PATIENCE)
    finding("measurements pass", True)
    number = process()
    status = dict(
        line.split(":", 1) for line in pathlib.Path(f"/proc/{number}/status").read_text().splitlines() if ":" in line)
    finding("its user is not root", status["Uid"].split()[0] != "0")
    finding("its capabilities", status["CapEff"].strip())
    finding("new privileges are impossible, system calls are filtered", [
        status["NoNewPrivs"].strip(), status["Seccomp"].strip()])
    credential = pathlib.Path(f"/run/credentials/{UNIT}/api-token")
    finding("the token is handed over, to be read alone", [
        credential.read_text(), f"{credential.stat().st_mode & 0o337:o}"])
    finding("who reads what it keeps", [
        f"{os.stat(folder).st_mode & 0o7777:o}" for folder in ["/var/lib/iot", "/var/lib/iot/outbox"]])

    reload(FakeUnit("127.78.9.2").start())
    standstill()
    wrong_configuration()
    upgrade(second)

    run("systemctl", "stop", UNIT)
    finding("a stop in good order", shows("ActiveState", "Result", "ExecMainStatus"))
    run("systemctl", "start", UNIT)
    run("dpkg", "--purge", "iot")
    finding("a purge stops it and takes what it kept", [
        shows("ActiveState")[0], os.path.exists("/var/lib/iot"), os.path.exists("/etc/iot")])


def reload(other):
    """A reload is over when it was carried out, and fails when the file is wrong."""
    right, number = CONFIGURATION.read_text(), process()
    more = json.loads(right)
    more["clients"].append(other.address)
    CONFIGURATION.write_text(json.dumps(more))
    reloaded = run("systemctl", "reload", UNIT)
    finding("a reload is over when the new unit is one of those to read", [
        reloaded.returncode, reloaded.stdout, *shows("ActiveState", "StatusText")])
    eventually("the new unit", lambda: other.connections, PATIENCE)
    CONFIGURATION.write_text("{")
    reloaded = run("systemctl", "reload", UNIT)
    finding("with a wrong file it fails, and the base runs on", [
        reloaded.returncode, *shows("ActiveState"), process() == number])
    reason = "2 units to read; the changed configuration is refused: "
    eventually("the reason", lambda: shows("StatusText")[0].startswith(reason), PATIENCE)
    finding("the status says why", True)
    CONFIGURATION.write_text(right)
    reloaded = run("systemctl", "reload", UNIT)
    finding("units go by a reload, too", [reloaded.returncode, *shows("ActiveState", "StatusText")])
    finding("all by the same process", process() == number)


def standstill():
    """A base that stands still is started anew, and only then."""
    folder = pathlib.Path(f"/run/systemd/system/{UNIT}.d")
    folder.mkdir(parents=True)
    (folder / "quick.conf").write_text("[Service]\nWatchdogSec=2s\nRestartSec=100ms\n")
    run("systemctl", "daemon-reload")
    run("systemctl", "restart", UNIT)
    number = process()
    time.sleep(5)
    finding("a base that is well is left alone", [process() == number, *shows("NRestarts")])
    os.kill(number, signal.SIGSTOP)
    eventually("a new base", lambda: process() not in (0, number) and shows("ActiveState") == ["active"], PATIENCE)
    finding("a base that stands still is started anew", shows("NRestarts"))


def wrong_configuration():
    right = CONFIGURATION.read_text()
    CONFIGURATION.write_text("{")
    finding("with a wrong configuration the start fails", run("systemctl", "restart", UNIT).returncode)
    finding("for good, as another attempt would not help", shows("ActiveState", "ExecMainStatus", "NRestarts"))
    CONFIGURATION.write_text(right)
    run("systemctl", "start", UNIT)


def upgrade(package):
    mark = pathlib.Path("/var/lib/iot/outbox/mark")
    mark.write_text("kept")
    number = process()
    install(package)
    finding("an upgrade starts the new command", [process() not in (0, number), *shows("ActiveState")])
    finding("it keeps the outbox", mark.read_text())
    mark.unlink()


if __name__ == "__main__":
    main()
