from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import paging
from shared.errors import InvalidArgument
from shared.paging import Page, PageRequest, page_of

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


class Asked:
    def __init__(self, page_size: int = 0, page_token: str = "") -> None:
        self.page_size = page_size
        self.page_token = page_token


def test_a_request_says_size_and_key() -> None:
    assert PageRequest.of(Asked()) == PageRequest(50, None)
    assert PageRequest.of(Asked(7, paging.encode(1, "a"))) == PageRequest(7, (1, "a"))
    assert PageRequest().after(int) is None
    assert PageRequest(key=("1", 2)).after(int, str) == (1, "2")


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [(Asked(501), "/page_size"), (Asked(-1), "/page_size"), (Asked(1, "!"), "/page_token")],
)
def test_a_bad_request_is_refused_before_anything_is_opened(asked: Asked, pointer: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        PageRequest.of(asked)

    assert [violation.pointer for violation in caught.value.violations] == [pointer]


@pytest.mark.parametrize("key", [(), (1, 2), (2.5e308,)])
def test_a_key_of_another_list_is_refused(key: tuple) -> None:
    with pytest.raises(InvalidArgument):
        PageRequest(key=key).after(int)


def test_a_page_shows_no_more_than_was_asked_for_and_where_the_next_begins() -> None:
    asked = PageRequest(size=2)

    page = page_of([1, 2, 3], asked, lambda item: (item,))

    assert page == Page([1, 2], paging.encode(2))
    assert page.map(str) == Page(["1", "2"], paging.encode(2))
    assert page.map_all(lambda items: [sum(items)]) == Page([3], paging.encode(2))
    assert page_of([1, 2], asked, lambda item: (item,)) == Page([1, 2])
    assert page_of([], asked, lambda item: (item,)) == Page([])
