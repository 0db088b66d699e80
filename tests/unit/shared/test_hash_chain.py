from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.hash_chain import FIRST, content_hash, link

RECORD = {"b": 1, "a": ["秸秆焚烧", None, {"z": 0.5, "y": UUID(int=7)}]}
MOMENT = datetime(2026, 11, 23, 8, 30, 15, 123, tzinfo=UTC)


def test_a_known_record_keeps_its_known_hash() -> None:
    # Recorded once: were this to change, every ledger written before would look tampered with.
    record = {"at": MOMENT, "on": date(2026, 11, 23), "n": 1}

    assert content_hash(record) == (
        "49db7b6126798204fd27e4768c8a05f197f931e0152459f815e40fedfd042a0c"
    )


def test_the_order_of_keys_does_not_matter() -> None:
    assert content_hash(RECORD) == content_hash(dict(reversed(RECORD.items())))


def test_the_same_moment_hashes_alike_in_every_zone() -> None:
    beijing = MOMENT.astimezone(timezone(timedelta(hours=8)))

    assert content_hash({"at": MOMENT}) == content_hash({"at": beijing})
    assert content_hash({"at": MOMENT}) == content_hash({"at": MOMENT.replace(tzinfo=None)})
    assert content_hash({"at": MOMENT}) != content_hash({"at": MOMENT + timedelta(microseconds=1)})


def test_what_has_no_canonical_form_is_refused() -> None:
    with pytest.raises(TypeError):
        content_hash({"what": object()})


records = st.dictionaries(st.text(max_size=5), st.integers(-1000, 1000) | st.text(max_size=5))


@given(chain=st.lists(records, min_size=1, max_size=6), data=st.data())
def test_an_edit_anywhere_shows_in_every_later_hash(chain: list[dict], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(chain) - 1))
    edited = [dict(record) for record in chain]
    edited[at]["edited by"] = "someone"

    before, after = hashes(chain), hashes(edited)

    assert before[:at] == after[:at]
    assert all(one != other for one, other in zip(before[at:], after[at:], strict=True))


def hashes(chain: list[dict]) -> list[str]:
    found, previous = [], FIRST
    for record in chain:
        previous = link(previous, record)
        found.append(previous)
    return found
