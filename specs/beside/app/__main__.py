"""Answers each request with what it was: method, target and headers."""

import argparse
import http.server
import json


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Answers, as a service that only shows what it was asked."""
        headers = [[name.lower(), value] for name, value in self.headers.items()]
        said = {"service": "board", "method": self.command, "target": self.path, "headers": headers, "length": 0}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


options = argparse.ArgumentParser()
options.add_argument("--port", type=int, required=True)
options.add_argument("--agents", required=True)
http.server.ThreadingHTTPServer(("127.0.0.1", options.parse_args().port), Handler).serve_forever()
