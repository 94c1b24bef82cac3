#!/bin/sh
# Brings .venv to one of the locks: scripts/bootstrap.sh run|dev (or only fetches uv: scripts/bootstrap.sh tools)
#
# Needs python3 (3.11 or newer) with pip, and the package index that pip is configured for; nothing else.
#  - uv is installed with `pip --target`, which needs neither a venv nor leave from an externally managed Python.
#  - Where uv cannot be had or cannot reach the index, venv and pip do the same work, slower; ensurepip is not needed.
#  - Everything is pinned by hash; the project itself goes in last, editable, without touching the network.
set -eu
cd "$(dirname "$0")/.."

lock=requirements/$1.lock
python=${PYTHON:-python3}
uv=.tools/bin/uv
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore UV_PYTHON_DOWNLOADS=never

say() { printf 'setup: %s\n' "$*" >&2; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    { say "Python 3.11 or newer is needed as '$python' (choose one with: make PYTHON=python3.12 ...)"; exit 1; }

# uv reads neither pip's settings nor its environment: hand the index over.
if [ -z "${UV_DEFAULT_INDEX:-}" ]; then
    index=${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}
    if [ -n "$index" ]; then export UV_DEFAULT_INDEX="$index"; fi
fi
# A home that cannot be written to is no reason to fail.
if [ -z "${UV_CACHE_DIR:-}" ] && ! mkdir -p "${XDG_CACHE_HOME:-${HOME:-/}/.cache}/uv" 2>/dev/null; then
    export UV_CACHE_DIR="$PWD/.tools/cache"
fi

fetch_uv() {
    [ -x "$uv" ] || "$python" -m pip install -qq --target .tools --upgrade --require-hashes -r requirements/tools.lock
}

with_uv() {
    fetch_uv || return 1
    [ -x .venv/bin/python ] || "$uv" venv --quiet --clear --no-project --python "$(command -v "$python")" .venv || return 1
    "$uv" pip install --quiet --python .venv/bin/python --require-hashes -r "$lock" || return 1
    "$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --offline --editable .
}

with_pip() {
    [ -x .venv/bin/python ] || "$python" -m venv --clear --without-pip .venv || return 1
    pip="$python -m pip --python .venv/bin/python"
    $pip install --quiet --require-hashes -r "$lock" || return 1
    $pip install --quiet --no-deps --no-build-isolation --no-index --editable .
}

if [ "$1" = tools ]; then fetch_uv; exit; fi

say "installing $lock into .venv"
with_uv || { say "uv could not do it; falling back to venv and pip"; with_pip; }
