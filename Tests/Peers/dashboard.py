"""Uses the dashboard in headless Chromium as a person would.

usage: dashboard.py '{"hub": URL, "hub_process": pid, "base_process": pid, "user": ..., "password": ..., "lamp": id, "read": id, "shots": directory}'
Prints one line of JSON a step: {"step": name, "result": value}. Ends with exit code 1 at the first step that fails.
"""

import json
import os
import signal
import sys

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

# What a page has drawn anew meanwhile is looked for again.
REDRAWN = (NoSuchElementException, StaleElementReferenceException)
PATIENCE = 40


def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


class Dashboard:
    def __init__(self, driver, plan):
        self.driver = driver
        self.plan = plan
        self.wait = WebDriverWait(driver, PATIENCE, poll_frequency=0.1, ignored_exceptions=REDRAWN)

    def size(self, width, height, dark=False, phone=False):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 2 if phone else 1, "mobile": phone},
        )
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]},
        )

    def shot(self, name):
        if self.plan.get("shots"):
            # Colours fade from one theme to the other; the picture is of what they come to.
            self.wait.until(lambda d: d.execute_script(
                "return document.getAnimations().filter(a => a.effect.getTiming().iterations !== Infinity).length") == 0)
            os.makedirs(self.plan["shots"], exist_ok=True)
            self.driver.save_screenshot(os.path.join(self.plan["shots"], name + ".png"))

    def one(self, selector):
        return self.wait.until(lambda d: d.find_element(By.CSS_SELECTOR, selector))

    def log_in(self, password):
        for name, text in (("user", self.plan["user"]), ("password", password)):
            field = self.one(f"[name={name}]")
            field.clear()
            field.send_keys(text)
        self.one(".login .primary").click()

    def cards(self):
        return [card.get_attribute("data-device") for card in self.driver.find_elements(By.CSS_SELECTOR, ".card")]

    def names(self):
        return [card.text for card in self.driver.find_elements(By.CSS_SELECTOR, ".card-name")]

    def card(self, device, inside=""):
        return self.one(f'.card[data-device="{device}"] {inside}')

    def choose_item(self, device, text):
        self.card(device, ".menu button").click()
        self.wait.until(lambda d: [b for b in d.find_elements(By.CSS_SELECTOR, ".menu-item") if b.text.startswith(text)])
        next(b for b in self.driver.find_elements(By.CSS_SELECTOR, ".menu-item") if b.text.startswith(text)).click()

    def choose(self, device, text):
        self.choose_item(device, text)
        return self.one("dialog[open]")

    def confirm(self, dialog):
        dialog.find_element(By.CSS_SELECTOR, ".primary").click()
        self.wait.until(lambda d: not d.find_elements(By.CSS_SELECTOR, "dialog[open]"))

    def points(self, device):
        return self.driver.execute_script(
            "const canvas = document.querySelector(arguments[0]);"
            "const chart = canvas && window.Chart && Chart.getChart(canvas);"
            "return chart ? chart.data.datasets[0].data.filter(p => p && p.y !== null).length : 0",
            f'.card[data-device="{device}"] canvas',
        )


    def kept_order(self):
        """The order of the devices as the hub has it."""
        return self.driver.execute_async_script(
            "const done = arguments[0]; fetch('/api/devices').then(r => r.json())"
            ".then(b => done(b.devices.map(d => String(d.id))))")

    def centre(self, node):
        return self.driver.execute_script(
            "const b = arguments[0].getBoundingClientRect(); return {x: b.x + b.width / 2, y: b.y + b.height / 2}", node)

    def moved(self, expected):
        """Waits until the cards stand in this order here, at the hub and after a reload."""
        self.wait.until(lambda d: self.cards() == expected)
        self.wait.until(lambda d: self.kept_order() == expected)
        self.driver.refresh()
        self.wait.until(lambda d: self.cards() == expected)
        return True


def steps(page):
    driver, plan, wait = page.driver, page.plan, page.wait

    def wrong_password():
        page.size(1440, 900)
        driver.get(plan["hub"])
        page.one(".login")
        page.shot("login")
        page.log_in("not " + plan["password"])
        return wait.until(lambda d: d.find_element(By.CSS_SELECTOR, ".login .problem").text)

    def log_in():
        page.log_in(plan["password"])
        wait.until(lambda d: len(d.find_elements(By.CSS_SELECTOR, ".card")) >= 2)
        return len(page.cards())

    def live_value():
        first = wait.until(lambda d: page.card(plan["read"], ".value").text)
        wait.until(lambda d: page.card(plan["read"], ".value").text not in (first, "", "–"))
        return True

    def base_state():
        wait.until(lambda d: page.one("[data-pill=base] .pill-word").text == "connected")
        return True

    def history_after_reload():
        wait.until(lambda d: page.points(plan["read"]) >= 5)
        # Without a base no value comes live: what stands there after the reload is what the hub has kept.
        os.kill(plan["base_process"], signal.SIGSTOP)
        try:
            driver.refresh()
            page.card(plan["read"], "canvas")
            wait.until(lambda d: page.points(plan["read"]) >= 5)
        finally:
            os.kill(plan["base_process"], signal.SIGCONT)
        return live_value()

    def swatch():
        page.card(plan["lamp"], ".swatch[title=Red]").click()
        wait.until(lambda d: "red" in page.card(plan["lamp"], ".colour-name").text.lower())
        return page.card(plan["lamp"], ".colour-name").text

    def picked_colour():
        # A native colour picker cannot be operated; its input event is what the page hears.
        driver.execute_script(
            "arguments[0].value = '#00ff7f'; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
            page.card(plan["lamp"], ".picker"),
        )
        wait.until(lambda d: page.card(plan["lamp"], ".problem").get_attribute("hidden") is not None)
        return True

    def result_shown():
        # It may be that of the command before the last, whose time is another.
        outcome = wait.until(lambda d: page.card(plan["lamp"], ".outcome").text).split(" in ")[0]
        driver.refresh()
        wait.until(lambda d: page.card(plan["lamp"], ".outcome").text.split(" in ")[0] == outcome)
        return outcome

    def result_failed():
        # As a base says it; a user may do what a base may.
        reason = "the unit could not be connected in time (commands.timeout)"
        status = driver.execute_async_script(
            "const [ip, reason, done] = arguments; fetch('/webhook/request-result', {method: 'POST',"
            " headers: {'Content-Type': 'application/json'},"
            " body: JSON.stringify({id: 'test', ip, result: 'failed', reason, milliseconds: 10000})}).then(r => done(r.status))",
            page.card(plan["lamp"], ".card-address").text, reason)
        text = wait.until(lambda d: (t := page.card(plan["lamp"], ".outcome").text).startswith("did") and t)
        page.shot("result-failed-desktop")
        page.size(390, 844, phone=True)
        driver.execute_script("arguments[0].scrollIntoView()", page.card(plan["lamp"]))
        page.shot("result-failed-phone")
        page.size(360, 740, phone=True)
        overflow = driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        page.size(1440, 900)
        page.card(plan["lamp"], ".swatch[title=Red]").click()
        wait.until(lambda d: page.card(plan["lamp"], ".outcome").text.startswith("arrived in "))
        return [status, text == f"did not arrive: {reason}", overflow]

    def typed_nonsense():
        field = page.card(plan["lamp"], "input.mono")
        field.send_keys("no colour", Keys.ENTER)
        text = wait.until(lambda d: page.card(plan["lamp"], ".problem").text)
        field.clear()
        return text

    def typed_colour():
        page.card(plan["lamp"], "input.mono").send_keys("Teal", Keys.ENTER)
        wait.until(lambda d: page.card(plan["lamp"], ".colour-name").text == "teal")
        return page.card(plan["lamp"], "input.mono").get_attribute("value")

    def looks():
        page.shot("desktop-light")
        page.size(1440, 900, dark=True)
        page.shot("desktop-dark")
        page.size(390, 844, phone=True)
        page.shot("phone")
        overflow = driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        page.size(360, 740, phone=True)
        narrow = driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        page.size(1440, 900)
        return [overflow, narrow]

    def reorder_by_keyboard():
        before = page.cards()
        grip = page.card(before[0], ".grip")
        grip.send_keys(Keys.ARROW_RIGHT)
        return page.moved([before[1], before[0], *before[2:]])

    def reorder_by_mouse():
        before = page.cards()
        grip = page.card(before[0], ".grip")
        target = page.one(f'.card[data-device="{before[2]}"]')
        ActionChains(driver, duration=20).click_and_hold(grip).move_by_offset(30, 10).move_to_element(target).release().perform()
        return page.moved([before[1], before[2], before[0], *before[3:]])

    def reorder_by_touch():
        page.size(390, 844, phone=True)
        driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
        before = page.cards()
        driver.execute_script("scrollTo(0, 0)")
        start = page.centre(page.card(before[1], ".grip"))
        target = page.centre(page.card(before[0], ".grip"))

        def touch(kind, *points):
            driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

        touch("touchStart", start)
        for step in range(1, 11):
            touch("touchMove", {key: start[key] + (target[key] - start[key]) * step / 10 for key in ("x", "y")})
        touch("touchEnd")
        driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
        page.size(1440, 900)
        return page.moved([before[1], before[0], *before[2:]])

    def theme():
        def now():
            return driver.find_element(By.TAG_NAME, "html").get_attribute("data-theme")

        seen = []
        for _ in range(3):
            page.one(".theme-button").click()
            driver.refresh()
            page.one(".theme-button")
            seen.append(now())
        return seen

    def other_tab():
        here = driver.current_window_handle
        driver.switch_to.new_window("tab")
        driver.get(plan["hub"])
        page.card(plan["lamp"], ".swatch[title=Violet]").click()
        wait.until(lambda d: page.card(plan["lamp"], ".colour-name").text == "blueviolet")
        driver.close()
        driver.switch_to.window(here)
        wait.until(lambda d: page.card(plan["lamp"], ".colour-name").text == "blueviolet")
        return page.card(plan["lamp"], ".colour-name").text

    def inactive_lamp():
        page.choose_item(plan["lamp"], "Deactivate")
        wait.until(lambda d: "inactive" in page.card(plan["lamp"]).get_attribute("class"))
        page.shot("inactive")
        enabled = page.card(plan["lamp"], ".swatch").is_enabled()
        notice = page.card(plan["lamp"], ".notice").text
        page.choose_item(plan["lamp"], "Activate")
        wait.until(lambda d: page.card(plan["lamp"], ".swatch").is_enabled())
        return [enabled, notice]

    def hub_killed():
        os.kill(plan["hub_process"], signal.SIGKILL)
        banner = page.one(".banner")
        wait.until(lambda d: banner.is_displayed())
        page.shot("offline")
        wait.until(lambda d: not banner.is_displayed())
        return live_value() and base_state()

    def session_expired():
        driver.delete_all_cookies()
        page.card(plan["lamp"], ".swatch[title=Red]").click()
        text = wait.until(lambda d: d.find_element(By.CSS_SELECTOR, ".login .problem").text)
        page.log_in(plan["password"])
        wait.until(lambda d: page.cards())
        return text

    def create():
        page.one(".toolbar .primary").click()
        dialog = page.one("dialog[open]")
        inputs = dialog.find_elements(By.CSS_SELECTOR, ".field input:not([type=radio])")
        inputs[0].send_keys("greenhouse")
        inputs[1].send_keys("10.99.0.1")
        page.shot("dialog")
        page.confirm(dialog)
        wait.until(lambda d: "greenhouse" in page.names())
        return True

    def created():
        return next(c.get_attribute("data-device") for c in driver.find_elements(By.CSS_SELECTOR, ".card")
                    if c.find_element(By.CSS_SELECTOR, ".card-name").text in ("greenhouse", "cellar"))

    def rename_and_deactivate():
        dialog = page.choose(created(), "Edit")
        name = dialog.find_element(By.CSS_SELECTOR, ".field input")
        name.clear()
        name.send_keys("cellar")
        dialog.find_element(By.CSS_SELECTOR, ".switch").click()
        page.confirm(dialog)
        wait.until(lambda d: "cellar" in page.names())
        return driver.execute_async_script(
            "const done = arguments[0]; fetch('/api/devices').then(r => r.json())"
            ".then(b => done(b.devices.find(d => d.name === 'cellar').active))")

    def delete():
        dialog = page.choose(created(), "Delete")
        dialog.find_element(By.CSS_SELECTOR, ".field input").send_keys("cellar")
        page.confirm(dialog)
        wait.until(lambda d: "cellar" not in page.names())
        return True

    def propose(units):
        driver.execute_script(
            "fetch('/webhook/found-units', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: arguments[0]})",
            json.dumps({"units": units}))

    def found_units():
        """A base proposes two units: one is dismissed, the other added with what is known of it."""
        units = [{"ip": "10.99.0.2", "kind": "read", "by": "sweep", "at": 1},
                 {"ip": "10.99.0.3", "kind": "updatable", "by": "mdns", "name": "porch", "at": 1}]
        propose(units)
        shown = wait.until(lambda d: [unit.get_attribute("data-ip") for unit in d.find_elements(By.CSS_SELECTOR, ".found-unit")])
        page.shot("found-desktop")
        page.size(390, 844, phone=True)
        page.shot("found-phone")
        too_wide = driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        page.size(1440, 900)
        # Who is about to click on a unit goes on with it when another one is found.
        button = page.one("[data-ip='10.99.0.2'] .quiet")
        driver.execute_script("arguments[0].focus()", button)
        propose([{"ip": "10.99.0.4", "kind": "unknown", "by": "sweep", "at": 1}])
        wait.until(lambda d: len(d.find_elements(By.CSS_SELECTOR, ".found-unit")) == 3)
        kept = driver.execute_script("return document.activeElement === arguments[0]", button)
        button.click()
        page.one("[data-ip='10.99.0.4'] .quiet").click()
        wait.until(lambda d: len(d.find_elements(By.CSS_SELECTOR, ".found-unit")) == 1)
        page.one("[data-ip='10.99.0.3'] .secondary").click()
        dialog = page.one("dialog[open]")
        kind = dialog.find_element(By.CSS_SELECTOR, "[type=radio]:checked").get_attribute("value")
        page.confirm(dialog)
        wait.until(lambda d: "porch" in page.names())
        wait.until(lambda d: not d.find_element(By.CSS_SELECTOR, ".found").is_displayed())
        card = next(c for c in driver.find_elements(By.CSS_SELECTOR, ".card") if "porch" in c.text)
        dialog = page.choose(card.get_attribute("data-device"), "Delete")
        dialog.find_element(By.CSS_SELECTOR, ".field input").send_keys("porch")
        page.confirm(dialog)
        wait.until(lambda d: "porch" not in page.names())
        return [shown, too_wide, kept, kind]

    def console_errors():
        entries = driver.get_log("browser")
        # A 401 is the answer to a page without a session.
        return [e["message"] for e in entries if e["level"] == "SEVERE" and " 401 " not in e["message"]]

    def log_out():
        page.one("[aria-label^='Log out']").click()
        page.one(".login")
        driver.refresh()
        page.one(".login")
        return True

    return [wrong_password, log_in, live_value, base_state, history_after_reload, swatch, picked_colour, result_shown,
            looks, result_failed, typed_nonsense, typed_colour, reorder_by_keyboard, reorder_by_mouse, reorder_by_touch, theme, other_tab,
            inactive_lamp, create, rename_and_deactivate, delete, found_units, session_expired, console_errors, hub_killed, log_out]


def main():
    plan = json.loads(sys.argv[1])
    driver = browser()
    page = Dashboard(driver, plan)
    try:
        for step in steps(page):
            try:
                print(json.dumps({"step": step.__name__, "result": step()}), flush=True)
            except Exception as error:
                page.shot("failed-" + step.__name__)
                print(json.dumps({"step": step.__name__, "failed": f"{type(error).__name__}: {error}"[:500]}), flush=True)
                return 1
        return 0
    finally:
        driver.quit()


sys.exit(main())
