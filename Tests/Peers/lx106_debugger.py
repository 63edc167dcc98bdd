"""Says the same to a gdb server as a debugger would, and prints each packet with its answer.

Arguments: a file with one packet a line, then the server's command line; the server listens on the Unix socket that stands
for {socket} in it. After a packet that ends in " ^C", ctrl-C is sent.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time

LIMIT_SECONDS = 30


def connect(path, server):
    deadline = time.monotonic() + LIMIT_SECONDS
    while True:
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(path)
            link.settimeout(LIMIT_SECONDS)
            return link
        except OSError:
            link.close()
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the server does not listen on {path}")
            time.sleep(0.02)


def answer(stream):
    """The content of the next packet, whose checksum must be right."""
    while (byte := stream.read(1)) != b"$":
        if byte not in (b"+", b"-"):
            sys.exit(f"the server sent {byte!r} before a packet")
    content = b""
    while (byte := stream.read(1)) != b"#":
        if not byte:
            sys.exit(f"the server ended within {content!r}")
        content += byte
    if int(stream.read(2), 16) != sum(content) & 0xFF:
        sys.exit(f"wrong checksum of {content!r}")
    return content.decode("ascii")


with open(sys.argv[1], encoding="ascii") as script:
    lines = script.read().splitlines()
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "gdb")
    server = subprocess.Popen([word.replace("{socket}", path) for word in sys.argv[2:]], stdin=subprocess.DEVNULL)
    try:
        link = connect(path, server)
        stream = link.makefile("rb")
        for line in lines:
            packet = line.removesuffix(" ^C").encode("ascii")
            link.sendall(b"$" + packet + b"#%02x" % (sum(packet) & 0xFF))
            if line.endswith(" ^C"):
                link.sendall(b"\x03")
            print(f"{line} -> {answer(stream)}")
            link.sendall(b"+")
    finally:
        server.terminate()
        server.wait(10)
