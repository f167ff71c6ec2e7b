"""A stack as text, JSON being YAML, with the place of each key in it; and what is left without some of them."""

import copy
import json


class Written:
    """The text of a stack, and where in its bytes each key and item stands."""

    def __init__(self, spec):
        self.spec, self.chunks, self.length, self.places = spec, [], 0, []
        self.put(spec, (), 0)
        self.say("\n")
        self.text = "".join(self.chunks)

    def say(self, chunk):
        self.chunks.append(chunk)
        self.length += len(chunk.encode("utf-8"))

    def put(self, value, path, depth):
        if not value or not isinstance(value, (dict, list)):
            self.say(json.dumps(value, ensure_ascii=False))
            return
        mapping = isinstance(value, dict)
        self.say("{" if mapping else "[")
        for index, key in enumerate(value if mapping else range(len(value))):
            self.say(("," if index else "") + "\n" + " " * (depth + 1))
            start = self.length
            if mapping:
                self.say(json.dumps(key, ensure_ascii=False) + ": ")
            self.put(value[key], (*path, key), depth + 1)
            self.places.append((start, self.length, (*path, key)))
        self.say("\n" + " " * depth + ("}" if mapping else "]"))

    def path(self, byte):
        """The innermost key or item that a byte lies in."""
        around = [(end - start, path) for start, end, path in self.places if start <= byte < end]
        return min(around)[1] if around else ()


def without(spec, paths):
    """The stack without what stands at some paths; what a stack cannot do without is replaced."""
    spec = copy.deepcopy(spec)
    # From the back, so that the numbers of items stay.
    for path in sorted(set(paths), key=lambda path: [(isinstance(step, int), str(step) if isinstance(step, str) else f"{step:06}") for step in path], reverse=True):
        parent = spec
        try:
            for step in path[:-1]:
                parent = parent[step]
            del parent[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
    return {"name": "shop"} | spec | ({} if spec.get("services") else {"services": {"api": {"image": "alpine:3.22"}}})


def paths(spec, path=()):
    """All paths of a stack, from the outside in."""
    keys = list(spec) if isinstance(spec, dict) else range(len(spec)) if isinstance(spec, list) else ()
    yield from ((*path, key) for key in keys)
    for key in keys:
        yield from paths(spec[key], (*path, key))
