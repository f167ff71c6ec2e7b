"""Tells what a package of the same workspace says, and what lies in a file with an odd name."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import core


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(["core", core.told(), Path("odd/it's \"quoted\" $x.txt").read_text()]).encode())


ThreadingHTTPServer(("", 8000), Handler).serve_forever()
