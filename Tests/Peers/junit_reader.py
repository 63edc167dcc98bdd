"""Reads JUnit XML with Python's own parser (expat), checks it, and prints what it holds.

usage: junit_reader.py FILE
One line an element: its name, its attributes, and its text where it has some. Ends with exit code 1 where an element or an
attribute has no place in what servers read, or a sum is not that of the cases.
"""

import json
import sys
import xml.etree.ElementTree as tree

RESULTS = {"error", "failure", "flakyError", "flakyFailure", "rerunError", "rerunFailure"}
SUMS = {"name", "tests", "failures", "errors", "skipped", "time"}
# What may stand in an element: those that may come in it, the attributes it must have, and those it may have.
SHAPES = {
    "testsuites": ({"testsuite"}, SUMS, set()),
    "testsuite": ({"testcase"}, SUMS, {"timestamp"}),
    "testcase": ({"properties", "skipped", "system-out"} | RESULTS, {"name", "classname"}, {"time"}),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, set()),
    "skipped": (set(), {"message"}, set()),
    "system-out": (set(), set(), set()),
    **{name: (set(), {"message", "type"}, set()) for name in RESULTS},
}
TEXT = RESULTS | {"system-out"}


def fail(reason):
    sys.exit(f"junit_reader.py: {reason}")


def check(element):
    children, needed, allowed = SHAPES.get(element.tag) or fail(f"nobody reads <{element.tag}>")
    given = set(element.attrib)
    if not needed <= given or not given <= needed | allowed:
        fail(f"<{element.tag}> has {sorted(given)}")
    if element.tag not in TEXT and (element.text or "").strip():
        fail(f"<{element.tag}> has text")
    if element.tag != "properties":
        attributes = json.dumps(dict(sorted(element.attrib.items())))
        text = " " + json.dumps(element.text) if element.tag in TEXT and element.text else ""
        print(f"{element.tag} {attributes}{text}")
    for child in element:
        if child.tag not in children:
            fail(f"<{child.tag}> stands in <{element.tag}>")
        check(child)


def count(element):
    """The sums of an element must be those of the cases in it."""
    cases = list(element.iter("testcase"))
    for case in cases:
        found = [child.tag for child in case]
        if len({"failure", "error", "skipped"} & set(found)) > 1 or found.count("failure") + found.count("error") > 1:
            fail(f"{case.get('name')} has two outcomes")
    sums = {"tests": len(cases)}
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        sums[name] = sum(case.find(tag) is not None for case in cases)
    for name, value in sums.items():
        if int(element.get(name)) != value:
            fail(f"<{element.tag}> says {name}={element.get(name)}, and there are {value}")
    float(element.get("time"))
    return len(cases)


root = tree.parse(sys.argv[1]).getroot()
if root.tag != "testsuites":
    fail(f"it begins with <{root.tag}>")
check(root)
for suite in root.iter("testsuite"):
    count(suite)
print(f"{count(root)} cases, counts agree")
