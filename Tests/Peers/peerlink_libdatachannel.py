"""Talks to PeerProbe with libdatachannel, as offerer or as answerer.

usage: peerlink_libdatachannel.py PROBE offers|answers [ARGUMENT OF PROBE ...]
Prints one line of JSON a step: {"step": name, "result": value}. Ends with exit code 1 at the first step that fails.
"""

import asyncio
import os
import sys

import pylibdatachannel as rtc

from peerlink_probe import PATIENCE, Probe, enter_own_network, step

MESSAGES = 1000


class Inbox:
    """What a channel of libdatachannel gets, brought from its threads to this one."""

    def __init__(self, channel):
        self.channel = channel
        self.queue = asyncio.Queue()
        self.is_open = asyncio.Event()
        loop = asyncio.get_running_loop()
        channel.on_message(lambda message: loop.call_soon_threadsafe(self.queue.put_nowait, message))
        channel.on_open(lambda: loop.call_soon_threadsafe(self.is_open.set))
        if channel.is_open:
            self.is_open.set()

    async def next(self):
        return await asyncio.wait_for(self.queue.get(), PATIENCE)

    async def opened(self):
        await asyncio.wait_for(self.is_open.wait(), PATIENCE)


class Peer:
    def __init__(self):
        self.connection = rtc.PeerConnection(rtc.Configuration([]))
        self.loop = asyncio.get_running_loop()
        self.gathered = asyncio.Event()
        self.inboxes = {}
        self.news = asyncio.Event()
        self.connection.on_gathering_state_change(self.gathering)
        self.connection.on_data_channel(lambda channel: self.loop.call_soon_threadsafe(self.arrived, channel))

    def gathering(self, state):
        if state == rtc.GatheringState.COMPLETE:
            self.loop.call_soon_threadsafe(self.gathered.set)

    def arrived(self, channel):
        self.inboxes[channel.label] = Inbox(channel)
        self.news.set()

    async def channel(self, label):
        while label not in self.inboxes:
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), PATIENCE)
        return self.inboxes[label]

    async def description(self):
        await asyncio.wait_for(self.gathered.wait(), PATIENCE)
        return self.connection.local_description.description


async def echo(inbox):
    messages = [f"message {number}" for number in range(MESSAGES)]
    for message in messages:
        inbox.channel.send(message)
    back = [await inbox.next() for _ in messages]
    assert back == messages, "not what was sent, or not in order"
    return len(back)


async def kinds(inbox):
    messages = ["ä€😀", bytes(range(256)), "x" * 65536, bytes(65535)]
    for message in messages:
        inbox.channel.send(message)
    for message in messages:
        assert await inbox.next() == message, f"not what was sent: {message[:20]}"
    return len(messages)


async def offers(peer, probe):
    inbox = Inbox(peer.connection.create_data_channel("echo"))
    peer.connection.set_local_description(rtc.DescriptionType.OFFER)
    answer = await probe.answer("a", await peer.description())
    peer.connection.set_remote_description(rtc.Description(answer, rtc.DescriptionType.ANSWER))
    await probe.wait(event="state", id="a", state="connected")
    await inbox.opened()
    step("connected", True)
    step("echo", await echo(inbox))
    step("kinds", await kinds(inbox))
    probe.do("open", id="a", channel={"label": "echo ours"})
    ours = await peer.channel("echo ours")
    await ours.opened()
    ours.channel.send("hello")
    step("a channel of the other side", await ours.next())
    inbox.channel.close()
    await probe.wait(event="channel-state", id="a", label="echo", state="closed")
    step("channel closed", True)
    peer.connection.close()
    step("closed", (await probe.wait(event="state", id="a", state="closed"))["reason"])


async def answers(peer, probe):
    offer = await probe.offer("o", {"label": "echo"}, {"label": "echo lossy", "ordered": False, "retransmissions": 0})
    peer.connection.set_remote_description(rtc.Description(offer, rtc.DescriptionType.OFFER))
    probe.do("accept", id="o", sdp=await peer.description())
    await probe.wait(event="state", id="o", state="connected")
    inbox = await peer.channel("echo")
    await inbox.opened()
    step("connected", True)
    step("echo", await echo(inbox))
    step("kinds", await kinds(inbox))
    lossy = await peer.channel("echo lossy")
    lossy.channel.send("through")
    step("lossy channels", await lossy.next())
    probe.do("send", id="o", label="echo", count=MESSAGES, size=100)
    numbers = [int((await inbox.next()).split()[0]) for _ in range(MESSAGES)]
    assert numbers == list(range(MESSAGES)), "not in order"
    step("flood", len(numbers))
    probe.do("close", id="o")
    step("closed", (await probe.wait(event="state", id="o", state="closed"))["reason"])


async def main():
    path, side, *arguments = sys.argv[1:]
    probe = await Probe.start(path, *arguments)
    await {"offers": offers, "answers": answers}[side](Peer(), probe)
    assert await probe.stop() == 0, "PeerProbe has crashed"
    sys.stdout.flush()
    # The library's own threads outlive the interpreter: its end hangs, or aborts, now and then.
    os._exit(0)


enter_own_network()
asyncio.run(main())
