"""A dashboard's HTTP side in one process of Python's event loop, which knows when each line was said."""

import asyncio
import json
import multiprocessing
import re
import time


class Dashboard(asyncio.Protocol):
    """Answers PUTs, or batches where it is told to, and notes how old each value is."""

    def __init__(self, pause, batches, ages, last, disorder):
        self.pause, self.batches, self.ages, self.last, self.disorder = pause, batches, ages, last, disorder
        self.pending = b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.pending += data
        while True:
            end = self.pending.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.pending[:end]
            length = re.search(rb"content-length: (\d+)", head, re.I)
            total = end + 4 + (int(length[1]) if length else 0)
            if len(self.pending) < total:
                return
            body, self.pending = self.pending[end + 4:total], self.pending[total:]
            self.answer(head, body)

    def answer(self, head, body):
        now = time.monotonic_ns()
        if head.startswith(b"PUT "):
            unit, value = head.split(b" ", 2)[1].rsplit(b"/", 2)[1:]
            self.note(unit, int(value), now)
            self.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        elif head.startswith(b"POST ") and self.batches:
            for one in json.loads(body)["measurements"]:
                self.note(one["ip"], int(one["value"]), now)
            self.say(b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"refused":[]}')
        elif head.startswith(b"OPTIONS ") and self.batches:
            self.say(b"HTTP/1.1 204 No Content\r\nAllow: POST\r\nX-Most-Measurements: 1000\r\n\r\n")
        else:
            self.say(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    def note(self, unit, value, now):
        self.ages.append(now - value)
        if value <= self.last.get(unit, -1):
            self.disorder.append(unit)
        self.last[unit] = value

    def say(self, answer):
        if self.pause:
            asyncio.get_running_loop().call_later(self.pause, self.transport.write, answer)
        else:
            self.transport.write(answer)


def serve(pause, batches, pipe):
    ages, last, disorder = [], {}, []
    begun = 0.0

    def told():
        nonlocal begun
        # The time of the measurement is this process's, so that what the other one waits for is none of it.
        if pipe.recv() == "begin":
            ages.clear()
            begun = time.monotonic()
        else:
            took = time.monotonic() - begun
            pipe.send((took, sorted(ages), len(disorder)))

    async def run():
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Dashboard(pause, batches, ages, last, disorder), "127.0.0.1", 0, backlog=1024)
        pipe.send(server.sockets[0].getsockname()[1])
        loop.add_reader(pipe.fileno(), told)
        await asyncio.Event().wait()

    asyncio.run(run())


class Sink:
    def __init__(self, pause=0.0, batches=False):
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=serve, args=(pause, batches, other), daemon=True)
        self.process.start()
        self.url = f"http://127.0.0.1:{self.pipe.recv()}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()

    def begin(self):
        self.pipe.send("begin")

    def end(self):
        """The seconds since the beginning, the ages in order, and how many values came out of order."""
        self.pipe.send("end")
        return self.pipe.recv()
