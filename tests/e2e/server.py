"""A deployment to a server: the script of an environment over a real sshd, to a real engine and a registry that asks for a password."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import bases
from docker import Failed, call, docker, inspect

SOURCE = pathlib.Path(__file__).parent / "server"
REGISTRY_HOST, SSH_PORT = "127.0.0.1:5000", "2222"
PASSWORD = "pass word"
# Of that password.
HTPASSWD = "bot:$2b$04$a5RkCBu2pxbTnzukOzNp1.mkVpNLp5sd.qlDV0KWd2M1kcmptXSqm\n"
TOKEN = "it's a \"token\" $HOME\nof `two` lines\\"
SSHD = """Port {port}
ListenAddress 127.0.0.1
HostKey {home}/host
AuthorizedKeysFile {home}/key.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
StrictModes no
PidFile none
SetEnv PATH={path} DOCKER_HOST={docker} DOCKER_CONFIG={client}
"""
STORE = """version: 0.1
storage: {{filesystem: {{rootdirectory: {home}/store}}}}
http: {{addr: {registry}}}
auth: {{htpasswd: {{realm: shop, path: {home}/htpasswd}}}}
"""


class Server:
    """A repository, and a machine that it is deployed to."""

    def __init__(self):
        self.home = pathlib.Path(os.environ["E2E_HOME"]) / "work/server"
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)
        self.there, self.repo = self.home / "there", self.home / "repo"
        self.started = []
        self.access = {}

    def start(self):
        """sshd and the registry."""
        for name in ("host", "key"):
            call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.home / name)
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        values = {"home": self.home, "path": os.environ["PATH"], "docker": os.environ["DOCKER_HOST"], "port": SSH_PORT,
                  "client": os.environ["DOCKER_CONFIG"], "registry": REGISTRY_HOST}
        (self.home / "sshd_config").write_text(SSHD.format(**values))
        (self.home / "registry.yml").write_text(STORE.format(**values))
        (self.home / "htpasswd").write_text(HTPASSWD)
        sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
        for command, port in [([sshd, "-D", "-f", self.home / "sshd_config"], int(SSH_PORT)),
                              (["docker-registry", "serve", self.home / "registry.yml"], 5000)]:
            log = (self.home / f"{port}.log").open("w")
            self.started.append(subprocess.Popen(command, stdout=log, stderr=log))
            self.answers(port)
        host = (self.home / "host.pub").read_text().split()[:2]
        self.access = {
            "CI": "true", "SSH_HOST": "127.0.0.1", "SSH_PORT": SSH_PORT, "SSH_USER": "root", "DEPLOY_PATH": str(self.there), "TOKEN": TOKEN,
            "SSH_PRIVATE_KEY": (self.home / "key").read_text(), "SSH_KNOWN_HOSTS": f"[127.0.0.1]:{SSH_PORT} {' '.join(host)}",
            "REGISTRY_HOST": REGISTRY_HOST, "REGISTRY_USERNAME": "bot", "REGISTRY_PASSWORD": PASSWORD,
        }

    def answers(self, port):
        for _ in range(100):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise Failed(f"nothing answers on {port}\n{(self.home / f'{port}.log').read_text()}")

    def publish(self):
        """A version that works and one that does not, as CI would push them."""
        shutil.copytree(SOURCE, self.repo)
        call(os.environ["STACKC"], "build", "-C", self.repo)
        (self.repo / "config/local.toml").write_text("nobody else's business\n")
        (self.repo / ".gitignore").write_text("local.toml\n")
        call("git", "-C", self.repo, "init", "--quiet")
        self.commit()
        bases.ensure(bases.DEBIAN)
        # Where the one that pushes signs in is no part of the server.
        client = {"DOCKER_CONFIG": str(self.home / "client")}
        shutil.copytree(os.environ["DOCKER_CONFIG"], client["DOCKER_CONFIG"], symlinks=True)
        call("sh", "-c", f"printf %s '{PASSWORD}' | docker login {REGISTRY_HOST} --username bot --password-stdin", env=client)
        for version, state in (("1", "healthy"), ("2", "broken")):
            name = f"{REGISTRY_HOST}/acme/shop/web:{version}"
            docker("build", "--tag", name, "--build-arg", f"VERSION={version}", "--build-arg", f"STATE={state}", self.repo, env=client)
            docker("push", name, env=client)
            docker("image", "rm", name)

    def commit(self):
        """All that lies in the repository."""
        for words in (["add", "."], ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "a"]):
            call("git", "-C", self.repo, *words)

    def change(self, old, new):
        """Another version of the stack, and a file that comes, or goes with the next."""
        text = (SOURCE / "stack.yaml").read_text()
        if old not in text:
            raise Failed(f"{old} is not in stack.yaml")
        (self.repo / "stack.yaml").write_text(text.replace(old, new))
        (self.repo / "config" / "new.toml").write_text(new)
        call(os.environ["STACKC"], "build", "-C", self.repo)
        self.commit()

    def remote(self, *words, fails=False, says="", **more):
        """The command there ends well or not, and says that."""
        code, text = call(self.repo / "deploy/prod.sh", "remote", *words, cwd="/", env=self.access | more, ok=False)
        if (code != 0) != fails or says not in text:
            raise Failed(f"remote {' '.join(words)}: ended with {code}, or does not say {says!r}\n{text}")

    def runs(self, version):
        """The running container is of that version and has what was handed over."""
        container = inspect(docker("ps", "--quiet", "--filter", "label=com.docker.compose.service=web").strip())
        name = container["Id"]
        seen = docker("exec", name, "cat", "/version").strip(), docker("exec", name, "cat", "/etc/shop/shop.toml").strip()
        if seen != (version, "level = 1") or f"TOKEN={TOKEN}" not in container["Config"]["Env"]:
            raise Failed(f"{seen}, {container['Config']['Env']}")

    def only_what_git_knows(self):
        found = sorted(str(path.relative_to(self.there)) for path in self.there.rglob("*") if path.is_file())
        kept = [f"deploy/prod.{name}" for name in ("before.images", "now.tar", "sh", "tag", "tag.before")]
        wanted = ["config/shop.toml", *kept, "docker-compose.yml"]
        client = pathlib.Path(os.environ["DOCKER_CONFIG"]) / "config.json"
        if found != wanted or (client.exists() and REGISTRY_HOST in client.read_text()):
            raise Failed(f"{found}, and {client.read_text() if client.exists() else 'no password'}")

    def as_before(self):
        """The files are those of the first version."""
        if (self.there / "config/new.toml").exists() or "NEW" in (self.there / "docker-compose.yml").read_text():
            raise Failed("files of a version that does not run are left")

    def stop(self):
        for process in self.started:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)


def checks(server):
    """What is tried in order; all of it hangs together."""
    yield "sshd and the registry start", server.start
    yield "two versions are pushed", server.publish
    other = f"[127.0.0.1]:{SSH_PORT} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL0000000000000000000000000000000000000000000"
    yield "a server with another key is not spoken to", lambda: server.remote(
        "up", fails=True, says="Host key verification failed", IMAGE_TAG="1", SSH_KNOWN_HOSTS=other)
    yield "a value that is missing is named", lambda: server.remote("up", fails=True, says="TOKEN", IMAGE_TAG="1", TOKEN="")
    yield "the wrong password stops it", lambda: server.remote("up", fails=True, IMAGE_TAG="1", REGISTRY_PASSWORD="x")
    yield "the first version", lambda: server.remote("up", IMAGE_TAG="1")
    yield "runs", lambda: server.runs("1")
    yield "what lies on the server", server.only_what_git_knows
    yield "a version that is not healthy", lambda: server.remote("up", fails=True, says="going back", IMAGE_TAG="2")
    yield "gives way to the one before", lambda: server.runs("1")
    yield "one that there is not", lambda: server.remote("up", fails=True, IMAGE_TAG="3")
    yield "changes nothing", lambda: server.runs("1")
    yield "files that need another value", lambda: server.change(
        'TOKEN: "${secrets.TOKEN}"}', 'TOKEN: "${secrets.TOKEN}", NEW: "${NEW:?is new}"}')
    yield "are refused", lambda: server.remote("up", fails=True, says="NEW", IMAGE_TAG="1")
    yield "and leave what was there", server.as_before
    yield "files that cannot be started", lambda: server.change("init: true", f'init: true\n    ports: {{http: {{port: 80, publish: "127.0.0.1:{SSH_PORT}"}}}}')
    yield "give way", lambda: server.remote("up", fails=True, says="going back to what ran before", IMAGE_TAG="1")
    yield "to those of before", server.as_before
    yield "and what runs of them", lambda: server.runs("1")
    yield "a job is of the version that runs", lambda: server.remote("job", "report", says="1\n")
    yield "status", lambda: server.remote("status", says="(healthy)")
    yield "data is not deleted without a word", lambda: server.remote("down", "--volumes", fails=True, says="CONFIRM=volumes")
    yield "and is with it", lambda: server.remote("down", "--volumes", CONFIRM="volumes")
    yield "sshd and the registry end", server.stop
