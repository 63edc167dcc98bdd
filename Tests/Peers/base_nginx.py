"""Meets `iot base run` with nginx, over HTTP/2 and over plain HTTP/1.1.

usage: base_nginx.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding, as base.py does. All units have addresses in 127.78.0.0/16.
"""

import os
import re
import socket
import subprocess
import sys

from fake_broker import FakeBroker
from fake_unit import FakeUnit
from running_base import Base, eventually, finding, values

UNITS = 5


def certificate(directory):
    files = [os.path.join(directory, f"server.{kind}") for kind in ("crt", "key")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out", files[0], "-keyout", files[1]],
        check=True, capture_output=True)
    return files


class Nginx:
    """nginx as a dashboard that takes each measurement by itself."""

    def __init__(self, directory, scheme, listen, more):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"{scheme}://localhost:{port}"
        self.log, file = os.path.join(directory, "access.log"), os.path.join(directory, "nginx.conf")
        with open(file, "w") as handle:
            handle.write(f"""
                daemon off; master_process off; pid {directory}/nginx.pid; error_log {directory}/error.log;
                events {{ }}
                http {{
                    log_format short '$server_protocol $request_method $request_uri $connection $http_authorization';
                    access_log {self.log} short; client_body_temp_path {directory}/body;
                    server {{
                        listen 127.0.0.1:{port} {listen}; {more}
                        location / {{ return 200 "{{}}"; }}
                        location = /webhook/update-units {{ return 404; }}
                    }}
                }}""")
        self.process = subprocess.Popen(["nginx", "-e", f"{directory}/error.log", "-c", file], stdin=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def puts(self):
        """Protocol, unit, value, connection and token of each measurement."""
        if not os.path.exists(self.log):
            return []
        with open(self.log) as lines:
            return [match.groups() for line in lines if (match := re.match(
                r"(\S+) PUT /webhook/update-unit/(\S+)/(\d+) (\d+) (.*)\n", line))]


def deliver(iot, directory, dashboard, network, count, **api):
    """Says so many values by each unit; returns what has come, and the base."""
    def speak(connection, number):
        if number == 1:
            connection.sendall(values(*range(count)))
        connection.recv(1)

    units = [FakeUnit(f"{network}.{number}", speak).start() for number in range(1, UNITS + 1)]
    base = Base(
        iot, directory, dashboard, FakeBroker(), [unit.address for unit in units],
        units={"period": "60s", "rate": 1_000_000, "burst": 1_000_000}, api=api)
    eventually("all values", lambda: len(dashboard.puts()) >= count * UNITS)
    found = dashboard.puts()
    finding("protocols", sorted({put[0] for put in found}))
    finding("each unit's values came in order, once", all(
        [int(put[2]) for put in found if put[1] == unit.address] == list(range(count)) for unit in units))
    finding("tokens", sorted({put[4] for put in found}))
    return found, base


def http2(iot, directory):
    certificate_file, key = certificate(directory)
    files = f"ssl_certificate {certificate_file}; ssl_certificate_key {key};"
    with Nginx(directory, "https", "ssl http2", files) as dashboard:
        found, base = deliver(iot, directory, dashboard, "127.78.88", 20, tls={"ca-file": certificate_file})
        finding("connections", len({put[3] for put in found}))
        finding("exit code", base.stop())


def plain(iot, directory):
    """Each connection is ended after seven requests, and soon when nothing comes."""
    with Nginx(directory, "http", "", "keepalive_requests 7; keepalive_timeout 1s;") as dashboard:
        found, base = deliver(iot, directory, dashboard, "127.78.97", 210)
        used = [sum(put[3] == number for put in found) for number in {put[3] for put in found}]
        finding("the most requests over one connection", max(used))
        finding("most connections carry as many", used.count(7) > len(used) * 0.8)
        finding("failures told", len(base.log("webhook.failing")))
        finding("exit code", base.stop())


SCENARIOS = {"http2": http2, "plain": plain}

if __name__ == "__main__":
    SCENARIOS[sys.argv[3]](sys.argv[1], sys.argv[2])
