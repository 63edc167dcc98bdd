"""Drives `iot monitor` as its users do, over real terminals, and says what came of it.

usage: python monitor IOT DIRECTORY SCENARIO
Prints one line of JSON a finding: {"what": ..., "is": ...}. A wait that ends without its event is an error.
"""

import signal
import sys

from decoding import crash
from findings import SCENARIO
from jobs import jobs, signals
from keyboard import ends, keys
from network import network
from output import files, piped, screen
from ports import lines, reconnect, virtual

# A run that takes too long ends what it has started.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
scenarios = [keys, ends, signals, jobs, reconnect, network, piped, files, lines, screen, crash, virtual]
{function.__name__: function for function in scenarios}[SCENARIO]()
