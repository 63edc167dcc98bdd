"""What the guest has: busybox, the drivers under test, the model of a CH340, and a command with all that it links to."""

import lzma
import os
import re
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = ["virtio_pci", "virtio_console", "xhci-pci", "ftdi_sio", "ch341", "cp210x", "vhci-hcd"]


def build(file, kernel, command, directory):
    """Writes the archive that a kernel unpacks at its start (the format newc, not compressed: that unpacks fastest)."""
    model = compiled_model(directory)
    modules = Modules(kernel)
    with open(file, "wb") as out:
        archive = Archive(out)
        for folder in ["bin", "dev", "proc", "sys", "tmp", "lib", "lib64", "modules"]:
            archive.folder(folder)
        archive.file("init", read(os.path.join(HERE, "init")), executable=True)
        archive.file("bin/busybox", read(shutil.which("busybox")), executable=True)
        archive.file("bin/ch340", read(model), executable=True)
        archive.file("bin/iot", stripped(command, directory), executable=True)
        for place, library in libraries(command):
            archive.file(place, read(library), executable=True)
        order = modules.in_order(MODULES)
        for name in order:
            archive.file(f"modules/{name}.ko", modules.content(name))
        archive.file("modules/order", "".join(f"{name}.ko\n" for name in order).encode())
        archive.end()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def compiled_model(directory):
    model = os.path.join(directory, "ch340")
    source = os.path.join(HERE, "ch340.c")
    subprocess.run(["cc", "-static", "-O1", "-Wall", "-Wextra", "-Werror", "-o", model, source], check=True)
    return model


def stripped(command, directory):
    smaller = os.path.join(directory, "command")
    subprocess.run(["strip", "-o", smaller, command], check=True)
    return read(smaller)


def libraries(command):
    """Where each library, and the loader itself, is in the guest, and where it is here."""
    said = subprocess.run(["ldd", command], check=True, capture_output=True, text=True).stdout
    for line in said.splitlines():
        found = re.match(r"\s*(?:(\S+) => )?(/\S+) \(0x", line)
        if not found:
            continue
        # The loader stands where the executable says; all else where LD_LIBRARY_PATH says.
        name = found.group(1)
        yield (f"lib/{name}" if name else found.group(2).lstrip("/")), found.group(2)


class Modules:
    """The kernel's modules in a folder, and which needs which: each says so in its section .modinfo."""

    def __init__(self, folder):
        self.paths = {}
        for entry in os.listdir(folder):
            name, found, _ = entry.partition(".ko")
            if found:
                self.paths[name.replace("-", "_")] = os.path.join(folder, entry)

    def content(self, name):
        path = self.paths[name.replace("-", "_")]
        return lzma.decompress(read(path)) if path.endswith(".xz") else read(path)

    def in_order(self, names):
        """All that these need, before what needs it."""
        order = []
        for name in names:
            needed = re.search(rb"\0depends=([^\0]*)\0", self.content(name)).group(1).decode()
            before = self.in_order(needed.split(",")) if needed else []
            order += [each for each in before + [name.replace("-", "_")] if each not in order]
        return order


class Archive:
    """Source: cpio(5), "New ASCII Format", and Linux, driver-api/early-userspace/buffer-format.rst."""

    def __init__(self, out):
        self.out = out
        self.count = 0

    def folder(self, name):
        self._entry(name, 0o040755, b"")

    def file(self, name, content, executable=False):
        self._entry(name, 0o100755 if executable else 0o100644, content)

    def end(self):
        self._entry("TRAILER!!!", 0, b"")

    def _entry(self, name, mode, content):
        self.count += 1
        encoded = name.encode() + b"\0"
        fields = [self.count, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(encoded), 0]
        self.out.write(b"070701" + b"".join(b"%08X" % field for field in fields) + encoded)
        self._pad()
        self.out.write(content)
        self._pad()

    def _pad(self):
        self.out.write(bytes(-self.out.tell() % 4))
