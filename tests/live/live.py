"""Tries every system on both servers with the requests of `probes`, and compares what they answer.

A row that is not answered as it says is a failure, and so is any difference between the two servers in status, headers, text or in what the
service saw. Closes with `N passed, M failed`.
"""

import asyncio
import base64
import fcntl
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import authority
import client
import image
import stub
from names import Names
from scenes import BEFORE, SCENES
from systems import SYSTEMS

HERE = pathlib.Path(__file__).resolve().parent
REPO = HERE.parent.parent
# What each server says of itself, of the connection and of files; the rest must be the same.
OWN = {
    "accept-ranges", "allow", "alt-svc", "connection", "content-length", "date", "etag", "keep-alive", "last-modified", "sec-websocket-accept", "server", "transfer-encoding",
    "vary", "via", "www-authenticate",
}
# Of requests as services see them: what is said of the connection.
OWN_TOLD = {"connection", "content-length", "expect", "sec-websocket-key", "te", "transfer-encoding", "user-agent", "accept-encoding"}
# The type of JavaScript has two names; nginx's list has the older one.
SAME_TYPE = {"application/javascript; charset=utf-8": "text/javascript; charset=utf-8"}


# Where names are asked for under Docker, and on Fly.
DOCKERS, FLYS = "127.0.0.11", "fdaa::3"


def rows(wanted):
    """The rows of the table: system, server or none, request, expectations, and the line."""
    for number, text in enumerate((HERE / "probes").read_text("utf-8").splitlines(), 1):
        if not text.strip() or text.startswith("#"):
            continue
        system, request, expected = (part.strip() for part in text.split(" | ", 2))
        system, _, server = system.partition("@")
        if not wanted or system in wanted:
            yield system, server or None, shlex.split(request), shlex.split(expected), f"probes:{number}"


def asked(words):
    """Sends the request of a row."""
    method, url, *options = words
    said = {"headers": [], "body": None}
    for option in options:
        key, _, value = option.partition("=")
        match key:
            case "body" | "chunked":
                said["body"], said["chunked"] = b"a" * int(value), key == "chunked"
            case "from":
                said["source"] = value
            case "user":
                said["headers"].append(("Authorization", "Basic " + base64.b64encode(value.encode()).decode()))
            case "upgrade":
                said["upgrade"] = True
            case "long":
                said["headers"].append(("X-Long", "a" * int(value)))
            case "times":
                for _ in range(int(value) - 1):
                    client.ask(method, url, said["headers"])
            case "sni":
                said["sni"] = value
            case _:
                name, _, value = option.partition(":")
                said["headers"].append((name, value))
    return client.ask(method, url, **said)


def missed(answer, expected):
    """What of a row's expectations does not hold."""
    for word in expected:
        if re.fullmatch(r"\d{3}", word):
            found, wanted = str(answer.status), word
        elif word.startswith("!"):
            found, wanted = answer.header(word[1:]), None
        elif word.startswith("up!"):
            found, wanted = answer.told(word[3:]), None
        elif word.startswith("up:"):
            name, _, wanted = word[3:].partition("=")
            found = answer.told(name)
        elif word.startswith("first<"):
            found, wanted = f"{answer.first:.1f}", f"{min(answer.first, float(word[6:])):.1f}"
        elif word == "packed":
            found, wanted = str(answer.packed), "True"
        elif word.startswith("body~"):
            found, wanted = answer.text, answer.text if word[5:] in answer.text else f"…{word[5:]}…"
        elif word.startswith(("service=", "target=", "method=", "length=", "body=", "echo=")):
            key, _, wanted = word.partition("=")
            found = {"body": answer.text, "echo": answer.echo}.get(key, str(answer.said.get(key)))
        else:
            name, _, wanted = word.partition(":")
            found = answer.header(name)
        if found != wanted:
            yield f"{word}: found {found!r}"


def view(answer):
    """All of an answer that must be the same on both servers."""
    headers = sorted((name, SAME_TYPE.get(value, value)) for name, value in answer.headers if name not in OWN)
    good = answer.status < 300 or answer.said
    if not good:
        headers = [(name, value) for name, value in headers if name != "content-type"]
    told = sorted((name, value) for name, value in answer.said.get("headers", []) if name not in OWN_TOLD)
    said = {key: value for key, value in answer.said.items() if key != "headers"}
    text = answer.text if good and not answer.said and answer.status < 300 else ""
    return {"status": answer.status, "headers": headers, "said": said, "told": told, "text": text, "packed": answer.packed}


class Machine:
    """Names, services and certificates that the systems share."""

    def __init__(self, scratch):
        self.scratch, self.known, self.started = scratch, {}, {}
        for address in (DOCKERS, FLYS):
            Names(address, self.known).start()
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.authority()

    def authority(self):
        """An authority that this machine trusts, and a certificate for whoever stands in for the outside world."""
        folder = self.scratch / "authority"
        folder.mkdir()
        run = lambda *words: subprocess.run(words, check=True, capture_output=True, cwd=folder)
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        run("openssl", "req", "-x509", *key, "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
        run("openssl", "req", *key, "-subj", "/CN=partner.example.net", "-keyout", "key.pem", "-out", "request.pem")
        (folder / "names").write_text("subjectAltName=DNS:partner.example.net,DNS:authority.example.net")
        run("openssl", "x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "cert.pem")
        self.certificate = folder / "both.pem"
        self.certificate.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
        bundle = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
        bundle.parent.mkdir(parents=True, exist_ok=True)
        before = bundle.read_text() if bundle.exists() else ""
        bundle.write_text(before + (folder / "ca.pem").read_text())

    def service(self, url, address=None):
        """Starts what answers at a URL, once; `address` moves it."""
        scheme, rest = url.split("://")
        host, _, port = rest.partition(":")
        port = int(port or (443 if scheme == "https" else 80))
        key = (host, port, address)
        if key in self.started:
            return
        if re.fullmatch(r"[\d.]+", host):
            address = host
        else:
            address = address or self.known.get(host) or f"127.0.1.{len(self.started) + 1}"
            self.known[host] = address
        certificate = self.certificate if scheme == "https" else None
        started = asyncio.run_coroutine_threadsafe(stub.start(host.split(".")[0], port, address, certificate), self.loop)
        self.started[key] = started.result(5)

    def stop_service(self, host, port):
        """Ends one, and forgets its name."""
        for key in [key for key in self.started if key[:2] == (host, port)]:
            server = self.started.pop(key)
            self.loop.call_soon_threadsafe(server.close)
        self.known.pop(host, None)

    def stop(self):
        """Ends all services, and forgets their names."""
        for server in self.started.values():
            self.loop.call_soon_threadsafe(server.close)
        self.started = {}
        self.known.clear()


def prepare(machine, name, told, server):
    """Builds a system for a server, and lays its image out; gives back how to start it."""
    folder = machine.scratch / f"{name}-{server}"
    spec = REPO / "specs" / told["spec"]
    native = "caddy" if "serve: caddy" in (spec / "stack.yaml").read_text() else "nginx"
    image.build(spec, told.get("always", []) + (told.get("swap", []) if server != native else []), folder)
    service = told.get("service") or edge_of(folder)
    outputs, env = image.runs(folder, told["environment"], service, told.get("variables", {}))
    if told.get("contained"):
        root = image.root_of_its_own(pathlib.Path("/mnt") / name)
        own, command = image.install(folder, outputs, root)
        serve(machine, env, told)
        return own | env, command, root
    own, command = image.install(folder, outputs)
    (pathlib.Path("/run/secrets")).mkdir(parents=True, exist_ok=True)
    pathlib.Path("/run/secrets/STAFF").write_text(PASSWORDS)
    pathlib.Path("/etc/nginx/certs").mkdir(parents=True, exist_ok=True)
    certify("/etc/nginx/certs/server.crt", "/etc/nginx/certs/server.key", "files")
    serve(machine, env, told)
    if "partner.example.net" in (folder / "stack.yaml").read_text():
        machine.service("https://partner.example.net")
    return own | env, command, None


def serve(machine, env, told):
    """Starts the services that a web server leads to, but for those that come late or are its own container's."""
    for variable, value in env.items():
        if variable.endswith("_UPSTREAM") and variable not in told.get("late", []):
            machine.service(value)


def edge_of(folder):
    text = (folder / "stack.yaml").read_text()
    found = re.search(r"^  edge: (\w+)$", text, re.M)
    if found:
        return found[1]
    serving = re.findall(r"^  (\w+):\n(?:    .*\n)*?    serve:", text, re.M)
    return serving[0] if serving else "edge"


def certify(cert, key, name):
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1".split()
    subprocess.run([*make, "-subj", f"/CN={name}", "-keyout", key, "-out", cert], check=True, capture_output=True)


# `ann` with the password `s3cret`, and a comment.
PASSWORDS = "# staff\nann:" + "HASH" + "\n"


def start(server, env, command, root):
    if root:
        process = image.start_container(root, env, command)
    else:
        process = image.start_nginx(env) if server == "nginx" else image.start_caddy(env, command)
    deadline = time.monotonic() + 10
    ports = listened(server, root or pathlib.Path("/"))
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if all(open_port(port) for port in ports):
            return process
        time.sleep(0.05)
    own = "/tmp/caddy.log" if server == "caddy" else "/var/log/nginx/error.log"
    log = pathlib.Path("/tmp/container.log" if root else own)
    raise SystemExit(f"{server} does not start:\n{log.read_text()[-2000:] if log.exists() else ''}")


def listened(server, root):
    if server == "nginx":
        text = pathlib.Path("/etc/nginx/conf.d/default.conf").read_text()
        return {int(port) for port in re.findall(r"listen (\d+)", text)}
    text = "".join(path.read_text() for path in (root / "etc/caddy").glob("*"))
    return {int(port) for port in re.findall(r"^https?://\S*?:(\d+) \{$", text, re.M)}


def open_port(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def end(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def loopback_up():
    """A new network's loopback is down at first, and has no address of Fly's."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14s", b"lo", 0x1 | 0x40, b""))
    with socket.socket(socket.AF_INET6) as any_socket:
        address = socket.inet_pton(socket.AF_INET6, FLYS)
        fcntl.ioctl(any_socket, 0x8916, struct.pack("16sIi", address, 128, socket.if_nametoindex("lo")))


class Report:
    """Counts, and says what failed."""

    passed = failed = 0

    def say(self, what, faults):
        faults = list(faults)
        if faults:
            self.failed += 1
            print(f"FAIL {what}", *(f"  {fault}" for fault in faults), sep="\n", flush=True)
        else:
            self.passed += 1


def tried(machine, name, server, table, report):
    """All rows of a system on one server: the view of each answer."""
    told = SYSTEMS[name]
    env, command, root = prepare(machine, name, told, server)
    processes = [authority.start(machine, told["certified"])] if "certified" in told else []
    processes.append(start(server, env, command, root))
    views = {}
    try:
        for scene in BEFORE.get(name, []):
            scene(machine, server, report)
        for system, only, request, expected, line in table:
            if only not in (None, server):
                continue
            try:
                answer = asked(request)
            except OSError as error:
                report.say(f"{name} on {server}, {line}: {' '.join(request)}", [repr(error)])
                continue
            report.say(f"{name} on {server}, {line}: {' '.join(request)}", missed(answer, expected))
            if only is None:
                views[line] = (request, view(answer))
        for scene in SCENES.get(name, []):
            scene(machine, server, report)
    finally:
        for process in reversed(processes):
            end(process)
        machine.stop()
    return views


def compared(name, both, report):
    nginx, caddy = both["nginx"], both["caddy"]
    for line in nginx.keys() & caddy.keys():
        (request, one), (_, other) = nginx[line], caddy[line]
        faults = [f"{key}: nginx {one[key]!r}, Caddy {other[key]!r}" for key in one if one[key] != other[key]]
        report.say(f"{name}: the servers differ, {line}: {' '.join(request)}", faults)


def main(wanted):
    global PASSWORDS
    loopback_up()
    started = time.monotonic()
    image.overlay(pathlib.Path("/mnt"))
    pathlib.Path("/etc/resolv.conf").write_text("nameserver 127.0.0.11\n")
    work = pathlib.Path("/tmp/live")
    work.mkdir()
    hash_ = subprocess.run(["caddy", "hash-password", "--plaintext", "s3cret"], capture_output=True, text=True, check=True).stdout.strip()
    PASSWORDS = PASSWORDS.replace("HASH", "$2y$" + hash_[4:])
    machine, report = Machine(work), Report()
    table = list(rows(wanted))
    for name in SYSTEMS:
        of_system = [row for row in table if row[0] == name]
        if not of_system:
            continue
        servers = SYSTEMS[name].get("servers", ("nginx", "caddy"))
        views = {server: tried(machine, name, server, of_system, report) for server in servers}
        if len(views) == 2:
            compared(name, views, report)
        for folder in ["/etc/nginx", "/etc/caddy", "/docker-entrypoint.d", "/srv", "/tmp/passwords", "/etc/letsencrypt"]:
            subprocess.run(f"rm -rf {folder}/*", shell=True, check=False)
    print(f"{len(table)} rows, {time.monotonic() - started:.0f} s")
    print(f"{report.passed} passed, {report.failed} failed")
    os._exit(1 if report.failed else 0)


main(sys.argv[1:])
