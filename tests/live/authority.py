"""An authority that gives certificates by the protocol that Let's Encrypt speaks: another Caddy, which this machine trusts."""

import os
import pathlib
import shutil
import socket
import subprocess
import time

NAME, PORT = "authority.example.net", 9443
DIRECTORY = f"https://{NAME}:{PORT}/acme/local/directory"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
CADDYFILE = """{
	admin off
	persist_config off
	auto_https off
}

https://%s:%d {
	tls %s %s
	acme_server
}
"""


def start(machine, hosts):
    """Starts it, and lets it find `hosts` here; gives back its process."""
    for host in [NAME, *hosts]:
        machine.known[host] = "127.0.0.1"
    home = pathlib.Path("/tmp/authority")
    home.mkdir(exist_ok=True)
    file = home / "Caddyfile"
    file.write_text(CADDYFILE % (NAME, PORT, machine.certificate, machine.certificate))
    # Without programs to call: it would rebuild the machine's list of those to trust.
    env = {"PATH": "/nowhere", "HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    log = open(home / "log", "ab")
    process = subprocess.Popen([shutil.which("caddy"), "run", "--config", file, "--adapter", "caddyfile"], env=env, stdout=log, stderr=log)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                return process
        time.sleep(0.1)
    raise SystemExit(f"the authority does not start:\n{(home / 'log').read_text()[-2000:]}")


def certbot(words, env):
    """Runs a service's `entrypoint` as the certbot of that image would, asking this authority."""
    pathlib.Path("/etc/letsencrypt").mkdir(parents=True, exist_ok=True)
    pathlib.Path("/etc/letsencrypt/cli.ini").write_text(f"server = {DIRECTORY}\n")
    log = open("/tmp/authority/certbot.log", "ab")
    return subprocess.Popen(words, env=os.environ | env | {"REQUESTS_CA_BUNDLE": BUNDLE}, stdout=log, stderr=log)


# The engine that a script calls: what is to run once in certbot's container runs here, what is to be started is written down.
DOCKER = """#!/bin/sh
for last; do :; done
case "$*" in
    *" run --rm --entrypoint sh certbot -c "*) exec sh -c "$last" ;;
    *" up --detach "*) echo "$last" >> "$STARTED" ;;
    *) echo "docker $*: nobody expects that" >&2; exit 64 ;;
esac
"""


def script(path, env):
    """Runs the command `certificate` of a script; gives back the code that it ends with, and which services it started."""
    folder = pathlib.Path("/tmp/authority/engine")
    folder.mkdir(exist_ok=True)
    (folder / "docker").write_text(DOCKER)
    (folder / "docker").chmod(0o755)
    started = folder / "started"
    started.unlink(missing_ok=True)
    process = certbot([path, "certificate"], env | {"PATH": f"{folder}:{os.environ['PATH']}", "STARTED": str(started)})
    return process.wait(60), started.read_text().split() if started.exists() else []
