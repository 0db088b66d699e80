"""The rules of accounts: usernames, passwords and the lock."""

from datetime import UTC, datetime, timedelta

import pytest

from services.personnel.accounts.domain.accounts import (
    account_faults,
    hash_of,
    locked_until,
    seconds_until,
    username_key,
)
from services.personnel.accounts.passwords import Argon2Hasher, Argon2Parameters
from shared.config import ConfigError, Env

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
WEATHER = ("多云转晴,东南风三级;" * 12)[:128]
CHEAP = Argon2Parameters(memory_kib=64, time_cost=1)


def minutes(*values: float) -> list[datetime]:
    return [T0 + timedelta(minutes=value) for value in values]


@pytest.mark.parametrize(
    ("failures", "until"),
    [
        ([], None),
        (minutes(0, 1, 2, 3), None),
        (minutes(0, 1, 2, 3, 4), 19),
        (minutes(0, 3, 6, 9, 15), 30),
        (minutes(0, 3, 6, 9, 15.1), None),
        (minutes(9, 0, 15, 6, 3), 30),
        (minutes(0, 10, 11, 12, 13, 14), 29),
    ],
)
def test_the_fifth_failure_in_a_quarter_of_an_hour_locks_for_as_long(
    failures: list[datetime], until: float | None
) -> None:
    expected = None if until is None else T0 + timedelta(minutes=until)

    assert locked_until(failures) == expected


def test_the_time_to_wait_is_rounded_up() -> None:
    assert seconds_until(T0 + timedelta(seconds=1.2), T0) == 2
    assert seconds_until(T0, T0) == 1


@pytest.mark.parametrize(
    ("username", "other"), [("Zhang.San", "zhang.san"), ("ZHANG", "zhang"), ("李四", "李四")]
)
def test_usernames_are_compared_without_regard_to_case_or_width(username: str, other: str) -> None:
    assert username_key(username) == username_key(other)


@pytest.mark.parametrize("username", ["abc", "张三丰", "a.b_c@d-e", "x" * 64])
def test_good_usernames(username: str) -> None:
    assert account_faults(username, "a long password") == []


@pytest.mark.parametrize("username", ["ab", "x" * 65, "a b c", "a/b/c", "abc\n", "a\x00bc"])
def test_bad_usernames(username: str) -> None:
    assert [f.pointer for f in account_faults(username, "a long password")] == ["/username"]


@pytest.mark.parametrize(
    ("password", "faults"),
    [("短" * 4 + "plane", 1), ("plain sand", 0), (WEATHER, 0), (WEATHER + "!", 1)],
)
def test_passwords_have_ten_to_a_hundred_and_twenty_eight_characters(
    password: str, faults: int
) -> None:
    assert len(account_faults("zhang.san", password)) == faults


def test_refresh_tokens_are_kept_by_a_hash() -> None:
    assert hash_of("token") != hash_of("Token")
    assert b"token" not in hash_of("token")


def test_a_check_without_a_hash_is_made_in_earnest_and_fails() -> None:
    hasher = Argon2Hasher(CHEAP)

    assert not hasher.matches(None, "nobody has this password")
    assert not hasher.matches("no hash at all", "a long password")
    assert hasher.matches(hasher.hash("a long password"), "a long password")
    assert not hasher.matches(hasher.hash("a long password"), "another password")


def test_a_hash_of_other_parameters_is_outdated() -> None:
    kept = Argon2Hasher(CHEAP).hash("a long password")
    stronger = Argon2Hasher(Argon2Parameters(memory_kib=128, time_cost=1))

    assert stronger.is_outdated(kept)
    assert stronger.matches(kept, "a long password")
    assert not Argon2Hasher(CHEAP).is_outdated(kept)


def test_the_parameters_come_from_the_settings_and_are_owasp_s_by_default() -> None:
    assert Argon2Parameters.read(Env({})) == Argon2Parameters(19_456, 2, 1)
    assert Argon2Parameters.read(Env({"PASSWORD_HASH_TIME_COST": "3"})).time_cost == 3
    env = Env({"PASSWORD_HASH_MEMORY_KIB": "much"})
    Argon2Parameters.read(env)
    with pytest.raises(ConfigError, match="PASSWORD_HASH_MEMORY_KIB"):
        env.check()
