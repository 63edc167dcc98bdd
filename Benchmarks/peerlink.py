"""Measures data channels: what one peer is sent beside what aiortc sends it, and how old numbers are when many watch.

usage: peerlink.py --probe PATH [--only messages|fan] [--seconds 10]

Sender and receivers are processes of this machine and share its cores. The receiver is PeerProbe in both comparisons of messages; so what is
compared is the senders. The script runs in a network of its own, as the tests' peers do.
"""

import argparse
import asyncio
import os
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tests" / "Peers"))

from aiortc import RTCPeerConnection, RTCSessionDescription  # noqa: E402

from peerlink_probe import Probe, enter_own_network  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
SIZE = 100


def cpu_seconds(pid):
    """CPU time of a process so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def join(sender, receiver, name, *channels):
    """Lets the second offer to the first, both of ours."""
    offer = await receiver.offer(name, *channels)
    receiver.do("accept", id=name, sdp=await sender.answer(name, offer))
    await receiver.wait(event="state", id=name, state="connected")
    for channel in channels:
        await sender.wait(event="channel", id=name, label=channel["label"])


async def counted(receiver, name, began, count):
    seen = await receiver.wait(event="counted", id=name, label="count", within=300)
    assert seen["count"] == count, f"{seen['count']} of {count} came"
    return count / (time.monotonic() - began)


async def ours(path, count):
    """Messages a second of one sender of ours."""
    sender, receiver = await Probe.start(path), await Probe.start(path)
    await join(sender, receiver, "a", {"label": "count"})
    before, began = cpu_seconds(sender.process.pid), time.monotonic()
    sender.do("send", id="a", label="count", count=count, size=SIZE)
    await sender.wait(event="sent", id="a", within=300)
    sender.do("send", id="a", label="count", text="end")
    rate = await counted(receiver, "a", began, count)
    cpu = cpu_seconds(sender.process.pid) - before
    for probe in (sender, receiver):
        await probe.stop()
    return rate, cpu / count * 1e6


async def aiortcs(path, count):
    """The same of aiortc's sender."""
    receiver = await Probe.start(path)
    connection = RTCPeerConnection()
    channel = connection.createDataChannel("count")
    await connection.setLocalDescription(await connection.createOffer())
    answer = await receiver.answer("a", connection.localDescription.sdp)
    opened = asyncio.Event()
    channel.on("open", opened.set)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await asyncio.wait_for(opened.wait(), 30)
    before, began = time.process_time(), time.monotonic()
    text = "." * SIZE
    for number in range(count):
        channel.send(text)
        # It has no bound of its own.
        while channel.bufferedAmount > 1 << 20:
            await asyncio.sleep(0.001)
    channel.send("end")
    rate = await counted(receiver, "a", began, count)
    cpu = time.process_time() - before
    await connection.close()
    await receiver.stop()
    return rate, cpu / count * 1e6


async def fan(path, rate, peers, seconds):
    """One unit at so many Hz to so many peers."""
    sender, receiver = await Probe.start(path), await Probe.start(path)
    for number in range(peers):
        await join(sender, receiver, f"p{number}", {
            "label": "timed", "ordered": False, "retransmissions": 0, "policy": "dropOldest"})
    before, began = cpu_seconds(sender.process.pid), time.monotonic()
    sender.do("stream", rate=rate, seconds=seconds)
    refused = (await sender.wait(event="streamed", within=seconds * 3 + 60))["refused"]
    took = time.monotonic() - began
    cpu = (cpu_seconds(sender.process.pid) - before) / took
    await asyncio.sleep(0.5)
    receiver.do("ages")
    ages = await receiver.wait(event="ages")
    for probe in (sender, receiver):
        await probe.stop()
    return ages, refused, cpu, took


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--probe", required=True)
    parser.add_argument("--only")
    parser.add_argument("--seconds", type=int, default=10)
    given = parser.parse_args()
    if given.only in (None, "messages"):
        rate, cpu = await ours(given.probe, 200_000)
        print(f"messages of {SIZE} B to one peer: {rate:,.0f}/s, {cpu:.1f} us of CPU each", flush=True)
        their_rate, their_cpu = await aiortcs(given.probe, 20_000)
        print(f"the same from aiortc: {their_rate:,.0f}/s, {their_cpu:.1f} us each; "
              f"ours are {rate / their_rate:.1f} times as many", flush=True)
    if given.only in (None, "fan"):
        # A device gives a viewer 100 values a second; the goal is a p99 under 5 ms at 50 of them.
        for rate, peers in ((100, 50), (1000, 1), (1000, 50)):
            ages, refused, cpu, took = await fan(given.probe, rate, peers, given.seconds)
            wanted = rate * given.seconds * peers
            print(f"{rate} Hz to {peers} peers: {ages['count']:,} of {wanted:,} came in {took:.1f} s, {refused} were given up; "
                  f"age {ages['median']} us, p99 {ages['tail']} us; sender {cpu:.0%} of a core", flush=True)


if __name__ == "__main__":
    enter_own_network()
    asyncio.run(main())
