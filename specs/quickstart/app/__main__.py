"""Notes over HTTP: GET / lists them, POST / adds one."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg


def notes(add=None):
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        db.execute("create table if not exists note (id serial primary key, text text not null)")
        if add is not None:
            db.execute("insert into note (text) values (%s)", [add])
        return [text for (text,) in db.execute("select text from note order by id")]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer("ok\n" if self.path == "/health" else "".join(f"{note}\n" for note in notes()))

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.answer(f"{len(notes(add=text))} notes, see {os.environ['PUBLIC_URL']}\n")

    def answer(self, text):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
