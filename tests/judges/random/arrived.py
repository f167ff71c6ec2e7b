"""Whether the values of a stack arrive: what was written against what Docker Compose and fly.toml hand to a container."""

import json
import re
import tomllib


def plain(value, variables=None):
    """The text of a value that refers to nothing, or to one variable alone; None where it does otherwise, or is none."""
    if isinstance(value, (dict, list)) or value is None:
        return None
    written = value if isinstance(value, str) else json.dumps(value)
    variable = re.fullmatch(r"\$\{(\w+)\}", written)
    if variable:
        return plain((variables or {}).get(variable[1]))
    return None if "$" in written.replace("$$", "") else written.replace("$$", "$")


def defaults(spec):
    """The variables that have the same value everywhere, which is the one in .env.example."""
    if any("variables" in environment for environment in spec["environments"].values()):
        return {}
    variables = {name: known if isinstance(known, dict) else {"default": known} for name, known in (spec.get("variables") or {}).items()}
    # An empty one is filled in by the judge.
    return {name: known["default"] for name, known in variables.items() if known.get("default") not in (None, "")}


def laid_over(base, overlay):
    """What an environment's overlay makes of the base."""
    if not (isinstance(base, dict) and isinstance(overlay, dict)):
        return overlay
    merged = dict(base)
    for key, value in overlay.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = laid_over(merged.get(key), value) if isinstance(value, dict) else value
    return merged


def running(spec, environment):
    """The services and jobs of one environment."""
    for section in ("services", "jobs"):
        whole = laid_over(spec.get(section) or {}, (environment or {}).get(section) or {})
        yield from whole.items()


def in_compose(spec, file, read):
    """Values of `env` and `labels`, in what `docker compose config` prints."""
    for environment in (spec.get("environments") or {}).values():
        if environment["platform"] != "compose" or environment.get("file", "docker-compose.yml") != file:
            continue
        variables = defaults(spec)
        for name, service in running(spec, environment):
            there = read["services"].get(name)
            build = service.get("build") if isinstance(service.get("build"), dict) else {}
            args = (there or {}).get("build", {}).get("args") if "dockerfile" in build else None
            pairs = [("env", service.get("env"), (there or {}).get("environment")), ("labels", service.get("labels"), (there or {}).get("labels"))]
            for key, values, arrived in pairs + ([("args", build.get("args"), args)] if args else []):
                for entry, value in (values or {}).items():
                    written = plain(value, variables)
                    if there is None or written is None or entry in service.get("secrets", []):
                        continue
                    # Docker Compose prints a dollar twice, in names as well.
                    arrives = (arrived or {}).get(entry.replace("$", "$$"))
                    if arrives is None or str(arrives).replace("$$", "$") != written:
                        yield f"services.{name}.{key}.{entry}: written {written!r}, arrives as {arrives!r}"


def in_fly(spec, file, content):
    """Values of `env`, where an app has one service and no other Fly environment."""
    flies = [environment for environment in (spec.get("environments") or {}).values() if environment["platform"] == "fly"]
    if len(flies) != 1:
        return
    values = {entry: value for entry, value in tomllib.loads(content).get("env", {}).items()}
    wanted = {}
    for name, service in running(spec, flies[0]):
        for entry, value in (service.get("env") or {}).items():
            wanted.setdefault(entry, set()).add(plain(value))
    for entry, value in values.items():
        if entry in wanted and None not in wanted[entry] and value not in wanted[entry]:
            yield f"env.{entry}: written {sorted(wanted[entry])}, arrives as {value!r}"
