#!/usr/bin/env python3
"""Holds what Docker Compose makes of a spec's files against what was meant, and .env.example against both.

Usage: meant.py [--bless] SPEC [BUILT]. BUILT is a copy of the folder SPEC with its outputs; without it, $STACKC builds one.
For each Compose environment, SPEC/expected/<environment>.json says what its services are, in Compose's own words. --bless writes
these files: read each against stack.yaml before it is committed.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

# What was meant stands in these keys; everything else is how it is done.
KEPT = ("image", "build", "entrypoint", "command", "working_dir", "user", "environment", "ports", "volumes", "tmpfs", "depends_on",
        "healthcheck", "restart", "stop_grace_period", "stop_signal", "deploy", "profiles", "networks", "secrets", "configs", "labels", "shm_size", "ulimits")
# What every service has that says no more of them.
USUAL = {"networks": {"default": None}, "entrypoint": None, "command": None, "deploy": {}}
MENTIONED = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
REQUIRED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*):?\?")
LINE = re.compile(r"^(# )?([A-Za-z_][A-Za-z0-9_]*)=(.*)$")


class Example:
    """A .env.example: what each variable is, and who needs it."""

    def __init__(self, text):
        self.variables = {}
        users = {"Needed by": set(), "Optional, used by": set()}
        for line in text.splitlines():
            note = re.match(r"# (Needed by|Optional, used by): (.+)$", line)
            entry = LINE.match(line)
            if note:
                users[note[1]] = set(note[2].replace(" (has a value of its own)", "").split(", "))
            elif entry:
                self.variables[entry[2]] = {"default": entry[3] if entry[1] else None, "needed": users["Needed by"],
                                            "optional": users["Optional, used by"]}
            if entry or not line:
                users = {"Needed by": set(), "Optional, used by": set()}

    def filled(self):
        """Every variable with a value: its default, else one that tells its name."""
        return "".join(f"{name}={self.value(name)}\n" for name in self.variables)

    def required(self, environment):
        """Just what the environment cannot do without."""
        names = [name for name, known in self.variables.items() if environment in known["needed"] and known["default"] is None]
        return "".join(f"{name}={self.value(name)}\n" for name in names)

    def value(self, name):
        default = self.variables.get(name, {}).get("default")
        made = "18080" if name.endswith("PORT") else f"value-of-{name.lower().replace('_', '-')}"
        return made if default in (None, "", "''", '""') else default


class Compose:
    """Docker Compose on one file, with none of this machine's variables."""

    def __init__(self, path):
        self.path = path

    def config(self, env, *arguments):
        """Exit code, stdout and stderr of `config` with the variables of the text `env`."""
        with tempfile.TemporaryDirectory() as home:
            env_file = pathlib.Path(home, "env")
            env_file.write_text(env, "utf-8")
            run = subprocess.run(
                ["docker-compose", "--file", str(self.path), "--env-file", str(env_file), *arguments[:-1], "config", arguments[-1]],
                capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"], "HOME": home})
        return run.returncode, run.stdout, re.sub(r'time="[^"]*" ', "", run.stderr).strip()


def strings(value):
    """All texts of a YAML value."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


def found(pattern, value):
    """The variables that a value mentions; `$$` is a dollar."""
    return {name for text in strings(value) for name in pattern.findall(text.replace("$$", ""))}


def variables(data, example, environment):
    """Each variable that the file mentions is in .env.example, for this environment."""
    from_outside = {item["environment"] for item in (data.get("secrets") or {}).values() if "environment" in (item or {})}
    for name in sorted(found(MENTIONED, data) | from_outside):
        known = example.variables.get(name)
        if known is None:
            yield f".env.example lacks {name}"
        elif environment not in known["needed"] | known["optional"]:
            yield f".env.example does not say that {environment} uses {name}"


def blocked(compose, data, example, environment):
    """Missing variables: what always runs asks for its own by name; what a profile needs stops nobody else."""
    always, others = {}, {}
    for name, service in data["services"].items():
        (others if service.get("profiles") else always)[name] = service
    needed = found(REQUIRED, {key: value for key, value in data.items() if key != "services"} | {"services": always})
    for name in sorted(found(REQUIRED, others) - needed):
        yield f"{name} is needed by a profile alone, and blocks every command"
    if needed:
        code, _, said = compose.config("", "--quiet")
        if code == 0 or not any(name in said for name in needed):
            yield f"without variables: asks for none of {sorted(needed)}: {said or 'accepted'}"
    just = "".join(f"{name}={example.value(name)}\n" for name in sorted(needed))
    for what, env in (("what always runs", just), ("what .env.example calls needed", example.required(environment))):
        code, _, said = compose.config(env, "--quiet")
        if code or said:
            yield f"with {what}: {said or code}"


def accepted(compose, example, profiles):
    """With everything filled in, no profile, each, and all."""
    for chosen in [[], *([["--profile", profile] for profile in [*profiles, "*"]] if profiles else [])]:
        code, _, said = compose.config(example.filled(), *chosen, "--quiet")
        if code or said:
            yield f"{' '.join(chosen) or 'no profile'}: {said or code}"


def reduced(service, folder):
    """What was meant by a service that Compose has normalised."""
    kept = {}
    for key in KEPT:
        value = service.get(key)
        if value in (None, [], {}) or value == USUAL.get(key):
            continue
        kept[key] = SHORT.get(key, lambda same: same)(value)
    if "deploy" in kept:
        limits = service["deploy"].get("resources", {}).get("limits", {})
        kept["deploy"] = {key: value for key, value in {"replicas": service["deploy"].get("replicas"), **limits}.items() if value is not None}
    return relative(kept, folder)


def port(value):
    address = f"{value['host_ip']}:" if value.get("host_ip") else ""
    return f"{address}{value.get('published', '')}:{value['target']}/{value['protocol']}"


def mount(value):
    kept = {key: value[key] for key in ("type", "source", "target", "read_only") if key in value}
    made = value.get("bind", {}).get("create_host_path")
    return kept | ({"create_host_path": made} if made is not None and value["type"] == "bind" else {})


SHORT = {
    "ports": lambda ports: [port(value) for value in ports],
    "volumes": lambda mounts: [mount(value) for value in mounts],
    "depends_on": lambda names: {name: value["condition"] for name, value in names.items()},
    "networks": lambda names: sorted(names),
    "healthcheck": lambda check: {key: value for key, value in check.items() if value is not None},
}


def relative(value, folder):
    """Without this machine's paths, and with `$` as the container gets it: Compose prints it twice."""
    if isinstance(value, dict):
        return {key: relative(item, folder) for key, item in value.items()}
    if isinstance(value, list):
        return [relative(item, folder) for item in value]
    if isinstance(value, str):
        text = value.replace("$$", "$")
        inside = text == str(folder) or text.startswith(f"{folder}/")
        return f".{text[len(str(folder)):]}" if inside else text
    return value


def made(compose, example, folder):
    """What Docker Compose makes of the file, with all profiles."""
    code, printed, said = compose.config(example.filled(), "--profile", "*", "--format=json")
    if code:
        return None, said
    whole = json.loads(printed)
    services = {name: reduced(service, folder) for name, service in whole["services"].items()}
    return {"name": whole["name"], "services": services, "volumes": sorted(whole.get("volumes") or {})}, ""


def differences(meant, made, path=""):
    """Where two values differ, a line each."""
    if isinstance(meant, dict) and isinstance(made, dict):
        lines = [f"{path}.{key}: meant, and not there" for key in meant if key not in made]
        lines += [f"{path}.{key}: there, and not meant: {json.dumps(made[key])}" for key in made if key not in meant]
        return lines + [line for key in meant if key in made for line in differences(meant[key], made[key], f"{path}.{key}")]
    return [] if meant == made else [f"{path}: meant {json.dumps(meant)}, is {json.dumps(made)}"]


def environments(spec):
    """The Compose environments and their files."""
    stack = yaml.safe_load(pathlib.Path(spec, "stack.yaml").read_text("utf-8"))
    for name, environment in (stack.get("environments") or {}).items():
        if environment["platform"] == "compose":
            yield name, environment.get("file", "docker-compose.yml")


def judge(spec, built, bless):
    """All findings about the Compose files of a built spec."""
    path = built / ".env.example"
    example = Example(path.read_text("utf-8") if path.exists() else "")
    expected = spec / "expected"
    names = set()
    for name, file in environments(built):
        names.add(f"{name}.json")
        compose, data = Compose(built / file), yaml.safe_load((built / file).read_text("utf-8"))
        profiles = sorted({profile for service in data["services"].values() for profile in service.get("profiles") or []})
        lines = [*variables(data, example, name), *accepted(compose, example, profiles), *blocked(compose, data, example, name)]
        result, said = made(compose, example, built)
        if result is None:
            lines.append(said)
        elif bless:
            expected.mkdir(exist_ok=True)
            (expected / f"{name}.json").write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", "utf-8")
        elif not (expected / f"{name}.json").exists():
            lines.append(f"expected/{name}.json is missing: tests/judges/bless {spec.name}, then read it")
        else:
            lines += differences(json.loads((expected / f"{name}.json").read_text("utf-8")), result)
        yield from (f"{name}: {line}" for line in lines)
    if expected.exists():
        yield from (f"expected/{file.name} belongs to no Compose environment" for file in expected.iterdir() if file.name not in names)


def main(arguments):
    bless = "--bless" in arguments
    folders = [pathlib.Path(argument).resolve() for argument in arguments if argument != "--bless"]
    with tempfile.TemporaryDirectory() as work:
        spec = folders[0]
        built = folders[1] if len(folders) > 1 else pathlib.Path(work).resolve() / "stack"
        if len(folders) == 1:
            shutil.copytree(spec, built, symlinks=True)
            subprocess.run([os.environ["STACKC"], "build", "--directory", str(built)], check=True, stdout=subprocess.DEVNULL)
        lines = list(judge(spec, built, bless))
    print("\n".join(lines))
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
