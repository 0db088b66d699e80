from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidArgument
from shared.rpc import paging

keys = st.lists(st.text(max_size=20) | st.integers(-(2**53), 2**53), min_size=1, max_size=3)


@given(key=keys)
def test_a_token_holds_the_key_it_was_made_of(key: list) -> None:
    token = paging.encode(*key)

    assert paging.decode(token, len(key)) == key
    assert "=" not in token


@given(text=st.text(min_size=1, max_size=40), length=st.integers(1, 3))
def test_what_is_no_token_names_the_field_and_never_breaks(text: str, length: int) -> None:
    refused: tuple = ()
    key: list | None = [None] * length
    try:
        key = paging.decode(text, length)
    except InvalidArgument as error:
        refused = error.violations

    assert [violation.pointer for violation in refused] in ([], ["/page_token"])
    assert key is not None
    assert len(key) == length


def test_an_id_is_read_back_and_no_token_is_the_first_page() -> None:
    last: UUID = uuid4()

    assert paging.decode_one(paging.encode(last), UUID) == last
    assert paging.decode_one("", UUID) is None


@pytest.mark.parametrize("key", [("no id",), (7,), (None,), ([],), (str(uuid4()), 2)])
def test_a_token_of_another_list_is_refused(key: tuple) -> None:
    with pytest.raises(InvalidArgument) as caught:
        paging.decode_one(paging.encode(*key), UUID)

    assert caught.value.violations[0].pointer == "/page_token"


def test_the_page_size_has_a_default_and_bounds() -> None:
    assert [paging.size(asked) for asked in (0, 1, 500)] == [50, 1, 500]
    for asked in (-1, 501):
        with pytest.raises(InvalidArgument) as caught:
            paging.size(asked)
        assert caught.value.violations[0].pointer == "/page_size"
