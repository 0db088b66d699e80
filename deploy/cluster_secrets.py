"""Print the Secrets of a new cluster, ready for `kubectl apply -f -`.

python -m deploy.cluster_secrets .wangge/cluster --database postgres:5432 --broker rabbitmq:5672

Passwords and keys are made in the folder on the first run and kept from then on, so that a second
run prints the same Secrets. For clusters that run their own PostgreSQL and RabbitMQ; where these
exist already, make `wangge-secrets` from the files of their own `SECRETS_DIR`.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import make_url

from deploy import secret_files
from deploy.admin_secrets import make_admin_secrets

NAMESPACE: Final = "wangge"
ADMIN_FILES: Final = ("database_url", "postgres.password", "rabbitmq.password")


def secret_manifest(name: str, folder: Path, files: Iterable[str]) -> dict[str, Any]:
    """Return a Secret with one key for each named file of the folder."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "type": "Opaque",
        "stringData": {file: (folder / file).read_text("utf-8").strip() for file in sorted(files)},
    }


def cluster_secrets(folder: Path, *, database: str, broker: str) -> dict[str, Any]:
    """Return the List of both Secrets, made in the folder where they are missing."""
    admin, processes = folder / "admin", folder / "secrets"
    make_admin_secrets(admin, database=database, broker=broker)
    database_url = make_url((admin / "database_url").read_text("utf-8"))
    secret_files.generate(processes, database_url, (admin / "amqp_url").read_text("utf-8"))
    secrets = [
        secret_manifest("wangge-admin", admin, ADMIN_FILES),
        secret_manifest("wangge-secrets", processes, secret_files.required_files()),
    ]
    return {"apiVersion": "v1", "kind": "List", "items": secrets}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Print the Secrets of a new cluster.")
    parser.add_argument("folder", type=Path, help="where the passwords and keys are kept")
    parser.add_argument("--database", required=True, metavar="HOST:PORT")
    parser.add_argument("--broker", required=True, metavar="HOST:PORT")
    options = parser.parse_args(arguments)
    made = cluster_secrets(options.folder, database=options.database, broker=options.broker)
    json.dump(made, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
