#!/usr/bin/env python3
"""Holds the checker to its word: it accepts every file in accept/ and refuses each line of refuse.json.

A line is [file, find, replace, message]: the accepted file with one text replaced has to be refused with a
finding that holds the message. Prints one `ok` or `FAIL` line a case; the exit code says whether all are ok.
"""

import json
import pathlib
import sys

from check import findings

HERE = pathlib.Path(__file__).parent
ACCEPT = HERE / "accept"


def accepted(path):
    """What is wrong with a file that should be accepted."""
    return "; ".join(findings(path.read_text("utf-8"), ACCEPT))


def refused(name, find, replace, message):
    """What is wrong with the refusal of a mutated file."""
    good = ACCEPT.joinpath(f"{name}.toml").read_text("utf-8")
    if find not in good:
        return f"{find!r} is not in the file"
    found = findings(good.replace(find, replace, 1), ACCEPT)
    return "" if any(message in line for line in found) else f"found {found}, not {message!r}"


def main():
    cases = [(path.name, accepted(path)) for path in sorted(ACCEPT.glob("*.toml"))]
    mutations = json.loads(HERE.joinpath("refuse.json").read_text("utf-8"))
    cases += [(f"{name}.toml, {find!r} made {replace!r}", refused(name, find, replace, message))
              for name, find, replace, message in mutations]
    for name, fault in cases:
        print(f"FAIL {name}: {fault}" if fault else f"ok {name}")
    return 1 if any(fault for _, fault in cases) else 0


sys.exit(main())
