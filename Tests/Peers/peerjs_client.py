"""Watches a unit with somebody else's PeerJS client, the PyPI package peerjs-py.

usage: peerjs_client.py HOST PORT UNIT TICKET
Prints the first twenty samples that come over the data channel as JSON lists [sequence, time, value], one a line.
"""

import asyncio
import json
import struct
import sys

from peerjs_py import Peer

PATIENCE = 30


class TicketPeer(Peer):
    """The package shows itself instead of its token (0.1.1), so that it must say what the token is."""

    def __str__(self):
        return self._options["token"]


async def watch(host, port, unit, ticket):
    peer = TicketPeer("peerjs-py-1", {"host": host, "port": port, "path": "/signalling/", "secure": False, "token": ticket})
    opened, samples = asyncio.Event(), asyncio.Queue()
    peer.on("open", lambda id: opened.set())
    await peer.start()
    await asyncio.wait_for(opened.wait(), PATIENCE)
    connection = await peer.connect(f"unit-{unit}", {"label": "live", "serialization": "raw", "reliable": False})
    connection.on("data", samples.put_nowait)
    connection.on("open", lambda: None)
    for _ in range(20):
        # The package has two handlers for a message (0.1.1), and hands on each twice.
        sample, again = [await asyncio.wait_for(samples.get(), PATIENCE) for _ in range(2)]
        if sample != again:
            raise RuntimeError(f"a message came an odd number of times: {sample.hex()}, {again.hex()}")
        print(json.dumps(struct.unpack("<Idd", sample)), flush=True)


asyncio.run(watch(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]))
