"""`iot sim interface` at a hub that runs already: who is logged in controls it; it is killed, and the hub is, and all goes on."""

import json
import os
import subprocess

from browsers import PATIENCE, Browser, play
from pages import Hub


class Program:
    """The interface as a process; `log` is where its events go."""

    def __init__(self, plan, hub, token):
        self.command = [plan["iot"], "sim", "interface", "--stop-with-parent", "--json", "--hub", hub.url, "--device", str(hub.unit), "--name", "Program",
                        "--signal", "walk:20", "--rate", "100"]
        self.environment = {**os.environ, "IOT_TOKEN": token}
        self.log = open(os.path.join(plan["state"], "program.log"), "w")
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.ready = json.loads(self.process.stdout.readline())

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self):
        self.process.terminate()
        return self.process.wait(PATIENCE)


def steps(plan, hub, program, page, remote):
    def more_come(count):
        """Over the connection that the remote page has now; the one before may have ended unseen a moment ago."""
        before = {}

        def have_come():
            for _, received, _ in remote.stats()[-1:]:
                if received < before.get("received", 0):
                    before.clear()
                return received > before.setdefault("received", received) + count
            return False

        remote.wait.until(lambda d: have_come())

    def logged_in_controls_it():
        page.driver.get(f"{hub.url}/interface/{hub.unit}")
        for name, text in (("user", "admin"), ("password", hub.password)):
            page.one(f"[name={name}]").send_keys(text)
        page.one(".login .primary").click()
        page.until("[data-pill=hub] .pill-word", "ready")
        page.until(".live-title .hint", "A program plays the unit. This page starts, stops and changes it; it goes on without the page.")
        return [page.text("h1"), page.text(".stream-button"),
                page.one(".link-row input").get_attribute("value").startswith(f"{hub.url}/remote/{hub.unit}#watch.")]

    def start():
        page.one(".stream-button").click()
        page.until(".stream-button", "Stop")
        remote.driver.get(page.one(".link-row input").get_attribute("value"))
        remote.until("[data-pill=stream] .pill-word", "live")
        remote.until("[data-pill=stream] .pill-detail", "direct")
        page.until(".count", "1")
        return remote.text("h1")

    def program_is_killed():
        program.kill()
        page.until("[data-pill=hub] .pill-word", "not there")
        page.shot("attached-gone")
        page.until(".count", "0")
        return True

    def program_is_back():
        program.start()
        page.until("[data-pill=hub] .pill-word", "ready")
        page.until(".stream-button", "Start")
        page.one(".stream-button").click()
        page.until(".count", "1")
        page.wait.until(lambda d: page.all(".client[data-state=direct]"))
        more_come(100)
        return True

    def hub_is_killed_and_back():
        """The stream goes on meanwhile, as it needs no hub; then all find each other again."""
        port = hub.url.rsplit(":", 1)[1]
        hub.process.kill()
        hub.process.wait(PATIENCE)
        page.until("[data-pill=hub] .pill-word", "unreachable")
        more_come(300)
        hub.process = subprocess.Popen(
            [plan["iot"], "hub", "run", "--stop-with-parent", "--json", "--port", port, "--host", "0.0.0.0", "--state", plan["state"]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        hub.process.stdout.readline()
        page.until("[data-pill=hub] .pill-word", "ready")
        page.until(".stream-button", "Stop")
        page.one(".stream-button").click()
        remote.until("[data-pill=stream] .pill-word", "stopped")
        return True

    def a_second_program():
        """It is told that its place is taken, and does not take it."""
        second = subprocess.Popen(program.command, env=program.environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        line = second.stderr.readline()
        second.terminate()
        second.wait(PATIENCE)
        page.one(".stream-button").click()
        remote.until("[data-pill=stream] .pill-word", "live")
        return "another page or program streams as this device already" in line

    def wrong_token():
        done = subprocess.Popen(
            program.command, env={**os.environ, "IOT_TOKEN": "iot_1_wrong"}, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        line = done.stderr.readline()
        done.terminate()
        done.wait(PATIENCE)
        return "the hub says: Invalid token provided" in line

    def ends():
        return program.stop()

    return [logged_in_controls_it, start, program_is_killed, program_is_back, hub_is_killed_and_back, a_second_program, wrong_token, ends]


def attached(plan):
    hub = Hub(plan)
    made = subprocess.run([plan["iot"], "hub", "token", "create", "--state", plan["state"], "--name", "program", "--ability", "device"],
                          check=True, capture_output=True, text=True)
    program = Program(plan, hub, json.loads(made.stdout)["token"])
    browsers = [Browser(plan.get("shots")), Browser(plan.get("shots"))]
    try:
        return play(steps(plan, hub, program, *browsers), browsers)
    finally:
        program.stop()
        hub.stop()
