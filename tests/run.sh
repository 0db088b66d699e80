#!/bin/sh
# Every test, in three interpreters: grpc and eventlet cannot share one, and the end-to-end tests
# start the whole platform. All three run even when one fails; the exit code tells whether any did.
#
# Each has servers of its own, so that two processes of tests are always at work: two workers of the
# first, then the other two beside each other. On servers that the environment names, which they
# would share, they run one after the other.
cd "$(dirname "$0")/.." || exit 1
failed=""
beside=""

mkdir -p .wangge
export WANGGE_REQUIREMENTS_REPORT="$PWD/.wangge/requirements.json"
rm -f "$WANGGE_REQUIREMENTS_REPORT"
# Dozens of processes are started: what one has compiled, the next need not compile again.
unset PYTHONDONTWRITEBYTECODE

pytest() {
    echo "== $1"
    shift
    .venv/bin/python -m deploy.local with-servers -- .venv/bin/python -m pytest -q "$@"
}

eventlet() {
    # shellcheck disable=SC2046 -- a list of files
    pytest eventlet -p tests.patched \
        $(find tests -path tests/e2e -prune -o -type f -path '*/events/test_*.py' -print)
}

workers="-n 2 --dist loadfile"
[ -z "$WANGGE_DATABASE_URL$WANGGE_AMQP_URL" ] || workers=""
# shellcheck disable=SC2086 -- several words
pytest grpc $workers tests --ignore=tests/e2e --ignore-glob='*/events/*' || failed="$failed grpc"

if [ -n "$workers" ]; then
    eventlet >.wangge/eventlet.log 2>&1 &
    beside=$!
    trap 'kill "$beside"; wait "$beside"; exit 130' INT TERM
fi
pytest e2e tests/e2e || failed="$failed e2e"
if [ -n "$beside" ]; then
    wait "$beside" || failed="$failed eventlet"
    cat .wangge/eventlet.log
else
    eventlet || failed="$failed eventlet"
fi

[ -z "$failed" ] || { echo "Failed:$failed" >&2; exit 1; }
