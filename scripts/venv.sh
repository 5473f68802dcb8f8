#!/bin/sh
# Makes a virtual environment with the first Python that is new enough; leaves one that works as it is.
# usage: [PYTHON=interpreter] scripts/venv.sh FOLDER
set -eu
folder=$1
if "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

candidates=${PYTHON:-python3.11 python3.12 python3.13 python3}
for python in $candidates; do
    if version=$("$python" -c 'import sys; sys.version_info < (3, 11) and sys.exit(1); print("%d.%d" % sys.version_info[:2])' 2>/dev/null); then
        break
    fi
done
if [ -z "${version:-}" ]; then
    echo "Python 3.11 or newer is needed, and it is none of: $candidates. Install one, or name yours: make PYTHON=/path/to/python" >&2
    exit 1
fi

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    "$(dirname "$0")/debian.sh" "$python cannot make virtual environments" "python$version-venv"
fi
"$python" -m venv --clear "$folder"
