"""Joins the serial side of the CH340 model to a board behind RFC 2217, so that DTR and RTS reach its EN and GPIO0."""

import socket
import struct
import threading

IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
BINARY, COM_PORT = 0, 44
SET_BAUD, SET_CONTROL = 1, 5
DTR_ON, DTR_OFF, RTS_ON, RTS_OFF = 8, 9, 11, 12


def join(model, host, port):
    """Carries bytes both ways on threads that end with the process; `model` is a connected socket."""
    board = socket.create_connection((host, port))
    board.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    board.sendall(bytes([IAC, WILL, COM_PORT, IAC, WILL, BINARY, IAC, DO, BINARY]))
    for work in (to_board, to_model):
        threading.Thread(target=work, args=(model, board), daemon=True).start()


def com_port(number, value):
    escaped = value.replace(bytes([IAC]), bytes([IAC, IAC]))
    return bytes([IAC, SB, COM_PORT, number]) + escaped + bytes([IAC, SE])


def to_board(model, board):
    frames = model.makefile("rb")
    while True:
        head = frames.read(3)
        if len(head) < 3:
            return
        kind, length = struct.unpack(">cH", head)
        content = frames.read(length)
        if kind == b"D":
            board.sendall(content.replace(bytes([IAC]), bytes([IAC, IAC])))
        elif kind == b"B":
            board.sendall(com_port(SET_BAUD, content))
        elif kind == b"M":
            # In one piece, as the chip changes both in one step, and so that RTS without DTR never stands between them.
            dtr, rts = content[0] & 1, content[0] & 2
            steps = [DTR_ON if dtr else DTR_OFF, RTS_ON if rts else RTS_OFF]
            if not dtr:
                steps.reverse()
            board.sendall(b"".join(com_port(SET_CONTROL, bytes([value])) for value in steps))


def to_model(model, board):
    telnet = board.makefile("rb", buffering=0)
    pending = b""
    while True:
        got = telnet.read(4096)
        if not got:
            return
        data, pending = plain(pending + got)
        if data:
            model.sendall(data)


def plain(stream):
    """The bytes that are data, and the rest that is not whole yet."""
    data = bytearray()
    at = 0
    while at < len(stream):
        end = at + 1
        if stream[at] != IAC:
            data.append(stream[at])
        elif len(stream) < at + 2:
            break
        elif stream[at + 1] == IAC:
            data.append(IAC)
            end = at + 2
        elif stream[at + 1] == SB:
            found = stream.find(bytes([IAC, SE]), at)
            if found < 0:
                break
            end = found + 2
        elif stream[at + 1] in (DO, DONT, WILL, WONT):
            if len(stream) < at + 3:
                break
            end = at + 3
        else:
            end = at + 2
        at = end
    return bytes(data), stream[at:]
