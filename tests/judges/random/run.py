#!/usr/bin/env python3
"""Random stacks for the compiler: what is refused is refused at a line, and whatever compiles is accepted by all who will read it.

Usage: run.py STACKC [NUMBER [SEED]]. A stack that the compiler refuses loses the keys that it complains of until the rest compiles, so
that nearly every one tries both. Prints a line `ok …` or `FAIL …` for each batch; a stack that fails, as small as it could be made, with it.
"""

import collections
import concurrent.futures
import os
import pathlib
import random
import sys
import tempfile
import time

import yaml

import generate
import readers
from compiler import Case
from place import paths, without

BATCH = 50
ROUNDS = 25
# Seconds to make a failing stack smaller, and how many of a batch's are shown.
SMALLER = 20
SHOWN = 3
# Warnings that leave outputs which do not work here.
MENDED = {"missing-source", "missing-lockfile"}


def mended(case):
    """Takes out what the compiler complains of until it compiles. Says whether it came to that."""
    complained = collections.Counter()
    for turn in range(ROUNDS):
        errors = case.errors()
        if case.findings:
            return False
        if turn == 0 and errors:
            case.refused()
        told = errors + [one for one in case.diagnostics if one["code"] in MENDED and one["severity"] != "error"]
        if not told:
            return True
        dropped = []
        for error in told:
            path = case.written.path(error["start"]["byte"])
            complained[path] += 1
            # What comes back is not about this key alone.
            dropped.append(path[: max(1, len(path) - complained[path] + 1)])
        case.change(without(case.spec, dropped))
    return False


def examined(stackc, specs, folder, mend=True, kind=None):
    """The cases of some specs, built and judged; by the judges of one kind alone where it is given."""
    cases = []
    for index, spec in specs.items():
        case = Case(stackc, spec, pathlib.Path(folder) / str(index))
        case.lay()
        case.compiled = mended(case) if mend else case.errors() == []
        if case.compiled:
            case.build()
        cases.append(case)
    readers.read(cases, kind)
    return cases


def smaller(stackc, case):
    """The stack without what its first finding does not need, as far as time allows."""
    kind, spec, until = case.findings[0][0], case.spec, time.monotonic() + SMALLER
    again = True
    while again:
        again = False
        for path in list(paths(spec)):
            candidate = without(spec, [path])
            if candidate == spec:
                continue
            if time.monotonic() > until:
                return spec
            with tempfile.TemporaryDirectory() as folder:
                (trial,) = examined(stackc, {0: candidate}, folder, mend=False, kind=kind)
            if any(found == kind for found, _ in trial.findings):
                spec, again = candidate, True
    return spec


def batch(stackc, seed, first, last):
    """The lines about one batch."""
    specs = {index: generate.stack(random.Random(f"{seed}:{index}")) for index in range(first, last)}
    with tempfile.TemporaryDirectory() as folder:
        cases = examined(stackc, specs, folder)
        compiled, outputs = sum(case.compiled for case in cases), sum(len(case.outputs) for case in cases)
        failed = [case for case in cases if case.findings]
        name = f"stacks {first} to {last - 1} of seed {seed}"
        if not failed and compiled < len(cases) / 2:
            return [f"FAIL {name}: only {compiled} of {len(cases)} came to compile"]
        if not failed:
            return [f"ok {name}: {compiled} compiled, {outputs} outputs"]
        lines = [f"FAIL {name}"]
        for index, case in enumerate(failed):
            lines += [f"  {case.folder.name}: {kind}: {line}" for kind, said in case.findings for line in said.splitlines()[:8]]
            if index < SHOWN:
                lines += ["  " + line for line in yaml.safe_dump(smaller(stackc, case), sort_keys=False, allow_unicode=True).splitlines()]
        return lines


def main(stackc, number=500, seed=1):
    number = int(number)
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        work = [pool.submit(batch, os.path.abspath(stackc), seed, first, min(first + BATCH, number)) for first in range(0, number, BATCH)]
        for done in work:
            print("\n".join(done.result()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
