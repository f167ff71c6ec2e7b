#!/usr/bin/env python3
"""Checks fly.toml files by themselves: no account, no network, nothing but Python's own library.

tables.json says which keys each table has and what a value may be; this file reads it, strictly: an unknown
key, another type or a value out of range is a finding. rules.py adds what only shows between keys.
Usage: check.py [--no-files] FILE…; --no-files leaves out whether the files named in it exist.
"""

import argparse
import json
import math
import pathlib
import re
import sys
import tomllib

import rules
import values
from app import App

TABLES = json.loads(pathlib.Path(__file__).with_name("tables.json").read_text("utf-8"))


def shared(word):
    """A list or pattern in place, or the one of that name under "words"."""
    return TABLES["words"].get(word, word) if isinstance(word, str) else word


def within(spec, amount, shown, read=lambda limit: limit):
    """Findings when `amount` lies outside of the spec's min and max, themselves read by `read`."""
    low, high = read(spec["min"]) if "min" in spec else -math.inf, read(spec["max"]) if "max" in spec else math.inf
    if not low <= amount <= high and not (spec.get("zero") and amount == 0):
        yield f"{shown} is outside of {spec.get('min', '…')} to {spec.get('max', '…')}"


def text(value, spec):
    if not isinstance(value, str):
        yield f"{value!r} is not text"
    elif not value and not spec.get("empty"):
        yield "is empty"
    elif "one_of" in spec and value not in (allowed := shared(spec["one_of"])):
        yield f"{value!r} is not one of {', '.join(allowed)}"
    elif "pattern" in spec and not re.fullmatch(spec["pattern"], value):
        yield f"{value!r} does not look like {spec['pattern']}"


def command(value, spec):
    yield from text(value, spec)
    if isinstance(value, str):
        yield from values.command_faults(value)


def whole(value, spec):
    if values.is_whole(value):
        yield from within(spec, value, value)
    else:
        yield f"{value!r} is not a whole number"


def port(value, _spec):
    yield from whole(value, {"min": 1, "max": 65535})


def number(value, spec):
    if not (values.is_whole(value) or isinstance(value, float)) or not value > spec["above"]:
        yield f"{value!r} is not a number above {spec['above']}"


def flag(value, _spec):
    if not isinstance(value, bool):
        yield f"{value!r} is not true or false"


def duration(value, spec):
    amount = values.seconds(value)
    if amount is None:
        yield f"{value!r} is not a duration: text with a unit, such as '10s'"
    else:
        yield from within(spec, amount, value, values.seconds)


def size(value, spec):
    amount = values.megabytes(value, spec["bare"])
    if amount is None:
        yield f"{value!r} is not a size such as '512mb'"
    else:
        yield from within(spec, amount, value, lambda limit: values.megabytes(limit, spec["bare"]))


def groups(value, _spec):
    if value == []:
        yield "names no group"
    yield from listed(value, {"of": {"type": "text"}, "distinct": True})


def listed(value, spec):
    if not isinstance(value, list):
        yield f"{value!r} is not a list"
        return
    for index, item in enumerate(value):
        yield from indexed(index, check(item, spec["of"]))
    if spec.get("distinct") and len({repr(item) for item in value}) < len(value):
        yield "names one twice"


def mapped(value, spec):
    if not isinstance(value, dict):
        yield f"{value!r} is not a table"
        return
    for key, item in value.items():
        if not re.fullmatch(shared(spec["keys"]), key):
            yield key, "is no name for this"
        yield from indexed(key, check(item, spec["of"]))


def table(value, spec):
    if not isinstance(value, dict):
        yield f"{value!r} is not a table"
        return
    known = {key: one for key, one in TABLES[spec["of"]].items() if key not in spec.get("without", [])}
    for key, item in value.items():
        if key in known:
            yield from indexed(key, check(item, known[key]))
        else:
            yield key, "unknown key"
    for key, one in known.items():
        if one.get("required") and key not in value:
            yield key, "is missing"


def tables(value, spec):
    if not isinstance(value, list) or not value:
        yield "is not an array of tables: [[…]]"
        return
    if len(value) > spec.get("max", len(value)):
        yield f"has {len(value)} entries, more than {spec['max']}"
    for index, item in enumerate(value):
        yield from indexed(index, table(item, spec))


def response_header(value, _spec):
    texts = value if isinstance(value, list) else [value]
    if value is not False and not all(isinstance(one, str) for one in texts):
        yield f"{value!r} is not text, a list of texts, or false"


TYPES = {
    "any": lambda _value, _spec: (),
    "command": command, "duration": duration, "flag": flag, "groups": groups, "list": listed, "map": mapped,
    "number": number, "port": port, "response_header": response_header, "size": size, "table": table,
    "tables": tables, "text": text, "whole": whole,
}


def check(value, spec):
    """Findings about one value, each a text, or a path below it and a text."""
    return TYPES[spec["type"]](value, spec)


def indexed(key, findings):
    """The findings with one more step in front of their path."""
    for finding in findings:
        path, said = finding if isinstance(finding, tuple) else ("", finding)
        yield f"{key}.{path}".rstrip("."), said


def findings(content, folder=None):
    """Everything wrong with the text of a fly.toml; with its folder, also with the files that it names."""
    try:
        data = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        return [f"is not TOML: {error}"]
    found = [f"{path}: {said}" for path, said in indexed("", table(data, {"of": "app"}))]
    found = [line.lstrip(".") for line in found]
    app = App(data, TABLES, folder)
    return found or [line for rule in rules.RULES for line in rule(app)]


def main():
    options = argparse.ArgumentParser(description="Check fly.toml files.")
    options.add_argument("--no-files", action="store_true", help="do not ask whether files named in it exist")
    options.add_argument("file", nargs="+", type=pathlib.Path)
    given = options.parse_args()
    failed = False
    for file in given.file:
        for line in findings(file.read_text("utf-8"), None if given.no_files else file.parent):
            print(f"{file}: {line}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
