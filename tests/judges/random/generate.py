"""Random stacks: a walk through the schema, in which any key may come and names are drawn from a small pool, so that they meet."""

import text
import words
from language import language, usual

# Of the values that the table knows for a place, so many are taken; of the rest, the schema and hostile texts decide.
KNOWN = 0.92
# How many keys a mapping gets, besides those that `words.LIKELY` names.
KEYS = 0.12
SECTIONS = ("services", "images", "jobs", "volumes", "networks", "secrets", "variables", "environments")


def looked_up(table, pattern):
    """The entry of a place: its own, that of its usual place, or one for any place that ends so."""
    place = usual(pattern)
    for key in (pattern, place):
        if key in table:
            return table[key]
    last = place.rsplit(".", 1)[-1]
    return table.get(f"**.{last}")


class Stack:
    """One random stack in the making."""

    def __init__(self, pick, root):
        self.pick, self.root, self.platform = pick, root, "compose"
        self.names = {section: pick.sample(pool, pick.randint(1, len(pool))) for section, pool in words.POOLS.items()}

    def chance(self, likelihood):
        return self.pick.random() < likelihood

    def spec(self):
        """The whole."""
        spec = {"name": "shop"} | self.mapping(self.root, "")
        if "routing" in spec and self.chance(0.8):
            self.serve(spec)
        return spec

    def serve(self, spec):
        """Makes one service a web server, and lets the others have the ports that routes lead to."""
        edge = self.pick.choice(list(spec["services"]))
        recipe = self.pick.choice([{"static": "public"}, {"node": {"version": 22, "package_manager": "npm", "output": "dist"}, "copy": ["src"]}])
        for name, service in spec["services"].items():
            if name != edge and self.chance(0.8):
                service.setdefault("ports", {})["http"] = self.pick.choice([8000, 3000])
        kept = {key: value for key, value in spec["services"][edge].items() if key in ("env", "ports", "path", "resources", "scale", "labels", "depends_on")}
        port = {"http": {"port": self.pick.choice([80, 8080]), "publish": True}}
        secure = {"https": {"port": 443, "publish": 443}} if self.chance(0.3) else {}
        serve = self.pick.choice(words.VALUES["services.*.serve"])
        spec["services"][edge] = kept | {"build": recipe, "serve": serve, "ports": port | secure}
        routing = spec["routing"]
        routing["edge"] = edge
        for host in routing.get("hosts", {}).values():
            for route in host.get("routes", {}).values():
                if "site" in route:
                    route["site"] = edge

    def value(self, node, pattern):
        """Anything that may stand at a place."""
        null = pattern.startswith("environments.*.") and pattern != usual(pattern) and self.chance(0.04)
        if null:
            return None
        known = looked_up(words.VALUES, pattern)
        shapes = set(node.types) & {"object", "array"}
        if pattern == "environments.*.platform":
            return self.platform
        if pattern == "environments.*":
            self.platform = self.pick.choice(["compose", "compose", "fly"])
        if known and (node.is_door or pattern in words.CODE or usual(pattern) in words.CODE or self.chance(KNOWN)) and not (shapes and not node.is_door and self.chance(0.6)):
            return self.filled(self.pick.choice(known))
        if node.get("enum"):
            return self.pick.choice(node.get("enum"))
        kind = self.pick.choice(node.types or ["string"])
        if shapes and self.chance(0.85):
            kind = self.pick.choice(sorted(shapes))
        return self.of_type(kind, node, pattern)

    def of_type(self, kind, node, pattern):
        if kind == "object":
            return self.mapping(node, pattern)
        if kind == "array":
            return self.list(node, pattern)
        if kind == "null":
            return None
        if kind == "boolean":
            return self.chance(0.5)
        if kind in ("integer", "number"):
            least, most = node.get("minimum", 0), node.get("maximum", 100000)
            few = self.pick.choice([least, min(most, least + self.pick.randint(0, 30)), most])
            return int(few) if kind == "integer" or few == int(few) else few
        return self.string(node)

    def string(self, node):
        examples, pattern = node.get("examples"), node.get("pattern")
        if examples and self.chance(0.3):
            return self.pick.choice(examples)
        if pattern and self.chance(0.9):
            return text.fitting(self.pick, pattern)
        return self.text()

    def text(self):
        """Text where any is taken."""
        service = self.name("services")
        references = [form.replace("%s", service) for form in words.REFERENCES]
        return self.pick.choice(self.pick.choices([words.HOSTILE, words.PLAIN, references, words.GENERAL], [4, 2, 2, 3])[0])

    def name(self, section):
        """A name of a section: mostly one that is there."""
        return self.pick.choice(self.names[section] if self.chance(0.93) else words.POOLS[section])

    def filled(self, value):
        if isinstance(value, str) and value.startswith("<") and value.endswith(">"):
            return self.name(value[1:-1])
        return value

    def list(self, node, pattern):
        items = [self.value(node.items, f"{pattern}[]") for _ in range(self.pick.choice([1, 1, 2, 3]))]
        if not node.get("uniqueItems"):
            return items
        return [item for index, item in enumerate(items) if item not in items[:index]]

    def mapping(self, node, pattern):
        below = f"{pattern}." if pattern else ""
        spec = {key: self.value(node.properties[key], below + key) for key in self.keys(node, pattern)}
        if node.entries:
            spec |= {key: self.value(node.entries, f"{below}*") for key in self.entries(node, pattern)}
        return spec

    def keys(self, node, pattern):
        """Which of the keys that are known at a place it gets."""
        place = usual(pattern)
        likely = words.LIKELY.get(pattern) or words.LIKELY.get(place) or {}
        overlay = pattern != place and pattern.startswith("environments.")
        keys = []
        for key, below in node.properties.items():
            usually = 0.05 if below.is_door else KEYS if len(node.properties) > 4 else 0.35
            likelihood = usually if overlay and key != "hosts" else likely.get(key, usually)
            if key in node.get("required", []) or self.chance(likelihood):
                keys.append(key)
        if place == "environments.*":
            foreign = words.FOREIGN[self.platform]
            keys = [key for key in keys if key not in foreign or self.chance(0.05)]
        for table, wanted in ((words.ONE, not overlay), (words.AT_MOST_ONE, False)):
            for group in table.get(place, []) + (table.get(pattern, []) if pattern != place else []):
                group = [known for key in group for known in (node.languages if key == "<languages>" else [key])]
                keys = self.one_of(keys, group, wanted)
        return keys

    def one_of(self, keys, group, wanted):
        """The keys with one of a group in it, or at most one; mostly."""
        there = [key for key in keys if key in group]
        if self.chance(0.05) or not (wanted or len(there) > 1):
            return keys
        chosen = self.pick.choice(group if wanted else there)
        return [key for key in keys if key not in group] + [chosen]

    def entries(self, node, pattern):
        """Names of the user's own below a place."""
        section = usual(pattern)
        if section in SECTIONS:
            overlay = pattern != section
            names = self.names[section]
            return self.pick.sample(names, self.pick.randint(1, len(names))) if overlay else names
        known = looked_up(words.KEYS, pattern)
        count = self.pick.choice([1, 1, 2, 3])
        if known and self.chance(KNOWN):
            pool = words.POOLS[known[1:-1]] if isinstance(known, str) else known
            names = [self.name(known[1:-1]) for _ in range(count)] if isinstance(known, str) else self.pick.sample(pool, min(count, len(pool)))
        else:
            names = [text.fitting(self.pick, node.names) if node.names else self.text() for _ in range(count)]
        return list(dict.fromkeys(names))


def stack(pick, root=language()):
    """One random stack."""
    return Stack(pick, root).spec()
