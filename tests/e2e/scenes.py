"""What happens to a container that supervises several processes, under each shell that may be its /bin/sh, and what must come of it."""

import json
import os
import signal
import subprocess
import time

from docker import Failed, docker, inspect, processes

# Seconds in which anything awaited has to happen.
PATIENCE = 60


class Stage:
    """One service of a case, with its image's /bin/sh exchanged."""

    def __init__(self, case, service, shell):
        self.case, self.service, self.shell = case, service, shell

    def build(self):
        """The case's image, and nothing but another /bin/sh."""
        built = f"{self.case.project()}-{self.service}"
        user = json.loads(docker("image", "inspect", built))[0]["Config"]["User"] or "0"
        self.case.folder.joinpath("shell.Dockerfile").write_text(f"FROM {built}\nUSER 0\nRUN ln -sf {self.shell} /bin/sh\nUSER {user}\n")
        image = f"{built}:{self.shell}"
        docker("build", "--tag", image, "--file", "shell.Dockerfile", ".", cwd=self.case.folder)
        # Nothing starts it again, so that what it ends with can be read.
        told = {"services": {self.service: {"image": image, "restart": "no"}}}
        self.case.folder.joinpath("scene.json").write_text(json.dumps(told))

    def compose(self, *words, **options):
        return self.case.compose("--file", "docker-compose.yml", "--file", "scene.json", *words, **options)

    def play(self, scene):
        self.compose("up", "--detach", "--no-build", "--no-deps", self.service, env=scene.get("variables", {}))
        self.container = self.case.container(self.service)
        try:
            self.happen(scene)
        finally:
            self.compose("down", "--timeout", "1")

    def happen(self, scene):
        if "after" in scene:
            self.until(lambda: scene["after"] in self.log(), f"`{scene['after']}` in the log")
        if "kill" in scene:
            os.kill(self.process(scene["kill"]), signal.SIGKILL)
        if scene.get("stop"):
            self.case.compose("stop", self.service)
        self.until(lambda: not inspect(self.container)["State"]["Running"], "the container's end")
        code = inspect(self.container)["State"]["ExitCode"]
        if code != scene["code"]:
            raise Failed(f"it ended with {code}, and not {scene['code']}\n{self.log()}")
        self.read(scene)

    def process(self, begin):
        """The first process whose command line begins so: those that it has started come after it."""
        found = sorted(pid for pid, _, words in processes(self.container) if words.startswith(begin))
        if not found:
            raise Failed(f"no process `{begin}`\n{docker('top', self.container)}")
        return found[0]

    def until(self, holds, what):
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise Failed(f"{what}: not after {PATIENCE} s\n{self.log()}")
            time.sleep(0.2)

    def log(self):
        done = subprocess.run(["docker", "logs", self.container], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
        return done.stdout.decode(errors="replace")

    def read(self, scene):
        """The lines that must come, in their order, and those that must not."""
        log = self.log()
        at = 0
        for line in scene.get("says", []):
            at = log.find(line, at)
            if at < 0:
                raise Failed(f"`{line}` is not said, or too early\n{log}")
        for line in scene.get("never", []):
            if line in log:
                raise Failed(f"`{line}` is said\n{log}")


def checks(case, words):
    """The scenes under each shell, one after the other over the same volumes."""
    for shell in words["shells"]:
        stage = Stage(case, words["service"], shell)
        yield f"{shell}: image", stage.build
        for scene in words["play"]:
            yield f"{shell}: {scene['name']}", lambda stage=stage, scene=scene: stage.play(scene)
        yield f"{shell}: down", case.down
