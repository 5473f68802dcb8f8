#!/bin/sh
# Installs Debian packages where this user may; otherwise says in one line what to install.
# usage: scripts/debian.sh WHAT-IS-MISSING PACKAGE...
set -eu
missing=$1
shift
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
else
    echo "$missing: install it (on Debian and Ubuntu: sudo apt-get install $*), then run make again." >&2
    exit 1
fi
