"""Read units as one process with a listener on port 8888 of all loopback addresses."""

import heapq
import multiprocessing
import random
import select
import socket
import struct
import time


def addresses(count):
    return [f"127.61.{index // 250}.{index % 250 + 1}" for index in range(count)]


def speak(period, lines, ready, go, said, connected, drops=0.0):
    """Every unit says a line each period, the time at which it does; or, without a period, so many lines at once.

    `drops` is the chance that a unit resets its connection instead.
    """
    # Shared, so that a unit with a listener of its own can stand beside these.
    listener = socket.create_server(("", 8888), backlog=4096, reuse_port=True)
    listener.setblocking(False)
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    connections, due = {}, []
    ready.set()
    while True:
        connected.value = len(connections)
        now = time.monotonic()
        wait = 0.02 if period is None or not due else max(0, due[0][0] - now)
        for number, _ in poll.poll(min(wait, 0.05)):
            if number != listener.fileno():
                poll.unregister(number)
                connections.pop(number).close()
                continue
            while True:
                try:
                    connection, _ = listener.accept()
                except BlockingIOError:
                    break
                connections[connection.fileno()] = connection
                poll.register(connection, select.EPOLLRDHUP)
                if period is not None:
                    heapq.heappush(due, (time.monotonic() + period * random.random(), connection.fileno()))
        if period is None:
            if go.is_set():
                burst(list(connections.values()), lines, said)
                return time.sleep(3600)
            continue
        now = time.monotonic()
        while due and due[0][0] <= now:
            at, number = heapq.heappop(due)
            if number in connections:
                if random.random() < drops:
                    connection = connections.pop(number)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    poll.unregister(number)
                    connection.close()
                    continue
                try:
                    connections[number].send(b"%d\n" % time.monotonic_ns())
                    said.value += 1
                except OSError:
                    continue
                heapq.heappush(due, (at + period, number))


def burst(connections, lines, said):
    text = b"".join(b"%d\n" % number for number in range(lines))
    poll = select.poll()
    rest = {}
    for connection in connections:
        rest[connection.fileno()] = (connection, memoryview(text))
        poll.register(connection, select.POLLOUT)
    while rest:
        for number, _ in poll.poll():
            connection, data = rest[number]
            try:
                data = data[connection.send(data):]
            except BlockingIOError:
                continue
            if data:
                rest[number] = (connection, data)
            else:
                poll.unregister(number)
                del rest[number]
                said.value += lines


class Units:
    def __init__(self, period=None, lines=0, drops=0.0):
        ready, self.go = multiprocessing.Event(), multiprocessing.Event()
        self.said = multiprocessing.Value("Q", 0, lock=False)
        self.connected = multiprocessing.Value("Q", 0, lock=False)
        self.process = multiprocessing.Process(
            target=speak, args=(period, lines, ready, self.go, self.said, self.connected, drops), daemon=True)
        self.process.start()
        if not ready.wait(30):
            raise TimeoutError("the units do not listen on port 8888; is it in use?")

    def wait_for(self, count):
        """Returns when so many units are connected: the base connects no more than `units.start-rate` a second."""
        end = time.monotonic() + 30 + count / 100
        while self.connected.value < count:
            if time.monotonic() > end:
                raise TimeoutError(f"only {self.connected.value} of {count} units are connected")
            time.sleep(0.01)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()
