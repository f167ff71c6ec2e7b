"""Runs a script of a workflow as the runner would, against programs that only write down how they were called."""

import os
import pathlib
import subprocess
import tempfile

SHA = "abc1234def5678abc1234def5678abc1234def56"

# A program that is not there: it writes down its words, and fails where FAIL names the start of them. FAIL_TIMES
# bounds how often.
FAKE = """#!/usr/bin/env bash
words="${0##*/} $*"
echo "$words" >> "$CALLS"
if [[ -n ${FAIL:-} && $words == "$FAIL"* ]]; then
  times=$(cat "$CALLS.failed" 2> /dev/null || echo 0)
  if ((times < ${FAIL_TIMES:-1000})); then
    echo $((times + 1)) > "$CALLS.failed"
    exit 1
  fi
fi
case ${0##*/} in
  # What only reads is the real one.
  docker) [[ $words != "docker compose --file - config "* ]] || exec docker-compose "${@:2}" ;;
  date) date=$(type -ap date | tail -n 1) && "$date" --utc --date "${NOW:-2026-11-28}" "${@: -1}" ;;
  gh) # What it would answer, through the filter that it was given.
    filter=
    answer=${ANSWER:-[]}
    if [[ $words =~ /actions/runs/([0-9]+)/jobs ]]; then answer=$(jq ".[${BASH_REMATCH[1]}]" <<< "$JOBS"); fi
    while (($#)); do [[ $1 != --jq ]] || filter=$2; shift; done
    [[ -z $filter ]] || jq --raw-output "$filter" <<< "$answer" ;;
esac
"""
FAKES = ["docker", "curl", "cargo", "rustup", "stackc", "sleep", "gh", "date"]


class Run:
    """One script in a folder of its own, and what came of it."""

    def __init__(self, workflows, where, step, env=None, files=None, prepare=None):
        spec, workflow, job = where.split("/")
        steps = workflows[spec, workflow]["jobs"][job]["steps"]
        (script,) = [one["run"] for one in steps if one["name"] == step]
        with tempfile.TemporaryDirectory() as folder:
            self.folder = pathlib.Path(folder)
            tree, state, programs = (self.folder / name for name in ("tree", "state", "bin"))
            for made in (tree, state, programs):
                made.mkdir()
            for name in FAKES:
                (programs / name).write_text(FAKE)
                (programs / name).chmod(0o755)
            for path, text in (files or {}).items():
                (tree / path).parent.mkdir(parents=True, exist_ok=True)
                (tree / path).write_bytes(text.encode())
            if prepare:
                prepare(tree)
            (state / "script").write_text(script)
            variables = {
                "PATH": f"{programs}:{os.environ['PATH']}", "HOME": folder, "CALLS": str(state / "calls"),
                "GITHUB_OUTPUT": str(state / "output"), "GITHUB_ENV": str(state / "env"),
                "GITHUB_PATH": str(state / "path"), "RUNNER_TOOL_CACHE": str(tree / "tools"), "GITHUB_SHA": SHA,
                "GITHUB_EVENT_NAME": "push", "GITHUB_REF_NAME": "main", "GITHUB_REF": "refs/heads/main", **(env or {}),
            }
            command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(state / "script")]
            run = subprocess.run(command, cwd=tree, env=variables, capture_output=True, text=True, check=False)
            read = lambda name: (state / name).read_text() if (state / name).exists() else ""
            self.code, self.said = run.returncode, run.stdout + run.stderr
            self.calls, self.output, self.env = read("calls").splitlines(), read("output"), read("env")
            self.files = sorted(str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file())
            self.path = read("path").replace(f"{tree}/", "").splitlines()


def git(tree, *words):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *words], cwd=tree, check=True, capture_output=True)
