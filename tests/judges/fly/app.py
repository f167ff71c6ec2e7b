"""A fly.toml whose single values are known to be right, as the rules look at it. Finds no faults itself."""

import re

import values


class App:
    """A fly.toml, its sections as lists of (path, table), and its process groups."""

    def __init__(self, data, tables, folder):
        self.data, self.tables, self.folder = data, tables, folder
        self.commands = data.get("processes", {})
        self.groups = list(self.commands) or ["app"]
        self.default = "app" if "app" in self.groups else sorted(self.groups)[0]
        self.strategy = data.get("deploy", {}).get("strategy", "rolling")

    def section(self, name):
        """The section's tables with their paths, whether it is one table, a list or a map of them."""
        value = self.data.get(name, [])
        if isinstance(value, list):
            return [(f"{name}.{index}", one) for index, one in enumerate(value)]
        return [(f"{name}.{key}", one) for key, one in value.items()] if name == "checks" else [(name, value)]

    def services(self):
        """http_service and services alike."""
        return self.section("http_service") + self.section("services")

    def of(self, table):
        """The groups that a section's table applies to; one that names none speaks for the default group."""
        return table.get("processes", [self.default])

    def machine(self, group):
        """The vm entry for a group: its own, else the one for all, else an empty one."""
        entries = [vm for _, vm in self.section("vm")]
        named = [vm for vm in entries if group in vm.get("processes", [])]
        return (named or [vm for vm in entries if "processes" not in vm] or [{}])[0]


def is_plain(vm):
    """Whether the machine is one without a GPU."""
    return "gpu_kind" not in vm and re.match("shared|performance", vm.get("size", "shared")) is not None


def memory(vm):
    """(kind, cpus, megabytes) of a machine: its preset, then what is said beside it."""
    preset = re.fullmatch(r"(shared-cpu|performance)-(\d+)x", vm.get("size", "shared-cpu-1x"))
    kind, cpus = (preset[1].partition("-")[0], int(preset[2])) if preset else ("performance", 8)
    kind, cpus = vm.get("cpu_kind", kind), vm.get("cpus", cpus)
    given = values.megabytes(vm["memory"], "mb") if "memory" in vm else vm.get("memory_mb")
    return kind, cpus, given or cpus * {"shared": 256, "performance": 2048}[kind]
