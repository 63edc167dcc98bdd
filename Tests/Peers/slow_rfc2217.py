"""An RFC 2217 server that takes its time for every answer.

usage: slow_rfc2217.py SECONDS

Prints one line of JSON with its port, serves one connection, and ends with it. It agrees on the COM port option and then
confirms what it is asked for, each after SECONDS.
"""

import json
import socket
import sys
import time

IAC, DO, SB, SE, COM_PORT = 255, 253, 250, 240, 44


def requests(data):
    """The subnegotiations in what a client has sent in one piece; none of them holds an IAC."""
    for piece in data.split(bytes([IAC, SB, COM_PORT]))[1:]:
        yield piece[:piece.index(bytes([IAC, SE]))]


def main():
    pause = float(sys.argv[1])
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(json.dumps({"port": server.getsockname()[1]}), flush=True)
        connection, _ = server.accept()
    try:
        has_agreed = False
        while data := connection.recv(4096):
            time.sleep(pause)
            if not has_agreed:
                connection.sendall(bytes([IAC, DO, COM_PORT]))
                has_agreed = True
            for request in requests(data):
                connection.sendall(bytes([IAC, SB, COM_PORT, request[0] + 100]) + request[1:] + bytes([IAC, SE]))
    except OSError:
        pass


main()
