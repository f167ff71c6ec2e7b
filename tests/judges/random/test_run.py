#!/usr/bin/env python3
"""Holds the random stacks to what they promise: every key comes, a seed always gives the same, and a compiler that misbehaves is found.

Usage: test_run.py STACKC. Prints a line `ok …` or `FAIL …` for each case.
"""

import os
import pathlib
import random
import sys
import tempfile

import generate
from language import language, usual
from run import examined

# Stacks in which every key has to come.
ENOUGH = 2500
STACK = {
    "name": "shop", "services": {"api": {"image": "ghcr.io/acme/api:1", "env": {"A": "written"}, "ports": {"http": 80}}},
    "environments": {"dev": {"platform": "compose"}, "live": {"platform": "fly", "region": "fra"}},
}
WRONG = STACK | {"volumes": []}
# What a bad compiler does after the good one has run, and the kind of finding that it is.
BAD = [
    ("a panic", "build", STACK, "echo panicked >&2; exit 101", "panic"),
    ("a file in spite of a refusal", "build", WRONG, "touch left", "wrote"),
    ("a finding without a place", "validate", WRONG, "", "no place"),
    ("a value that changes on its way", "build", STACK, "sed -i s/written/changed/ docker-compose.yml", "arrived"),
    ("a Compose file that is refused", "build", STACK, "printf 'x: 1\\n' >>docker-compose.yml", "compose"),
    ("YAML that readers take for different things", "build", STACK, "printf 'x-a: on\\n' >>docker-compose.yml", "yaml"),
    ("a fly.toml with an unknown key", "build", STACK, "sed -i '1a nothing = 1' api/fly.toml", "fly"),
    ("a script with a slip", "build", STACK, "printf 'echo $1\\n' >>deploy/live.sh", "shell"),
    ("another file at each build", "build", STACK, "date +%N >deploy/now.sh", "unstable"),
    ("an output that nobody reads", "build", STACK, "touch what", "kind"),
]


def keys(value, node, pattern, found):
    """The keys of a stack, each as its usual place."""
    if isinstance(value, list):
        for item in value:
            keys(item, node, pattern, found)
    for key, below in (value.items() if isinstance(value, dict) else ()):
        place = ".".join(filter(None, (pattern, key if key in node.properties else "*")))
        found.add(usual(place))
        known = node.properties.get(key) or node.entries
        if known and not known.is_door:
            keys(below, known.items if isinstance(below, list) and known.items else known, place, found)


def all_keys(node, pattern, found):
    """The keys that the schema has."""
    for key, below in node.properties.items():
        place = ".".join(filter(None, (pattern, key)))
        if usual(place) not in found:
            found.add(usual(place))
            if not below.is_door:
                all_keys(below, place, found)
    if node.entries:
        all_keys(node.entries, f"{pattern}.*", found)
    if node.items:
        all_keys(node.items, pattern, found)


def every_key_comes():
    there, wanted = set(), set()
    for index in range(ENOUGH):
        keys(generate.stack(random.Random(f"keys:{index}")), language(), "", there)
    all_keys(language(), "", wanted)
    # The pinned Docker Compose does not know it.
    missing = sorted(wanted - there - {"services.*.develop.watch.include"})
    return f"never come: {missing}" if missing or len(wanted) < 150 else ""


def a_seed_gives_the_same():
    one, same, other = (generate.stack(random.Random(seed)) for seed in ("1:7", "1:7", "1:8"))
    return "" if one == same != other else "two stacks of one seed differ, or two of different seeds do not"


def bad_compiler(stackc, folder, command, script):
    """The compiler, with something done after one of its commands."""
    path = pathlib.Path(folder) / "stackc"
    hide = "| sed 's/\"file\": \"stack.yaml\"/\"file\": \"other.yaml\"/'" if not script else ""
    path.write_text(f"#!/bin/bash\nset -o pipefail\n'{stackc}' \"$@\" {hide}\ncode=$?\n[ \"$1\" != {command} ] || {{ {script or ':'}; }}\nexit $code\n")
    path.chmod(0o755)
    return str(path)


def good(stackc):
    with tempfile.TemporaryDirectory() as folder:
        (case,) = examined(stackc, {0: STACK}, folder)
    return f"found: {case.findings}" if case.findings or not case.compiled else ""


def found_in(stackc, command, stack, script, kind):
    with tempfile.TemporaryDirectory() as folder:
        (bad,) = examined(bad_compiler(stackc, folder, command, script), {0: stack}, f"{folder}/bad", kind=kind)
    return "" if any(found == kind for found, _ in bad.findings) else f"not found, but {bad.findings}"


def main(stackc):
    cases = [("every key comes", every_key_comes()), ("a seed gives the same", a_seed_gives_the_same())]
    stackc = os.path.abspath(stackc)
    cases.append(("the compiler as it is", good(stackc)))
    cases += [(name, found_in(stackc, command, stack, script, kind)) for name, command, stack, script, kind in BAD]
    for name, fault in cases:
        print(f"FAIL {name}: {fault}" if fault else f"ok {name}")
    return 1 if any(fault for _, fault in cases) else 0


sys.exit(main(*sys.argv[1:]))
