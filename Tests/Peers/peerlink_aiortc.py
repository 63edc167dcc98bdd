"""Talks to PeerProbe with aiortc, as offerer or as answerer.

usage: peerlink_aiortc.py PROBE offers|answers|echoes|violates [ARGUMENT OF PROBE ...]
Prints one line of JSON a step: {"step": name, "result": value}. Ends with exit code 1 at the first step that fails.
"""

import asyncio
import sys
import time

from aiortc import RTCPeerConnection, RTCSessionDescription

from peerlink_probe import PATIENCE, Probe, enter_own_network, step

MESSAGES = 1000


class Inbox:
    """What a channel of aiortc gets."""

    def __init__(self, channel):
        self.channel = channel
        self.queue = asyncio.Queue()
        channel.on("message", self.queue.put_nowait)

    async def next(self):
        return await asyncio.wait_for(self.queue.get(), PATIENCE)


async def opened(channel):
    event = asyncio.Event()
    channel.on("open", event.set)
    if channel.readyState != "open":
        await asyncio.wait_for(event.wait(), PATIENCE)


async def echo(inbox, count=MESSAGES):
    messages = [f"message {number}" for number in range(count)]
    for message in messages:
        inbox.channel.send(message)
    back = [await inbox.next() for _ in messages]
    assert back == messages, "not what was sent, or not in order"
    return len(back)


async def kinds(inbox):
    """Text and bytes of all sizes, empty ones among them, come back as they are."""
    messages = ["", b"", "ä€😀", bytes(range(256)), "x" * 65536, bytes(65535)]
    for message in messages:
        inbox.channel.send(message)
    for message in messages:
        assert await inbox.next() == message, f"not what was sent: {message[:20]}"
    return len(messages)


async def offers(probe):
    connection = RTCPeerConnection()
    inbox = Inbox(connection.createDataChannel("echo", protocol="test"))
    lossy = Inbox(connection.createDataChannel("echo lossy", ordered=False, maxRetransmits=0))
    timed = Inbox(connection.createDataChannel("echo timed", ordered=False, maxPacketLifeTime=500))
    await connection.setLocalDescription(await connection.createOffer())
    began = time.monotonic()
    answer = await probe.answer("a", connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await probe.wait(event="state", id="a", state="connected")
    for one in (inbox, lossy, timed):
        await opened(one.channel)
    step("connected", time.monotonic() - began < PATIENCE)
    told = [await probe.wait(event="channel", id="a", label=one.channel.label) for one in (inbox, lossy, timed)]
    step("channels", [[one["label"], one["protocol"], one["ordered"], one["reliability"]] for one in told])
    step("echo", await echo(inbox))
    step("kinds", await kinds(inbox))
    for one in (lossy, timed):
        one.channel.send("through")
        assert await one.next() == "through"
    step("lossy channels", True)
    probe.do("open", id="a", channel={"label": "echo ours"})
    coming = asyncio.get_event_loop().create_future()
    connection.on("datachannel", lambda channel: coming.set_result(channel))
    ours = Inbox(await asyncio.wait_for(coming, PATIENCE))
    ours.channel.send("hello")
    step("a channel of the other side", await ours.next())
    inbox.channel.close()
    await probe.wait(event="channel-state", id="a", label="echo", state="closed")
    step("channel closed", True)
    await connection.close()
    step("closed", (await probe.wait(event="state", id="a", state="closed"))["reason"])


async def echoes(probe):
    """One channel only, for a network that loses: what goes to and fro arrives."""
    connection = RTCPeerConnection()
    inbox = Inbox(connection.createDataChannel("echo"))
    await connection.setLocalDescription(await connection.createOffer())
    answer = await probe.answer("a", connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await opened(inbox.channel)
    step("connected", True)
    step("echo", await echo(inbox, 200))
    probe.do("close", id="a")
    step("closed", (await probe.wait(event="state", id="a", state="closed"))["reason"])
    await connection.close()


async def violates(probe):
    """Says over an encrypted connection what the protocol has not, until that is enough."""
    connection = RTCPeerConnection()
    inbox = Inbox(connection.createDataChannel("echo"))
    await connection.setLocalDescription(await connection.createOffer())
    answer = await probe.answer("a", connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await opened(inbox.channel)
    stream = inbox.channel.id
    # Stream, payload type, bytes: openings that are cut off, of a taken stream, of the other side's; kinds that there are not.
    malformed = [
        (stream, 50, b"\x03"), (stream, 50, b"\x03" + bytes(11)), (stream + 1, 50, b"\x03" + bytes(11)),
        (stream + 2, 50, b"\x03\x03" + bytes(10)), (stream, 50, b"\xff" * 40), (stream, 51, b"\xff\xfe"), (stream, 7, b"x"),
        (500, 51, b"no such channel"), (stream + 2, 50, b"\x03" + bytes(7) + b"\xff\xff\xff\xff"),
    ]
    send = connection.sctp._send
    for one in malformed:
        await send(*one)
    inbox.channel.send("still here")
    step("echo", await inbox.next())
    step("counted", (await probe.statistics("a"))["peer"]["malformed"])
    for one in malformed:
        await send(*one)
    step("closed", (await probe.wait(event="state", id="a", state="closed"))["reason"].split(":")[0])
    await connection.close()


async def answers(probe):
    offer = await probe.offer(
        "o", {"label": "echo"}, {"label": "echo lossy", "ordered": False, "retransmissions": 0},
        {"label": "echo timed", "ordered": False, "lifetime": 500}, {"label": "count"})
    connection = RTCPeerConnection()
    inboxes = {}
    all_there = asyncio.Event()

    @connection.on("datachannel")
    def arrived(channel):
        inboxes[channel.label] = Inbox(channel)
        if len(inboxes) == 4:
            all_there.set()

    await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    await connection.setLocalDescription(await connection.createAnswer())
    probe.do("accept", id="o", sdp=connection.localDescription.sdp)
    await probe.wait(event="state", id="o", state="connected")
    await asyncio.wait_for(all_there.wait(), PATIENCE)
    step("connected", True)
    step("channels", sorted(
        [label, one.channel.ordered, one.channel.maxRetransmits, one.channel.maxPacketLifeTime]
        for label, one in inboxes.items()))
    step("echo", await echo(inboxes["echo"]))
    step("kinds", await kinds(inboxes["echo"]))
    for label in ("echo lossy", "echo timed"):
        inboxes[label].channel.send("through")
        assert await inboxes[label].next() == "through"
    step("lossy channels", True)
    probe.do("send", id="o", label="echo", count=MESSAGES, size=100)
    numbers = [int((await inboxes["echo"].next()).split()[0]) for _ in range(MESSAGES)]
    assert numbers == list(range(MESSAGES)), "not in order"
    step("flood", len(numbers))
    probe.do("close", id="o")
    step("closed", (await probe.wait(event="state", id="o", state="closed"))["reason"])
    await connection.close()


async def main():
    path, side, *arguments = sys.argv[1:]
    probe = await Probe.start(path, *arguments)
    await {"offers": offers, "answers": answers, "echoes": echoes, "violates": violates}[side](probe)
    assert await probe.stop() == 0, "PeerProbe has crashed"


enter_own_network()
asyncio.run(main())
