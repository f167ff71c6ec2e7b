"""Runs the cases one after the other, prints a line for each check, and closes with their number."""

import pathlib
import sys
import time

import case
import restore
import scenes
import server
from docker import Failed

CASES = pathlib.Path(__file__).parent / "cases"
# The cases that are no folder of words.
SERVER, RESTORE = "server", "restore"


def checks(one):
    """What is tried with a case, in order: what it is, what it does, and whether all after it hangs on it."""
    words = one.words
    yield "compile", one.compile, True
    yield "build", one.build, True
    if "rebuild" in words:
        yield "build again, with changed sources", lambda: one.rebuild(words["rebuild"]), True
    yield "up --wait", one.up, True
    for wanted in words.get("ask", []):
        verb, path = next(iter(wanted.items()))
        yield f"{verb} {path}", lambda wanted=wanted: one.ask(wanted), False
    for name, value in words.get("env", {}).items():
        yield f"env {name}", lambda name=name, value=value: one.env(name, value), False
    for service, users in words.get("processes", {}).items():
        yield f"users of {service}", lambda service=service, users=users: one.users(service, users), False
    for service, codes in words.get("stop", {}).items():
        codes = codes if isinstance(codes, list) else [codes]
        yield f"stop {service}", lambda service=service, codes=codes: one.stop(service, codes), False
    if "secret" in words:
        for what, run in case.secret_checks(one, words["secret"]):
            yield what, run, False
    yield "down", one.down, False
    if "scenes" in words:
        for what, run in scenes.checks(one, words["scenes"]):
            yield what, run, False


def try_all(name, checks, forget, counts):
    """What hangs on a check that fails is not tried, and what is left is forgotten."""
    start = time.monotonic()
    for what, check, needed in checks:
        begun = time.monotonic()
        try:
            check()
        except (Failed, OSError, ValueError, LookupError) as failed:
            counts["failed"] += 1
            print(f"FAIL {name}: {what}", *f"{type(failed).__name__}: {failed}".splitlines()[-60:], sep="\n  ", flush=True)
            if needed:
                forget()
                break
        else:
            counts["passed"] += 1
            print(f"ok {name}: {what}, {time.monotonic() - begun:.1f} s", flush=True)
    print(f"== {name}: {time.monotonic() - start:.0f} s", flush=True)


def run(name, counts):
    if name == SERVER:
        machine = server.Server()
        try_all(name, ((what, check, True) for what, check in server.checks(machine)), machine.stop, counts)
    elif name == RESTORE:
        project = restore.Restore()
        try_all(name, ((what, check, True) for what, check in restore.checks(project)), project.forget, counts)
    else:
        one = case.Case(CASES / name)
        try_all(name, checks(one), one.forget, counts)


def main():
    known = [*sorted(path.parent.name for path in CASES.glob("*/case.yaml")), RESTORE, SERVER]
    unknown = set(sys.argv[1:]) - set(known)
    if unknown:
        sys.exit(f"no case {', '.join(sorted(unknown))}; there is {', '.join(known)}")
    counts = {"passed": 0, "failed": 0}
    for name in sys.argv[1:] or known:
        run(name, counts)
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    sys.exit(counts["failed"] > 0)


if __name__ == "__main__":
    main()
