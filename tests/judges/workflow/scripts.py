#!/usr/bin/env python3
"""Runs the scripts of workflows as the runner would, against programs that only write down how they were called.

Usage: scripts.py STACKC. Builds the specs that the table names, and prints a line `ok …` or `FAIL …` for each case.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib

import yaml

from deployments import TABLE as DEPLOYMENTS
from runner import Run, git

SPECS_BUILT = ["pipeline", "publish", "clarity", "coding-tutor", "integr8scode", "clawtriage", "ruby", "rust"]
SPECS = pathlib.Path(__file__).resolve().parents[3] / "specs"


def merged(*touched):
    """A pull request that touches these files, checked out as GitHub merges it."""
    def prepare(tree):
        git(tree, "init")
        (tree / "README").write_text("")
        git(tree, "add", ".")
        git(tree, "commit", "-m", "base")
        git(tree, "switch", "-c", "change")
        for path in touched:
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text("new")
        git(tree, "add", ".")
        git(tree, "commit", "-m", "change")
        git(tree, "switch", "main")
        git(tree, "merge", "--no-ff", "-m", "merge", "change")
    return prepare


def alone(tree):
    """A commit without the parent that a comparison needs."""
    git(tree, "init")
    git(tree, "commit", "--allow-empty", "-m", "only")


CI, VERSION = "pipeline/ci/", "pipeline/version/"
PULL = {"GITHUB_EVENT_NAME": "pull_request"}
FILE = """# a comment
export A=1\r
B="two # words" # why
C=x=y#z  # why

D="line one
line two"
  E=
F=${A}/$$x
G='raw ${A}'
H="a\\nb"
K
"""
READ = {"A": "1", "B": "two # words", "C": "x=y#z", "D": 'line one\nline two', "E": "", "F": "1/$x",
        "G": "raw ${A}", "H": "a\nb"}


def variables(text):
    """What a file of GITHUB_ENV sets, each between marks of its own."""
    found = re.findall(r"(\w+)<<([0-9a-f]{32})\n(.*?)\n\2\n", text, re.DOTALL)
    return {name: value for name, _, value in found}


RUBIES = {f"tools/Ruby/{version}/x64/bin/ruby": "" for version in ("3.4.9", "3.4.10", "3.10.1")}
IMAGE, OTHER = "ghcr.io/acme/shop/api", "ghcr.io/acme/shop/web"
BOTH = f"{IMAGE}@sha256:1\n{OTHER}@sha256:2"
TAGGED = "docker buildx imagetools create --tag"
INSPECT = "docker buildx imagetools inspect"
WAIT = {"IMAGES": IMAGE, "ATTEMPTS": "3", "PAUSE": "0"}

FROM = {"VERSION": "0.3.1", "REPOSITORY": "https://github.com/acme/stackc"}
FONTS = {"scripts/fonts.sh": "echo made"}

# What is tried: where the script stands and its step, what is put before it, and what has to hold of the run.
TABLE = [
    ("the version is read from the lock", CI + "check", "Read which version wrote the outputs",
     {"files": {"stack.lock": '# x\nversion = 1\nstackc = "0.3.1-rc.1"\n'}},
     lambda run: run.code == 0 and run.output == "version=0.3.1-rc.1\n"),
    ("a lock without a version is told", CI + "check", "Read which version wrote the outputs",
     {"files": {"stack.lock": "version = 1\nstackc = \"$(id)\"\n"}},
     lambda run: run.code == 1 and "::error file=stack.lock::" in run.said and not run.output),
    ("no lock at all fails", CI + "check", "Read which version wrote the outputs", {}, lambda run: run.code != 0),
    ("that very version is installed, from there and nowhere else", CI + "check", "Install stackc",
     {"env": {"VERSION": "0.3.1", "REPOSITORY": "https://git.example.com/x/stackc"}}, lambda run: run.code == 0
     and run.calls[-1] == "cargo +stable install --locked --git https://git.example.com/x/stackc --tag v0.3.1 stackc"),
    ("a failed toolchain installs nothing", CI + "check", "Install stackc",
     {"env": {**FROM, "FAIL": "rustup"}}, lambda run: run.code == 1 and len(run.calls) == 1),
    ("a failed installation fails", CI + "check", "Install stackc",
     {"env": {**FROM, "FAIL": "cargo"}}, lambda run: run.code == 1),
    ("drift fails", CI + "check", "Compare the outputs with stack.yaml", {"env": {"FAIL": "stackc check"}},
     lambda run: run.code == 1 and run.calls == ["stackc check --format github"]),

    *[(f"a pull request that touches {', '.join(touched)}: {expected}", CI + "changes", "Compare",
       {"env": PULL, "prepare": merged(*touched)},
       lambda run, expected=expected: run.code == 0 and run.output == ("api=true\n" if expected else ""))
      for touched, expected in [
          (["api/app/main.py"], True), (["api/docs/a.md"], False), (["api/docs/a.md", "api/x"], True),
          (["shared/a/b.json"], True), (["shared/a/rules/x.txt"], True), (["shared/a/rule/x.txt"], False), (["shared/a/b.txt"], False), (["apiary/x"], False), (["web/x"], False),
          (["stack.yaml"], True), ([".github/workflows/ci.yml"], True), ([".github/test.env"], True)]],
    ("a push is tested in full", CI + "changes", "Compare", {"prepare": merged("web/x")},
     lambda run: run.output == "api=true\n"),
    ("what cannot be compared is tested", CI + "changes", "Compare", {"env": PULL, "prepare": alone},
     lambda run: run.code == 0 and run.output == "api=true\n"),
    ("everything but the documents", "publish/ci/changes", "Compare", {"env": PULL, "prepare": merged("docs/a")},
     lambda run: run.code == 0 and run.output == ""),
    ("documents and more", "publish/ci/changes", "Compare", {"env": PULL, "prepare": merged("docs/a", "b")},
     lambda run: run.output == "api=true\n"),

    ("variables are read as Compose reads them", CI + "test-api", "Read variables",
     {"files": {".github/test.env": FILE}},
     lambda run: run.code == 0 and variables(run.env) == READ),
    *[(f"a file of variables that holds {what} fails", CI + "test-api", "Read variables",
       {"files": {".github/test.env": text}}, lambda run, words=words: run.code != 0 and words in run.said)
      for what, text, words in [("what the runner refuses", "NODE_OPTIONS=x\n", "set it in the env of the test"),
                                ("what is no line", "not a line\n", "key cannot contain a space")]],
    ("a missing file of variables fails", CI + "test-api", "Read variables", {}, lambda run: run.code != 0),
    ("values are made up and masked", CI + "test-api", "Make up values that nothing else sets, for this run alone", {},
     lambda run: re.fullmatch(r"DB_PASSWORD=([0-9a-f]{64})\nPUBLIC_URL=[0-9a-f]{64}\n", run.env)
     and f"::add-mask::{run.env[12:76]}\n" in run.said),
    ("what is set stays", CI + "test-api", "Make up values that nothing else sets, for this run alone",
     {"env": {"DB_PASSWORD": "x", "PUBLIC_URL": "y"}}, lambda run: run.code == 0 and run.env == ""),
    *[(f"Ruby {version} is {found or 'not there'}", "ruby/ci/test-web", "Set up Ruby",
       {"env": {"VERSION": version}, "files": RUBIES},
       lambda run, found=found: run.path == ([f"tools/Ruby/{found}/x64/bin", f"{run.folder}/gems/bin"] if found else [])
       and run.env == (f"GEM_HOME={run.folder}/gems\n" if found else "") and run.code == (0 if found else 1) and ("::error::" in run.said) == (not found))
      for version, found in [("3.4", "3.4.10"), ("3.4.9", "3.4.9"), ("3.1", None), ("3", "3.10.1"), ("2.7", None)]],

    *[(f"pnpm: package.json is {manifest}", CI + "test-web", "Find out whether package.json states a version of pnpm",
       {"env": {"MANIFEST": "package.json", "VERSION": "10.15.0"},
        "files": {"package.json": manifest} if manifest else {}},
       lambda run, given=given: run.code == 0 and run.output == ("version=10.15.0\n" if given else ""))
      for manifest, given in [("{}", True), ('{"packageManager": "pnpm@10.15.0"}', False), (None, True),
                              ('{"devEngines": {"packageManager": {"name": "pnpm"}}}', False), ("[", True)]],
    ("each Rust has its turn", "rust/ci/test-api", "Set up Rust", {"env": {"VERSION": "1.95"}},
     lambda run: run.calls == ["rustup toolchain install 1.95 --profile minimal --component clippy,rustfmt"]
     and run.env == "RUSTUP_TOOLCHAIN=1.95\n"),
    ("files of secrets are made up", "publish/ci/test-api",
     "Make up files of secrets that are not there, for this run alone", {},
     lambda run: run.code == 0 and run.files == ["certs/server.pem"]),
    ("files of secrets that are there stay", "publish/ci/test-api",
     "Make up files of secrets that are not there, for this run alone", {"files": {"certs/server.pem": ""}},
     lambda run: run.code == 0 and run.files == ["certs/server.pem"]),

    ("services are started", CI + "test-api", "Start db", {},
     lambda run: run.calls == ["docker compose --file docker-compose.yml up --detach --wait db"]),
    ("a service that does not start fails", CI + "test-api", "Start db", {"env": {"FAIL": "docker"}},
     lambda run: run.code == 1),
    ("what is built is built from this commit", "publish/ci/test-api", "Start api", {},
     lambda run: run.calls == ["docker compose --file docker-compose.yml up --build --detach --wait api"]),

    ("a user's line that fails in the middle of a list fails", CI + "image-api", "Prepare", {"files": FONTS},
     lambda run: run.code == 1 and "made" not in run.said),
    ("the lines of a user run one after the other", CI + "image-api", "Prepare",
     {"files": {**FONTS, "shared/fonts/LICENSE": ""}},
     lambda run: run.code == 0 and "made" in run.said and "fonts/LICENSE" in run.files),
    ("a test's line that fails in the middle of a list fails", "publish/ci/test-api", "Test", {},
     lambda run: run.code == 1 and not run.calls),
    ("a test runs all its lines", "publish/ci/test-api", "Test", {"files": {"schema.json": "{}"}},
     lambda run: run.code == 0 and len(run.calls) == 2),

    ("names are in lower case", CI + "image-api", "Name the image", {"env": {"REPOSITORY": "GHCR.io/Acme/Shop"}},
     lambda run: run.output == "image=ghcr.io/acme/shop\ntags<<END\nghcr.io/acme/shop:main\n"
     "ghcr.io/acme/shop:sha-abc1234\nEND\n"),
    *[(f"nothing is pushed from {ref}", CI + "image-api", "Name the image",
       {"env": {"REPOSITORY": "ghcr.io/acme/shop", "GITHUB_REF": ref}},
       lambda run: run.code == 0 and run.output == "")
      for ref in ("refs/heads/Main", "refs/heads/mainx", "refs/pull/1/merge", "refs/tags/main")],
    ("a variable that is not there is told", CI + "image-web", "Name the image",
     {"env": {"REPOSITORY": "ghcr.io/acme/shop", "MISSING": "PUBLIC_URL "}},
     lambda run: run.code == 1 and "PUBLIC_URL" in run.said and run.output == ""),
    ("all variables are there", CI + "image-web", "Name the image",
     {"env": {"REPOSITORY": "ghcr.io/acme/shop", "MISSING": " "}}, lambda run: run.code == 0 and run.output),
    ("the digest is that of the secrets", CI + "image-web", "Make a digest of the build's secrets",
     {"env": {"MAPS_KEY": "one"}}, lambda run: run.output == "digest=2c8b08da5ce60398\n"),
    ("another secret has another digest", CI + "image-web", "Make a digest of the build's secrets",
     {"env": {"MAPS_KEY": "two"}}, lambda run: re.fullmatch("digest=[0-9a-f]{16}\n", run.output)
     and "2c8b08da5ce60398" not in run.output),
    ("what was scanned is promoted, and nothing else", CI + "promote", "Move latest to the images of this run",
     {"env": {"IMAGES": BOTH, "TAG": "latest"}},
     lambda run: run.calls == [f"{TAGGED} {IMAGE}:latest {IMAGE}@sha256:1", f"{TAGGED} {OTHER}:latest {OTHER}@sha256:2"]),
    ("a failed promotion fails", CI + "promote", "Move latest to the images of this run",
     {"env": {"IMAGES": BOTH, "TAG": "latest", "FAIL": TAGGED}}, lambda run: run.code == 1 and len(run.calls) == 1),

    ("a version and its series", VERSION + "version", "Tag the images of this commit",
     {"env": {**WAIT, "GITHUB_REF_NAME": "v1.12.3"}},
     lambda run: run.calls == [f"{INSPECT} {IMAGE}:sha-abc1234",
                               f"{TAGGED} {IMAGE}:1.12.3 --tag {IMAGE}:1.12 {IMAGE}:sha-abc1234"]),
    ("what comes before a version stands alone", VERSION + "version", "Tag the images of this commit",
     {"env": {**WAIT, "GITHUB_REF_NAME": "v1.12.3-rc.1"}},
     lambda run: run.calls[-1] == f"{TAGGED} {IMAGE}:1.12.3-rc.1 {IMAGE}:sha-abc1234"),
    ("each image has its version", VERSION + "version", "Tag the images of this commit",
     {"env": {**WAIT, "IMAGES": f"{IMAGE}\n{OTHER.upper()}", "GITHUB_REF_NAME": "v2.0.0"}},
     lambda run: len(run.calls) == 4 and run.calls[-1].endswith(f"{OTHER}:sha-abc1234")),
    *[(f"{name} is no version", VERSION + "version", "Tag the images of this commit",
       {"env": {**WAIT, "GITHUB_REF_NAME": name}}, lambda run: run.code == 1 and "::error::" in run.said and not run.calls)
      for name in ("v1", "v1.2", "v1.2.3.4", "v1.2.3 --tag x", "v1.2.3-")],
    ("an image that comes late is waited for", VERSION + "version", "Tag the images of this commit",
     {"env": {**WAIT, "GITHUB_REF_NAME": "v1.2.3", "FAIL": INSPECT, "FAIL_TIMES": "2"}},
     lambda run: run.code == 0 and run.calls.count("sleep 0") == 2),
    ("an image that never comes is told", VERSION + "version", "Tag the images of this commit",
     {"env": {**WAIT, "GITHUB_REF_NAME": "v1.2.3", "FAIL": INSPECT}},
     lambda run: run.code == 1 and "there is no image" in run.said and not any(TAGGED in call for call in run.calls)),

    *[(f"{ref} is {branch or 'no branch of ours'}", "clarity/ci/passed", "Say which branch this is",
       {"env": {"GITHUB_REF": ref}}, lambda run, branch=branch: run.output == (f"branch={branch}\n" if branch else ""))
      for ref, branch in [("refs/heads/main", "main"), ("refs/heads/Main", None), ("refs/pull/1/merge", None)]],
    *[(f"results {results}: {code}", CI + "passed", "Look at the results of all jobs", {"env": {"RESULTS": results}},
       lambda run, code=code: run.code == code)
      for results, code in [("success", 0), ("success skipped success", 0), ("skipped", 0), ("success failure", 1),
                            ("cancelled success", 1), ("failure", 1)]],
]


def build(stackc, spec, into):
    folder = pathlib.Path(into) / spec
    shutil.copytree(SPECS / spec, folder)
    subprocess.run([stackc, "build", "--quiet", "-C", folder], check=True, stdout=subprocess.DEVNULL)
    for path in sorted((folder / ".github/workflows").glob("*.yml")):
        yield (spec, path.stem), yaml.safe_load(path.read_text())


def renovate(into):
    """What the rule of docs/github.md finds in the locks, and what stands there: all pins, by repository."""
    text = (SPECS.parent / "docs/github.md").read_text()
    rule = json.loads(text.split("```json\n")[1].split("```")[0])["customManagers"][0]
    (pattern,) = (re.compile(one.replace("(?<", "(?P<")) for one in rule["matchStrings"])
    for lock in sorted(pathlib.Path(into).glob("*/stack.lock")):
        assert any(re.search(path.strip("/"), "stack.lock") for path in rule["managerFilePatterns"]), rule
        found = [(one["packageName"], one["currentDigest"], one["currentValue"]) for one in pattern.finditer(lock.read_text())]
        pins = tomllib.loads(lock.read_text())["actions"]
        yield lock.parent.name, found, [("/".join(action.split("/")[:2]), *pin.split(" # ")) for action, pin in pins.items()]


def main(stackc):
    with tempfile.TemporaryDirectory() as into:
        workflows = dict(pair for spec in SPECS_BUILT for pair in build(stackc, spec, into))
        for spec, found, pins in renovate(into):
            print(f"{'ok' if found == pins else 'FAIL'} a bot finds the actions of {spec}" + ("" if found == pins else f"\n  {found}\n  {pins}"))
    for what, where, step, given, holds in TABLE + DEPLOYMENTS:
        run = Run(workflows, where, step, **given)
        if holds(run):
            print(f"ok {what}")
        else:
            print(f"FAIL {what}\n  {where}: {step}: code {run.code}\n  calls {run.calls}\n"
                  f"  output {run.output!r}\n  env {run.env!r}\n  said {run.said!r}")


main(sys.argv[1])
