"""Reads the segments of an outbox as they lie on the disk, written from their description and not from the program's code."""

import pathlib
import struct
import zlib

HEADER = 40
HEAD = 44


def records(folder):
    """(key, unit, value) of every intact record, acknowledged or not, by file and place; a torn end is left out."""
    found = []
    for path in sorted(pathlib.Path(folder).glob("*.segment")):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue
        place = HEADER
        while len(data) - place >= HEAD:
            marker, length, checksum, sequence, high, low, _, unit = struct.unpack_from("<2sHIQQQqI", data, place)
            record = data[place:place + length]
            if marker != b"\xb7\x1e" or len(record) < length or zlib.crc32(record[8:], zlib.crc32(record[:4])) != checksum:
                break
            address = ".".join(str(part) for part in unit.to_bytes(4, "big"))
            found.append((f"{high:016x}{low:016x}-{sequence}", address, record[HEAD:].decode()))
            place += length
    return found
