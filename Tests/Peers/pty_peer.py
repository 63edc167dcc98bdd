"""The other end of a pseudo terminal: tells its settings each time they change, and sends back what it hears.

Prints one line of JSON with the path, then one for each change: {"speed": [in, out], "hupcl": ..., "raw": ...}; ends
when the line `END` has come.
"""

import array
import fcntl
import json
import os
import pty
import select
import termios

# asm-generic/termbits.h
TCGETS2 = 0x802C542A
CBAUD, BOTHER, CSIZE, CS8, PARENB, CSTOPB, HUPCL = 0o10017, 0o10000, 0o60, 0o60, 0o400, 0o100, 0o2000


def settings(descriptor):
    raw = array.array("B", bytes(44))
    fcntl.ioctl(descriptor, TCGETS2, raw)
    words = array.array("I")
    words.frombytes(raw.tobytes()[:16])
    speeds = array.array("I")
    speeds.frombytes(raw.tobytes()[36:44])
    iflag, oflag, cflag, lflag = words
    eight = cflag & (CSIZE | PARENB | CSTOPB) == CS8
    return {"speed": list(speeds), "hupcl": bool(cflag & HUPCL), "raw": iflag == 0 and oflag == 0 and lflag == 0 and eight}


master, slave = pty.openpty()
before = settings(master)
print(json.dumps({"path": os.ttyname(slave)}), flush=True)
heard = b""
while b"END" not in heard:
    if settings(master) != before:
        before = settings(master)
        print(json.dumps(before), flush=True)
    if select.select([master], [], [], 0.01)[0]:
        data = os.read(master, 65536)
        heard = (heard + data)[-16:]
        os.write(master, data)
# The last bytes are there to be read before the line hangs up.
termios.tcdrain(master)
select.select([], [], [], 0.2)
