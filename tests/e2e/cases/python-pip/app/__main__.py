"""Tells what it was given."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        told = {"/env": dict(os.environ), "/words": sys.argv[1:], "/libpq": psycopg2.__libpq_version__ > 0}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told.get(self.path, "fine")).encode())


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("", 8000), Handler).serve_forever()
