"""Which passwords may be chosen, and how one-time codes are read."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.personnel.accounts.domain import invitations, password_policy
from services.personnel.accounts.domain.accounts import LONGEST_SENT, password_faults
from services.personnel.accounts.passwords import Argon2Hasher, Argon2Parameters

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "1212121212",
        "abc1abc1abc1",
        "1234567890",
        "0987654321",
        "abcdefghij",
        "qwertyuiop123",
        "1qaz2wsx3edc",
        "1q2w3e4r5t6y",
        "qwertyuiopasdfghjkl",
        "password2026",
        "Password!2026",
        "P@ssw0rd123!",
        "123456admin",
        "Administrator1",
        "mypassword1",
        "iloveyou2024!!",
        "WOAINI1314520",
        "helloworld1",
        "网格管理员2026",
        "admin_password",
        "ｐａｓｓｗｏｒｄ１２３",
    ],
)
def test_what_everybody_tries_first_is_common(password: str) -> None:
    assert password_policy.is_common(password)


@pytest.mark.parametrize(
    "password",
    [
        "平安网格2026-test",
        "another password",
        "correct horse battery staple",
        "青山绿水绕村过小桥流水人家",
        "k7-Hzq_92bLm",
        "nine tall pines",
        "1357-2468-aceg",
    ],
)
def test_what_nobody_tries_first_is_not(password: str) -> None:
    assert not password_policy.is_common(password)
    assert password_faults("zhang.san", password) == []


@pytest.mark.parametrize(
    "password", ["my zhang.san sings", "ZHANG.SAN sings", "ｚｈａｎｇ．ｓａｎ sings"]
)
def test_the_username_is_no_part_of_a_password(password: str) -> None:
    (fault,) = password_faults("Zhang.San", password, "/new_password")

    assert fault.pointer == "/new_password"
    assert fault.detail.en != fault.detail.zh


def test_length_is_counted_in_characters_of_the_normal_form() -> None:
    assert password_policy.is_long_enough("ﬁ" * 5)
    assert not password_policy.is_long_enough("ﬁ" * 65)
    assert password_faults("zhang.san", "好" * (LONGEST_SENT + 1))


def test_wide_and_narrow_forms_open_the_same_account() -> None:
    hasher = Argon2Hasher(Argon2Parameters(memory_kib=64, time_cost=1))

    assert hasher.matches(hasher.hash("ｎｉｎｅ tall pines"), "nine tall pines")


def test_a_code_is_read_as_people_type_it_until_it_is_over() -> None:
    code = "7K3M-0000-1111-ABCD-WXYZ"
    kept = invitations.issued(uuid4(), code, NOW)

    for typed in (code, code.lower(), "7k3m oooo iill ABCD wxyz", "７K3M00001111ABCDWXYZ"):
        assert kept.opens(typed, NOW)
    for wrong in ("", code[:-1], f"{code}0", "8K3M-0000-1111-ABCD-WXYZ"):
        assert not kept.opens(wrong, NOW)
    assert kept.opens(code, NOW + timedelta(hours=72) - timedelta(seconds=1))
    assert not kept.opens(code, NOW + timedelta(hours=72))
    assert code.replace("-", "").encode() not in kept.code_hash


def test_no_two_codes_are_the_same_and_none_is_mistyped() -> None:
    codes = {invitations.new_code() for _ in range(200)}

    assert len(codes) == 200
    assert not set("".join(codes)) & set("OILU")
