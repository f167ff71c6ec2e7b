"""What happens while a server runs: services that come late and move, certificates that come and change."""

import pathlib
import ssl
import subprocess
import time

import client

# Names are looked up again within this time, and a new certificate is served.
SOON = 12
CERTIFICATE_SOON = 10


def within(seconds, look):
    """Waits until `look` finds no fault; gives back the last one that it found."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fault = look()
        except OSError as error:
            fault = repr(error)
        if not fault or time.monotonic() > deadline:
            return [fault] if fault else []
        time.sleep(0.3)


def answers(url, status, service=None):
    """Looks for that status at a URL, from that service."""

    def look():
        answer = client.ask("GET", url)
        if answer.status != status or service and answer.said.get("service") != service:
            return f"{url}: {answer.status} {answer.said.get('service')}"
        return None

    return look


def moving_service(machine, server, report):
    """`chat` is not there at first, comes, and comes back with another address."""
    url = "http://localhost/chat/a"
    report.say(f"relay on {server}: no service, 502", within(0, answers(url, 502)))
    machine.service("http://chat:4000")
    report.say(f"relay on {server}: the service comes, 200", within(SOON, answers(url, 200, "chat")))
    machine.stop_service("chat", 4000)
    report.say(f"relay on {server}: the service goes, 502", within(SOON, answers(url, 502)))
    machine.service("http://chat:4000", "127.0.3.77")
    report.say(f"relay on {server}: it comes back elsewhere, 200", within(SOON, answers(url, 200, "chat")))


def subject():
    """The name on the certificate that is served."""
    pem = ssl.get_server_certificate(("127.0.0.1", 443))
    said = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=pem, capture_output=True, text=True, check=True)
    return said.stdout.strip().rpartition("CN = ")[2].rpartition("CN=")[2]


def serves(name):
    """Looks for that name on the certificate."""

    def look():
        found = subject()
        return None if found == name else f"serves {found}"

    return look


def first_certificate(_, server, report):
    """nginx runs before there is a certificate, lets the authority ask, and serves what certbot gets."""
    if server != "nginx":
        return
    report.say("tutor on nginx: a stand-in at first", within(0, serves("stand-in")))
    token = pathlib.Path("/var/www/certbot/.well-known/acme-challenge/token")
    token.parent.mkdir(parents=True)
    token.write_text("proof")
    for host in ["tutor.example.com", "www.tutor.example.com"]:
        answer = client.ask("GET", f"http://{host}/.well-known/acme-challenge/token")
        fault = [] if (answer.status, answer.text) == (200, "proof") else [f"{answer.status} {answer.text}"]
        report.say(f"tutor on nginx: the authority asks {host} over plain HTTP", fault)
    for name in ["first", "second"]:
        certify(name)
        report.say(f"tutor on nginx: the {name} certificate within {CERTIFICATE_SOON} s", within(CERTIFICATE_SOON, serves(name)))
    report.say("tutor on nginx: and the routes still answer", within(0, answers("https://tutor.example.com/api/a", 200, "backend")))


def certify(name):
    """Puts a certificate where certbot does: a link to the newest of several."""
    live = pathlib.Path("/etc/letsencrypt/live/tutor")
    archive = pathlib.Path("/etc/letsencrypt/archive/tutor")
    for folder in (live, archive):
        folder.mkdir(parents=True, exist_ok=True)
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1".split()
    paths = {"privkey": archive / f"privkey-{name}.pem", "fullchain": archive / f"fullchain-{name}.pem"}
    subprocess.run([*make, "-subj", f"/CN={name}", "-keyout", paths["privkey"], "-out", paths["fullchain"]], check=True, capture_output=True)
    for kind, path in paths.items():
        (live / f"{kind}.pem").unlink(missing_ok=True)
        (live / f"{kind}.pem").symlink_to(path)


SCENES = {"relay": [moving_service], "tutor": [first_certificate]}
