from pathlib import Path

import pytest

from shared.config import ConfigError, Env
from shared.rpc.process import read_tls

NAMES = ("GRPC_TLS_CA", "GRPC_TLS_CERT", "GRPC_TLS_KEY")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    for name in NAMES:
        (tmp_path / name).write_text(f"content of {name}")
    return {name: str(tmp_path / name) for name in NAMES}


def test_without_any_of_the_three_there_is_no_tls() -> None:
    env = Env({})

    assert read_tls(env) is None
    env.check()


def test_the_three_files_are_read(files: dict[str, str]) -> None:
    env = Env(files)

    tls = read_tls(env)

    env.check()
    assert tls is not None
    assert (tls.ca, tls.certificate, tls.key) == tuple(f"content of {n}".encode() for n in NAMES)


@pytest.mark.parametrize("missing", NAMES)
def test_one_that_is_missing_beside_the_others_is_named_and_never_means_plain_text(
    files: dict[str, str], missing: str
) -> None:
    del files[missing]
    env = Env(files)

    read_tls(env)

    with pytest.raises(ConfigError, match=f"{missing} is not set"):
        env.check()


def test_a_file_that_cannot_be_read_is_named(files: dict[str, str]) -> None:
    files["GRPC_TLS_KEY"] += ".gone"
    env = Env(files)

    read_tls(env)

    with pytest.raises(ConfigError, match=r"GRPC_TLS_KEY=.*cannot be read"):
        env.check()
