"""Keeps what it is sent in its volume."""

import json
import os
import pathlib
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NOTE = pathlib.Path("/data/note")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        told = {
            "/words": sys.argv[1:],
            "/home": os.environ["HOME"],
            "/note": NOTE.read_text() if NOTE.exists() else None,
            "/owner": [pathlib.Path("/data").stat().st_uid, os.access("/app", os.W_OK)],
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told.get(self.path, "fine")).encode())

    def do_POST(self):
        NOTE.write_text("kept")
        self.do_GET()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("", 8000), Handler).serve_forever()
