"""A real etcd of a test's own, and a way to it that can be cut."""

import base64
import ctypes
import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request


def end_with_parent():
    """PR_SET_PDEATHSIG (prctl(2)): a test that fails leaves no etcd behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Etcd:
    """One member on free ports, its data in a directory of its own."""

    def __init__(self, directory):
        self.directory = os.path.join(directory, "etcd")
        self.port, self.peer_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        peer = f"http://127.0.0.1:{self.peer_port}"
        self.process = subprocess.Popen(
            ["etcd", "--data-dir", self.directory, "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
             "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=end_with_parent)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                self.keys("/")
                return
            except (OSError, urllib.error.URLError):
                time.sleep(0.05)
        raise TimeoutError("etcd has not answered within 30 s")

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def keys(self, prefix):
        """What stands below the prefix: key -> (value, create revision)."""
        def code(text):
            return base64.b64encode(text.encode()).decode()

        body = json.dumps({"key": code(prefix), "range_end": code(prefix[:-1] + "0")}).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + "/v3/kv/range", body), timeout=5) as answer:
            pairs = json.load(answer).get("kvs", [])
        return {
            base64.b64decode(pair["key"]).decode(): (
                base64.b64decode(pair.get("value", "")).decode(), int(pair["create_revision"]))
            for pair in pairs}


class CuttableWay:
    """A TCP proxy. While it is cut it takes connections and bytes, and nothing comes back."""

    def __init__(self, port):
        self.target = port
        self.is_cut = False
        self.connections = []
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            near, _ = self.listener.accept()
            self.connections.append(near)
            if self.is_cut:
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            self.connections.append(far)
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source, sink):
        try:
            while data := source.recv(65536):
                if not self.is_cut:
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def cut(self):
        self.is_cut = True

    def heal(self):
        self.is_cut = False
        for connection in self.connections:
            connection.close()
        self.connections = []


if __name__ == "__main__":
    # For tests that are no scripts: says where etcd is, and ends with its stdin.
    import sys

    print(Etcd(sys.argv[1]).url, flush=True)
    sys.stdin.read()
