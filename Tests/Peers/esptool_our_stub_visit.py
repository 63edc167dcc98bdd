"""Writes a file with esptool's stub class through our stub, and leaves the stub at another speed.

usage: esptool_our_stub_visit.py PORT STUB-FILE ADDRESS IMAGE BAUD
Prints one line of JSON: {"what": "written", "is": ...}.
"""

import hashlib
import sys
import zlib

from our_stub import contents, finding, start

PORT, STUB, ADDRESS, IMAGE, BAUD = sys.argv[1:]

esp = start(PORT, STUB)
esp.change_baud(int(BAUD))
data, place = contents(IMAGE), int(ADDRESS, 0)
packed = zlib.compress(data, 9)
for index in range(esp.flash_defl_begin(len(data), len(packed), place)):
    esp.flash_defl_block(packed[index * esp.FLASH_WRITE_SIZE:(index + 1) * esp.FLASH_WRITE_SIZE], index)
esp.flash_defl_finish(False)
finding("written", esp.flash_md5sum(place, len(data)) == hashlib.md5(data).hexdigest())
esp._port.close()
