"""Drives `iot monitor` as its users do, over real terminals, and says what came of it.

usage: python monitor IOT DIRECTORY SCENARIO
Prints one line of JSON a finding: {"what": ..., "is": ...}. A wait that ends without its event is an error.
"""

import signal
import sys

from decoding import crash
from findings import SCENARIO
from keyboard import ends, keys
from output import files, piped, screen
from ports import lines, reconnect, virtual

# A run that takes too long ends what it has started.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
{function.__name__: function for function in [keys, ends, reconnect, piped, files, lines, screen, crash, virtual]}[
    SCENARIO]()
