"""Says which packages there are, and keeps what it is sent in its volume."""

import importlib.util
import json
import pathlib
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NOTE = pathlib.Path("/data/note")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        told = {
            "/prepared": pathlib.Path("prepared.txt").read_text(),
            "/packages": [name for name in ["markupsafe", "six", "iniconfig", "poetry"] if importlib.util.find_spec(name)],
            "/note": NOTE.read_text() if NOTE.exists() else None,
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told.get(self.path, "fine")).encode())

    def do_POST(self):
        NOTE.write_text("kept")
        self.do_GET()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("", 8000), Handler).serve_forever()
