"""Identity numbers and phones: which are good, how they are masked, and how they are sealed."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.personnel.people.domain.people import (
    Details,
    Person,
    amended,
    details_of,
    make_person,
    masked,
)
from services.personnel.people.domain.personal_data import (
    is_identity_number,
    masked_identity_number,
    plain_identity_number,
    plain_phone,
)
from services.personnel.people.vault import AesVault, KeyRing, UnreadableSeal
from shared.errors import InvalidArgument
from shared.numbers import identity_check_digit

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
PERSON = UUID("018f3b7e-0000-7000-8000-000000000001")
RING = KeyRing("a", {"a": b"a" * 32}, b"i" * 32)


def number(first_17: str) -> str:
    return first_17 + identity_check_digit(first_17)


def person(**told: str) -> Person:
    return make_person(PERSON, Details(**{"name": "测试员甲", **told}), NOW, TODAY)


def test_the_check_digit_is_that_of_the_standard_s_own_examples() -> None:
    assert identity_check_digit("11010519491231002") == "X"
    assert identity_check_digit("44052418800101001") == "4"


def test_a_number_with_a_real_day_and_its_check_digit_is_good() -> None:
    assert is_identity_number("11010519491231002X", TODAY)
    assert is_identity_number(number("43022319960229123"), TODAY)


@pytest.mark.parametrize(
    "bad",
    [
        "110105194912310021",
        "11010519491231002",
        "11010519491231002XX",
        number("43022319970229123"),
        number("43022320260303123"),
        number("43022318991231123"),
        number("03022319960229123"),
        "4302231996022912三",
        "",
    ],
    ids=["digit", "short", "long", "no such day", "tomorrow", "too old", "region", "letters", "none"],
)  # fmt: skip
def test_what_is_no_identity_number_is_refused(bad: str) -> None:
    assert not is_identity_number(bad, TODAY)


@given(st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(place: int, step: int) -> None:
    good = number("43022319960229123")
    wrong = str((int(good[place]) + step) % 10)

    assert not is_identity_number(good[:place] + wrong + good[place + 1 :], TODAY)


def test_numbers_are_kept_without_what_people_write_between_the_digits() -> None:
    assert plain_identity_number(" 110105 19491231 002x") == "11010519491231002X"
    assert plain_phone("+86 138-1234-5678") == "13812345678"


def test_what_is_masked_shows_its_ends_alone() -> None:
    shown = masked(person(phone="13812345678", identity_number="11010519491231002X"))

    assert (shown.phone, shown.identity_number) == ("138****5678", "110***********002X")
    assert masked_identity_number("110105194912310021") == "110***********0021"
    assert masked(person()).phone is None


def test_every_field_at_fault_is_named_at_once() -> None:
    with pytest.raises(InvalidArgument) as caught:
        person(name="\x00", phone="1", identity_number="2", employer="e" * 65, force_source="f\x01")

    pointers = [violation.pointer for violation in caught.value.violations]
    assert pointers == ["/name", "/phone", "/identity_number", "/employer", "/force_source"]


def test_an_empty_text_takes_a_value_away() -> None:
    before = person(phone="13812345678", employer="生态环境分局")

    after = amended(before, Details("测试员乙", employer="  "), TODAY)

    assert (after.name, after.phone, after.employer, after.version) == ("测试员乙", None, None, 2)
    assert amended(before, details_of(before), TODAY).phone == before.phone


@given(st.text(min_size=1, max_size=40))
def test_what_is_sealed_opens_in_its_place_alone(value: str) -> None:
    vault = AesVault(RING)
    sealed = vault.seal("430223", PERSON, "phone", value)

    assert vault.open("430223", PERSON, "phone", sealed) == value
    for place in (
        ("130630", PERSON, "phone"),
        ("430223", uuid4(), "phone"),
        ("430223", PERSON, "identity_number"),
    ):
        with pytest.raises(UnreadableSeal):
            vault.open(*place, sealed)


def test_a_changed_byte_does_not_open_and_equal_values_look_different() -> None:
    vault = AesVault(RING)
    sealed = vault.seal("c", PERSON, "phone", "13812345678")

    assert sealed != vault.seal("c", PERSON, "phone", "13812345678")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(UnreadableSeal):
            vault.open("c", PERSON, "phone", bytes(changed))


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    old = AesVault(RING)
    ring = KeyRing.parse(RING.with_new_key("b").dump())
    new = AesVault(ring)
    sealed = old.seal("c", PERSON, "phone", "13812345678")

    assert new.open("c", PERSON, "phone", sealed) == "13812345678"
    assert (old.is_current(sealed), new.is_current(sealed)) == (True, False)
    assert new.index("c", "phone", "13812345678") == old.index("c", "phone", "13812345678")
    with pytest.raises(UnreadableSeal, match="'b'"):
        old.open("c", PERSON, "phone", new.seal("c", PERSON, "phone", "13812345678"))
    with pytest.raises(ValueError, match="already"):
        ring.with_new_key("a")


def test_the_index_is_equal_for_equal_values_of_a_county_s_field_alone() -> None:
    vault = AesVault(RING)
    indexes = {
        vault.index(*place)
        for place in (("c", "phone", "1"), ("d", "phone", "1"), ("c", "identity_number", "1"))
    }

    assert len(indexes) == 3
    assert vault.index("c", "phone", "1") in indexes


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "{}",
        '{"current": "a", "keys": {"a": "c2hvcnQ="}, "index": "c2hvcnQ="}',
        RING.dump().replace('"current":"a"', '"current":"z"'),
        RING.dump().replace('"a"', '"' + "a" * 65 + '"'),
    ],
)
def test_keys_that_cannot_be_used_are_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match=r"current|id") as caught:
        KeyRing.parse(text)

    assert "YWFh" not in str(caught.value)
