"""The systems that are tried, by name: a spec, one of its environments, and what the deployment would set.

For the other server than the spec's own, `swap` says what else is said differently: keys that are one server's alone. `always` is for both.
"""

TO_CADDY = [(r"serve: nginx:[\w.-]+", "serve: caddy:2.11-alpine"), (r", rate_limit: 10/s", ""), (r"\bnginx: .expires off;.", "caddy: header -Expires"), (r"(?ms)^      nginx: \|\n(        .*?\n)+", "")]
TO_NGINX = [(r"serve: caddy:[\w.-]+", "serve: nginx:stable-alpine")]
CERTBOT_TO_FILES = [
    (r"tls: \{from: certbot.*?\}\n", "tls: {from: files, cert: /etc/letsencrypt/live/tutor/fullchain.pem, key: /etc/letsencrypt/live/tutor/privkey.pem}\n"),
]

EDGE_ON_CADDY = [(r"^services:\n", 'services:\n  edge: {serve: "caddy:2.11-alpine", ports: {http: {port: 80, publish: true}}}\n')]

SYSTEMS = {
    "shop": {"spec": "hosts", "environment": "local", "swap": TO_CADDY},
    "preview": {"spec": "hosts", "environment": "preview", "swap": TO_CADDY},
    "tutor": {
        "spec": "certbot",
        "environment": "prod",
        "swap": TO_CADDY + CERTBOT_TO_FILES,
        "variables": {"SERVER_NAME": "tutor.example.com", "CERTBOT_EMAIL": "ops@example.com", "CLIENT_MAX_BODY_SIZE": "1m"},
    },
    "runner": {"spec": "tls-files", "environment": "dev", "swap": TO_CADDY},
    "relay": {"spec": "edge", "environment": "local", "swap": EDGE_ON_CADDY, "late": ["CHAT_UPSTREAM"]},
    "relay-fly": {"spec": "edge", "environment": "production", "swap": EDGE_ON_CADDY},
    "clarity": {"spec": "clarity", "environment": "production", "swap": TO_CADDY, "service": "webapp"},
    "clarity-dev": {"spec": "clarity", "environment": "dev", "swap": TO_CADDY, "service": "webapp"},
    # The service must not have the port of the edge: here both listen in one network.
    "cog": {"spec": "dashboard", "environment": "local", "swap": TO_NGINX, "always": [(r"ports: \{http: 8002\}", "ports: {http: 8012}")]},
}
