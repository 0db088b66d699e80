import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy.engine import make_url

from deploy import secret_files
from shared.tokens import Signer, Verifier

ADMIN = make_url("postgresql+psycopg://admin:a@127.0.0.1:21000/postgres")
AMQP = "amqp://wangge:b@127.0.0.1:21001/wangge"


@pytest.fixture
def folder(tmp_path):
    secret_files.generate(tmp_path / "secrets", ADMIN, AMQP)
    return tmp_path / "secrets"


def test_generated_secrets_pass_the_check_and_nobody_else_reads_them(folder):
    secret_files.check(folder)

    assert {path.name for path in folder.iterdir()} == set(secret_files.required_files())
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_every_login_has_a_password_of_its_own(folder):
    passwords = secret_files.passwords(folder)

    assert len(passwords) == len(set(passwords.values())) == 14
    assert min(len(password) for password in passwords.values()) >= 32


def test_generating_again_keeps_passwords_and_keys_but_follows_the_servers(folder):
    before = {path.name: path.read_text() for path in folder.iterdir()}
    passwords = secret_files.passwords(folder)

    secret_files.generate(folder, ADMIN.set(port=22000), AMQP.replace("21001", "22001"))

    after = {path.name: path.read_text() for path in folder.iterdir()}
    assert secret_files.passwords(folder) == passwords
    assert "22001" in after["amqp_url"]
    assert make_url(after["grid.database_url"]).port == 22000
    kept = [name for name in before if not name.endswith("_url")]
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


def test_a_token_signed_with_the_private_key_verifies_with_the_public_set(folder):
    signer = Signer(secret_files.read(folder, secret_files.SIGNING_KEY))
    public = secret_files.read(folder, secret_files.VERIFYING_KEYS)
    person = uuid4()

    token = signer.sign(
        county_id="city",
        person_id=person,
        account_id=uuid4(),
        roles=frozenset({"city_operator"}),
        capabilities={},
        now=datetime.now(UTC),
    )

    assert Verifier(public).verify(token).person_id == person
    assert "d" not in json.loads(public)["keys"][0]


def test_every_missing_file_is_named_at_once(folder):
    (folder / "amqp_url").unlink()
    (folder / "operator.password").unlink()

    with pytest.raises(secret_files.SecretsError, match=r"amqp_url, operator\.password"):
        secret_files.check(folder)


def test_a_login_of_another_role_is_refused_by_file_and_role(folder):
    (folder / "cases.database_url").write_text((folder / "grid.database_url").read_text())

    with pytest.raises(secret_files.SecretsError, match=r"cases\.database_url .* wangge_cases "):
        secret_files.check(folder)


def test_a_login_without_a_password_is_refused(folder):
    path = folder / "cases.worker_database_url"
    path.write_text("postgresql+psycopg://wangge_cases_worker@db/wangge_cases")

    with pytest.raises(secret_files.SecretsError, match="no password"):
        secret_files.check(folder)


def test_a_line_end_an_editor_left_is_no_part_of_a_secret(folder):
    (folder / "operator.password").write_text("four words are enough\n")

    assert secret_files.read(folder, "operator.password") == "four words are enough"
