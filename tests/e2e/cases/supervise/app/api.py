"""Counts visits in the database and in the cache."""

import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def visits():
    sql = "insert into visits values (now()); select count(*) from visits"
    return [int(run("psql", "-qAt", os.environ["DATABASE_URL"], "-c", sql)), int(run("redis-cli", "incr", "visits"))]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        told = {"/env": lambda: dict(os.environ), "/words": lambda: sys.argv[1:], "/visits": visits}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told.get(self.path, lambda: "fine")()).encode())

    def log_message(self, *_):
        pass


def end(*_):
    print("api: ends", file=sys.stderr)
    os._exit(0)


signal.signal(signal.SIGTERM, end)
print("api: up", file=sys.stderr)
while os.environ["TROUBLE"] == "api":
    time.sleep(1)
ThreadingHTTPServer(("", 8000), Handler).serve_forever()
