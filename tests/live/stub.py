"""Services that stand in for those behind a web server: they say what they were asked, as JSON, and do what the path tells them.

The last steps of a path decide: `…/slow` answers after 3 s, `…/events` sends a server-sent event now and one after 2 s, `…/status/418`
has that status, `…/large` is 4 KB of text, `…/headers` sends headers that the edge may replace, `…/accel` some that speak to nginx, `…/lengthy` one of 20 KB, `…/moved` leads elsewhere, `…/upgrade` becomes a WebSocket that
echoes. All else is answered with what arrived: method, target as it stood in the request line, headers, length of the body.
"""

import asyncio
import base64
import hashlib
import json
import ssl

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


async def read_head(reader):
    """Request line and headers; None at the end of the connection."""
    line = (await reader.readline()).decode("latin-1").rstrip("\r\n")
    if not line:
        return None
    headers = []
    while True:
        text = (await reader.readline()).decode("latin-1").rstrip("\r\n")
        if not text:
            return line, headers
        name, _, value = text.partition(":")
        headers.append((name.strip().lower(), value.strip()))


async def read_body(reader, headers):
    """The length of the body, which is read and thrown away."""
    known = dict(headers)
    if known.get("transfer-encoding", "").lower() == "chunked":
        total = 0
        while size := int((await reader.readline()).split(b";")[0] or b"0", 16):
            await reader.readexactly(size + 2)
            total += size
        await reader.readline()
        return total
    length = int(known.get("content-length", 0))
    await reader.readexactly(length)
    return length


def answer(status, body, headers=()):
    """A whole answer as bytes."""
    head = [f"HTTP/1.1 {status} Stub", f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


async def websocket(reader, writer, headers):
    """Echoes short text frames until the client closes."""
    key = dict(headers).get("sec-websocket-key", "")
    accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
    writer.write(
        f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode()
    )
    while True:
        first, second = await reader.readexactly(2)
        mask = await reader.readexactly(4)
        data = bytes(byte ^ mask[at % 4] for at, byte in enumerate(await reader.readexactly(second & 0x7F)))
        writer.write(bytes([first, len(data)]) + data)
        await writer.drain()
        if first & 0x0F == 8:
            return


async def events(writer):
    """One event now, one later."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: first\n\n")
    await writer.drain()
    await asyncio.sleep(2)
    writer.write(b"data: second\n\n")
    await writer.drain()


def serve(name, writers):
    """A handler of connections that answers in that name, and lists the open ones in `writers`."""

    async def handle(reader, writer):
        writers.add(writer)
        try:
            while head := await read_head(reader):
                line, headers = head
                method, target, _ = line.split(" ")
                path = target.split("?")[0]
                known = dict(headers)
                if path.endswith("/upgrade") and known.get("upgrade", "").lower() == "websocket":
                    await websocket(reader, writer, headers)
                    return
                length = await read_body(reader, headers)
                if path.endswith("/events"):
                    await events(writer)
                    return
                if path.endswith("/slow"):
                    await asyncio.sleep(3)
                said = {"service": name, "method": method, "target": target, "headers": headers, "length": length}
                body = json.dumps(said).encode()
                status, extra = 200, [("Content-Type", "application/json")]
                if "/status/" in path:
                    status = int(path.rsplit("/", 1)[1])
                if path.endswith("/moved"):
                    status, extra = 302, [*extra, ("Location", "http://api:3000/there")]
                if path.endswith("/large"):
                    body, extra = b"text " * 1000, [("Content-Type", "text/css")]
                if path.endswith("/accel"):
                    extra += [("X-Accel-Redirect", "/"), ("X-Accel-Expires", "60")]
                if path.endswith("/lengthy"):
                    extra += [("X-Lengthy", "a" * 20000)]
                if path.endswith("/headers"):
                    extra += [("X-Frame-Options", "SAMEORIGIN"), ("X-Shop", "service"), ("Cache-Control", "private"), ("X-Own", "kept")]
                writer.write(answer(status, b"" if method == "HEAD" or status in (204, 304) else body, extra))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass
        finally:
            writers.discard(writer)
            writer.close()

    return handle


class Started:
    """A running service."""

    def __init__(self, server, writers):
        self.server, self.writers = server, writers

    def close(self):
        """Ends it with all its connections, as the end of a container does."""
        self.server.close()
        for writer in list(self.writers):
            writer.transport.abort()


async def start(name, port, host="127.0.0.1", certificate=None):
    """Starts one; `certificate` is a file with a certificate and its key."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    writers = set()
    handler = serve(name, writers)
    return Started(await asyncio.start_server(handler, host, port, ssl=context, limit=1 << 20, reuse_address=True), writers)
