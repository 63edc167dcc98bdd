"""Seals messages with PyNaCl, and as the PyPI package `pusher` sends them; prints firmware-spec/vectors/secretbox.json.

usage: secretbox_vectors.py
"""

import base64
import hashlib
import json

import nacl.secret
from pusher.crypto import encrypt

CASES = [
    ("nothing", "private-encrypted-requests", ""),
    ("a request", "private-encrypted-requests", '{"ip": "192.168.1.30", "payload": "#ff0000", "id": 7}'),
    ("text beyond ASCII", "private-encrypted-requests", "grüße €"),
    ("a block and a byte", "private-encrypted-a", "x" * 65),
    ("a thousand bytes", "private-encrypted-cache-b", "y" * 1000),
]


def vector(number, name, channel, message):
    master = hashlib.sha256(b"master %d" % number).digest()
    nonce = hashlib.sha256(b"nonce %d" % number).digest()[:24]
    key = hashlib.sha256(channel.encode() + master).digest()
    sealed = nacl.secret.SecretBox(key).encrypt(message.encode(), nonce).ciphertext
    data = encrypt(channel, message, master, nonce)
    assert base64.b64decode(data["ciphertext"]) == sealed and base64.b64decode(data["nonce"]) == nonce
    return {
        "id": "CH-008", "name": name, "means": "the event's data, base64 decoded", "source": "PyNaCl 1.6.2, pusher 3.3.4",
        "channel": channel, "master": master.hex(), "key": key.hex(), "nonce": nonce.hex(),
        "message": message, "ciphertext": sealed.hex(),
    }


print(json.dumps({
    "about": "Events of end-to-end encrypted channels, sealed by PyNaCl and by pusher alike: the key is "
             "SHA-256 of the channel's name and the master key, the ciphertext Poly1305's 16 bytes and XSalsa20's.",
    "vectors": [vector(number, *case) for number, case in enumerate(CASES)],
}, indent=1))
