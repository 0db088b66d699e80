"""``python -m deploy.demo``: bring counties on and tell the story, against a running platform."""

import argparse
import sys
from pathlib import Path

from deploy.demo.cast import Accounts
from deploy.demo.division import Redivision
from deploy.demo.http import Api, DemoError
from deploy.demo.onboarding import onboard
from deploy.demo.story import Story

STATE = Path(".wangge")


def main(arguments: list[str] | None = None) -> int:
    """Tell the story; 0 when every step held, 1 with what did not."""
    parser = argparse.ArgumentParser(prog="deploy.demo", description=__doc__)
    parser.add_argument("--gateway-url", required=True)
    parser.add_argument(
        "--operator-password-file", type=Path, default=STATE / "secrets" / "operator.password"
    )
    parser.add_argument("--accounts", type=Path, default=STATE / "demo-accounts.json")
    parser.add_argument(
        "--stop-command", default="make down", help="what the last line says ends the platform"
    )
    chosen = parser.parse_args(arguments)
    try:
        _play(chosen)
    except (DemoError, OSError) as error:
        print(f"\nThe story broke off: {error}", file=sys.stderr)
        return 1
    return 0


def _play(chosen: argparse.Namespace) -> None:
    url = chosen.gateway_url.rstrip("/")
    api, accounts = Api(url), Accounts(chosen.accounts)
    onboard(api, accounts, chosen.operator_password_file.read_text("utf-8").strip())
    number = Story.begin(api, accounts).tell()
    before, after = Redivision.begin(api, accounts).tell()
    print(f"\nCase {number} went from a village patrol to the public page.")
    print(f"On the 5th {before} answered for the village, on the 20th {after}.\n")
    print(f"  API            {url}/docs (OpenAPI: {url}/openapi.json)")
    print(f"  Public         {url}/public/v1/counties/430223/publications")
    print(f"  Atom feed      {url}/public/v1/counties/430223/atom.xml")
    print(f"  Health         {url}/health")
    print(f"  Demo accounts  {chosen.accounts}")
    print(f"  Stop it with   {chosen.stop_command}")


if __name__ == "__main__":
    sys.exit(main())
