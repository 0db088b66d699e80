"""Ask an address whether it is well, for health checks in an image that has no curl.

python -m deploy.probe http://127.0.0.1:9464/readyz

Exits 0 when it answers with a 2xx status within the time given, and 1 otherwise, saying why on
standard error.
"""

import argparse
import sys
from collections.abc import Sequence
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

LONGEST_ANSWER_SHOWN = 500


def trouble_at(url: str, timeout: float) -> str | None:
    """Return what is wrong at the address, or None when it answers with a 2xx status."""
    opener = build_opener(ProxyHandler({}))  # a probe of the process itself never leaves by a proxy
    try:
        with opener.open(url, timeout=timeout):
            return None
    except HTTPError as refused:
        answer = refused.read(LONGEST_ANSWER_SHOWN).decode(errors="replace")
        return f"{url} answered {refused.code}: {answer}"
    except (OSError, HTTPException, ValueError) as failed:
        return f"{url} did not answer: {failed}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; 0 when it is well, 1 when it is not."""
    parser = argparse.ArgumentParser(description="Exit 0 when the address answers with 2xx.")
    parser.add_argument("url")
    parser.add_argument("--timeout", type=float, default=3.0, metavar="SECONDS")
    asked = parser.parse_args(arguments)
    trouble = trouble_at(asked.url, asked.timeout)
    if trouble is not None:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
