"""Drives PeerProbe, the peer of this project that other libraries' peers talk to: lines of JSON both ways."""

import asyncio
import json
import os
import sys

PATIENCE = 30
# Peers offer no candidate of a loopback interface: they and PeerProbe meet on this address of an interface made for them.
ADDRESS = "10.77.0.1"
INSIDE = "PEERLINK_NETWORK"


def enter_own_network():
    """Runs this script again in a network namespace of its own, with one interface beside loopback."""
    if INSIDE in os.environ:
        return
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    steps = ("ip link set lo up && ip link add peers type veth peer name others && ip link set others up && "
             f"ip addr add {ADDRESS}/24 dev peers && ip link set peers up && ip route add 224.0.0.0/4 dev peers && exec \"$@\"")
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--net", *user, "sh", "-c", steps, "sh", sys.executable, "-u", *sys.argv])


class Probe:
    """A running PeerProbe. What it tells is kept until somebody waits for it."""

    def __init__(self, process):
        self.process = process
        self.events = []
        self.news = asyncio.Condition()
        self.reader = asyncio.ensure_future(self.read())

    @classmethod
    async def start(cls, path, *arguments):
        process = await asyncio.create_subprocess_exec(
            path, "--host", ADDRESS, *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=4 << 20)
        probe = cls(process)
        probe.ready = await probe.wait(event="ready")
        return probe

    async def read(self):
        while line := await self.process.stdout.readline():
            async with self.news:
                self.events.append(json.loads(line))
                self.news.notify_all()
        async with self.news:
            self.events.append({"event": "ended"})
            self.news.notify_all()

    def do(self, what, **order):
        self.process.stdin.write((json.dumps({"do": what, **order}) + "\n").encode())

    def take(self, wanted):
        for place, event in enumerate(self.events):
            if all(event.get(key) == value for key, value in wanted.items()):
                return self.events.pop(place)
        return None

    async def wait(self, within=PATIENCE, **wanted):
        """The first event with these values, which is then taken out."""
        async def found():
            async with self.news:
                while (event := self.take(wanted)) is None:
                    if any(one["event"] == "ended" for one in self.events):
                        raise AssertionError(f"PeerProbe has ended before {wanted}; it said {self.events[-5:]}")
                    await self.news.wait()
                return event
        try:
            return await asyncio.wait_for(found(), within)
        except asyncio.TimeoutError:
            raise AssertionError(f"not within {within} s: {wanted}; PeerProbe said {self.events[-5:]}") from None

    async def answer(self, name, sdp):
        self.do("answer", id=name, sdp=sdp)
        return (await self.wait(event="answer", id=name))["sdp"]

    async def offer(self, name, *channels):
        self.do("offer", id=name, channels=list(channels))
        return (await self.wait(event="offer", id=name))["sdp"]

    async def statistics(self, name=""):
        self.do("statistics", id=name)
        return await self.wait(event="statistics", id=name)

    async def stop(self):
        self.process.stdin.close()
        return await asyncio.wait_for(self.process.wait(), PATIENCE)


def step(name, result):
    """Tells the test one result."""
    print(json.dumps({"step": name, "result": result}), flush=True)
