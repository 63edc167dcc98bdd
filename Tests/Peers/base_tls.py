"""Meets `iot base run` with a dashboard and a broker that speak TLS, with certificates made here.

usage: base_tls.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding: {"what": ..., "is": ...}. All units have addresses in 127.78.0.0/16.
"""

import base64
import datetime
import hashlib
import os
import ssl
import sys
import warnings

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fake_broker import FakeBroker
from fake_dashboard import FakeDashboard
from fake_unit import FakeUnit
from running_base import Base, authorizing, eventually, finding


class Identity:
    """A key and its certificate, as files: an authority, or what one has signed."""

    def __init__(self, directory, name, host=None, authority=None):
        self.key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(authority.certificate.subject if authority else subject)
            .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True))
        if host:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        self.certificate = builder.sign((authority or self).key, hashes.SHA256())
        self.files = [os.path.join(directory, f"{name}.{kind}") for kind in ("crt", "key")]
        pem = serialization.Encoding.PEM
        private = self.key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        for file, text in zip(self.files, (self.certificate.public_bytes(pem), private)):
            with open(file, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as handle:
                handle.write(text)

    @property
    def pin(self):
        spki = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return "sha256/" + base64.b64encode(hashlib.sha256(spki).digest()).decode()


def context(identity, clients=None, latest=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*identity.files)
    if clients:
        made.load_verify_locations(clients.files[0])
        made.verify_mode = ssl.CERT_REQUIRED
    if latest:
        warnings.simplefilter("ignore")  # That it is old is what it is for.
        made.minimum_version = ssl.TLSVersion.TLSv1
        made.maximum_version = latest
        made.set_ciphers("ALL:@SECLEVEL=0")
    return made


class Machine:
    """An authority that nobody knows, and what it has signed."""

    def __init__(self, directory):
        self.directory = directory
        self.authority = Identity(directory, "authority")
        self.stranger = Identity(directory, "stranger")
        self.server = Identity(directory, "server", "localhost", self.authority)
        self.elsewhere = Identity(directory, "elsewhere", "elsewhere.example", self.authority)
        self.client = Identity(directory, "client", authority=self.authority)
        self.trust = {"ca-file": self.authority.files[0]}

    def cases(self):
        """Name, the server's side, the base's side, whether they speak, and what is said where they do not."""
        right = self.trust | {"pins": [self.stranger.pin, self.server.pin]}
        ours = {"certificate": self.client.files[0], "key": self.client.files[1]}
        return [
            ("a further authority, the right pin among two", context(self.server), right, None),
            ("a client certificate that is asked for", context(self.server, self.authority), right | ours, None),
            ("an unknown authority", context(self.server), {}, "its certificate is of no authority that is trusted here"),
            ("another authority", context(self.server), {"ca-file": self.stranger.files[0]}, "its certificate is of no authority that is trusted here"),
            # The pin is right: it does not take the place of the name.
            ("the wrong host", context(self.elsewhere), self.trust | {"pins": [self.elsewhere.pin]}, ""),
            ("a pin of an unknown authority", context(self.server), {"pins": [self.server.pin]}, "its certificate is of no authority that is trusted here"),
            ("the wrong pin", context(self.server), self.trust | {"pins": [self.stranger.pin]}, self.server.pin),
            ("no client certificate", context(self.server, self.authority), right, ""),
            ("TLS 1.1", context(self.server, latest=ssl.TLSVersion.TLSv1_1), self.trust, ""),
        ]


def webhook(iot, directory):
    machine, number = Machine(directory), 0
    unit = FakeUnit("127.78.95.1", lambda connection, number: (connection.sendall(b"1\n"), connection.recv(1))).start()
    for name, side, trust, refusal in machine.cases():
        dashboard = FakeDashboard(authorizing, side)
        base = Base(iot, directory, dashboard, FakeBroker(), [unit.address], units={"period": "60s"},
                    webhook={"timeout": "2s"}, api={"tls": trust})
        if refusal is None:
            eventually(name, dashboard.puts)
            finding(name, "delivered")
        else:
            why = eventually(name, lambda: base.log("webhook.failing"))[0]
            finding(name, [len(dashboard.requests), refusal in why])
        base.process.kill()
        base.process.wait()


def broker(iot, directory):
    machine = Machine(directory)
    for name, side, trust, refusal in machine.cases():
        broker = FakeBroker(context=side)
        base = Base(iot, directory, FakeDashboard(authorizing), broker, pusher={"host": "localhost", "tls": trust or True})
        if refusal is None:
            broker.subscribed()
            eventually(name, lambda: base.log("requests.subscribed"))
            finding(name, "subscribed")
        else:
            why = eventually(name, lambda: base.log("broker.lost"))[0]
            finding(name, [broker.handshakes, refusal in why])
        base.process.kill()
        base.process.wait()


SCENARIOS = {scenario.__name__: scenario for scenario in [webhook, broker]}

if __name__ == "__main__":
    SCENARIOS[sys.argv[3]](sys.argv[1], sys.argv[2])
