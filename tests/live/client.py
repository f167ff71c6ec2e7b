"""A client that sends requests as they are written, path and all, and tells what came back and when."""

import base64
import gzip
import json
import os
import socket
import ssl
import time


class Answer:
    """What came back."""

    def __init__(self, status, headers, body, first, echo=None):
        self.status, self.headers, self.body, self.first, self.echo = status, headers, body, first, echo
        self.packed = self.header("content-encoding") == "gzip"
        plain = gzip.decompress(body) if self.packed else body
        self.text = plain.decode("utf-8", "replace")
        try:
            self.said = json.loads(self.text) if self.text.startswith('{"service"') else {}
        except ValueError:
            self.said = {}

    def header(self, name):
        """All values of a header, joined; None if there is none."""
        values = [value for known, value in self.headers if known == name.lower()]
        return ", ".join(values) if values else None

    def told(self, name):
        """A header as the service saw it."""
        values = [value for known, value in self.said.get("headers", []) if known == name.lower()]
        return ", ".join(values) if values else None


def connect(port, secure, host, source):
    raw = socket.create_connection(("127.0.0.1", port), timeout=8, source_address=(source, 0) if source else None)
    if not secure:
        return raw
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(raw, server_hostname=host)


def ask(method, url, headers=(), body=None, chunked=False, source=None, upgrade=False, sni=None):
    """Sends one request and reads the whole answer."""
    scheme, rest = url.split("://", 1)
    authority, slash, path = rest.partition("/")
    name, _, port = authority.partition(":")
    secure = scheme == "https"
    lines = [f"{method} {slash}{path} HTTP/1.1"]
    if not any(known.lower() == "host" for known, _ in headers):
        lines.append(f"Host: {authority}")
    lines += [f"{known}: {value}" for known, value in headers]
    if upgrade:
        key = base64.b64encode(os.urandom(16)).decode()
        lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
    else:
        lines.append("Connection: close")
    payload = body or b""
    if chunked:
        lines.append("Transfer-Encoding: chunked")
        payload = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in pieces(payload)) + b"0\r\n\r\n"
    elif body is not None:
        lines.append(f"Content-Length: {len(body)}")
    start = time.monotonic()
    with connect(int(port or (443 if secure else 80)), secure, sni or name, source) as stream:
        try:
            stream.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + payload)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass  # An early refusal; the answer is there all the same.
        reader = stream.makefile("rb")
        return read(reader, stream, method, start, upgrade)


def pieces(body):
    """A body in parts of 8 KB."""
    return [body[at : at + 8192] for at in range(0, len(body), 8192)]


def read(reader, stream, method, start, upgrade):
    while True:
        head = reader.readline().decode("latin-1").split(" ")
        if len(head) < 2:
            raise ConnectionError("no answer")
        headers = []
        while line := reader.readline().decode("latin-1").rstrip("\r\n"):
            name, _, value = line.partition(":")
            headers.append((name.strip().lower(), value.strip()))
        status = int(head[1])
        if status == 101 or status >= 200:
            break
    if status == 101 and upgrade:
        return Answer(status, headers, b"", 0, echo(reader, stream))
    known = dict(headers)
    body, first = b"", None
    try:
        if method == "HEAD" or status in (204, 304):
            body = b""
        elif known.get("transfer-encoding") == "chunked":
            while size := int(reader.readline().split(b";")[0] or b"0", 16):
                body += reader.read(size)
                first = first or time.monotonic() - start
                reader.readline()
        elif "content-length" in known:
            body = reader.read(int(known["content-length"]))
        else:
            while part := reader.read1(65536):
                first = first or time.monotonic() - start
                body += part
    except (ConnectionResetError, TimeoutError, ssl.SSLError):
        pass
    return Answer(status, headers, body, first or time.monotonic() - start)


def echo(reader, stream):
    """Sends a short text through a WebSocket and gives back what comes."""
    data, mask = b"hello", b"\x01\x02\x03\x04"
    stream.sendall(bytes([0x81, 0x80 | len(data)]) + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)))
    _, length = reader.read(2)
    return reader.read(length).decode()
