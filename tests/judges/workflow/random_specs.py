#!/usr/bin/env python3
"""Feeds the workflows of random specs to their judge: whatever compiles has no finding, whatever does not is refused with its line.

Usage: random_specs.py STACKC [NUMBER [SEED]]. Prints a line `ok …` or `FAIL …` for each batch.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

BATCH = 50
# Texts that a format could take for something of its own.
TEXTS = ["plain", "it's", 'say "x"', "a: b # c", "$${{ secrets.X }}", "$$(id)", "`id`", "on", "1.10", "x\ny", "é ✓",
         "${secrets.TOKEN}", "${TAG:-main}", "${OWNER}/x", "${stack.name}", "-rf", "*", "%s", "\\n", "'", "{0}", "}}"]
LINES = ["make test", "pytest -q \"tests/unit\"", "for f in a b; do\n  echo \"$f\"\ndone", "printf '%s\\n' \"$HOME\"", "[[ -n ${X:-} ]] || true"]
REGISTRIES = ["ghcr.io/acme/shop", "${HOST}/${OWNER}", "registry.example.com:5000/x", "acme", "${OWNER}", "localhost:5000/a"]


def some(pick, values, most=3):
    return pick.sample(values, pick.randint(0, min(most, len(values))))


def maybe(pick, spec, key, value, chance=0.5):
    if pick.random() < chance:
        spec[key] = value() if callable(value) else value


def test(pick, names):
    spec = {"steps": some(pick, LINES) or ["true"]}
    maybe(pick, spec, "services", lambda: some(pick, names, 2))
    maybe(pick, spec, "env", lambda: {f"V{index}": text for index, text in enumerate(some(pick, TEXTS, 6))})
    maybe(pick, spec, "env_file", [".env.test"], 0.3)
    maybe(pick, spec, "working_dir", lambda: pick.choice([".", "a b", "tests"]), 0.3)
    maybe(pick, spec, "paths", lambda: some(pick, ["src", "a b/**", "!docs", "x/*.py", "it's"]))
    maybe(pick, spec, "timeout", lambda: pick.choice(["90s", "2h", "45m"]), 0.3)
    return spec


def service(pick, name, names):
    kind = pick.choice(["python", "own", "image", "node" if name == "web" else "own"])
    port = 9000 + names.index(name)
    spec = {"ports": {"http": {"port": port, "publish": pick.choice([True, f"127.0.0.1:{port}", f"${{PORT{port}:-{port}}}"])}}}
    if kind == "image":
        spec["image"] = "postgres:17"
    elif kind == "own":
        spec["build"] = {"context": pick.choice([".", name]), "dockerfile": "Dockerfile"}
        maybe(pick, spec["build"], "target", "final")
    elif kind == "python":
        spec["path"] = name
        spec["build"] = {"context": name, "python": {"version": "3.13", "requirements": "requirements.txt"}}
    else:
        spec["build"] = {"node": {"version": 22, "package_manager": "pnpm@10.15.0", "output": "dist"}, "copy": ["src"]}
        spec["serve"] = "nginx:stable-alpine"
    if kind in ("own", "node"):
        maybe(pick, spec["build"], "args", lambda: {f"A{index}": text for index, text in enumerate(some(pick, TEXTS[:11], 3))})
        maybe(pick, spec["build"], "secrets", ["BUILD_TOKEN"])
    maybe(pick, spec, "test", lambda: test(pick, names))
    if "test" in spec and kind in ("python", "node"):
        maybe(pick, spec["test"], "versions", lambda: some(pick, ["3.10", "3.13", "22"]))
    return spec


def stack(pick):
    names = ["api", "web", "a-b", "db"][: pick.randint(1, 4)]
    services = {name: service(pick, name, names) for name in names}
    github = {}
    maybe(pick, github, "check", lambda: pick.random() < 0.7)
    maybe(pick, github, "test", lambda: pick.random() < 0.8, 0.3)
    maybe(pick, github, "branch", lambda: pick.choice(["main", "release/2.0", "trunk"]))
    if pick.random() < 0.8:
        images = github["images"] = {}
        maybe(pick, images, "tags", lambda: pick.choice([["sha"], ["main"], ["main", "sha", "semver"], ["semver"]]))
        maybe(pick, images, "scan", "trivy")
        maybe(pick, images, "promote", "latest")
        maybe(pick, images, "cache", "gha")
        maybe(pick, images, "platforms", lambda: some(pick, ["linux/amd64", "linux/arm64", "linux/arm/v7"]))
        maybe(pick, images, "before", lambda: some(pick, LINES))
        maybe(pick, images, "env", lambda: {f"B{index}": text for index, text in enumerate(some(pick, TEXTS))})
    spec = {}
    if "serve" in services.get("web", {}):
        spec["routing"] = {"edge": "web", "hosts": {"*": {"routes": {"/*": {"site": "web"}}}}}
    environments = {"dev": {"platform": "compose", "file": "docker-compose.yml"}}
    maybe(pick, environments, "prod", lambda: {"platform": "compose", "file": "prod.yml", "pull": True})
    return spec | {
        "name": "shop", "registry": pick.choice(REGISTRIES), "services": services,
        "variables": {"TAG": "main", "OWNER": {"required": True}, "HOST": "ghcr.io"},
        "secrets": {"TOKEN": {}, "BUILD_TOKEN": {"stage": "build"}},
        "environments": environments, "ci": {"github": github},
    }


def build(stackc, spec, folder):
    """The workflows of a spec that compiles; none where it is refused with a line."""
    folder.mkdir()
    # JSON is YAML.
    (folder / "stack.yaml").write_text(json.dumps(spec, indent=1), encoding="utf-8")
    run = subprocess.run([stackc, "build", "-q", "-C", folder], capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return sorted((folder / ".github/workflows").glob("*.yml"))
    if run.returncode != 1 or "stack.yaml:" not in run.stderr + run.stdout:
        raise RuntimeError(f"code {run.returncode}: {run.stderr}{run.stdout}\n{json.dumps(spec)}")
    return []


def main(stackc, number=200, seed=7):
    pick = random.Random(int(seed))
    judge = os.path.join(os.environ["JUDGES_HOME"], "judge/workflow")
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, int(number), BATCH):
            files, what = [], f"specs {start} to {start + BATCH - 1}"
            try:
                for index in range(start, start + BATCH):
                    files += build(stackc, stack(pick), pathlib.Path(folder) / str(index))
                if not files:
                    raise RuntimeError("none compiles")
                run = subprocess.run([judge, *files], capture_output=True, text=True, check=False)
                said = run.stdout + run.stderr if run.returncode else ""
            except RuntimeError as error:
                said = str(error)
            if said:
                print(f"FAIL {what}\n  " + "\n  ".join(said.splitlines()[:60]))
            else:
                print(f"ok {what}: {len(files)} workflows")


main(*sys.argv[1:])
