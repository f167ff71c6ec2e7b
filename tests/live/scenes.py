"""What happens while a server runs: services that come late and move, certificates that come and change."""

import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import time

import authority
import client
import image
from systems import SYSTEMS

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


def certificate(host):
    """Who is named on the certificate that is served for a host, and who signed it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", 443), timeout=5) as raw, context.wrap_socket(raw, server_hostname=host) as stream:
        der = stream.getpeercert(binary_form=True)
    asked = ["openssl", "x509", "-inform", "DER", "-noout", "-nameopt", "multiline", "-subject", "-issuer", "-ext", "subjectAltName"]
    said = subprocess.run(asked, input=der, capture_output=True, check=True).stdout.decode()
    return " ".join(said.split())


def serves(name, host="tutor.example.com"):
    """Looks for that name on the certificate of a host."""

    def look():
        found = certificate(host)
        return None if name in found else f"serves {found}"

    return look


def first_certificate(machine, server, report):
    """nginx runs before there is a certificate, lets the authority ask, and serves what certbot gets; and later what it gets instead."""
    if server != "nginx":
        return
    say = lambda what, faults: report.say(f"tutor on nginx: {what}", faults)
    say("a stand-in at first", within(0, serves("stand-in")))
    told = SYSTEMS["tutor"]
    service = image.composed(machine.scratch / "tutor-nginx", told["environment"], told["certbot"], told["variables"])
    link = pathlib.Path(f"/etc/letsencrypt/live/{service['environment']['CERTBOT_NAME']}/fullchain.pem")
    script = machine.scratch / f"tutor-nginx/deploy/{told['environment']}.sh"
    for what in ("gets a certificate", "keeps it when it is asked again"):
        before = link.read_bytes() if link.exists() else None
        ended = authority.script(script, service["environment"])
        fine = ended == (0, ["frontend", "certbot"]) and link.exists() and before in (None, link.read_bytes())
        say(f"the script {what}", [] if fine else [str(ended), log("certbot.log")])
    for host in told["certified"]:
        say(f"it is served within {CERTIFICATE_SOON} s", within(CERTIFICATE_SOON, serves(f"DNS:{host}")))
    for left in ("live", "archive", "renewal"):
        shutil.rmtree(f"/etc/letsencrypt/{left}")
    words = [image.interpolated(word, {}) for word in service["entrypoint"]]
    certbot = authority.certbot(words, service["environment"])
    try:
        say("the service itself gets one for both names", within(30, lambda: None if link.exists() else log("certbot.log")))
    finally:
        certbot.send_signal(signal.SIGTERM)
        certbot.wait(10)
    certify(link.parent, "renewed")
    say(f"another certificate within {CERTIFICATE_SOON} s", within(CERTIFICATE_SOON, serves("renewed")))
    say("and the routes still answer", within(0, answers("https://tutor.example.com/api/a", 200, "backend")))


def log(name):
    """The end of what the authority, or certbot, wrote."""
    path = pathlib.Path("/tmp/authority") / name
    return path.read_text("utf-8", "replace")[-1500:] if path.exists() else "nothing"


def own_certificates(_, server, report):
    """Caddy gets certificates for both names by itself."""
    for host in SYSTEMS["notes"]["certified"]:
        faults = within(20, serves("Caddy Local Authority", host))
        report.say(f"notes on {server}: a certificate for {host}", faults and [*faults, log("../caddy.log")])
        report.say(f"notes on {server}: with its name", within(0, serves(f"DNS:{host}", host)))


def started(_, server, report):
    """The program may be there a little later than Caddy."""
    gone = lambda: "502" if any(client.ask("GET", f"http://{host}:3000/").status == 502 for host in ("localhost", "app.supercog.ai")) else None
    faults = within(SOON, gone)
    report.say(f"the program beside {server} answers", faults and [*faults, log("../container.log")])


def contained(_, server, report):
    """A program and Caddy in one container: neither is root, and the end of one ends the container."""
    found = processes("python", "caddy")
    users = {name: pathlib.Path(f"{PROC}/{pid}/status").read_text().split("Uid:\t")[1].split("\t")[0] for name, pid in found.items()}
    faults = [] if users == {"python": "10001", "caddy": "10001"} else [str(users)]
    report.say(f"board on {server}: neither process is root", faults)
    if "python" in found:
        os.kill(found["python"], signal.SIGKILL)
    gone = lambda: str(left) if (left := processes("python", "caddy", "sh")) else None
    report.say(f"board on {server}: the end of the program ends the container", within(SOON, gone))


PROC = "/mnt/board/root/proc"


def processes(*names):
    """The processes of a container by the names of their programs."""
    found = {}
    for folder in pathlib.Path(PROC).glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            inside = os.readlink(folder / "root") != "/"
        except OSError:
            continue
        name = os.path.basename(words[0].decode())
        if inside and name in names:
            found[name] = int(folder.name)
    return found


def certify(live, name):
    """Puts a certificate where certbot does: a link to the newest of several."""
    archive = live.parent.parent / "archive" / live.name
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1".split()
    paths = {"privkey": archive / f"privkey-{name}.pem", "fullchain": archive / f"fullchain-{name}.pem"}
    subprocess.run([*make, "-subj", f"/CN={name}", "-keyout", paths["privkey"], "-out", paths["fullchain"]], check=True, capture_output=True)
    for kind, path in paths.items():
        (live / f"{kind}.pem").unlink(missing_ok=True)
        (live / f"{kind}.pem").symlink_to(path)


# What happens before the requests of the table, and after them.
BEFORE = {"notes": [own_certificates], "board": [started], "supercog": [started], "supercog-fly": [started]}
SCENES = {"relay": [moving_service], "tutor": [first_certificate], "board": [contained]}
