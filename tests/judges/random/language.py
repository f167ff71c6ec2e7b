"""The language as the published schema has it: what may stand at a place of stack.yaml."""

import json
import pathlib
import re

SCHEMA = pathlib.Path(__file__).resolve().parents[3] / "schema/stack.schema.json"
# What an environment's overlay and a job have in common with others is looked up once.
SAME = [
    (re.compile(r"^environments\.\*\.(?=(services|images|volumes|networks|secrets|variables|routing|jobs)\b)"), ""),
    (re.compile(r"^jobs\.\*(?!\.(schedule|http|backup)\b)"), "services.*"),
    (re.compile(r"^images\.\*\.build\b"), "services.*.build"),
]


def usual(pattern):
    """The pattern under which a place is known: that of the base and of services."""
    for form, instead in SAME:
        pattern = form.sub(instead, pattern)
    return pattern


class Node:
    """What may stand at one place, a reference of the schema followed."""

    def __init__(self, schema, definitions):
        while "$ref" in schema:
            own = {key: value for key, value in schema.items() if key != "$ref"}
            schema = definitions[schema["$ref"].removeprefix("#/$defs/")] | own
        self.schema, self.definitions = schema, definitions

    def below(self, schema):
        return Node(schema, self.definitions)

    @property
    def types(self):
        known = self.schema.get("type") or self.schema.get("then", {}).get("type") or []
        return [known] if isinstance(known, str) else list(known)

    @property
    def properties(self):
        return {key: self.below(value) for key, value in self.schema.get("properties", {}).items()}

    @property
    def entries(self):
        """What stands below names of the user's own."""
        below = self.schema.get("additionalProperties")
        return self.below(below) if isinstance(below, dict) else None

    @property
    def items(self):
        below = self.schema.get("items") or self.schema.get("then", {}).get("items")
        return self.below(below) if isinstance(below, dict) else None

    @property
    def names(self):
        """The form of names of the user's own."""
        return self.schema.get("propertyNames", {}).get("pattern")

    @property
    def languages(self):
        """Of the keys of a build, those of languages: each shows itself as an example."""
        return [key for key, below in self.properties.items() if f"For example `{key}: " in below.get("description", "")]

    @property
    def is_door(self):
        """Whether it holds raw words of another tool, which are that tool's affair."""
        return self.schema.get("description", "").startswith("Raw words")

    def get(self, key, default=None):
        return self.schema.get(key, default)


def language():
    """The whole of stack.yaml."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    return Node(schema, schema["$defs"])
