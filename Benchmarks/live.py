"""Measures the live stream of the product: `iot sim interface` to viewers that come by its hub's signalling.

usage: live.py --iot PATH --probe PATH [--seconds 10]

Viewers are channels of one PeerProbe; interface, hub and viewers share the cores of this machine. The age of a value is from the moment at which it was due to
its arrival at the viewer. The script runs in a network of its own, as the tests' peers do.
"""

import argparse
import asyncio
import json
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tests" / "Peers"))

import websocket  # noqa: E402

from peerlink import cpu_seconds  # noqa: E402
from peerlink_probe import ADDRESS, Probe, enter_own_network  # noqa: E402

PATIENCE = 30
# The goal for 50 viewers at 100 values a second: the 99th part of a hundred is younger (milliseconds), on one core.
GOAL = 5


class Viewer:
    """One viewer's place at the signalling."""

    def __init__(self, ready, name):
        self.name, self.device = name, f"unit-{ready['device']}"
        ticket = ready["remote"].split("#")[1]
        self.socket = websocket.create_connection(
            f"{ready['hub'].replace('http', 'ws')}/signalling/peerjs?key=peerjs&id={name}&token={ticket}", timeout=PATIENCE)
        assert self.hear("OPEN")

    def hear(self, kind):
        while (message := json.loads(self.socket.recv()))["type"] != kind:
            pass
        return message

    def answer(self, offer):
        payload = {"sdp": {"type": "offer", "sdp": offer}, "type": "data", "connectionId": self.name}
        self.socket.send(json.dumps({"type": "OFFER", "dst": self.device, "payload": payload}))
        return self.hear("ANSWER")["payload"]["sdp"]["sdp"]


async def measure(iot, probe, viewers, rate, seconds):
    with tempfile.TemporaryDirectory() as state:
        interface = subprocess.Popen(
            [iot, "sim", "interface", "--start", "--rate", str(rate), "--json", "--stop-with-parent", "--state", state, "--host", ADDRESS,
             "--port", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = json.loads(interface.stdout.readline())
        receiver = await Probe.start(probe)
        places = []
        for number in range(viewers):
            name = f"viewer{number}"
            places.append(Viewer(ready, name))
            offer = await receiver.offer(name, {"label": "timed", "ordered": False, "retransmissions": 0})
            receiver.do("accept", id=name, sdp=places[-1].answer(offer))
            await receiver.wait(event="state", id=name, state="connected")
        await asyncio.sleep(1)
        receiver.do("ages")
        await receiver.wait(event="ages")
        before, began = cpu_seconds(interface.pid), time.monotonic()
        await asyncio.sleep(seconds)
        receiver.do("ages")
        took, cpu = time.monotonic() - began, cpu_seconds(interface.pid) - before
        ages = await receiver.wait(event="ages")
        await receiver.stop()
        interface.terminate()
        interface.wait(PATIENCE)
        share = ages["count"] / (viewers * rate * took)
        goal = ""
        if (viewers, rate) == (50, 100):
            goal = f"; {ages['tail'] / 1000 / GOAL:.2f} of the goal's {GOAL} ms"
        print(f"{rate} Hz to {viewers} viewers: {share:.1%} came; age {ages['median'] / 1000:.1f} ms, p99 {ages['tail'] / 1000:.1f} ms{goal}; "
              f"interface {cpu / took:.0%} of a core", flush=True)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--iot", required=True)
    parser.add_argument("--probe", required=True)
    parser.add_argument("--seconds", type=int, default=10)
    given = parser.parse_args()
    for viewers, rate in ((1, 1000), (50, 100), (50, 1000)):
        await measure(given.iot, given.probe, viewers, rate, given.seconds)


enter_own_network()
asyncio.run(main())
