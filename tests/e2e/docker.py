"""Calls of the docker client. What it refuses is a `Failed` with what it said."""

import json
import os
import subprocess


class Failed(Exception):
    """A check that does not hold, with what was seen."""


def call(*words, cwd=None, env=None, timeout=600, ok=True):
    """What a command prints, and its code."""
    try:
        done = subprocess.run(words, cwd=cwd, env=os.environ | (env or {}), capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{' '.join(words)}: not done after {timeout} s\n{(late.stdout or b'').decode(errors='replace')}") from late
    text = (done.stdout + done.stderr).decode(errors="replace")
    if ok and done.returncode != 0:
        raise Failed(f"{' '.join(map(str, words))}: ended with {done.returncode}\n{text}")
    return done.stdout.decode(errors="replace") if ok else (done.returncode, text)


def docker(*words, **options):
    return call("docker", *words, **options)


def inspect(container):
    return json.loads(docker("container", "inspect", container))[0]


def processes(container):
    """Process id, user id and command line of all that runs in a container, but for what the engine puts in (its init, and what is about to become a
    health check) and what waits for a moment."""
    lines = docker("top", container, "-eo", "pid,uid,args").splitlines()[1:]
    found = [line.split(None, 2) for line in lines]
    return [(int(pid), int(uid), words) for pid, uid, words in found if not words.startswith(("/sbin/docker-init", "runc init", "sleep "))]
