"""Reads the report of a run in headless Chromium as a person would.

usage: hil_report.py '{"report": path, "large": path, "expected": path, "shots": directory}'
`report` and `large` are pages; `expected` is JSON: for the failed case of the first page its lines as they are to be shown, the
place of its failure and of a step, and what the last line of the second page is.
Prints one line of JSON a step: {"step": name, "result": value}. Ends with exit code 1 at the first step that fails.
"""

import json
import os
import sys

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

# What a page has drawn anew meanwhile is looked for again.
REDRAWN = (NoSuchElementException, StaleElementReferenceException)
PATIENCE = 30
# How the page lays its timeline out.
EDGE, AXIS, STEPS, LANE = 8, 26, 36, 26
ROWS = """
return [...document.querySelectorAll('.entry')].map((row) => [row.getAttribute('aria-posinset'), [...row.children].map((cell) => cell.textContent)]);
"""


class Page:
    def __init__(self, shots):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.wait = WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05, ignored_exceptions=REDRAWN)
        self.shots = shots
        self.size(1280, 860)

    def size(self, width, height, phone=False, dark=False):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 2 if phone else 1, "mobile": phone})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def frame(self):
        """Waits until what was asked for is drawn."""
        self.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")

    def shot(self, name, selector=None):
        """A picture of the page from its top on, or from an element on; where that is False, as it stands."""
        if not self.shots:
            return
        os.makedirs(self.shots, exist_ok=True)
        if selector is not False:
            self.driver.execute_script("arguments[0] ? document.querySelector(arguments[0]).scrollIntoView() : scrollTo(0, 0)", selector)
        self.frame()
        self.driver.save_screenshot(os.path.join(self.shots, name + ".png"))

    def one(self, selector):
        return self.wait.until(lambda d: d.find_element(By.CSS_SELECTOR, selector))

    def texts(self, selector):
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent)", selector)

    def until(self, selector, text):
        try:
            self.wait.until(lambda d: text in self.texts(selector))
        except Exception:
            raise RuntimeError(f"{selector} says {self.texts(selector)!r}, not {text!r}") from None

    def too_wide(self):
        return self.driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def hover(self, x, y):
        """Moves to this place of the timeline's canvas, and says what is shown there."""
        canvas = self.one(".scroller canvas")
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
        box = canvas.rect
        ActionChains(self.driver, duration=0).move_to_element_with_offset(
            canvas, round(x - box["width"] / 2), round(y - box["height"] / 2)).perform()
        self.frame()
        return self.driver.execute_script(
            "const tip = document.querySelector('.tip'); return tip.hidden ? null : [...tip.children].map((each) => each.textContent)")

    def rows(self):
        """All lines of the list, read while it is scrolled from its top to its end."""
        self.driver.execute_script("document.querySelector('.entries').scrollTop = 0")
        found = {}
        while True:
            self.frame()
            found.update({int(place): cells for place, cells in self.driver.execute_script(ROWS)})
            at, last = self.driver.execute_script("""
                const box = document.querySelector('.entries');
                box.scrollTop += box.clientHeight - 50;
                return [box.scrollTop, box.scrollHeight - box.clientHeight];""")
            if at >= last - 1:
                self.frame()
                found.update({int(place): cells for place, cells in self.driver.execute_script(ROWS)})
                return [found.get(place) for place in range(1, max(found, default=0) + 1)]

    def errors(self):
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]


def steps(page, plan, expected):
    driver = page.driver

    def run():
        driver.get("file://" + plan["report"])
        page.one(".cases tbody tr")
        page.shot("run")
        return [page.texts("h1"), page.texts(".tile"), page.texts(".facts b")[:1], page.texts(".badge"), page.texts(".cases .name a"),
                page.texts("td.time")]

    def filters():
        page.one(".tile.skipped").click()
        only = page.texts(".cases .name a")
        page.one(".tile.failed").click()
        both = page.texts(".cases .name a")
        page.one(".tile.skipped").click()
        page.one(".tile.failed").click()
        page.one(".search").send_keys("FLASH")
        found = page.texts(".cases .name a")
        page.one(".search").send_keys(Keys.ESCAPE)
        page.wait.until(lambda d: len(page.texts(".cases .name a")) == 5)
        return [only, both, found]

    def a_case():
        page.one(".cases a[href='#case=1']").click()
        page.until("h1", "command [terminator=CRLF]")
        page.frame()
        page.shot("case")
        page.shot("case-lines", ".tools")
        return [page.texts(".attempts button"), page.texts(".steps .what"), page.texts(".step-why"), page.texts(".lane-label")]

    def first_attempt():
        page.one(".attempts button").click()
        page.until(".attempts [aria-pressed=true]", "Attempt 1: failed")
        return page.texts(".step-why")

    def lines():
        """As they are in the model, all of them."""
        found, wanted = page.rows(), expected["lines"]
        different = next((pair for pair in zip(found, wanted) if pair[0] != pair[1]), None)
        return [len(found) == len(wanted), different]

    def place(time):
        width = driver.execute_script("return document.querySelector('.scroller').clientWidth")
        return EDGE + (time - expected["begin"]) * (width - 2 * EDGE) / expected["length"]

    def under_the_pointer():
        """What the timeline says at the place where the model has it."""
        shown = []
        for what in ("failure", "step", "serial"):
            time, lane = expected[what]["time"], expected[what]["lane"]
            y = AXIS + STEPS / 2 if lane < 0 else AXIS + STEPS + lane * LANE + LANE / 2
            shown.append(page.hover(place(time), y))
            if what == "failure":
                page.shot("case-hover", False)
        shown.append(page.hover(place(expected["failure"]["time"]), AXIS / 2))
        return shown == expected["shown"] or shown

    def zoom():
        """With Ctrl and wheel, around the pointer: there it stays what it was, further on lies less."""
        time, lane = expected["failure"]["time"], expected["failure"]["lane"]
        x, y = place(time), AXIS + STEPS + lane * LANE + LANE / 2
        before = page.hover(x, y)
        box = page.one(".scroller canvas").rect
        top = driver.execute_script("return document.querySelector('.scroller canvas').getBoundingClientRect().top")
        for _ in range(4):
            driver.execute_cdp_cmd("Input.dispatchMouseEvent", {
                "type": "mouseWheel", "x": box["x"] + x, "y": top + y, "deltaX": 0, "deltaY": -100, "modifiers": 2})
        page.wait.until(lambda d: d.execute_script("return document.querySelector('.timeline-inner').offsetWidth") > box["width"] * 6)
        page.frame()
        after = page.hover(x, y)
        page.shot("case-zoomed", ".tools")
        page.one("[aria-label='Show all of it']").click()
        return [before == after, before[1], driver.execute_script("return document.querySelector('.scroller').scrollLeft")]

    def keys():
        """From line to line, without a pointer."""
        canvas = page.one(".scroller canvas")
        driver.execute_script("arguments[0].focus()", canvas)
        seen = []
        for key in (Keys.HOME, Keys.ARROW_RIGHT, Keys.END, Keys.ARROW_LEFT):
            canvas.send_keys(key)
            page.frame()
            seen.append([page.texts(".chosen-line")[0][:60], page.texts(".entry.chosen .entry-text")[0][:40]])
        return seen

    def lanes_and_search():
        chips = {chip.text: chip for chip in driver.find_elements(By.CSS_SELECTOR, ".chip")}
        chips["serial lamp"].click()
        counts = [page.texts("[role=status]")[0]]
        chips["serial lamp"].click()
        page.one(".filters .search").send_keys("TICK 1")
        counts.append(page.texts("[role=status]")[0])
        rows = [cells[2] for cells in page.rows()]
        page.one(".filters .search").send_keys(Keys.ESCAPE)
        return [sorted(chips), counts, rows[:2], page.texts("[role=status]")[0]]

    def hostile():
        """What a board has sent is text: it runs nothing, makes no element, and asks nobody."""
        asked = driver.execute_script("return performance.getEntriesByType('resource').length")
        driver.execute_script("""
            const script = document.createElement('script'); script.textContent = 'window.hacked = 3'; document.body.append(script); script.remove();
            const image = new Image(); image.src = 'https://127.0.0.1:9/x.png'; document.body.append(image); image.remove();""")
        page.frame()
        refused = [error for error in page.errors() if "Content Security Policy" not in error]
        return [driver.execute_script("return window.hacked ?? null"), len(driver.find_elements(By.CSS_SELECTOR, "img, iframe, object, embed, link")),
                asked,
                [row[2] for row in page.rows() if "script" in row[2]] == [expected["hostile"]], refused]

    def transcripts():
        return [link.get_attribute("href").split("/", 3)[-1].rsplit("/", 2)[-2:] for link in driver.find_elements(By.CSS_SELECTOR, ".transcripts a")]

    def back():
        driver.back()
        page.until("h1", "1 of 5 cases failed")
        page.one(".cases a[href='#case=3']").click()
        page.until("h1", "brown-out-mid-flash")
        said = page.texts(".note-line")
        page.shot("case-skipped")
        return [page.texts(".why"), said]

    def other_screens():
        wide = []
        for name, arguments in (("phone", {"phone": True}), ("phone-dark", {"phone": True, "dark": True}), ("dark", {"dark": True})):
            page.size(*((390, 844) if arguments.get("phone") else (1280, 860)), **arguments)
            for view, at in (("", "run"), ("#case=1", "case"), ("#case=4", "error")):
                driver.execute_script("location.hash = arguments[0]", view)
                page.wait.until(lambda d: bool(view) == bool(d.find_elements(By.CSS_SELECTOR, ".case")))
                page.frame()
                page.shot(f"{at}-{name}")
                if view:
                    page.shot(f"{at}-{name}-timeline", ".tools")
                    page.shot(f"{at}-{name}-lines", ".filters")
                wide.append(page.too_wide())
        page.size(1280, 860)
        return wide

    def many():
        """As many lines as a page holds: the list makes elements only of those in sight, wherever it stands."""
        driver.get("file://" + plan["large"] + "#case=0")
        page.until(".filters [role=status]", "20000 lines")
        page.shot("large", ".tools")
        box = page.one(".entries")
        driver.execute_script("arguments[0].focus()", box)
        box.send_keys(Keys.END)
        page.frame()
        return [page.texts(".entry.chosen .entry-text") == [expected["last"]], len(driver.find_elements(By.CSS_SELECTOR, ".entry")) < 80,
                page.texts(".note-line")]

    def console_errors():
        return page.errors()

    return [run, filters, a_case, first_attempt, lines, under_the_pointer, zoom, keys, lanes_and_search, hostile, transcripts, back,
            other_screens, many, console_errors]


def main():
    plan = json.loads(sys.argv[1])
    with open(plan["expected"], encoding="utf-8") as file:
        expected = json.load(file)
    page = Page(plan.get("shots"))
    try:
        for step in steps(page, plan, expected):
            try:
                print(json.dumps({"step": step.__name__, "result": step()}, ensure_ascii=False), flush=True)
            except Exception as error:
                page.shot(f"failed-{step.__name__}")
                print(page.errors(), file=sys.stderr)
                print(json.dumps({"step": step.__name__, "failed": f"{type(error).__name__}: {error}"[:500]}), flush=True)
                return 1
        return 0
    finally:
        page.driver.quit()


sys.exit(main())
