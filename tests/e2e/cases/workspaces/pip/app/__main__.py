"""Tells what the packages of both requirements files say."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from markupsafe import escape


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps([escape("<b>")]).encode())


ThreadingHTTPServer(("", 8000), Handler).serve_forever()
