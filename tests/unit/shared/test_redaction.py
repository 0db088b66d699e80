import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.redaction import MASK, redact

PHONES = st.from_regex(r"\A1[3-9][0-9]{9}\Z")
IDENTITIES = st.builds(
    lambda area, year, month, day, tail: f"{area}{year}{month:02}{day:02}{tail}",
    st.from_regex(r"\A[1-9][0-9]{5}\Z"),
    st.integers(1920, 2015),
    st.integers(1, 12),
    st.integers(1, 28),
    st.from_regex(r"\A[0-9]{3}[0-9Xx]\Z"),
)
CARDS = st.from_regex(r"\A62[0-9]{17}\Z")
EMAILS = st.from_regex(r"\A[a-z][a-z0-9.]{0,8}@[a-z]{1,8}\.(cn|com|gov\.cn)\Z")
PROSE = st.text(alphabet="本村北侧田间焚烧秸秆,住户反映。有人的电话是: ()、", max_size=20)


@given(number=st.one_of(PHONES, IDENTITIES, CARDS, EMAILS), before=PROSE, after=PROSE, twice=PROSE)
def test_no_personal_number_survives_in_whatever_prose(
    number: str, before: str, after: str, twice: str
) -> None:
    redacted = redact(f"{before}{number}{after}。{twice}{number}")

    assert number not in redacted.text
    assert not any(character.isdigit() for character in redacted.text)
    assert redacted.counts.total() == 2


@given(text=PROSE)
def test_prose_without_personal_data_stays_as_it_is(text: str) -> None:
    assert redact(text).text == text
    assert not redact(text).counts


@given(number=st.one_of(PHONES, IDENTITIES, CARDS, EMAILS), before=PROSE)
def test_masking_again_changes_nothing(number: str, before: str) -> None:
    once = redact(before + number).text

    assert redact(once).text == once
    assert once == before + MASK


@pytest.mark.parametrize(
    ("text", "masked", "kind"),
    [
        ("电话13812345678。", "电话***。", "phone"),
        ("电话138-1234-5678。", "电话***。", "phone"),
        ("电话+86 138 1234 5678。", "电话***。", "phone"),
        ("村委会0731-2345678转", "村委会***转", "phone"),
        ("身份证43022319900101123X的住户", "身份证***的住户", "identity_number"),
        ("身份证430223199001011234的住户", "身份证***的住户", "identity_number"),
        ("卡号6222 0200 1234 5678 901的", "卡号***的", "bank_card"),
        ("邮箱zhang.san@example.com的人", "邮箱***的人", "email"),
        ("车牌湘B·12345倾倒", "车牌***倾倒", "plate"),
        ("车牌湘BD12345倾倒", "车牌***倾倒", "plate"),
    ],
)
def test_each_kind_is_masked_and_counted(text: str, masked: str, kind: str) -> None:
    redacted = redact(text)

    assert redacted.text == masked
    assert dict(redacted.counts) == {kind: 1}


@pytest.mark.parametrize(
    "text",
    [
        "案件 2026-000123 已结案",
        "焚烧面积12345平方米",
        "经纬度 113.345678, 27.012345",
        "2026年11月23日",
    ],
)
def test_numbers_that_are_nobodys_stay(text: str) -> None:
    assert redact(text).text == text


def test_names_that_a_reader_points_out_are_masked_the_longer_first() -> None:
    redacted = redact("测试员甲乙与测试员甲到场", words=("测试员甲", "测试员甲乙", ""))

    assert redacted.text == "***与***到场"
    assert redacted.counts["name"] == 2


def test_only_the_asked_kinds_are_masked() -> None:
    text = "湘B12345,电话13812345678"

    assert redact(text, kinds=("phone",)).text == "湘B12345,电话***"
