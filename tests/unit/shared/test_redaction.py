import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import numbers
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


GAPS = ["", "", "", " ", "-", "\u00a0", "\u2003", "\u3000", "  ", "—", "/", "\u200b"]
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
AREAS = ["430223", "130630", "110101", "440305", "650102"]


def digits(random: Random, count: int) -> str:
    return "".join(random.choices("0123456789", k=count))


def a_day(random: Random, first: int, last: int) -> str:
    return f"{random.randint(first, last)}{random.randint(1, 12):02}{random.randint(1, 28):02}"


def a_phone(random: Random) -> str:
    prefix = random.choice(["", "", "+86 ", "0086", "86-"])
    return f"{prefix}1{random.randint(3, 9)}{digits(random, 9)}"


def a_landline(random: Random) -> str:
    area = random.choice(["010", "021", "0731", "0312", "0755"])
    return f"{area}{random.randint(2, 9)}{digits(random, random.randint(6, 7))}"


def an_identity_number(random: Random) -> str:
    body = random.choice(AREAS) + a_day(random, 1920, 2015) + digits(random, 3)
    return body + numbers.identity_check_digit(body)


def spelled(random: Random, number: str) -> str:
    text = number[0] + "".join(random.choice(GAPS) + character for character in number[1:])
    return text.translate(WIDE) if random.random() < 0.3 else text


def a_credit_code(random: Random) -> str:
    body = random.choice(["12", "51", "91", "92", "N1"]) + random.choice(AREAS)
    body += "".join(random.choices(numbers.CREDIT_CODE_ALPHABET, k=9))
    return f"统一社会信用代码{body}{numbers.credit_check_character(body)}"


def a_case_number(random: Random) -> str:
    return f"{random.choice(AREAS)}-{a_day(random, 2020, 2060)}-{digits(random, 4)}"


def a_ledger_number(random: Random) -> str:
    return f"台账{random.choice(AREAS)}{a_day(random, 2020, 2060)}{digits(random, 4)}"


def a_division(random: Random) -> str:
    return random.choice(AREAS) + digits(random, random.choice([0, 3, 6]))


@pytest.mark.parametrize("make", [a_phone, a_landline, an_identity_number])
def test_whatever_spelling_is_taken_as_a_number_is_masked(make) -> None:
    random = Random(20261128)
    for _ in range(4_000):
        text = f"请联系{spelled(random, make(random))}核实"
        assert redact(text).text == f"请联系{MASK}核实", text


@pytest.mark.parametrize("make", [a_credit_code, a_case_number, a_ledger_number, a_division])
def test_codes_that_anyone_may_read_stay(make) -> None:
    random = Random(20261128)
    for _ in range(4_000):
        text = f"见{make(random)},已登记"
        assert redact(text).text == text


@pytest.mark.parametrize(
    ("text", "masked", "kind"),
    [
        ("(0731)85012346", "***", "phone"),
        ("138.0013.8000", "***", "phone"),
        ("证件430223900101123的人", "证件***的人", "identity_number"),
        ("护照E12345678", "护照***", "passport"),
        ("护照号码:P1234567", "护照号码:***", "passport"),
        ("港澳通行证H12345678", "港澳通行证***", "travel_permit"),
        ("台胞证12345678", "台胞证***", "travel_permit"),
        ("WJ湘12345", "***", "plate"),
        ("使123456", "***", "plate"),
        ("车牌VA12345", "车牌***", "plate"),
        ("QQ:123456789", "QQ:***", "instant_messenger"),
        ("微信号 zhang_san88", "微信号 ***", "instant_messenger"),
        ("幸福路12号3栋2单元501室", "幸福路***", "house_number"),
        ("6号楼1单元302室", "***", "house_number"),
        ("卡号9558801234567890123", "卡号***", "bank_card"),
    ],
)
def test_less_usual_numbers_are_masked_too(text: str, masked: str, kind: str) -> None:
    redacted = redact(text)

    assert redacted.text == masked
    assert dict(redacted.counts) == {kind: 1}


@pytest.mark.parametrize(
    "text",
    [
        "统一社会信用代码91430223790025302X",
        "事业单位信用代码124302234462000041",
        "台账430223202611290001",
        "案件430223-20261129-0001",
        "区划代码130102001、430223126201",
        "5号岗位第12组",
    ],
)
def test_public_codes_stay(text: str) -> None:
    assert redact(text).text == text


@pytest.mark.parametrize(
    "unit", ["a", "1", "1 ", "a@", "13800138000 ", "+", "0 ", "路1", "编号1", "中1", "微信", "E1"]
)
def test_the_time_grows_with_the_length_and_not_with_its_square(unit: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        return min(_timed(text) for _ in range(3))

    assert seconds(80_000) < 16 * seconds(10_000)


def _timed(text: str) -> float:
    started = time.process_time()
    redact(text)
    return time.process_time() - started
