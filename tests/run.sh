#!/bin/sh
# Every test, in three interpreters: grpc and eventlet cannot share one, and the end-to-end tests
# start the whole platform. All three run even when one fails; the exit code tells whether any did.
cd "$(dirname "$0")/.." || exit 1
failed=""

mkdir -p .wangge
export WANGGE_REQUIREMENTS_REPORT="$PWD/.wangge/requirements.json"
rm -f "$WANGGE_REQUIREMENTS_REPORT"
# Dozens of processes are started: what one has compiled, the next must not compile again.
unset PYTHONDONTWRITEBYTECODE

pytest() {
    name=$1
    shift
    echo "== $name"
    .venv/bin/python -m pytest -q "$@" || failed="$failed $name"
}

patched=$(find tests -path tests/e2e -prune -o -type f -path '*/events/test_*.py' -print)

pytest grpc tests --ignore=tests/e2e --ignore-glob='*/events/*'
# shellcheck disable=SC2086 -- a list of files
[ -z "$patched" ] || pytest eventlet -p tests.patched $patched
[ ! -d tests/e2e ] || pytest e2e tests/e2e

[ -z "$failed" ] || { echo "Failed:$failed" >&2; exit 1; }
