"""`iot sim interface` alone: a page starts and stops it, two others watch it, and it needs none of them."""

import json
import subprocess

from browsers import ADDRESS, PATIENCE, Browser, play


class Interface:
    def __init__(self, plan):
        self.process = subprocess.Popen(
            [plan["iot"], "sim", "interface", "--stop-with-parent", "--json", "--host", "0.0.0.0", "--port", "0", "--name", "Wind gauge",
             "--state", plan["state"]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.ready = json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.terminate()
        return self.process.wait(PATIENCE)


def steps(interface, page, remote, phone):
    def links():
        """They are for this machine's address, not for 0.0.0.0."""
        ready = interface.ready
        return [ready[name].startswith(f"http://{ADDRESS}:") for name in ("hub", "interface", "remote")]

    def open_without_account():
        page.driver.get(interface.ready["interface"])
        page.until("[data-pill=hub] .pill-word", "ready")
        page.shot("native-empty")
        return [page.text("h1"), page.one(".link-row input").get_attribute("value") == interface.ready["remote"],
                page.text(".stream-button"), page.all(".brand[href]") == []]

    def remotes_connect():
        for browser in (remote, phone):
            browser.driver.get(interface.ready["remote"])
            browser.until("[data-pill=stream] .pill-word", "stopped")
            browser.until("[data-pill=stream] .pill-detail", "direct")
        page.until(".count", "2")
        return remote.text("h1")

    def start():
        page.one(".stream-button").click()
        page.until(".stream-button", "Stop")
        page.driver.execute_script("document.querySelector('[name=segments-values-a-second][value=\"100\"]').click()")
        for browser in (remote, phone):
            browser.until("[data-pill=stream] .pill-word", "live")
            browser.wait.until(lambda d: float(browser.text("[data-figure=rate] .figure-value").replace("–", "0")) > 60)
            browser.wait.until(lambda d: browser.text("[data-figure=latency] .figure-value") != "–")
        return True

    def values_come_directly():
        """As the connections themselves count it."""
        result = []
        for browser in (remote, phone):
            before = browser.stats()
            browser.wait.until(lambda d: browser.stats()[0][1] > before[0][1] + 100)
            result.append([[label, state] for label, _, state in browser.stats()])
        return result

    def looks():
        page.shot("native-live")
        remote.shot("native-remote")
        page.size(390, 844, phone=True)
        page.shot("native-live-phone")
        wide = page.too_wide()
        page.size(1280, 860)
        return wide

    def other_signal():
        page.driver.execute_script("document.querySelector('[name=segments-signal][value=counter]').click()")
        value = lambda: float(remote.text("[data-figure=value] .figure-value").replace("–", "-1"))

        def counts():
            """Random numbers do that once in many times only."""
            seen = [value()]
            while len(seen) < 6:
                remote.wait.until(lambda d: value() != seen[-1])
                seen.append(value())
            return seen == sorted(seen)

        remote.wait.until(lambda d: counts())
        return page.driver.execute_script("return document.querySelector('[name=segments-signal]:checked').value")

    def goes_on_without_its_page():
        page.driver.get("about:blank")
        before = remote.stats()[0][1]
        remote.wait.until(lambda d: remote.stats()[0][1] > before + 200)
        page.driver.get(interface.ready["interface"])
        page.until(".stream-button", "Stop")
        page.until(".count", "2")
        return True

    def through_the_hub():
        wall = phone.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": "globalThis.__walled = true;"})
        phone.driver.refresh()
        phone.until("[data-pill=stream] .pill-detail", "through the hub")
        phone.wait.until(lambda d: float(phone.text("[data-figure=rate] .figure-value").replace("–", "0")) > 60)
        page.wait.until(lambda d: page.all("[data-state=relayed]"))
        page.shot("native-clients")
        phone.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", wall)
        return phone.stats()

    def who_only_watches_controls_nothing():
        """The link to watch opens no interface page."""
        phone.driver.get("about:blank")
        phone.driver.get(interface.ready["remote"].replace("/remote/", "/interface/"))
        phone.until(".page-note", "Nothing streams as this unit at the moment. This page goes on when it does.")
        return phone.all(".stream-button") == []

    def one_leaves():
        phone.driver.get("about:blank")
        page.until(".count", "1")
        return True

    def stop():
        page.one(".stream-button").click()
        page.until(".stream-button", "Start")
        remote.until("[data-pill=stream] .pill-word", "stopped")
        return True

    def ends():
        code = interface.stop()
        page.until("[data-pill=hub] .pill-word", "unreachable")
        page.shot("native-gone")
        return code

    def console_errors():
        return [remote.errors(), page.errors()]

    return [links, open_without_account, remotes_connect, start, values_come_directly, looks, other_signal, goes_on_without_its_page,
            through_the_hub, who_only_watches_controls_nothing, one_leaves, stop, ends, console_errors]


def interface(plan):
    unit = Interface(plan)
    browsers = [Browser(plan.get("shots")), Browser(plan.get("shots")), Browser(plan.get("shots"), phone=True)]
    try:
        return play(steps(unit, *browsers), browsers)
    finally:
        unit.stop()
