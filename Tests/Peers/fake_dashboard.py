"""A dashboard's HTTP side made of plain sockets: keeps each request's bytes and answers by script."""

import socket
import threading
import time
import urllib.parse


class Request:
    def __init__(self, head, body, connection, at):
        lines = head.decode("latin-1").split("\r\n")
        self.line = lines[0]
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        self.body = body.decode("latin-1")
        self.connection = connection
        self.at = at

    @property
    def value(self):
        """The last part of the path, decoded."""
        return urllib.parse.unquote(self.line.split(" ")[1].rsplit("/", 1)[1])


class FakeDashboard:
    """`answer(request)` gives `(status, extra headers, body)`, None to cut the connection, or what writes to it itself."""

    def __init__(self, answer=None, context=None):
        self.context = context
        self.answer = answer or (lambda request: (200, [], "{}"))
        self.requests = []
        self.connections = 0
        self.lock = threading.Lock()
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(128)
        self.port = self.listener.getsockname()[1]
        self.url = f"http{'s' if context else ''}://{'localhost' if context else '127.0.0.1'}:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            connection, _ = self.listener.accept()
            with self.lock:
                self.connections += 1
                number = self.connections
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection, number):
        pending = b""
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            while True:
                while b"\r\n\r\n" not in pending:
                    data = connection.recv(65536)
                    if not data:
                        return
                    pending += data
                head, pending = pending.split(b"\r\n\r\n", 1)
                request = Request(head, b"", number, time.monotonic())
                length = int(request.headers.get("content-length", "0"))
                while len(pending) < length:
                    pending += connection.recv(65536)
                request.body, pending = pending[:length].decode("latin-1"), pending[length:]
                with self.lock:
                    self.requests.append(request)
                answer = self.answer(request)
                if answer is None:
                    return
                if callable(answer):
                    answer(connection)
                    return
                status, headers, body = answer
                lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
                connection.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        except OSError:
            pass
        finally:
            connection.close()

    def puts(self, unit=None):
        with self.lock:
            return [r for r in self.requests if r.line.startswith("PUT ") and (unit is None or f"/{unit}/" in r.line)]
