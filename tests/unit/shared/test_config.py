from pathlib import Path

import pytest

from shared.config import ConfigError, Env
from shared.rpc.process import Config


def test_every_missing_setting_is_named_in_one_message() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_env({"GRPC_WORKERS": "many"}, peers=("grid",), settings=("TOKEN_SIGNING_JWK",))

    message = str(caught.value)
    for name in (
        "GRPC_PORT",
        "METRICS_PORT",
        "DATABASE_URL",
        "AMQP_URL",
        "TOKEN_JWKS",
        "GRID_GRPC_ADDR",
        "TOKEN_SIGNING_JWK",
    ):
        assert f"{name} is not set" in message
    assert "GRPC_WORKERS='many' is not a whole number" in message


def test_the_pool_is_never_smaller_than_the_workers() -> None:
    environ = {
        "GRPC_PORT": "1",
        "METRICS_PORT": "2",
        "DATABASE_URL": "d",
        "AMQP_URL": "a",
        "TOKEN_JWKS": "{}",
        "GRPC_WORKERS": "8",
        "DB_POOL_SIZE": "4",
    }

    config = Config.from_env(environ, peers=(), settings=())

    assert (config.workers, config.pool_size, config.listen_host) == (8, 8, "127.0.0.1")


@pytest.mark.parametrize("value", [None, ""])
def test_a_file_holds_what_the_variable_does_not(tmp_path: Path, value: str | None) -> None:
    file = tmp_path / "secret"
    file.write_text("from the file\n", encoding="utf-8")
    environ = {"SECRET_FILE": str(file)} | ({} if value is None else {"SECRET": value})
    env = Env(environ)

    assert env.text("SECRET") == "from the file"
    env.check()


def test_the_variable_goes_before_its_file(tmp_path: Path) -> None:
    env = Env({"SECRET": "direct", "SECRET_FILE": str(tmp_path / "absent")})

    assert env.text("SECRET") == "direct"
    env.check()


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xff"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    env = Env({"SECRET_FILE": str(file)})
    env.text("SECRET")

    with pytest.raises(ConfigError, match=r"SECRET_FILE=.* cannot be read"):
        env.check()


def test_values_are_converted_or_named() -> None:
    env = Env({"N": "7", "FLAG": "1", "DELAYS": "1, 2.5,", "BAD": "yes"})

    assert (env.integer("N"), env.flag("FLAG"), env.numbers("DELAYS", "9")) == (7, True, (1, 2.5))
    assert (env.integer("M", 3), env.flag("OTHER"), env.numbers("NONE", "1,5")) == (
        3,
        False,
        (1, 5),
    )
    assert env.optional("NOTHING") is None
    env.check()
    env.flag("BAD")
    with pytest.raises(ConfigError, match="BAD='yes' is not 1 or 0"):
        env.check()
