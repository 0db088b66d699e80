#!/bin/sh
# Every test, in three interpreters: grpc and eventlet cannot share one, and the end-to-end tests
# start the whole platform. All three run even when one fails; the exit code tells whether any did.
#
# Each has servers of its own, so they run beside each other: the end-to-end tests, which wait a lot,
# beside the others. On servers that the environment names they would meet, and take turns.
cd "$(dirname "$0")/.." || exit 1
failed=""
beside=""
log=.wangge/tests.log

mkdir -p .wangge
export WANGGE_REQUIREMENTS_REPORT="$PWD/.wangge/requirements.json"
rm -f "$WANGGE_REQUIREMENTS_REPORT"
# Dozens of processes are started: what one has compiled, the next need not compile again.
unset PYTHONDONTWRITEBYTECODE

run() {
    echo "== $1"
    shift
    .venv/bin/python -m deploy.local with-servers -- .venv/bin/python -m pytest -q "$@" &
    running=$!
    wait "$running"
}

# Ctrl-C does not reach what runs in the background: whoever is stopped stops it first.
stop() {
    kill "$1"
    wait "$1"
    exit 130
}

others() {
    trap 'stop "$running"' INT TERM
    ended=0
    # shellcheck disable=SC2086 -- several words
    run grpc $workers tests --ignore=tests/e2e --ignore-glob='*/events/*' || ended=1
    # shellcheck disable=SC2046 -- a list of files
    run eventlet -p tests.patched \
        $(find tests -path tests/e2e -prune -o -type f -path '*/events/test_*.py' -print) || ended=1
    return $ended
}

if [ -z "$WANGGE_DATABASE_URL$WANGGE_AMQP_URL" ]; then
    workers="-n 2 --dist loadfile"
    others >"$log" 2>&1 &
    beside=$!
    trap 'stop "$beside"' INT TERM
    echo "== e2e"
    .venv/bin/python -m pytest -q tests/e2e || failed="$failed e2e"
    echo "== the others, which ran beside it"
    wait "$beside" || failed="$failed others"
    cat "$log"
else
    workers=""
    trap 'stop "$running"' INT TERM
    run e2e tests/e2e || failed="$failed e2e"
    others || failed="$failed others"
fi

[ -z "$failed" ] || { echo "Failed:$failed" >&2; exit 1; }
