import re

import pytest
from sqlalchemy import Boolean, Column, Integer, MetaData, Table, Text, select

from shared.db.pages import SortKey
from shared.errors import InvalidArgument
from shared.paging import PageRequest

TABLE = Table(
    "records",
    MetaData(),
    Column("path", Text, nullable=False),
    Column("year", Integer),
    Column("done", Boolean, nullable=False),
)


def test_a_text_has_the_form_that_the_key_says():
    key = SortKey(TABLE.c.path, pattern=re.compile(r"([0-9]+\.)+"))

    assert "LIMIT" in str(key.page(select(TABLE), PageRequest(key=("1.2.",))))
    for value in ("1", "one.", "1.\n"):
        with pytest.raises(InvalidArgument):
            key.page(select(TABLE), PageRequest(key=(value,)))


def test_what_no_token_can_hold_is_no_sort_key():
    with pytest.raises(TypeError, match="Boolean"):
        SortKey(TABLE.c.done)


def test_a_descending_key_has_no_null():
    with pytest.raises(TypeError, match="NULL"):
        SortKey(TABLE.c.year, descending=True)


def test_the_first_page_asks_for_no_key_and_one_row_more():
    sql = str(SortKey(TABLE.c.path).page(select(TABLE), PageRequest(size=3)))

    assert "WHERE" not in sql
    assert sql.endswith("ORDER BY records.path\n LIMIT :param_1")
