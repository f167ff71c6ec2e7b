#!/bin/sh
# What the start of the official image does with scripts and templates.
set -eu

for script in /docker-entrypoint.d/*.sh; do
    [ ! -x "$script" ] || "$script"
done
names=$(env | cut -d= -f1 | grep -E "${NGINX_ENVSUBST_FILTER:-.}" | sed 's/.*/${&}/') || :
cd "${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}"
for template in *.template; do
    [ ! -e "$template" ] || envsubst "$names" <"$template" >"/etc/nginx/conf.d/${template%.template}"
done
cd /
exec "$@"
