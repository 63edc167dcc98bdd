"""A unit made of plain sockets: says what it is told to say and keeps what it hears."""

import select
import socket
import struct
import threading
import time

PORT = 8888


class FakeUnit:
    """Listens on its address; `behave(connection, number)` runs for each connection, in a thread of its own."""

    def __init__(self, address, behave=None):
        self.address = address
        self.behave = behave or (lambda connection, number: self.hear(connection))
        self.accepted = 0
        self.open = 0
        self.connections = []
        self.most_open = 0
        self.heard = []
        self.ended_at = []
        self.lock = threading.Lock()
        self.listener = None

    def start(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((self.address, PORT))
        self.listener.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def _accept(self):
        while True:
            connection, _ = self.listener.accept()
            with self.lock:
                self.accepted += 1
                self.open += 1
                # One whose peer has ended it counts no more, though its thread has not seen that yet.
                self.connections = [other for other in self.connections if is_connected(other)] + [connection]
                self.most_open = max(self.most_open, len(self.connections))
                number = self.accepted
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection, number):
        try:
            self.behave(connection, number)
        except OSError:
            pass
        finally:
            with self.lock:
                self.open -= 1
                self.ended_at.append(time.monotonic())
            connection.close()

    def hear(self, connection):
        """Keeps what comes, with its time, until the peer closes."""
        while True:
            data = connection.recv(4096)
            if not data:
                return
            with self.lock:
                self.heard.append((time.monotonic(), data))

    @property
    def bytes_heard(self):
        return b"".join(data for _, data in self.heard)


def is_connected(connection):
    """Whether neither side has ended a connection."""
    if connection.fileno() < 0:
        return False
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    return not poll.poll(0)


def reset(connection):
    """Makes the close of a connection a RST; whoever serves it closes it, once it no longer counts as open."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def black_hole(address):
    """An address that swallows every SYN: a listener whose queue of connections is full and that never accepts."""
    listener = socket.socket()
    listener.bind((address, PORT))
    listener.listen(0)
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex((address, PORT))
        fillers.append(filler)
    return listener, fillers
