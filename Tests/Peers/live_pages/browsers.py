"""Chromiums in a network of their own, and what a test asks of them."""

import json
import os
import sys

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

# What a page has drawn anew meanwhile is looked for again.
REDRAWN = (NoSuchElementException, StaleElementReferenceException)
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
        self.wait = WebDriverWait(self.driver, PATIENCE, poll_frequency=0.1, ignored_exceptions=REDRAWN)

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


def play(steps, browsers):
    """Prints what each step gives; ends with 1 at the first that fails."""
    try:
        for step in steps:
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
