"""Says which packages there are."""

import importlib.util
import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from markupsafe import escape


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        told = {
            "/escaped": escape("<b>"),
            "/packages": [name for name in ["hello", "markupsafe", "iniconfig", "uv"] if importlib.util.find_spec(name)],
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told.get(self.path, "fine")).encode())


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ThreadingHTTPServer(("", 8000), Handler).serve_forever()
