"""Talks to PeerProbe with headless Chromium, as offerer or as answerer.

usage: peerlink_chromium.py PROBE offers|answers|echoes|vanishes [ARGUMENT OF PROBE ...]
Prints one line of JSON a step: {"step": name, "result": value}. Ends with exit code 1 at the first step that fails.
"""

import asyncio
import os
import signal
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from peerlink_probe import PATIENCE, Probe, enter_own_network, step

MESSAGES = 1000

# What the page does; the functions give promises, whose values come back as JSON.
PAGE = """
window.inboxes = {};
window.watch = channel => {
    channel.binaryType = 'arraybuffer';
    const inbox = window.inboxes[channel.label] = {channel, waiting: [], wanted: null};
    channel.onmessage = event => {
        inbox.waiting.push(event.data);
        if (inbox.wanted) { inbox.wanted(); inbox.wanted = null; }
    };
};
window.next = async label => {
    const inbox = window.inboxes[label];
    while (!inbox.waiting.length) await new Promise(done => inbox.wanted = done);
    return inbox.waiting.shift();
};
window.opened = channel => channel.readyState == 'open' ? true : new Promise(done => channel.onopen = () => done(true));
window.gathered = () => new Promise(done => {
    const look = () => window.peer.iceGatheringState == 'complete' && done(window.peer.localDescription.sdp);
    window.peer.onicegatheringstatechange = look;
    look();
});
window.peer = new RTCPeerConnection();
window.peer.ondatachannel = event => window.watch(event.channel);
window.kinds = async label => {
    const {channel} = window.inboxes[label];
    const all = new Uint8Array(65535).map((_, place) => place % 251);
    const messages = ['', new Uint8Array(0), 'ä€😀', new Uint8Array([0, 255]), 'x'.repeat(65536), all];
    for (const message of messages) channel.send(message);
    for (const message of messages) {
        const back = await window.next(label);
        if (typeof message == 'string' ? back !== message
            : back.byteLength != message.length || new Uint8Array(back).some((byte, place) => byte != message[place]))
            throw new Error('not what was sent: ' + String(message).slice(0, 20));
    }
    return messages.length;
};
window.echo = async (label, count) => {
    const {channel} = window.inboxes[label];
    for (let number = 0; number < count; number++) channel.send('message ' + number);
    for (let number = 0; number < count; number++)
        if (await window.next(label) !== 'message ' + number) throw new Error('not in order at ' + number);
    return count;
};
"""


class Page:
    def __init__(self):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
            options.add_argument(argument)
        # A session of its own: who kills it kills its browser with it.
        service = Service("/usr/bin/chromedriver", popen_kw={"start_new_session": True})
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_script_timeout(PATIENCE * 2)
        self.driver.get("about:blank")
        self.driver.execute_script(PAGE)

    async def do(self, script, *arguments):
        """The value of a JavaScript expression, awaited."""
        wrapped = ("const done = arguments[arguments.length - 1]; const given = arguments;"
                   f"(async () => ({script}))().then(value => done({{value}}), error => done({{error: String(error)}}))")
        result = await asyncio.to_thread(self.driver.execute_async_script, wrapped, *arguments)
        assert "error" not in result, f"{script}: {result['error']}"
        return result.get("value")

    async def make_channel(self, label, options):
        await self.do("(window.watch(window.peer.createDataChannel(given[0], given[1])), true)", label, options)

    async def offer(self):
        return await self.do("window.peer.setLocalDescription().then(window.gathered)")

    async def accept(self, kind, sdp):
        await self.do("window.peer.setRemoteDescription({type: given[0], sdp: given[1]})", kind, sdp)

    async def opened(self, label):
        return await self.do("window.opened(window.inboxes[given[0]].channel)", label)

    async def exchange(self, label, text):
        return await self.do("(window.inboxes[given[0]].channel.send(given[1]), window.next(given[0]))", label, text)


async def connected(page, probe):
    for label, options in (("echo", {"protocol": "test"}), ("echo lossy", {"ordered": False, "maxRetransmits": 0}),
                           ("echo timed", {"ordered": False, "maxPacketLifeTime": 500})):
        await page.make_channel(label, options)
    offer = await page.offer()
    await page.accept("answer", await probe.answer("a", offer))
    await probe.wait(event="state", id="a", state="connected")
    for label in ("echo", "echo lossy", "echo timed"):
        await page.opened(label)
    step("connected", True)


async def offers(page, probe):
    await connected(page, probe)
    told = [await probe.wait(event="channel", id="a", label=label) for label in ("echo", "echo lossy", "echo timed")]
    step("channels", [[one["label"], one["protocol"], one["ordered"], one["reliability"]] for one in told])
    step("echo", await page.do("window.echo('echo', given[0])", MESSAGES))
    step("kinds", await page.do("window.kinds('echo')"))
    step("lossy channels", [await page.exchange(label, "through") for label in ("echo lossy", "echo timed")])
    probe.do("open", id="a", channel={"label": "echo ours"})
    await probe.wait(event="channel-state", id="a", label="echo ours", state="open")
    await page.do("new Promise(done => { const look = () => window.inboxes['echo ours'] ? done(true) "
                  ": setTimeout(look, 10); look(); })")
    step("a channel of the other side", await page.exchange("echo ours", "hello"))
    await page.do("(window.inboxes['echo'].channel.close(), true)")
    await probe.wait(event="channel-state", id="a", label="echo", state="closed")
    step("channel closed", True)
    await page.do("(window.peer.close(), true)")
    step("closed", (await probe.wait(event="state", id="a", state="closed"))["reason"])


async def echoes(page, probe):
    """One channel only, for a network that loses: what goes to and fro arrives."""
    await page.make_channel("echo", {})
    await page.accept("answer", await probe.answer("a", await page.offer()))
    await page.opened("echo")
    step("connected", True)
    step("echo", await page.do("window.echo('echo', given[0])", 200))
    probe.do("close", id="a")
    step("closed", (await probe.wait(event="state", id="a", state="closed"))["reason"])


async def answers(page, probe):
    offer = await probe.offer("o", {"label": "echo"}, {"label": "echo lossy", "ordered": False, "retransmissions": 0})
    await page.accept("offer", offer)
    answer = await page.offer()
    probe.do("accept", id="o", sdp=answer)
    await probe.wait(event="state", id="o", state="connected")
    await page.do("new Promise(done => { const look = () => Object.keys(window.inboxes).length == 2 ? done(true) "
                  ": setTimeout(look, 10); look(); })")
    step("connected", True)
    step("echo", await page.do("window.echo('echo', given[0])", MESSAGES))
    step("kinds", await page.do("window.kinds('echo')"))
    step("lossy channels", [await page.exchange("echo lossy", "through")])
    probe.do("close", id="o")
    await page.do("new Promise(done => { const look = () => window.inboxes['echo'].channel.readyState == 'closed' "
                  "? done(true) : setTimeout(look, 10); look(); })")
    step("closed", (await probe.wait(event="state", id="o", state="closed"))["reason"])


async def vanishes(page, probe):
    await connected(page, probe)
    began = time.monotonic()
    os.killpg(page.driver.service.process.pid, signal.SIGKILL)
    reason = (await probe.wait(event="state", id="a", state="closed", within=40))["reason"]
    step("noticed", [reason, time.monotonic() - began < 30])
    step("counted", (await probe.statistics())["vanished"])


async def main():
    path, scenario, *arguments = sys.argv[1:]
    probe = await Probe.start(path, *arguments)
    page = Page()
    try:
        await {"offers": offers, "answers": answers, "echoes": echoes, "vanishes": vanishes}[scenario](page, probe)
    finally:
        if scenario != "vanishes":
            page.driver.quit()
    assert await probe.stop() == 0, "PeerProbe has crashed"


enter_own_network()
asyncio.run(main())
