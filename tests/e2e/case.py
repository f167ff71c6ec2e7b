"""One case: a small application, compiled, built, run and asked as its case.yaml says. README.md has the words."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import bases
import yaml
from docker import Failed, call, docker, inspect, processes

SYNTAX = "# syntax=docker/dockerfile:1\n"
URL = "http://localhost:8080"


class Case:
    """A copy of the case's folder, and what was made of it."""

    def __init__(self, source):
        self.name = source.name
        self.words = yaml.safe_load((source / "case.yaml").read_text("utf-8"))
        self.folder = pathlib.Path(os.environ["E2E_HOME"]) / "work" / source.name
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(source, self.folder)
        self.variables = {name: str(value) for name, value in self.words.get("variables", {}).items()}

    def compose(self, *words, **options):
        env = self.variables | options.pop("env", {})
        return docker("compose", *words, cwd=self.folder, env=env, **options)

    def project(self):
        return yaml.safe_load((self.folder / "docker-compose.yml").read_text("utf-8"))["name"]

    def container(self, service):
        found = self.compose("ps", "--all", "--quiet", service).split()
        if len(found) != 1:
            raise Failed(f"{len(found)} containers of {service}")
        return found[0]

    def compile(self):
        """stackc's outputs; then the line that would fetch BuildKit's newest front end is taken out, because there is nowhere to fetch it from."""
        call(os.environ["STACKC"], "build", "-C", self.folder)
        call(os.environ["STACKC"], "check", "-C", self.folder)
        for file in self.folder.rglob("Dockerfile"):
            text = file.read_text("utf-8")
            if not text.startswith(SYNTAX):
                raise Failed(f"{file.name} begins with {text.splitlines()[0]}")
            file.write_text(text.removeprefix(SYNTAX), "utf-8")
            for image in bases.named(text):
                bases.ensure(image)

    def build(self):
        self.compose("build", timeout=900)

    def rebuild(self, files):
        """With changed sources, and layers but no caches of package managers at hand, as on a machine of CI."""
        docker("builder", "prune", "--force", "--filter", "type=exec.cachemount")
        for file in files:
            with (self.folder / file).open("a") as text:
                text.write("\n")
        self.build()

    def up(self):
        """Every service that has a health check is healthy, and every other runs."""
        try:
            self.compose("up", "--no-build", "--wait", "--wait-timeout", "120", timeout=180)
        except Failed as failed:
            raise Failed(f"{failed}\n{self.compose('logs', '--no-color', '--tail', '30')}") from failed

    def down(self):
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "1")

    def forget(self):
        """Ends what is left of it, as far as it came."""
        call("docker", "compose", "--project-directory", self.folder, "down", "--volumes", "--timeout", "1", env=self.variables, ok=False)

    def ask(self, wanted):
        """Sends a request and compares what comes back."""
        verb, path = next(iter(wanted.items()))
        request = urllib.request.Request(urllib.parse.urljoin(URL, path), method=verb.upper(), headers=wanted.get("headers", {}))
        try:
            with urllib.request.build_opener(Unfollowing).open(request, timeout=10) as answer:
                status, body, headers = answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as error:
            status, body, headers = error.code, error.read().decode(), error.headers
        same("status", status, wanted.get("status", 200))
        if "says" in wanted and wanted["says"] not in body:
            raise Failed(f"the body is {body!r}")
        if "json" in wanted:
            same("the body", json.loads(body), wanted["json"])
        for name, value in wanted.get("answers", {}).items():
            same(name, headers.get(name), value)

    def env(self, name, value):
        """A variable arrives in the application as it was meant."""
        with urllib.request.urlopen(URL + "/env", timeout=10) as answer:
            same(name, json.loads(answer.read())[name], value)

    def users(self, service, wanted):
        """Each process of a container is one that is listed, by the beginning of its command line, and has the user that stands there, as
        a number or by the name that the image has for it."""
        container, seen = self.container(service), set()
        number = lambda user: user if isinstance(user, int) else int(docker("exec", container, "id", "-u", user))
        wanted = {begin: number(user) for begin, user in wanted.items()}
        for _, uid, words in processes(container):
            begin = next((begin for begin in wanted if words.startswith(begin)), None)
            if begin is None or wanted[begin] != uid:
                raise Failed(f"user {uid} runs `{words}`")
            seen.add(begin)
        same("what runs", sorted(seen), sorted(wanted))

    def stop(self, service, codes):
        """SIGTERM, or what stack.yaml says instead of it, ends the container in time with one of the codes, and nothing had to be killed."""
        container = self.container(service)
        start = time.monotonic()
        self.compose("stop", service)
        took = time.monotonic() - start
        grace = inspect(container)["Config"].get("StopTimeout", 10)
        code = inspect(container)["State"]["ExitCode"]
        if code not in codes:
            raise Failed(f"exit code: {code}, and not {' or '.join(map(str, codes))}")
        if took >= grace:
            raise Failed(f"it took {took:.1f} s of {grace} s")


class Unfollowing(urllib.request.HTTPRedirectHandler):
    """Redirects are answers like others."""

    def redirect_request(self, *_):
        return None


def same(what, seen, wanted):
    if seen != wanted:
        raise Failed(f"{what}: {seen!r}, and not {wanted!r}")


def holds(data, *needles):
    """Which of the byte strings occur in what a command prints."""
    longest = max(map(len, needles))
    found, rest = set(), b""
    while chunk := data.read(1 << 20):
        window = rest + chunk
        found |= {needle for needle in needles if needle in window}
        rest = window[-longest:]
    return found


def secret_checks(case, words):
    """A build secret is in no layer, changes what is built, and may not be empty. The image holds its digest, which anybody may see."""
    name, service, path = words["name"], words["service"], words["digest_in"]
    image = f"{case.project()}-{service}"

    def digested(value):
        """The variables of a build, the digest made as .env.example says."""
        how = re.search(r"^# Make it: (.*)$", (case.folder / ".env.example").read_text("utf-8"), re.M)[1]
        return {name: value, "BUILD_DIGEST": call("sh", "-c", how, env={name: value}).strip()}

    def build(value):
        env = digested(value)
        case.compose("build", service, env=env, timeout=600)
        digest = docker("run", "--rm", "--entrypoint", "cat", image, path).strip()
        same(path, digest, hashlib.sha256(value.encode()).hexdigest())
        return digest.encode()

    def kept():
        value = "s3cr3t-of-the-build-one"
        digest = build(value)
        with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as saved:
            found = holds(saved.stdout, value.encode(), digest)
        same("found in the image", found, {digest})
        history = docker("history", "--no-trunc", image)
        if value in history:
            raise Failed("the history has it")

    def rebuilt():
        build("s3cr3t-of-the-build-two")

    def deployed():
        """The script makes the digest itself."""
        value = "s3cr3t-of-the-build-three"
        call(case.folder / "deploy/dev.sh", "up", env=case.variables | {name: value})
        kept_in_image = docker("run", "--rm", "--entrypoint", "cat", image, path).strip()
        same(path, kept_in_image, hashlib.sha256(value.encode()).hexdigest())

    def refused():
        code, text = case.compose("build", service, env=digested(""), ok=False)
        if code == 0 or name not in text:
            raise Failed(f"ended with {code}\n{text}")

    return [
        ("a build secret is in no layer", kept),
        ("another build secret makes another bundle", rebuilt),
        ("a deployment with another one builds anew", deployed),
        ("an empty build secret fails", refused),
    ]
