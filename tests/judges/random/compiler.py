"""The compiler at work on one stack: how it must behave whatever is in it, and what it made."""

import difflib
import json
import os
import pathlib
import re
import shutil
import subprocess

import words
from place import Written

# What a user must never read: the inside of the compiler.
INSIDE = re.compile(r"\b(Option|Vec|BTreeMap|HashMap|serde|struct|untagged|[iu](8|16|32|64|128)|[ui]size|f64|NoneType|unwrap)\b|\w::\w|#/\$?def|/properties/|Some\(|Ok\(|Err\(")
PLACED = ("message", "label", "help")


# What may differ where an environment has no others beside it: the marker, the project's name, and what an entrypoint needs that an image has
# for Fly's sake.
OTHERWISE = re.compile(r"^# stackc:1 .*\n|^name: .*\n|^ *# What entrypoint\.sh needs .*\n|^ *cap_add: .*\n", re.M)


class Case:
    """A stack in a folder of its own."""

    def __init__(self, stackc, spec, folder):
        self.stackc, self.spec, self.folder = stackc, spec, pathlib.Path(folder)
        self.written = Written(spec)
        self.findings, self.outputs, self.diagnostics = [], [], []

    def found(self, kind, said):
        self.findings.append((kind, said))

    def run(self, *arguments):
        """One call of the compiler; a panic, or another code than 0 and 1, is a finding."""
        run = subprocess.run([self.stackc, *arguments], cwd=self.folder, capture_output=True, text=True, check=False,
                             env={"PATH": os.environ["PATH"], "NO_COLOR": "1"})
        if run.returncode not in (0, 1):
            self.found("panic" if "panicked" in run.stderr else "exit", f"`{arguments[0]}` ended with {run.returncode}: {run.stderr[-1500:]}")
        return run

    def lay(self):
        """The files that it may name, and its own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, content in words.FILES.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
        self.write()

    def write(self):
        (self.folder / "stack.yaml").write_text(self.written.text, "utf-8")

    def change(self, spec):
        """Another spec in its place."""
        self.spec, self.written = spec, Written(spec)
        self.write()

    def errors(self):
        """The errors of the spec; each with a place in it and in the user's words."""
        run = self.run("validate", "--format", "json")
        if run.returncode not in (0, 1):
            return None
        self.diagnostics = json.loads(run.stdout)["findings"]
        for one in self.diagnostics:
            said = " ".join(one[key] or "" for key in PLACED)
            if one["file"] != "stack.yaml" or not 0 <= one["start"]["byte"] < one["end"]["byte"] <= self.written.length:
                self.found("no place", f"{one['code']}: {said}: {one['file']} {one['start']} to {one['end']}")
            if INSIDE.search(said) and not INSIDE.search(self.written.text):
                self.found("words", f"{one['code']}: {said}")
        errors = [one for one in self.diagnostics if one["severity"] == "error"]
        if bool(errors) != (run.returncode == 1):
            self.found("exit", f"`validate` ended with {run.returncode}, with {len(errors)} errors")
        return errors

    def files(self):
        """Every file but those that were laid out, with when it was written."""
        laid = {*words.FILES, "stack.yaml"}
        every = (path for path in self.folder.rglob("*") if path.is_file())
        return {name: path.stat().st_mtime_ns for path in every if (name := path.relative_to(self.folder).as_posix()) not in laid}

    def refused(self):
        """A refusal leaves no file behind."""
        run = self.run("build", "-q")
        if run.returncode == 0:
            self.found("exit", "`validate` refuses it, `build` does not")
        if "stack.yaml:" not in run.stderr + run.stdout:
            self.found("no place", f"`build` names no line of stack.yaml: {run.stderr}{run.stdout}")
        if made := self.files():
            self.found("wrote", f"refused, and {sorted(made)} were written")

    def build(self):
        """Its outputs; they fit right after, and a second run changes nothing."""
        run = self.run("build", "-q")
        if run.returncode != 0:
            self.found("build", f"`validate` accepts it, `build` does not: {run.stdout}{run.stderr}")
            return
        before = self.files()
        self.outputs = sorted(before)
        check = self.run("check", "-q")
        if check.returncode != 0:
            self.found("check", f"`check` right after `build`: {check.stdout}{check.stderr}")
        self.run("build", "-q")
        changed = {name for name, _ in self.files().items() ^ before.items()}
        if changed:
            self.found("unstable", f"the second build changed {sorted(changed)}")
        for name in self.spec.get("environments") or {}:
            check = self.run("check", "-q", "--env", name)
            if check.returncode != 0:
                self.found("check", f"`check --env {name}` right after `build`: {check.stdout}{check.stderr}")
        self.alone()

    def alone(self):
        """The Compose file of an environment does not depend on what other environments there are."""
        environments = self.spec.get("environments") or {}
        # An image that serves holds the routes of every environment, and each sets variables for the differences.
        if "routing" in self.spec or any("routing" in environment for environment in environments.values()):
            return
        for name, environment in environments.items():
            file = environment.get("file", "docker-compose.yml")
            if len(environments) == 1 or environment["platform"] != "compose":
                continue
            only = self.spec | {"environments": {name: environment}, "overrides": {}}
            if (only.get("ci") or {}).get("github"):
                only["ci"] = {"github": {key: value for key, value in only["ci"]["github"].items() if key != "deploy"}}
            case = Case(self.stackc, only, self.folder / "alone")
            case.lay()
            if case.run("build", "-q").returncode == 0:
                ours, theirs = (OTHERWISE.sub("", (folder / file).read_text("utf-8")) for folder in (self.folder, case.folder))
                if ours != theirs:
                    lines = difflib.unified_diff(theirs.splitlines(), ours.splitlines(), "alone", "beside others", lineterm="", n=1)
                    self.found("interferes", f"{file}: " + "\n".join(lines))
            shutil.rmtree(case.folder)
            break
