"""What only shows between the keys of a fly.toml about what it runs on: volumes, machines, external ports.

Each rule takes an App (app.py) and yields its findings.
"""

from app import is_plain, memory


def volumes_and_strategy(app):
    if app.section("mounts") and app.strategy in ("canary", "bluegreen"):
        yield f"deploy.strategy: {app.strategy!r} cannot be had with mounts"


def volume_growth(app):
    for path, mount in app.section("mounts"):
        extends = [key for key in mount if key.startswith("auto_extend_size_")]
        for key in ("auto_extend_size_threshold", "auto_extend_size_increment"):
            if extends and key not in mount:
                yield f"{path}: has {extends[0]} but no {key}"


def stop_and_start(app):
    for path, service in app.services():
        if service.get("auto_stop_machines", "off") != "off" and service.get("auto_start_machines") is False:
            yield f"{path}: stops machines that auto_start_machines = false never starts again"


def suspend_is_possible(app):
    for path, service in app.services():
        if service.get("auto_stop_machines") != "suspend":
            continue
        if "swap_size_mb" in app.data:
            yield f"{path}.auto_stop_machines: 'suspend' cannot be had with swap_size_mb"
        for group in app.of(service):
            if memory(app.machine(group))[2] > 2048:
                yield f"{path}.auto_stop_machines: 'suspend' needs 2gb of memory or less, {group!r} has more"
            if not is_plain(app.machine(group)):
                yield f"{path}.auto_stop_machines: 'suspend' cannot be had with a GPU"


def machines_exist(app):
    machines = [*app.section("vm")]
    if "release_command_vm" in app.data.get("deploy", {}):
        machines.append(("deploy.release_command_vm", app.data["deploy"]["release_command_vm"]))
    for path, vm in machines:
        if "memory" in vm and "memory_mb" in vm:
            yield f"{path}: memory and memory_mb say the same twice"
        if not is_plain(vm):
            continue
        kind, cpus, size = memory(vm)
        known = app.tables["machines"][kind]
        if cpus not in known["cpus"]:
            yield f"{path}: there is no {kind} machine with {cpus} cpus"
        elif not known["least"] * cpus <= size <= known["most"] * cpus:
            least, most = known["least"] * cpus, known["most"] * cpus
            yield f"{path}: {size} MB is outside of {least} to {most} MB for {cpus} {kind} cpus"
        elif size % known["step"]:
            yield f"{path}: {size} MB is no multiple of {known['step']} MB"


def external_ports(service):
    """(first, last) of each range of ports that a service opens."""
    if "ports" not in service:
        return [(80, 80), (443, 443)]
    return [(one.get("port") or one["start_port"], one.get("port") or one["end_port"]) for one in service["ports"]]


def ports_are_whole(app):
    for path, service in app.section("services"):
        for index, one in enumerate(service["ports"]):
            here = f"{path}.ports.{index}"
            ends = [key for key in ("start_port", "end_port") if key in one]
            if ("port" in one) == bool(ends) or len(ends) == 1:
                yield f"{here}: has to be either port, or start_port and end_port"
            elif ends and one["start_port"] > one["end_port"]:
                yield f"{here}: start_port lies behind end_port"
            if one.get("force_https") and "http" not in one.get("handlers", []):
                yield f"{here}.force_https: needs the handler 'http'"


def ports_are_distinct(app):
    if any(ports_are_whole(app)):
        return
    taken = []
    for path, service in app.services():
        protocol = service.get("protocol", "tcp")
        for first, last in external_ports(service):
            if any(protocol == other and first <= end and start <= last for other, start, end in taken):
                yield f"{path}: external port {first} is open already"
            taken.append((protocol, first, last))


def udp_is_plain(app):
    for path, service in app.section("services"):
        if service["protocol"] != "udp":
            continue
        for index, one in enumerate(service["ports"]):
            if one.get("handlers"):
                yield f"{path}.ports.{index}.handlers: UDP has none"
            if one.get("port", service["internal_port"]) != service["internal_port"]:
                yield f"{path}.ports.{index}.port: has to equal internal_port for UDP"
        for key in ("tcp_checks", "http_checks"):
            if key in service:
                yield f"{path}.{key}: UDP cannot be checked so"


RULES = [
    volumes_and_strategy, volume_growth, stop_and_start, suspend_is_possible, machines_exist, ports_are_whole,
    ports_are_distinct, udp_is_plain,
]
