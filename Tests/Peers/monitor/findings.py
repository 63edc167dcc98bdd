"""What every scenario shares: its arguments, its findings, its patience."""

import json
import os
import sys
import time

IOT, DIRECTORY, SCENARIO = sys.argv[1:]
LIMIT = 20


def finding(what, value):
    print(json.dumps({"what": what, "is": value}), flush=True)


def path(name):
    return os.path.join(DIRECTORY, name)


def wait_for(what, condition):
    deadline = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"never came about: {what}")
        time.sleep(0.01)
