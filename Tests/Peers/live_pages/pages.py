"""One page streams to two others, as a person would have it."""

import json
import os
import signal
import subprocess
import sys
import urllib.request

from browsers import ADDRESS, FRAMES, INK, PATIENCE, Browser, play


class Hub:
    def __init__(self, plan):
        self.process = subprocess.Popen(
            [plan["iot"], "hub", "run", "--stop-with-parent", "--json", "--port", "0", "--host", "0.0.0.0", "--state", plan["state"]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.url = f"http://{ADDRESS}:{ready['hub'].rsplit(':', 1)[1]}"
        self.password = ready["admin"]["password"]
        made = subprocess.run([plan["iot"], "hub", "token", "create", "--state", plan["state"], "--name", "t", "--ability", "admin"],
                              check=True, capture_output=True, text=True)
        self.token = json.loads(made.stdout)["token"]
        self.unit = self.call("POST", "/api/devices", {"name": "Balcony light", "kind": "read", "address": "10.0.0.1"})["device"]["id"]

    def call(self, method, path, body):
        request = urllib.request.Request(self.url + path, method=method, data=json.dumps(body).encode(), headers={
            "Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(request, timeout=PATIENCE))

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


def steps(hub, unit, remote, phone):
    link = []

    def log_in_and_open():
        unit.driver.get(f"{hub.url}/interface/{hub.unit}")
        for name, text in (("user", "admin"), ("password", hub.password)):
            unit.one(f"[name={name}]").send_keys(text)
        unit.one(".login .primary").click()
        unit.until("[data-pill=hub] .pill-word", "ready")
        link.append(unit.one(".link-row input").get_attribute("value"))
        unit.shot("interface-empty")
        return [unit.text("h1"), link[0].startswith(f"{hub.url}/remote/{hub.unit}#watch.{hub.unit}.")]

    def remotes_connect():
        """Before anything streams: both say so."""
        for browser in (remote, phone):
            browser.driver.get(link[0])
            browser.until("[data-pill=stream] .pill-word", "stopped")
            browser.until("[data-pill=stream] .pill-detail", "direct")
        unit.until(".count", "2")
        remote.shot("remote-stopped")
        return [remote.text("h1"), remote.text(".live-note")]

    def start():
        unit.one(".stream-button").click()
        for browser in (remote, phone):
            browser.until("[data-pill=stream] .pill-word", "live")
            browser.wait.until(lambda d: float(browser.text("[data-figure=rate] .figure-value").replace("–", "0")) > 60)
            browser.wait.until(lambda d: browser.text("[data-figure=latency] .figure-value") != "–")
        return unit.text(".stream-button")

    def values_come_directly():
        """As the connections themselves count it."""
        result = []
        for browser in (remote, phone):
            before = browser.stats()
            browser.wait.until(lambda d: browser.stats()[0][1] > before[0][1] + 100)
            result.append([[label, state] for label, _, state in browser.stats()])
        return result

    def smooth():
        """Frames a second while 100 values a second come."""
        frames = remote.driver.execute_async_script(FRAMES)
        return frames > 20 or frames

    def looks():
        remote.shot("remote-live")
        phone.shot("remote-live-phone")
        unit.shot("interface-live")
        unit.size(390, 844, phone=True)
        unit.shot("interface-live-phone")
        wide = [remote.too_wide(), phone.too_wide(), unit.too_wide()]
        unit.size(1280, 860)
        remote.size(1280, 860, dark=True)
        remote.one(".live-plot")
        remote.shot("remote-live-dark")
        remote.size(1280, 860)
        return wide

    def ink():
        """What the plot looks like, as a number."""
        remote.driver.execute_async_script("setTimeout(arguments[0], 100)")
        return remote.driver.execute_script(INK)

    def pause_and_zoom():
        remote.one(".pause-button").click()
        remote.until(".pause-button", "Resume")
        # The axis glides to its place first.
        still = remote.wait.until(lambda d: len({ink() for _ in range(5)}) == 1 and ink())
        remote.one("[aria-label='Show less time']").click()
        remote.wait.until(lambda d: ink() != still)
        remote.shot("remote-paused")
        remote.one(".pause-button").click()
        remote.until(".pause-button", "Pause")
        return len({ink() for _ in range(3)}) > 1

    def export():
        """What the file would hold: a head, and values a hundredth of a second apart."""
        text = remote.driver.execute_async_script("""
            const done = arguments[0];
            const make = URL.createObjectURL;
            URL.createObjectURL = (blob) => { blob.text().then(done); return make(blob); };
            document.querySelector('.csv-button').click();
        """)
        lines = text.split("\r\n")
        times = [float(line.split(",")[1]) for line in lines[1:-1]]
        return [lines[0], len(times) > 200, sorted(times) == times, lines[-1] == ""]

    def other_rate_and_signal():
        unit.driver.execute_script("document.querySelector('[name=segments-signal][value=pulse]').click()")
        unit.driver.execute_script("document.querySelector('[name=segments-values-a-second][value=\"10\"]').click()")
        remote.wait.until(lambda d: 5 < float(remote.text("[data-figure=rate] .figure-value")) < 20)
        unit.driver.execute_script("document.querySelector('[name=segments-values-a-second][value=\"100\"]').click()")
        remote.wait.until(lambda d: float(remote.text("[data-figure=rate] .figure-value")) > 60)
        return True

    def through_the_hub():
        """Where no peer connection can be made the page says so, and goes on; it tries anew when it is told to."""
        wall = phone.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": "globalThis.__walled = true;"})
        phone.driver.refresh()
        phone.until("[data-pill=stream] .pill-detail", "through the hub")
        phone.wait.until(lambda d: float(phone.text("[data-figure=rate] .figure-value").replace("–", "0")) > 60)
        unit.wait.until(lambda d: unit.all("[data-state=relayed]"))
        phone.shot("remote-relayed-phone")
        unit.shot("interface-clients")
        shown = [phone.one(".relay-banner").is_displayed(), phone.stats(), phone.too_wide()]
        phone.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", wall)
        phone.driver.execute_script("globalThis.__walled = false; document.querySelector('.relay-banner button').click()")
        phone.until("[data-pill=stream] .pill-detail", "direct")
        phone.wait.until(lambda d: phone.stats()[0][1] > 100)
        unit.wait.until(lambda d: len(unit.all("[data-state=direct]")) == 2)
        return [*shown, phone.one(".relay-banner").is_displayed()]

    def stock_client():
        """Somebody else's PeerJS client gets the same values as the page."""
        ticket = link[0].split("#")[1]
        watch = subprocess.run(
            [sys.executable, os.path.join(os.path.dirname(os.path.dirname(__file__)), "peerjs_client.py"), ADDRESS, hub.url.rsplit(":", 1)[1],
             str(hub.unit), ticket], capture_output=True, text=True, timeout=3 * PATIENCE)
        samples = [json.loads(line) for line in watch.stdout.splitlines()]
        if len(samples) != 20:
            raise RuntimeError(watch.stderr[-400:])
        steps = [round(later[1] - earlier[1]) for earlier, later in zip(samples, samples[1:])]
        return [all(step > 0 and step % 10 == 0 for step in steps), all(abs(value) <= 1.1 for _, _, value in samples)]

    def stop():
        unit.one(".stream-button").click()
        for browser in (remote, phone):
            browser.until("[data-pill=stream] .pill-word", "stopped")
        return unit.text(".stream-button")

    def one_is_killed():
        """The interface page shows that it is gone, and then no more of it."""
        unit.until(".count", "2")
        driver = phone.driver.service.process.pid
        for thread in os.listdir(f"/proc/{driver}/task"):
            for child in open(f"/proc/{driver}/task/{thread}/children").read().split():
                os.kill(int(child), signal.SIGKILL)
        unit.until(".count", "1")
        gone = len(unit.all("[data-state=gone]"))
        unit.wait.until(lambda d: len(unit.all(".client")) == 1)
        return gone > 0

    def from_the_dashboard():
        """Who is logged in needs no link: a card's button leads to the plot."""
        page = unit.driver.current_window_handle
        unit.driver.switch_to.new_window("tab")
        unit.driver.get(hub.url)
        unit.one(".watch-live").click()
        unit.until("[data-pill=stream] .pill-detail", "direct")
        seen = [unit.text("h1"), unit.driver.current_url == f"{hub.url}/remote/{hub.unit}", unit.one(".brand").get_attribute("href") == f"{hub.url}/"]
        unit.driver.get(f"{hub.url}/interface/{hub.unit}")
        unit.until("[data-pill=hub] .pill-word", "refused")
        seen.append(unit.text(".banner span"))
        unit.shot("interface-taken")
        unit.driver.get(f"{hub.url}/interface/99999")
        unit.one(".page-note")
        seen.append(unit.text(".page-note"))
        unit.driver.close()
        unit.driver.switch_to.window(page)
        return seen

    def bad_link():
        """A ticket that somebody has changed is worth nothing, and the page says what to do."""
        remote.driver.get("about:blank")
        remote.driver.get(link[0][:-3] + "AAA")
        remote.until("[data-pill=stream] .pill-word", "refused")
        remote.shot("remote-refused")
        said = remote.text(".live-note")
        remote.driver.get("about:blank")
        remote.driver.get(link[0])
        remote.until("[data-pill=stream] .pill-detail", "direct")
        return said

    def hub_is_gone():
        """A direct connection needs no hub."""
        unit.one(".stream-button").click()
        remote.until("[data-pill=stream] .pill-word", "live")
        hub.stop()
        unit.until("[data-pill=hub] .pill-word", "unreachable")
        before = remote.stats()[0][1]
        remote.wait.until(lambda d: remote.stats()[0][1] > before + 300)
        return [remote.text("[data-pill=stream] .pill-word"), remote.text("[data-pill=stream] .pill-detail")]

    def console_errors():
        return [remote.errors(), unit.errors()]

    return [log_in_and_open, remotes_connect, start, values_come_directly, smooth, looks, pause_and_zoom, export,
            other_rate_and_signal, through_the_hub, stock_client, stop, one_is_killed, from_the_dashboard, bad_link, hub_is_gone, console_errors]


def pages(plan):
    hub = Hub(plan)
    browsers = [Browser(plan.get("shots")), Browser(plan.get("shots")), Browser(plan.get("shots"), phone=True)]
    try:
        return play(steps(hub, *browsers), browsers)
    finally:
        hub.stop()
