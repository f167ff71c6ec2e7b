#!/bin/sh
# What the start of the official image does with its variable.
set -eu

if [ "$1" = mariadbd ] && [ ! -d /var/lib/mysql/mysql ]; then
    mariadb-install-db --user=mysql --skip-test-db --auth-root-authentication-method=normal
    password=$(printf %s "$MARIADB_ROOT_PASSWORD" | sed "s/'/''/g")
    mariadbd --user=mysql --bootstrap <<END
FLUSH PRIVILEGES;
ALTER USER root@localhost IDENTIFIED BY '$password';
CREATE USER root@'%' IDENTIFIED BY '$password';
GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
END
fi
[ "$1" != mariadbd ] || set -- "$@" --user=mysql
exec "$@"
