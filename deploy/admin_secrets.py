"""Make the administrators' passwords of a database and a broker that are about to be created.

python -m deploy.admin_secrets /var/lib/wangge/admin --database postgres:5432 --broker rabbitmq:5672

Writes `postgres.password`, `rabbitmq.password`, and the two addresses that hold them,
`database_url` and `amqp_url`, each readable by its owner alone. A password that is there is kept,
whatever the addresses become: the servers were created with it.
"""

import argparse
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deploy.private_files import write_private

DATABASE_ROLE: Final = "postgres"
BROKER_USER: Final = "wangge"
BROKER_VHOST: Final = "wangge"


def kept_password(path: Path) -> str:
    """Return the password in the file, made and written on the first call."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32))
    return path.read_text(encoding="utf-8").strip()


def make_admin_secrets(folder: Path, *, database: str, broker: str) -> None:
    """Fill the folder for servers that listen at the two `host:port` addresses."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    of_database = kept_password(folder / "postgres.password")
    of_broker = kept_password(folder / "rabbitmq.password")
    write_private(
        folder / "database_url",
        f"postgresql+psycopg://{DATABASE_ROLE}:{of_database}@{database}/postgres",
    )
    write_private(folder / "amqp_url", f"amqp://{BROKER_USER}:{of_broker}@{broker}/{BROKER_VHOST}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Make the administrators' passwords once.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--database", required=True, metavar="HOST:PORT")
    parser.add_argument("--broker", required=True, metavar="HOST:PORT")
    options = parser.parse_args(arguments)
    make_admin_secrets(options.folder, database=options.database, broker=options.broker)


if __name__ == "__main__":
    main()
