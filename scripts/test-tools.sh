#!/bin/sh
# Makes sure of what the tests need outside the virtual environment: Chromium, fonts for the tokens it paints, Node.js.
# usage: scripts/test-tools.sh PYTHON
set -eu
python=$1
here=$(dirname "$0")
if ! "$python" -c 'import sys; from tests.browser.harness import chromium; sys.exit(chromium() is None)'; then
    "$here/debian.sh" "The tests need Chromium" chromium fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji
fi
if ! command -v node >/dev/null; then
    "$here/debian.sh" "The tests need Node.js 18 or newer" nodejs
fi
