"""A Pusher server made of plain sockets (RFC 6455 by hand), for one client at a time."""

import base64
import hashlib
import json
import queue
import socket
import ssl
import struct
import threading

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Client:
    """A connection after its handshake."""

    def __init__(self, connection, target):
        self.connection = connection
        self.target = target
        self.frames = queue.Queue()
        self.answers_pings = True
        self.write_lock = threading.Lock()

    def send_frame(self, opcode, payload, final=True):
        length = len(payload)
        head = bytes([(0x80 if final else 0) | opcode])
        if length < 126:
            head += bytes([length])
        elif length < 65536:
            head += struct.pack("!BH", 126, length)
        else:
            head += struct.pack("!BQ", 127, length)
        with self.write_lock:
            self.connection.sendall(head + payload)

    def send(self, event, data=None, channel=None):
        message = {"event": event}
        if data is not None:
            message["data"] = data if isinstance(data, str) else json.dumps(data)
        if channel:
            message["channel"] = channel
        self.send_frame(1, json.dumps(message).encode())

    def close(self, code):
        self.send_frame(8, struct.pack("!H", code) + b"bye")

    def cut(self):
        self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def expect(self, event, seconds=10):
        """The data of the next frame with this event."""
        while True:
            frame = self.frames.get(timeout=seconds)
            if frame is None:
                raise ConnectionError(f"closed while waiting for {event}")
            if frame.get("event") == event:
                return frame.get("data")


class FakeBroker:
    def __init__(self, activity_timeout=120, certificate=None, port=0, context=None):
        self.activity_timeout = activity_timeout
        self.clients = queue.Queue()
        self.handshakes = 0
        self.tls_failures = queue.Queue()
        self.context = context
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(16)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return  # Gone away.
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                data = connection.recv(4096)
                if not data:
                    raise ConnectionError("no request")
                head += data
        except (ssl.SSLError, OSError) as error:
            self.tls_failures.put(str(error))
            return
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:] if ": " in line)}
        accept = base64.b64encode(hashlib.sha1((headers["sec-websocket-key"] + GUID).encode()).digest()).decode()
        connection.sendall(
            f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
            .encode())
        self.handshakes += 1
        client = Client(connection, lines[0])
        client.send("pusher:connection_established", {"socket_id": f"{self.handshakes}.7", "activity_timeout": self.activity_timeout})
        self.clients.put(client)
        self._read(client)

    def _read(self, client):
        try:
            while True:
                first, second = self._exactly(client, 2)
                length = second & 0x7F
                if length == 126:
                    length = struct.unpack("!H", self._exactly(client, 2))[0]
                elif length == 127:
                    length = struct.unpack("!Q", self._exactly(client, 8))[0]
                assert second & 0x80, "a client's frames are masked"
                mask = self._exactly(client, 4)
                payload = bytes(byte ^ mask[index % 4] for index, byte in enumerate(self._exactly(client, length)))
                if first & 0x0F == 8:
                    break
                if first & 0x0F == 1:
                    frame = json.loads(payload)
                    if frame["event"] == "pusher:ping" and client.answers_pings:
                        client.send("pusher:pong", {})
                    client.frames.put(frame)
        except (OSError, ConnectionError):
            pass
        client.frames.put(None)

    @staticmethod
    def _exactly(client, count):
        data = b""
        while len(data) < count:
            piece = client.connection.recv(count - len(data))
            if not piece:
                raise ConnectionError("closed")
            data += piece
        return data

    def go_away(self):
        """Takes no more connections; those that are there stay."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def subscribed(self, seconds=15):
        """The next client, once it has subscribed to the requests and was told so; with the data of its subscription."""
        client = self.clients.get(timeout=seconds)
        data = client.expect("pusher:subscribe", seconds)
        client.send("pusher_internal:subscription_succeeded", {}, data["channel"])
        return client, data
