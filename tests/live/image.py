"""Turns generated files into what a running container would see: the files that its Dockerfile copies, its environment, its start.

Everything happens over copies of the machine's folders (see `overlay`), so that the paths are those of the images.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tomllib

import yaml

# What the build of a site leaves, by path below its root.
SITE = {
    "index.html": "<!doctype html><title>app</title>",
    "assets/app-1a2b.js": "export const app = 1;" * 100,
    "robots.txt": "User-agent: *",
    "style.CSS": "a{}",
    "jupyterlite/index.html": "<!doctype html><title>lab</title>",
    "jupyterlite/lab.js": "export const lab = 1;",
    "assets/.secret": "hidden",
}
# Types by endings, as far as probes ask: those of nginx's own list, and those of the list that Caddy's image has beside its own.
MIME = "types { text/html html; text/css css; application/javascript js; text/plain txt; image/svg+xml svg; application/json json; }\n"
MAILCAP = "application/manifest+json webmanifest\ntext/plain txt\n"
PATH = "/usr/local/bin:/usr/bin:/bin"
# Stands in for the program of an image.
UVICORN = """#!/usr/bin/python3
import asyncio, sys
sys.path.insert(0, "/opt/live")
import stub
async def main():
    await stub.start("dashboard", int(sys.argv[sys.argv.index("--port") + 1]))
    await asyncio.Event().wait()
asyncio.run(main())
"""
# When files were changed last, for those that ask.
CHANGED = 1704067200
NGINX = """user nobody nogroup;
worker_processes 1;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log notice;
events { worker_connections 512; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log off;
  client_body_temp_path /var/cache/nginx/body; proxy_temp_path /var/cache/nginx/proxy; fastcgi_temp_path /var/cache/nginx/f;
  uwsgi_temp_path /var/cache/nginx/u; scgi_temp_path /var/cache/nginx/s;
  include /etc/nginx/conf.d/*.conf;
}
"""


def overlay(scratch):
    """Lays writable copies over the folders that images write to; they vanish with the mount namespace."""
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", scratch], check=True)
    for folder in ["etc", "usr/share", "var", "run", "srv", "tmp"]:
        upper = scratch / folder.replace("/", "-")
        for part in ["upper", "work"]:
            (upper / part).mkdir(parents=True)
        options = f"lowerdir=/{folder},upperdir={upper}/upper,workdir={upper}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, f"/{folder}"], check=True)


def build(spec, swap, folder):
    """A copy of the spec with its outputs; `swap` are pairs of pattern and replacement."""
    shutil.copytree(spec, folder)
    stack = folder / "stack.yaml"
    text = stack.read_text("utf-8")
    for pattern, replacement in swap:
        text = re.sub(pattern, replacement, text, flags=re.M)
    stack.write_text(text)
    done = subprocess.run([os.environ["STACKC"], "build", "-C", folder], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{spec.name}: stackc build failed\n{done.stderr}")


def interpolated(value, variables):
    """A value of a Compose file with its variables filled in."""

    def fill(match):
        if match[0] == "$$":
            return "$"
        name, default = match[1], match[2]
        return variables.get(name, default or "")

    return re.sub(r"\$\$|\$\{(\w+)(?::[-?]((?:[^{}]|\{[^{}]*\})*))?\}", fill, str(value))


def runs(folder, environment, service, variables):
    """Folder of the service's outputs, and its environment variables."""
    if told := composed(folder, environment, service, variables):
        build = told.get("build", {"context": service, "dockerfile": "Dockerfile"})
        return (folder / build["context"] / build["dockerfile"]).parent, told["environment"]
    for file in [*folder.glob("*/fly.toml"), *folder.glob("fly.toml")]:
        if file.parent.name.lower() == service.lower() or file.parent == folder:
            return file.parent, tomllib.loads(file.read_text("utf-8")).get("env", {})
    raise SystemExit(f"{folder}: no file of the environment {environment}")


def composed(folder, environment, service, variables):
    """A service as the environment's Compose file has it, with its variables filled in; none where there is no such file."""
    files = sorted(folder.glob("docker-compose*.yml"))
    for file in files:
        compose = yaml.safe_load(file.read_text("utf-8"))
        named = compose["name"].endswith(environment) or environment in file.name.split(".")
        if named or len(files) == 1 and environment in ("dev", "local"):
            told = compose["services"][service]
            env = told.get("environment", {})
            told["environment"] = {name: interpolated(value, variables) for name, value in env.items()}
            return told
    return None


def install(folder, outputs, root=pathlib.Path("/")):
    """Does below `root` what the final stage of the Dockerfile does; gives back the variables that it sets, and the words that start it."""
    env, start, work = {}, [], root
    text = (outputs / "Dockerfile").read_text("utf-8")
    context = folder / re.search(r"docker build -f \S+ (\S+)$", text, re.M)[1]
    final = text[text.index(" AS final") :]
    for line in final.splitlines():
        if copy := re.match(r"COPY (?:--chmod=(\d+) )?([^-]\S*) (\S+)$", line):
            put(context / copy[2], root / copy[3].lstrip("/") if copy[3].startswith("/") else work / copy[3], copy[1])
        elif copy := re.match(r"COPY --from=build \S+ (/usr\S+)$", line):
            for name, content in SITE.items():
                path = root / copy[1].lstrip("/") / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
                os.utime(path, (CHANGED, CHANGED))
        elif copy := re.match(r"COPY --from=caddy\S* \S+ (\S+)$", line):
            put(pathlib.Path(shutil.which("caddy")), root / copy[1].lstrip("/"), "755")
        elif place := re.match(r"WORKDIR /(\S+)$", line):
            work = root / place[1]
            work.mkdir(parents=True, exist_ok=True)
        elif setting := re.match(r'ENV (\w+)="?(.*?)"?$', line):
            env[setting[1]] = setting[2].replace("$PATH", PATH).replace("\\$", "$")
        elif said := re.match(r"(?:CMD|ENTRYPOINT) (\[.*\])$", line):
            start += yaml.safe_load(said[1])
    return env, start


def put(source, target, mode):
    """Copies a file or the content of a folder."""
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
        for path in target.rglob("*"):
            os.utime(path, (CHANGED, CHANGED))
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    if mode:
        target.chmod(int(mode, 8))


def start_nginx(env):
    """What the entrypoint of the official image does: scripts, templates, nginx."""
    for folder in ["/etc/nginx/conf.d", "/var/log/nginx", "/var/cache/nginx", "/var/www/certbot"]:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    pathlib.Path("/etc/nginx/mime.types").write_text(MIME)
    pathlib.Path("/etc/nginx/nginx.conf").write_text(NGINX)
    for script in sorted(pathlib.Path("/docker-entrypoint.d").glob("*.sh")) if pathlib.Path("/docker-entrypoint.d").exists() else []:
        subprocess.run([script], env=os.environ | env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    told = re.compile(env["NGINX_ENVSUBST_FILTER"])
    template = pathlib.Path(env.get("NGINX_ENVSUBST_TEMPLATE_DIR", "/etc/nginx/templates")) / "default.conf.template"
    text = re.sub(r"\$\{(\w+)\}", lambda name: env[name[1]] if told.search(name[1]) else name[0], template.read_text("utf-8"))
    pathlib.Path("/etc/nginx/conf.d/default.conf").write_text(text)
    return subprocess.Popen(["nginx", "-c", "/etc/nginx/nginx.conf", "-e", "/var/log/nginx/error.log", "-g", "daemon off;"])


def start_caddy(env, command):
    """The image's own command."""
    home = {"HOME": "/tmp", "XDG_DATA_HOME": "/tmp/caddy/data", "XDG_CONFIG_HOME": "/tmp/caddy/config"}
    # The image has no other list of types.
    shutil.rmtree("/usr/share/mime", ignore_errors=True)
    pathlib.Path("/etc/mime.types").write_text(MAILCAP)
    log = open("/tmp/caddy.log", "ab")
    return subprocess.Popen(command, env=os.environ | env | home, stdout=log, stderr=log)


def root_of_its_own(scratch):
    """A copy of this machine's files that vanishes with it, for a container with programs of its own."""
    root = scratch / "root"
    for part in ["upper", "work", "root"]:
        (scratch / part).mkdir(parents=True, exist_ok=True)
    options = f"lowerdir=/,upperdir={scratch}/upper,workdir={scratch}/work"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, root], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)
    subprocess.run(["mount", "--bind", "/dev", root / "dev"], check=True)
    (root / "etc/resolv.conf").write_text("nameserver 127.0.0.11\n")
    python = root / "usr/local/bin/python"
    python.unlink(missing_ok=True)
    python.symlink_to("/usr/bin/python3")
    put(pathlib.Path(__file__).parent / "stub.py", root / "opt/live/stub.py", "644")
    uvicorn = root / "usr/local/bin/uvicorn"
    uvicorn.write_text(UVICORN)
    uvicorn.chmod(0o755)
    return root


def start_container(root, env, command):
    """Starts what an image starts, as its user and in its folder."""
    log = open("/tmp/container.log", "ab")
    own = {"PATH": PATH, "HOME": "/app"}
    words = ["/usr/sbin/chroot", "--userspec=10001:10001", root, "env", "-C", "/app", *command]
    return subprocess.Popen(words, env=own | env, stdout=log, stderr=log)
