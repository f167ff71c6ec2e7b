#!/usr/bin/env python3
"""Proves that meant.py can say no: each wrong file is found out, in the words beside it."""

import json
import pathlib
import tempfile

import meant

STACK = "environments: {dev: {platform: compose}}\n"
FILE = """
name: shop
services:
  api:
    image: acme/api:1
    environment: {A: "1", TOKEN: "${TOKEN:?set it}"}
"""
EXAMPLE = "# Needed by: dev\nTOKEN=\n"
EXPECTED = {"name": "shop", "volumes": [], "services": {
    "api": {"image": "acme/api:1", "environment": {"A": "1", "TOKEN": "value-of-token"}}}}
PROFILE = "  tool: {image: 'acme/tool:1', profiles: [ops], environment: {KEY: '${KEY:?set it}'}}\n"

CASES = [
    ("as meant", {}, None),
    ("another value", {"file": FILE.replace('"1"', '"2"')}, '.services.api.environment.A: meant "1", is "2"'),
    ("a value more", {"file": FILE.replace('{A: "1"', '{A: "1", B: "2"')}, ".services.api.environment.B: there, and not meant"),
    ("another service", {"file": FILE.replace("  api:", "  app:")}, ".services.api: meant, and not there"),
    ("no expectation", {"expected": None}, "expected/dev.json is missing"),
    ("a variable that is nowhere", {"example": ""}, ".env.example lacks TOKEN"),
    ("a variable without its user", {"example": "TOKEN=\n"}, "does not say that dev uses TOKEN"),
    ("a needed one that is called optional", {"example": "# Optional, used by: dev\nTOKEN=\n"}, "with what .env.example calls needed"),
    ("a profile that blocks", {"file": FILE + PROFILE}, "KEY is needed by a profile alone"),
]


def found(changes):
    parts = {"file": FILE, "example": EXAMPLE, "expected": EXPECTED} | changes
    with tempfile.TemporaryDirectory() as folder:
        spec = pathlib.Path(folder).resolve()
        (spec / "stack.yaml").write_text(STACK, "utf-8")
        (spec / "docker-compose.yml").write_text(parts["file"], "utf-8")
        (spec / ".env.example").write_text(parts["example"], "utf-8")
        (spec / "expected").mkdir()
        if parts["expected"]:
            (spec / "expected/dev.json").write_text(json.dumps(parts["expected"]), "utf-8")
        return "\n".join(meant.judge(spec, spec, False))


for what, changes, words in CASES:
    said = found(changes)
    print(f"ok {what}" if (words in said if words else not said) else f"FAIL {what}\n  {said or 'accepted'}")
