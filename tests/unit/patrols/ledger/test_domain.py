from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.patrols.ledger import domain
from services.patrols.ledger.domain import Finding, LedgerHead, Patrol, Signature
from shared.errors import InvalidArgument
from shared.hash_chain import content_hash

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
CATEGORIES = ("straw_burning", "sewage")


def finding(**given: object) -> Finding:
    made = Finding(
        finding_id=uuid4(),
        category="straw_burning",
        description="田间焚烧秸秆",
        found_at=NOW - timedelta(minutes=30),
        longitude=113.34,
        latitude=27.0,
        stopped_by="当场扑灭",
        address="杜口村三组",
    )
    return replace(made, **given)


def patrol(**given: object) -> Patrol:
    made = Patrol(
        patrol_id=uuid4(),
        client_id="phone-1",
        grid_id=uuid4(),
        grid_path="1.2.",
        patroller_id=uuid4(),
        started_at=NOW - timedelta(hours=1),
        ended_at=NOW - timedelta(minutes=10),
        summary="例行巡查",
        findings=(finding(),),
        signature=Signature(NOW - timedelta(minutes=5), ""),
    )
    return replace(made, **given)


def faults_of(record: Patrol) -> set[str]:
    with pytest.raises(InvalidArgument) as caught:
        domain.check(record, CATEGORIES, NOW)
    return {violation.pointer for violation in caught.value.violations}


def test_a_sound_record_is_accepted() -> None:
    domain.check(patrol(), CATEGORIES, NOW)


def test_every_fault_is_named_at_once() -> None:
    bad = patrol(
        ended_at=NOW - timedelta(hours=2),
        findings=(finding(), finding(category="noise", latitude=None)),
        signature=Signature(NOW + timedelta(hours=1), "0" * 64),
    )

    assert faults_of(bad) == {
        "/end_time",
        "/signature/sign_time",
        "/signature/content_hash",
        "/findings/0/found_time",
        "/findings/1/category",
        "/findings/1/found_time",
        "/findings/1",
    }


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"started_at": NOW + timedelta(hours=1)}, "/start_time"),
        ({"started_at": NOW - timedelta(hours=30)}, "/end_time"),
    ],
)
def test_a_patrol_lies_in_the_past_and_within_a_day(given: dict, pointer: str) -> None:
    assert pointer in faults_of(patrol(**given))


def test_the_devices_hash_is_checked_against_what_was_sent() -> None:
    record = patrol()
    signed = content_hash(domain.content_of(record))

    domain.check(
        replace(record, signature=replace(record.signature, content_hash=signed)), CATEGORIES, NOW
    )
    changed = replace(
        record, summary="改过", signature=replace(record.signature, content_hash=signed)
    )
    assert faults_of(changed) == {"/signature/content_hash"}


def ledger_of(count: int) -> list[domain.LedgerEntry]:
    entries, head = [], LedgerHead(0, "")
    for _ in range(count):
        entry = domain.enter(patrol(), head, NOW)
        entries.append(entry)
        head = LedgerHead(entry.number, entry.record_hash)
    return entries


def test_an_untouched_ledger_is_whole() -> None:
    assert domain.verify(ledger_of(3)) == (3, None)


@pytest.mark.parametrize("tampering", ["changed", "removed", "swapped"])
def test_tampering_with_a_ledger_shows_at_the_record(tampering: str) -> None:
    entries = ledger_of(3)
    if tampering == "changed":
        edited = replace(entries[1].patrol, summary="未发现问题")
        entries[1] = replace(entries[1], patrol=edited)
    elif tampering == "removed":
        del entries[1]
    else:
        entries[1], entries[2] = entries[2], entries[1]

    assert domain.verify(entries) == (len(entries), entries[1].patrol.patrol_id)


def test_numbers_of_people_do_not_leave_by_event() -> None:
    told = finding(
        description="户主电话13812345678,身份证430223198001011234", address="电话13912345678"
    )
    entry = domain.enter(patrol(findings=(told,)), LedgerHead(0, ""), NOW)

    _, reported = domain.events_of(entry)

    assert reported.description == "户主电话***,身份证***"
    assert reported.address == "电话***"


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"longitude": 180.1}, "/findings/0/longitude"),
        ({"longitude": float("nan")}, "/findings/0/longitude"),
        ({"latitude": -90.1}, "/findings/0/latitude"),
        ({"latitude": float("inf")}, "/findings/0/latitude"),
    ],
)
def test_a_place_is_on_the_earth(given: dict, pointer: str) -> None:
    assert faults_of(patrol(findings=(finding(**given),))) == {pointer}


def test_a_patrol_has_at_most_fifty_findings() -> None:
    domain.check(patrol(findings=(finding(),) * 50), CATEGORIES, NOW)

    assert faults_of(patrol(findings=(finding(),) * 51)) == {"/findings"}


def test_sources_are_signed_and_a_record_without_any_is_as_before() -> None:
    plain = patrol()
    source = uuid4()
    about = replace(plain, findings=(replace(plain.findings[0], pollution_source_id=source),))
    visited = replace(plain, pollution_source_ids=(source,))

    hashes = {content_hash(domain.content_of(each)) for each in (plain, about, visited)}

    assert len(hashes) == 3
    assert "source_ids" not in domain.content_of(plain)
    assert set(domain.content_of(plain)["findings"][0]) == {
        *("category", "description", "found_time", "longitude", "latitude", "stopped_by", "address")
    }
