import json
import stat
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
from sqlalchemy.engine import make_url

from deploy import cluster_secrets, secret_files
from deploy.admin_secrets import make_admin_secrets


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def test_passwords_are_made_once_and_addresses_follow_the_servers(tmp_path: Path) -> None:
    make_admin_secrets(tmp_path, database="first:5432", broker="first:5672")
    before = contents(tmp_path)

    make_admin_secrets(tmp_path, database="second:5432", broker="second:5672")

    after = contents(tmp_path)
    assert after["postgres.password"] == before["postgres.password"]
    assert after["rabbitmq.password"] == before["rabbitmq.password"]
    assert after["database_url"] == before["database_url"].replace("first", "second")
    assert after["amqp_url"] == before["amqp_url"].replace("first", "second")


def test_the_addresses_hold_the_passwords(tmp_path: Path) -> None:
    make_admin_secrets(tmp_path, database="postgres:5432", broker="rabbitmq:5672")

    url = make_url((tmp_path / "database_url").read_text("utf-8"))

    assert (url.drivername, url.host, url.port) == ("postgresql+psycopg", "postgres", 5432)
    assert url.password == (tmp_path / "postgres.password").read_text("utf-8")
    assert (tmp_path / "rabbitmq.password").read_text("utf-8") in (tmp_path / "amqp_url").read_text(
        "utf-8"
    )


def test_no_other_user_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "admin"

    make_admin_secrets(folder, database="postgres:5432", broker="rabbitmq:5672")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_clusters_secrets_are_valid_and_complete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster_secrets.main(
        [str(tmp_path), "--database", "postgres:5432", "--broker", "rabbitmq:5672"]
    )

    admin, processes = json.loads(capsys.readouterr().out)["items"]
    for secret in (admin, processes):
        kubernetes_validate.validate(secret, "1.30.0", strict=True)
    assert admin["metadata"]["name"] == "wangge-admin"
    assert processes["metadata"]["name"] == "wangge-secrets"
    assert set(processes["stringData"]) == set(secret_files.required_files())
    assert all(processes["stringData"].values())


def test_a_second_run_prints_the_same_secrets(tmp_path: Path) -> None:
    first = cluster_secrets.cluster_secrets(tmp_path, database="postgres:5432", broker="mq:5672")
    second = cluster_secrets.cluster_secrets(tmp_path, database="postgres:5432", broker="mq:5672")

    assert second == first
