"""What only shows between the keys of a fly.toml: process groups, deploys, checks, variables, builds, files.

Each rule takes an App (app.py) and yields its findings. RULES lists them all, those of resources.py too.
"""

import re

import resources

SECTIONS = ("http_service", "services", "mounts", "checks", "files", "restart", "vm", "metrics")
MUST_NAME_GROUPS = ("http_service", "services", "mounts", "checks", "restart", "metrics")
ONE_A_GROUP = ("mounts", "restart", "vm")


def groups_exist(app):
    for name in SECTIONS:
        for path, table in app.section(name):
            for group in table.get("processes", []):
                if group not in app.groups:
                    yield f"{path}.processes: there is no group {group!r}"


def groups_are_named(app):
    if "processes" in app.data and not app.commands:
        yield "processes: holds no group"
    for name in MUST_NAME_GROUPS if app.commands else ():
        for path, table in app.section(name):
            if "processes" not in table:
                yield f"{path}: names no processes while [processes] stands in the file"


def one_for_each_group(app):
    for name in ONE_A_GROUP:
        taken = set()
        for path, table in app.section(name):
            named = table.get("processes", ["every other"]) if name == "vm" else app.of(table)
            for group in named:
                if group in taken:
                    yield f"{path}: a second one for the group {group!r}"
                taken.add(group)


def checked(app, group):
    """Whether a machine of the group has a check: of one of its services, or one by name."""
    services = [service for _, service in app.services() if group in app.of(service)]
    of_service = any(service.get(key) for service in services for key in ("checks", "tcp_checks", "http_checks"))
    return of_service or any(group in app.of(one) for _, one in app.section("checks"))


def bluegreen_has_checks(app):
    for path, service in app.services() if app.strategy == "bluegreen" else ():
        if not all(checked(app, group) for group in app.of(service)):
            yield f"{path}: 'bluegreen' needs a check on the machines of every service"


def strategy_suits(app):
    holders = [("", app.data), *app.services()]
    if any("machine_checks" in table for _, table in holders) and app.strategy not in ("rolling", "canary"):
        yield f"deploy.strategy: machine_checks run with rolling or canary only, not {app.strategy!r}"
    if "max_unavailable" in app.data.get("deploy", {}) and app.strategy not in ("rolling", "canary"):
        yield f"deploy.max_unavailable: counts with rolling or canary only, not {app.strategy!r}"


def release_sees_no_volume(app):
    command = app.data.get("deploy", {}).get("release_command", "")
    for path, mount in app.section("mounts"):
        if mount["destination"] in command:
            yield f"deploy.release_command: uses {mount['destination']}, which is not mounted then ({path})"


def named_checks_have_a_port(app):
    served = {group for _, service in app.section("http_service") for group in app.of(service)}
    for path, check in app.section("checks"):
        if "port" not in check and not set(app.of(check)) <= served:
            yield f"{path}.port: is missing, and there is no http_service to borrow it from"
        if check["type"] == "tcp":
            for key in sorted({"method", "path", "protocol", "headers", "tls_skip_verify"} & check.keys()):
                yield f"{path}.{key}: belongs to a check of type 'http'"


def concurrency_is_ordered(app):
    for path, service in app.services():
        limits = service.get("concurrency", {})
        if limits.get("soft_limit", 20) > limits.get("hard_limit", float("inf")):
            yield f"{path}.concurrency: soft_limit is above hard_limit"


def env_is_no_place_for_secrets(app):
    for name, value in app.data.get("env", {}).items():
        named = re.search(app.tables["secret_names"], name) and not re.search(app.tables["not_secret_names"], name)
        if value and (named or re.search(app.tables["secret_values"], value)):
            yield f"env.{name}: looks like a secret"


def env_names_are_free(app):
    for name in app.data.get("env", {}):
        if name.startswith("FLY_") or name == "PRIMARY_REGION":
            yield f"env.{name}: the platform sets this itself"


def port_is_told(app):
    listening = app.section("http_service") or app.section("services")
    for path, service in listening[:1]:
        told = app.data.get("env", {}).get("PORT")
        for group in app.of(service):
            own = re.search(r"\bPORT=(\d+)", app.commands.get(group, ""))
            port = own[1] if own else told
            if port is not None and port not in {str(one["internal_port"]) for _, one in listening}:
                yield f"{path}.internal_port: is {service['internal_port']}, but PORT is {port!r}"


def build_has_one_source(app):
    build = app.data.get("build", {})
    sources = [key for key in ("image", "dockerfile", "builder", "builtin") if key in build]
    if len(sources) > 1:
        yield f"build: has {' and '.join(sources)}; one of them counts"


def build_files_exist(app):
    build = app.data.get("build", {})
    for key in ("dockerfile", "ignorefile") if app.folder else ():
        name = build.get(key)
        if name and not re.match("https?://", name) and not (app.folder / name.lstrip("/")).is_file():
            yield f"build.{key}: there is no file {name!r} seen from the folder of the fly.toml"


def files_have_one_source(app):
    for path, file in app.section("files"):
        if len({"local_path", "secret_name", "raw_value"} & file.keys()) != 1:
            yield f"{path}: has to have one of local_path, secret_name and raw_value"


def statics_are_distinct(app):
    taken = set()
    for path, static in app.section("statics"):
        if static["url_prefix"] in taken:
            yield f"{path}.url_prefix: {static['url_prefix']!r} is served already"
        taken.add(static["url_prefix"])
        if "index_document" in static and "tigris_bucket" not in static:
            yield f"{path}.index_document: needs tigris_bucket"


RULES = [
    groups_exist, groups_are_named, one_for_each_group, bluegreen_has_checks, strategy_suits, release_sees_no_volume,
    named_checks_have_a_port, concurrency_is_ordered, env_is_no_place_for_secrets, env_names_are_free, port_is_told,
    build_has_one_source, build_files_exist, files_have_one_source, statics_are_distinct, *resources.RULES,
]
