"""Streams from one page in headless Chromium to two others, as a person would, in a network of its own.

usage: live.py '{"iot": path of the command, "state": directory, "shots": directory}'
Prints one line of JSON a step: {"step": name, "result": value}. Ends with exit code 1 at the first step that fails.

Chromium gathers no way to itself where there is but loopback, so the script starts itself anew in a network namespace with an
interface that has an address, and the hub with it.
"""

import json
import os
import signal
import subprocess
import sys
import urllib.request

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 40
ADDRESS = "10.87.0.1"
INSIDE = "LIVE_PEER_NETWORK"
# So that the test can ask the connections how they run; the pages know nothing of it.
HOOK = """
globalThis.__peers = [];
const Peer = globalThis.RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Peer {
  constructor(configuration) {
    // Without a server that relays, that policy leaves no way at all: as behind a firewall.
    super(globalThis.__walled ? { ...configuration, iceTransportPolicy: 'relay' } : configuration);
    globalThis.__peers.push(this);
  }
};
"""
STATS = """
const done = arguments[0];
const live = __peers.filter((peer) => peer.connectionState === 'connected');
Promise.all(live.map((peer) => peer.getStats())).then((all) => done(all.map((stats) => {
  const channel = [...stats.values()].find((each) => each.type === 'data-channel');
  const pair = [...stats.values()].find((each) => each.type === 'candidate-pair' && each.nominated);
  return [channel?.label, channel?.messagesReceived ?? 0, pair?.state];
})));
"""
FRAMES = """
const done = arguments[0];
let frames = 0;
const start = performance.now();
function frame() {
  frames += 1;
  if (performance.now() - start < 2000) requestAnimationFrame(frame);
  else done(frames / 2);
}
requestAnimationFrame(frame);
"""
INK = """
const canvas = document.querySelector('.live-plot canvas');
const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
let sum = 0;
for (let index = 3; index < data.length; index += 4) sum = (sum * 31 + data[index]) % 1000003;
return sum;
"""


def enter_network():
    """Goes on in a network namespace of its own, with an interface that has an address."""
    if os.environ.get(INSIDE) == "1":
        return
    script = (f"ip link set lo up && ip link add live0 type veth peer name live1 && ip addr add {ADDRESS}/24 dev live0 "
              '&& ip link set live0 up && ip link set live1 up && ip route add default dev live0 && exec "$0" "$@"')
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--net", *user, "sh", "-c", script, sys.executable, "-u", *sys.argv])


class Browser:
    """One Chromium with a profile of its own."""

    # The answer to a page without a session, and for a unit that is not there; a file that is kept from a page without TLS;
    # the hub that is gone in the end.
    known = [" 401 ", "/api/devices/99999", "insecure connection", "WebSocket connection to"]

    def __init__(self, shots, phone=False):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": HOOK})
        self.shots = shots
        self.size(*((390, 844) if phone else (1280, 860)), phone=phone)
        self.wait = WebDriverWait(self.driver, PATIENCE, poll_frequency=0.1)

    def size(self, width, height, phone=False, dark=False):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 2 if phone else 1, "mobile": phone})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def one(self, selector):
        return self.wait.until(lambda d: d.find_element(By.CSS_SELECTOR, selector))

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        """What an element says now, whether or not it is in sight."""
        return self.driver.execute_script(
            "return document.querySelector(arguments[0])?.textContent ?? null", selector)

    def until(self, selector, text):
        """Waits until an element says so; what it says last where it does not is the error."""
        try:
            self.wait.until(lambda d: self.text(selector) == text)
        except Exception:
            raise RuntimeError(f"{selector} says {self.text(selector)!r}, not {text!r}") from None

    def shot(self, name, full=False):
        if not self.shots:
            return
        os.makedirs(self.shots, exist_ok=True)
        self.wait.until(lambda d: d.execute_script(
            "return document.getAnimations().filter(a => a.effect.getTiming().iterations !== Infinity).length") == 0)
        self.driver.save_screenshot(os.path.join(self.shots, name + ".png"))

    def too_wide(self):
        return self.driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def stats(self):
        return self.driver.execute_async_script(STATS)

    def errors(self):
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] == "SEVERE" and not any(known in entry["message"] for known in self.known)]


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
            [sys.executable, os.path.join(os.path.dirname(__file__), "peerjs_client.py"), ADDRESS, hub.url.rsplit(":", 1)[1],
             str(hub.unit), ticket], capture_output=True, text=True, timeout=3 * PATIENCE)
        samples = [json.loads(line) for line in watch.stdout.splitlines()]
        if len(samples) != 20:
            raise RuntimeError(watch.stderr[-400:])
        steps = [round(later[1] - earlier[1]) for earlier, later in zip(samples, samples[1:])]
        return [all(step % 10 == 0 for step in steps), all(abs(value) <= 1.1 for _, _, value in samples)]

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


def main():
    enter_network()
    plan = json.loads(sys.argv[1])
    hub = Hub(plan)
    browsers = [Browser(plan.get("shots")), Browser(plan.get("shots")), Browser(plan.get("shots"), phone=True)]
    try:
        for step in steps(hub, *browsers):
            try:
                print(json.dumps({"step": step.__name__, "result": step()}), flush=True)
            except Exception as error:
                for index, browser in enumerate(browsers):
                    try:
                        browser.shot(f"failed-{step.__name__}-{index}")
                        print(browser.errors(), file=sys.stderr)
                    except Exception:
                        pass
                print(json.dumps({"step": step.__name__, "failed": f"{type(error).__name__}: {error}"[:500]}), flush=True)
                return 1
        return 0
    finally:
        for browser in browsers:
            try:
                browser.driver.quit()
            except Exception:
                pass
        hub.stop()


sys.exit(main())
