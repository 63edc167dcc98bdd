"""Meets `iot base run` with a server that speaks HTTP/2: nginx.

usage: base_http2.py IOT DIRECTORY SCENARIO
Prints one line of JSON a finding, as base.py does. All units have addresses in 127.78.0.0/16.
"""

import os
import re
import socket
import subprocess
import sys

from base import Base, eventually, finding, values
from fake_broker import FakeBroker
from fake_unit import FakeUnit

UNITS = 5


def certificate(directory):
    files = [os.path.join(directory, f"server.{kind}") for kind in ("crt", "key")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out", files[0], "-keyout", files[1]],
        check=True, capture_output=True)
    return files


def nginx(directory, files):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log, file = os.path.join(directory, "access.log"), os.path.join(directory, "nginx.conf")
    with open(file, "w") as handle:
        handle.write(f"""
            daemon off; master_process off; pid {directory}/nginx.pid; error_log {directory}/error.log;
            events {{ }}
            http {{
                log_format short '$server_protocol $request_method $request_uri $connection';
                access_log {log} short; client_body_temp_path {directory}/body;
                server {{
                    listen 127.0.0.1:{port} ssl http2; ssl_certificate {files[0]}; ssl_certificate_key {files[1]};
                    location / {{ return 200 "{{}}"; }}
                    location = /webhook/update-units {{ return 404; }}
                }}
            }}""")
    process = subprocess.Popen(["nginx", "-e", f"{directory}/error.log", "-c", file], stdin=subprocess.DEVNULL)
    return process, port, log


def http2(iot, directory):
    files = certificate(directory)
    server, port, log = nginx(directory, files)

    def speak(connection, number):
        if number == 1:
            connection.sendall(values(*range(20)))
        connection.recv(1)

    units = [FakeUnit(f"127.78.88.{number}", speak).start() for number in range(1, UNITS + 1)]

    class Dashboard:
        url = f"https://localhost:{port}"

    def puts():
        with open(log) as lines:
            return [match for line in lines if (match := re.match(r"(\S+) PUT /webhook/update-unit/(\S+)/(\d+) (\d+)", line))]

    try:
        base = Base(
            iot, directory, Dashboard, FakeBroker(), [unit.address for unit in units],
            units={"period": "60s"}, api={"tls": {"ca-file": files[0]}})
        eventually("all values", lambda: os.path.exists(log) and len(puts()) >= 20 * UNITS)
        found = puts()
        finding("protocols", sorted({put[1] for put in found}))
        finding("connections", len({put[4] for put in found}))
        finding("each unit's values came in order, once", all(
            [int(put[3]) for put in found if put[2] == unit.address] == list(range(20)) for unit in units))
        finding("exit code", base.stop())
    finally:
        server.terminate()
        server.wait(20)


SCENARIOS = {"http2": http2}

if __name__ == "__main__":
    SCENARIOS[sys.argv[3]](sys.argv[1], sys.argv[2])
