"""How fly.toml writes durations, sizes and commands. Reads single values; knows no keys."""

import re
import shlex

SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
OPERATORS = {"&&", "||", "|", ";", "&", ">", ">>", "<", "2>&1"}
SHELLS = {"sh", "bash", "ash", "dash"}


def is_whole(value):
    """An integer; Python counts booleans among them, TOML does not."""
    return isinstance(value, int) and not isinstance(value, bool)


def seconds(value):
    """A duration such as 1m30s in seconds, or None if it is none."""
    if not isinstance(value, str) or not re.fullmatch(r"(\d+(\.\d+)?(ns|us|ms|s|m|h))+", value):
        return None
    return sum(float(number) * SECONDS[unit] for number, unit in re.findall(r"([\d.]+)([a-z]+)", value))


def megabytes(value, bare):
    """A size such as 512mb in megabytes, or None if it is none; a bare number counts in the unit `bare`."""
    shown = f"{value}{bare}" if is_whole(value) else value
    match = re.fullmatch(r"(\d+)(mb|gb)", shown, re.IGNORECASE) if isinstance(shown, str) else None
    return int(match[1]) * {"mb": 1, "gb": 1024}[match[2].lower()] if match else None


def command_faults(command):
    """A command is split into words and run without a shell: what only a shell understands is a fault."""
    try:
        argv = shlex.split(command)
    except ValueError as error:
        yield f"{command!r} cannot be split into words: {error}"
        return
    if len(argv) > 1 and argv[0].rpartition("/")[2] in SHELLS and argv[1].startswith("-") and "c" in argv[1]:
        return
    # The words as they are written, quotes and all.
    for word in re.findall(r"""(?:[^\s'"\\]|\\.|'[^']*'|"(?:\\.|[^"\\])*")+""", command, re.DOTALL):
        bare = not set(word) & {"'", "\\"}
        if word in OPERATORS or word.endswith(";") or (bare and re.search(r"\$[A-Za-z_{(]|`", word)):
            yield f"{word!r} needs a shell: sh -c '…'"
