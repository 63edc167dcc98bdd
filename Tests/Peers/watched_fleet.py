"""Many read units in one thread, which see when they are served, by how many, and for how long by nobody."""

import select
import socket
import threading
import time

PORT = 8888


class WatchedUnit:
    def __init__(self, address):
        self.address = address
        self.open = []
        self.accepted = 0
        self.overlaps = []
        self.ended_at = None
        self.gaps = []
        self.heard = b""


class WatchedFleet:
    def __init__(self, addresses, period=2.0):
        self.units = {address: WatchedUnit(address) for address in addresses}
        self.period = period
        # A unit looks for its peer's end now and then only; until it has closed its own side the connection counts as open.
        self.closing_time = 0.1
        self.poll = select.epoll()
        self.listeners, self.connections, self.closing = {}, {}, {}
        for unit in self.units.values():
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((unit.address, PORT))
            listener.listen(16)
            listener.setblocking(False)
            self.listeners[listener.fileno()] = (listener, unit)
            self.poll.register(listener, select.EPOLLIN)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        spoken = 0
        while True:
            events = self.poll.poll(0.02)
            now = time.monotonic()
            for number in [number for number, due in self.closing.items() if due <= now]:
                self._end(number, now)
            # What ends comes first: it ended before what begins in the same moment could.
            for number, _ in events:
                if number in self.connections:
                    self._read(number, now)
            for number, _ in events:
                if number in self.listeners:
                    self._accept(*self.listeners[number], now)
            if now - spoken >= self.period:
                spoken = now
                for connection, _ in list(self.connections.values()):
                    try:
                        connection.send(b"512\n", socket.MSG_DONTWAIT)
                    except OSError:
                        pass

    def _accept(self, listener, unit, now):
        connection, _ = listener.accept()
        connection.setblocking(False)
        for number in list(unit.open):
            self._read(number, now, late=True)
        if unit.open:
            unit.overlaps.append(now)
        elif unit.ended_at is not None:
            unit.gaps.append((unit.ended_at, now))
        unit.accepted += 1
        unit.open.append(connection.fileno())
        self.connections[connection.fileno()] = (connection, unit)
        self.poll.register(connection, select.EPOLLIN)

    def _read(self, number, now, late=False):
        if number not in self.connections or number in self.closing:
            return
        connection, unit = self.connections[number]
        try:
            data = connection.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            return self._end(number, now)
        if data:
            unit.heard += data
        elif late:
            self._end(number, now)
        else:
            self.poll.unregister(connection)
            self.closing[number] = now + self.closing_time

    def _end(self, number, now):
        connection, unit = self.connections.pop(number)
        if self.closing.pop(number, None) is None:
            self.poll.unregister(connection)
        unit.open.remove(number)
        unit.ended_at = now
        connection.close()

    @property
    def served(self):
        return sum(1 for unit in self.units.values() if unit.open)

    @property
    def overlaps(self):
        return sum(len(unit.overlaps) for unit in self.units.values())

    def longest_gap(self, since):
        """The longest time for which a unit was served by nobody, of those that ended after `since`."""
        return max((end - begin for unit in self.units.values() for begin, end in unit.gaps if end > since), default=0)

    def moved(self, since):
        """How many units were served anew after `since`."""
        return sum(1 for unit in self.units.values() if any(end > since for _, end in unit.gaps))
