"""The systems that are tried, by name: a spec, one of its environments, and what the deployment would set.

For the other server than the spec's own, `swap` says what else is said differently: keys that are one server's alone. `always` is for both. `servers` are those
that can be it, if not both; `contained` has programs of its own beside the server; `certified` names are certified by an authority.
"""

TO_CADDY = [(r"serve: nginx:[\w.-]+", "serve: caddy:2.11-alpine"), (r", rate_limit: \{[^}]*\}", ""), (r"\bnginx: .expires off;.", "caddy: header -Expires"), (r"(?ms)^      nginx: \|\n(        .*?\n)+", "")]
TO_NGINX = [(r"serve: caddy:[\w.-]+", "serve: nginx:stable-alpine")]
CERTBOT_TO_FILES = [
    (r"tls: \{from: certbot.*?\}\n", "tls: {from: files, cert: /etc/nginx/certs/server.crt, key: /etc/nginx/certs/server.key}\n"),
]

EDGE_ON_CADDY = [(r"^services:\n", 'services:\n  edge: {serve: "caddy:2.11-alpine", ports: {http: {port: 80, publish: true}}}\n')]

# Let's Encrypt is out of reach; a user who tries its staging directory writes the same.
ASKS_OURS = """
overrides:
  edge/Caddyfile:
    replace: [{find: "email {$EMAIL}", with: "email {$EMAIL}\\\\n\\\\tacme_ca https://authority.example.net:9443/acme/local/directory"}]
"""

# A service must not have the port of the edge: here both listen in one network.
OTHER_PORT = [(r"ports: \{http: 8002\}", "ports: {http: 8012}")]

SYSTEMS = {
    "shop": {"spec": "hosts", "environment": "local", "swap": TO_CADDY},
    "preview": {"spec": "hosts", "environment": "preview", "swap": TO_CADDY},
    "upstreams": {"spec": "upstreams", "environment": "local", "swap": TO_CADDY},
    "guards": {"spec": "guards", "environment": "local", "swap": TO_CADDY},
    "tutor": {
        "spec": "certbot",
        "environment": "prod",
        "swap": TO_CADDY + CERTBOT_TO_FILES,
        "variables": {"SERVER_NAME": "tutor.example.com", "CERTBOT_EMAIL": "ops@example.com", "CLIENT_MAX_BODY_SIZE": "1m"},
        "certbot": "certbot",
        "certified": ["tutor.example.com", "www.tutor.example.com"],
    },
    "notes": {
        "spec": "acme", "variables": {"EMAIL": "ops@example.com"},
        "environment": "prod",
        "servers": ["caddy"],
        "certified": ["notes.example.com", "www.notes.example.com"],
        "always": [(r"\Z", ASKS_OURS)],
    },
    "corners": {"spec": "corners", "environment": "local", "swap": TO_CADDY, "variables": {"TENANT": "acme", "WHO": "a b; {c}", "LIMIT": "1k"}},
    "corners-fly": {"spec": "corners", "environment": "live", "swap": TO_CADDY},
    "gazette": {"spec": "answers", "environment": "local", "swap": TO_CADDY},
    "runner": {"spec": "tls-files", "environment": "dev", "swap": TO_CADDY},
    "relay": {"spec": "edge", "environment": "local", "swap": EDGE_ON_CADDY, "late": ["CHAT_UPSTREAM"]},
    "relay-fly": {"spec": "edge", "environment": "production", "swap": EDGE_ON_CADDY},
    "clarity": {"spec": "clarity", "environment": "production", "swap": TO_CADDY, "service": "webapp"},
    "clarity-dev": {"spec": "clarity", "environment": "dev", "swap": TO_CADDY, "service": "webapp"},
    "cog": {"spec": "dashboard", "environment": "local", "swap": TO_NGINX, "always": OTHER_PORT},
    # The five systems as their teams wrote them; ClawTriage has no routes.
    "coding-tutor": {
        "spec": "coding-tutor",
        "environment": "prod",
        "service": "frontend",
        "swap": TO_CADDY + CERTBOT_TO_FILES,
        "variables": {"SERVER_NAME": "tutor.example.com", "CERTBOT_EMAIL": "ops@example.com", "CLIENT_MAX_BODY_SIZE": "16m"},
    },
    "integr8scode": {"spec": "integr8scode", "environment": "dev", "swap": TO_CADDY},
    "supercog": {
        "spec": "supercog",
        "environment": "local",
        "servers": ["caddy"],
        "contained": True,
        "late": ["DASHBOARD__API_UPSTREAM"],
        "always": OTHER_PORT,
    },
    "supercog-fly": {
        "spec": "supercog",
        "environment": "production",
        "service": "dashboard",
        "servers": ["caddy"],
        "contained": True,
        "late": ["DASHBOARD__API_UPSTREAM"],
        "always": OTHER_PORT,
    },
    # A program and Caddy in one container, both started by its entrypoint.
    "board": {"spec": "beside", "environment": "local", "servers": ["caddy"], "contained": True, "late": ["DASHBOARD__API_UPSTREAM"]},
}
