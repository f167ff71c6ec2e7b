"""Texts that fit a regular expression of the schema."""

import string

try:
    from re import _constants as code, _parser as parser
except ImportError:  # before Python 3.11
    import sre_constants as code
    import sre_parse as parser

ANY = string.ascii_letters + string.digits + " ._-/:'\"$%&#"
MOST = 3


def one_of(pick, items):
    """A character of a class such as `[^a-z]`."""
    chosen, negated = set(), False
    for kind, value in items:
        if kind is code.NEGATE:
            negated = True
        elif kind is code.LITERAL:
            chosen.add(chr(value))
        elif kind is code.RANGE:
            chosen.update(chr(point) for point in range(value[0], value[1] + 1))
        else:
            raise NotImplementedError(f"the schema has a class of characters with {kind}")
    return pick.choice(sorted(set(ANY) - chosen if negated else chosen))


def parts(pick, parsed):
    for kind, value in parsed:
        if kind is code.LITERAL:
            yield chr(value)
        elif kind is code.NOT_LITERAL:
            yield one_of(pick, [(code.NEGATE, None), (code.LITERAL, value)])
        elif kind is code.IN:
            yield one_of(pick, value)
        elif kind is code.ANY:
            yield pick.choice(ANY)
        elif kind is code.BRANCH:
            yield from parts(pick, pick.choice(value[1]))
        elif kind is code.SUBPATTERN:
            yield from parts(pick, value[-1])
        elif kind is code.MAX_REPEAT:
            least, most, below = value
            for _ in range(pick.randint(least, max(least, min(most, least + MOST)))):
                yield from parts(pick, below)
        elif kind is not code.AT:
            raise NotImplementedError(f"the schema has a pattern with {kind}")


def fitting(pick, pattern):
    """A text that the pattern takes; one that is open at its ends gets something there."""
    start = "" if pattern.startswith("^") else "a"
    return start + "".join(parts(pick, parser.parse(pattern)))
