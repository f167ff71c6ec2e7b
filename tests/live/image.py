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
MIME = "types { text/html html; text/css css; text/javascript js mjs; text/plain txt; image/svg+xml svg; application/json json; }\n"
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
    """Folder of the service's outputs, its environment variables, and its ports of the container."""
    files = list(folder.glob("docker-compose*.yml"))
    for file in sorted(files):
        compose = yaml.safe_load(file.read_text("utf-8"))
        if compose["name"].endswith(environment) or len(files) == 1 and environment in ("dev", "local"):
            told = compose["services"][service]
            env = {name: interpolated(value, variables) for name, value in told.get("environment", {}).items()}
            return folder / pathlib.Path(told["build"]["dockerfile"]).parent, env
    for file in folder.glob("*/fly.toml"):
        if file.parent.name.lower() == service.lower():
            return file.parent, tomllib.loads(file.read_text("utf-8")).get("env", {})
    raise SystemExit(f"{folder}: no file of the environment {environment}")


def install(folder, outputs):
    """Does what the final stage of the Dockerfile does: copies, and the variables that it sets."""
    env, command = {}, None
    text = (outputs / "Dockerfile").read_text("utf-8")
    final = text[text.index(" AS final") :]
    for line in final.splitlines():
        if copy := re.match(r"COPY (?:--chmod=(\d+) )?(\S+) (\S+)$", line):
            put(folder / copy[2], pathlib.Path(copy[3]), copy[1])
        elif copy := re.match(r"COPY --from=build \S+ (/usr\S+)$", line):
            for name, content in SITE.items():
                path = pathlib.Path(copy[1]) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
        elif setting := re.match(r'ENV (\w+)="?(.*?)"?$', line):
            env[setting[1]] = setting[2].replace("\\$", "$")
        elif said := re.match(r"CMD (\[.*\])$", line):
            command = yaml.safe_load(said[1])
    return env, command


def put(source, target, mode):
    """Copies a file or the content of a folder."""
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
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
    log = open("/tmp/caddy.log", "ab")
    return subprocess.Popen(command, env=os.environ | env | home, stdout=log, stderr=log)
