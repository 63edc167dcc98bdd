"""The live pages in headless Chromium, in a network of their own.

usage: live_pages SCENARIO '{"iot": path of the command, "state": directory, "shots": directory}'
Prints one line of JSON a step: {"step": name, "result": value}. Ends with exit code 1 at the first step that fails.

Chromium gathers no way to itself where there is but loopback, so the script starts itself anew in a network namespace with an
interface that has an address, and the hub with it.
"""

import json
import sys

from attached import attached
from browsers import enter_network
from interface import interface
from pages import pages

enter_network()
scenario = {function.__name__: function for function in (pages, interface, attached)}[sys.argv[1]]
sys.exit(scenario(json.loads(sys.argv[2])))
