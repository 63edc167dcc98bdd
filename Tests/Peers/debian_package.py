"""Makes Debian packages of the built command and lets Debian's own tools judge and install them, below a root of their own.

usage: debian_package.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding: {"what": ..., "is": ...}.
"""

import gzip
import json
import os
import pathlib
import stat
import subprocess
import sys

from running_base import finding

HOUSE = pathlib.Path(__file__).resolve().parents[2]
UNIT = "etc/systemd/system/multi-user.target.wants/iot-base.service"
RIGHT = {
    "clients": ["192.168.1.20"], "api": {"url": "https://dashboard.example.org"},
    "pusher": {"app-key": "key", "cluster": "eu"},
}


def run(*command, **more):
    return subprocess.run(
        [str(word) for word in command], check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        **more).stdout


def package(iot, directory, *options):
    """The path of a new package."""
    environment = {**os.environ, "DEBFULLNAME": "A Tester", "DEBEMAIL": "tester@iot-tests.debian.net"}
    return run(HOUSE / "packaging/deb", "--quick", *options, pathlib.Path(iot).parent, directory, env=environment).strip()


def contents(iot, directory):
    tree = pathlib.Path(directory, "tree")
    run("dpkg-deb", "-x", package(iot, directory), tree)
    for name in ["etc/iot/config.json", "lib/systemd/system/iot-base.service", "usr/lib/sysusers.d/iot-base.conf",
                 "usr/share/doc/iot/base.md", "usr/share/bash-completion/completions/iot",
                 "usr/share/zsh/vendor-completions/_iot", "usr/share/fish/vendor_completions.d/iot.fish",
                 "usr/lib/iot/iot_Hub.resources/Pages/index.html", "usr/lib/iot/iot_HIL.resources/Page/page.js"]:
        finding(name, (tree / name).stat().st_size > 0)
    command = tree / "usr/bin/iot"
    finding("the command", os.readlink(command))
    finding("its version", run(command, "--version").strip() == run(iot, "--version").strip())
    finding("libraries from elsewhere than the package and Debian", foreign_libraries(tree))
    manual = sorted((tree / "usr/share/man").glob("man?/*"))
    finding("manual pages", [page.name for page in manual])
    pages = [run("man", "--warnings", "--local-file", page, env={**os.environ, "MANROFFOPT": "-ww", "LC_ALL": "C.UTF-8"})
             for page in manual]
    finding("warnings of roff", [line for page in pages for line in page.splitlines() if "warning:" in line])
    finding("the base's page has its run", any(
        "iot base run [--config file]" in " ".join(page.split()) for page in pages))
    with gzip.open(tree / "usr/share/doc/iot/licences.gz", "rt") as licences:
        text = licences.read()
    finding("licences of what is linked", [name in text for name in ["swift-nio/", "GRDB.swift/", "Yams/", "TOMLKit/"]])


def foreign_libraries(tree):
    """What the loader takes from neither the package nor the system's folders."""
    lines = run("ldd", tree / "usr/lib/iot/iot").splitlines()
    found = [line.split("=> ")[1].split(" (")[0] for line in lines if "=> " in line]
    known = [f"{tree}/usr/lib/iot/", "/lib/", "/usr/lib/", "/lib64/"]
    return [library for library in found if not any(library.startswith(folder) for folder in known)]


class Root:
    """A folder that dpkg takes for the root; maintainer scripts run outside of it and are told where it is."""

    def __init__(self, directory):
        self.path = pathlib.Path(directory, "root")
        for folder in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "etc", "var/log"]:
            (self.path / folder).mkdir(parents=True)
        (self.path / "var/lib/dpkg/status").touch()
        # Who is not root pretends to be.
        self.state = pathlib.Path(directory, "fakeroot")
        self.state.touch()
        self.pretending = [] if os.geteuid() == 0 else [
            "fakeroot", "-s", str(self.state), "-i", str(self.state), "--"]

    def dpkg(self, *arguments):
        return run(
            *self.pretending, "dpkg", f"--root={self.path}", "--force-script-chrootless", "--force-depends",
            "--force-confold", *arguments)

    def owner(self, name):
        """Mode, user and group as numbers in octal and as names of this root."""
        mode, user, group = run(*self.pretending, "stat", "-c", "%a %u %g", self.path / name).split()
        names = {line.split(":")[2]: line.split(":")[0] for line in (self.path / "etc/group").read_text().splitlines()}
        return f"{mode} {'root' if user == '0' else user} {'root' if group == '0' else names.get(group, group)}"

    def has(self, *names):
        return [os.path.lexists(self.path / name) for name in names]


def life(iot, directory):
    """Installed, filled in, upgraded, disabled, upgraded, removed, purged."""
    first = package(iot, directory, "--version", "1.0")
    second = package(iot, directory, "--version", "1.1")
    third = package(iot, directory, "--version", "1.2")
    root = Root(directory)
    said = root.dpkg("--install", first)
    finding("a configuration that is not filled in is told", [
        "iot-base is not started: /etc/iot/config.json is not filled in, or not right." in said, "api.token" in said])
    finding("the service is enabled", root.has(UNIT))
    finding("its user", [line.split(":")[0] for line in (root.path / "etc/passwd").read_text().splitlines()
                         if "iot" in line])
    finding("who reads the configuration", [root.owner("etc/iot"), root.owner("etc/iot/config.json")])

    outbox = root.path / "var/lib/iot/outbox"
    outbox.mkdir(parents=True)
    (outbox / "segment").write_text("a measurement")
    (root.path / "etc/iot/config.json").write_text(json.dumps(RIGHT))
    (root.path / "etc/credstore").mkdir()
    (root.path / "etc/credstore/iot-base.api-token").write_text("t0k3n")
    (root.path / "etc/credstore/iot-base.api-token").chmod(0o600)
    (root.path / "etc/iot/config.json").chmod(0o600)
    said = root.dpkg("--install", second)
    finding("an upgrade with a right configuration says nothing of it", "not started" in said)
    finding("it keeps the configuration", json.loads((root.path / "etc/iot/config.json").read_text()) == RIGHT)
    finding("it keeps what the administrator has decided", stat.filemode(
        (root.path / "etc/iot/config.json").stat().st_mode))
    finding("it keeps the outbox", (outbox / "segment").read_text())
    run(*root.pretending, "systemctl", f"--root={root.path}", "disable", "iot-base.service")
    root.dpkg("--install", third)
    finding("a disabled service stays disabled", root.has(UNIT))

    root.dpkg("--remove", "iot")
    finding("a removal takes the command and the unit", root.has("usr/bin/iot", "lib/systemd/system/iot-base.service"))
    finding("it keeps configuration and outbox", root.has("etc/iot/config.json", "var/lib/iot/outbox/segment"))
    root.dpkg("--purge", "iot")
    finding("a purge takes them", root.has("etc/iot", "var/lib/iot", "etc/systemd/system/iot-base.service"))


def judged(iot, directory):
    """What lintian finds; a package for tests is not compressed."""
    root = [] if os.geteuid() else ["--allow-root"]
    run_lintian = subprocess.run(
        ["lintian", "--tag-display-limit", "0", "--suppress-tags",
         "uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball", *root,
         package(iot, directory)], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    finding("lintian", run_lintian.stdout.splitlines())
    finding("its exit code", run_lintian.returncode)


def service(iot, directory):
    """The service under a systemd that runs in namespaces of its own."""
    first = package(iot, directory, "--version", "1.0")
    second = package(iot, directory, "--version", "1.1")
    folder = pathlib.Path(directory, "folder")
    folder.mkdir()
    for file in [first, second]:
        os.rename(file, folder / pathlib.Path(file).name)
    packages = " ".join(f"/folder/{pathlib.Path(file).name}" for file in [first, second])
    ended = subprocess.run(
        ["timeout", "--kill-after=10", "300", HOUSE / "Tests/Peers/systemd/machine", folder,
         f"/usr/bin/python3 /peers/systemd/service.py {packages}"], stdin=subprocess.DEVNULL)
    for name, stream in [("output", sys.stdout), ("errors", sys.stderr)]:
        if (folder / name).exists():
            stream.write((folder / name).read_text())
    sys.exit(ended.returncode)


if __name__ == "__main__":
    globals()[sys.argv[3]](sys.argv[1], sys.argv[2])
