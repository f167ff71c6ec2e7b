"""The judges, on the outputs of many stacks at once: where a program reads several files, it is started once for all."""

import importlib.machinery
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema
import yaml

import arrived

HOME = pathlib.Path(os.environ["JUDGES_HOME"])
sys.path.insert(0, str(HOME / "fly"))
import check as fly  # noqa: E402


def judge(name):
    """A judge in Python, as a module."""
    path = str(HOME / "judge" / name)
    loader = importlib.machinery.SourceFileLoader(f"judge_{name}", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


BYTES, COMPOSE, YAML, NGINX, CADDY, WORKFLOW = (judge(name) for name in ("bytes", "compose", "yaml", "nginx", "caddy", "workflow"))
# Specs have variables of any name; here they stand in headers and the like.
NGINX.STAND_INS.append((r"", "text"))
CADDY.STAND_INS.append((r"", "text"))
SCHEMA = jsonschema.Draft7Validator(yaml.safe_load((HOME / "data/compose-spec.json").read_text("utf-8")))
# Of each so many, one is read in the way that takes long.
SHARE = 4
SILENCED = re.compile(r"^#\s*hadolint\s.*?ignore=(.*)$", re.M)
MARKER = re.compile(r"^# stackc:1 .*\n", re.M)


class Output:
    """One file that a stack came to."""

    def __init__(self, case, name):
        self.case, self.name, self.path = case, name, case.folder / name
        self.content = self.path.read_text("utf-8")

    def found(self, kind, findings):
        if findings:
            self.case.found(kind, f"{self.name}: " + "\n".join(map(str, findings)))


def compose(output, index):
    """Docker Compose with every profile; its schema; whether values arrive."""
    try:
        data = yaml.load(output.content, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        return [error]
    found = [f"schema: {error.json_path}: {error.message}" for error in SCHEMA.iter_errors(data)]
    example = output.case.folder / ".env.example"
    filled = COMPOSE.filled(example.read_text("utf-8")) if example.exists() else ""
    with tempfile.TemporaryDirectory() as folder:
        env_file = os.path.join(folder, "env")
        pathlib.Path(env_file).write_text(filled, "utf-8")
        reader = COMPOSE.Compose(str(output.path), env_file)
        profiles = {profile for service in data["services"].values() for profile in service.get("profiles") or []}
        for profile in [None, *sorted(profiles)] if profiles else []:
            reader.config("--quiet", profile=profile)
        full = reader.config("--format", "json", profile="*" if profiles else None)
        raw = reader.config(*COMPOSE.RAW, "--format", "json", profile="*") if index % SHARE == 0 else ""
    found += [f"with {profile}: {said}" for said, profile in reader.found.items()]
    if raw:
        found += COMPOSE.parts(data, yaml.load(raw, yaml.CSafeLoader))
    if full:
        read = yaml.load(full, yaml.CSafeLoader)
        found += COMPOSE.interpolated(data["services"], read["services"])
        output.case.findings += [("arrived", f"{output.name}: {said}") for said in arrived.in_compose(output.case.spec, output.name, read)]
    return found


def by_path(outputs, kind, text):
    """Gives each line of what a program said to the output whose path stands in it."""
    for output in outputs:
        lines = [line.replace(str(output.path), output.name) for line in text.splitlines() if str(output.path) in line]
        output.found(kind, lines)


def dockerfiles(outputs):
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"}
    run = subprocess.run(["hadolint", "--no-color", "--failure-threshold", "style", *(output.path for output in outputs)],
                         capture_output=True, text=True, env=environment, check=False)
    by_path(outputs, "dockerfile", run.stdout + run.stderr)
    for output in outputs:
        silenced = {code for codes in SILENCED.findall(output.content) for code in re.split(r"[,\s]+", codes)}
        output.found("dockerfile", sorted(silenced - {"DL3002", "DL3008", "DL3018", "DL3064"}))


def scripts(outputs):
    run = subprocess.run(["shellcheck", "--norc", "--severity=style", "--external-sources", "--color=never", "--format=gcc", *(output.path for output in outputs)],
                         capture_output=True, text=True, check=False)
    by_path(outputs, "shell", run.stdout + run.stderr)


def workflows(outputs):
    for said in WORKFLOW.judge([str(output.path) for output in outputs]):
        hit = [output for output in outputs if str(output.path) in said]
        # What is said of the whole folder names a file by its number.
        numbers = {int(number) for number in re.findall(r"\b(\d+)-[\w-]+\.yml", said)}
        for output in hit or [output for index, output in enumerate(outputs) if index in numbers] or outputs:
            output.found("workflow", [said])


def fresh(outputs):
    """Those whose content is no other's."""
    return list({MARKER.sub("", output.content): output for output in reversed(outputs)}.values())


def yamls(outputs):
    found = YAML.judge([str(output.path) for output in outputs])
    for output in outputs:
        output.found("yaml", found[str(output.path)])


def flies(outputs):
    for output in outputs:
        found = fly.findings(output.content, output.path.parent)
        output.found("fly", found)
        if not found:
            output.case.findings += [("arrived", f"{output.name}: {said}") for said in arrived.in_fly(output.case.spec, output.name, output.content)]


def one_by_one(kind, read):
    """A judge that takes a file at a time."""

    def every(outputs):
        for index, output in enumerate(outputs):
            try:
                output.found(kind, read(output, index) or [])
            except SystemExit as said:
                output.found(kind, [said])

    return every


KINDS = [
    (re.compile(r"(^|/)\.github/workflows/.*\.yml$"), ["yaml", "workflow"]),
    (re.compile(r"(\.dockerignore|\.env\.example|stack\.lock)$"), []),
    (re.compile(r"(^|[./])Dockerfile(\.[^/]*)?$"), ["dockerfile"]),
    (re.compile(r"\.ya?ml$"), ["yaml", "compose"]),
    (re.compile(r"(^|/)fly\.([^/]+\.)?toml$"), ["fly"]),
    (re.compile(r"nginx[^/]*\.conf\.template$"), ["nginx"]),
    (re.compile(r"Caddyfile$"), ["caddy"]),
    (re.compile(r"\.sh$"), ["shell"]),
]
JUDGES = {
    "bytes": one_by_one("bytes", lambda output, _: BYTES.findings(output.path.read_bytes())),
    "yaml": yamls,
    "workflow": workflows,
    "dockerfile": dockerfiles,
    "compose": one_by_one("compose", compose),
    "fly": flies,
    "nginx": one_by_one("nginx", lambda output, index: NGINX.judge(str(output.path), lint=index % SHARE == 0)),
    "caddy": one_by_one("caddy", lambda output, _: CADDY.judge(str(output.path))),
    "shell": scripts,
}
# Where each text needs to be read once alone.
ONCE = ("dockerfile", "shell", "workflow")
# Findings of other names that a judge makes on the way.
MADE_BY = {"arrived": ("compose", "fly")}


def read(cases, kind=None):
    """Gives every output of some cases to its judges; what they find stands in the cases. With a kind, to those of that kind alone."""
    lists = {name: [] for name in JUDGES}
    for case in cases:
        for output in (Output(case, name) for name in case.outputs):
            judges = next((judges for form, judges in KINDS if form.search(output.name)), None)
            # Images name their Dockerfile as they like.
            judges = ["dockerfile"] if judges is None and output.content.startswith("# syntax=docker/dockerfile") else judges
            output.found("kind", ["no judge for this kind of file"] if judges is None else [])
            for name in ["bytes", *(judges or [])]:
                lists[name].append(output)
    for name, outputs in lists.items():
        if outputs and kind in (None, name) or outputs and name in MADE_BY.get(kind, ()):
            JUDGES[name](fresh(outputs) if name in ONCE else outputs)
