from typing import Any, cast

from sqlalchemy import Connection, MetaData

from shared.context import RequestContext
from shared.db.platform import platform_tables
from shared.db.transaction import Transaction

TABLES = platform_tables(MetaData())


class LedgerStore:
    def __init__(self, tx: Transaction) -> None:
        self.county_id = tx.county_id


class SealedStore:
    def __init__(self, tx: Transaction, key: str = "none") -> None:
        self.county_id = tx.county_id
        self.key = key


def transaction(county_id: str = "430223") -> Transaction:
    context = RequestContext(county_id=county_id, correlation_id="c")
    connection = cast("Connection", cast("Any", None))
    return Transaction(connection, context, service="probe", tables=TABLES, events={})


def test_a_store_is_made_for_the_transactions_county():
    assert transaction("131126").store(LedgerStore).county_id == "131126"


def test_a_store_is_made_once_a_transaction():
    tx = transaction()

    assert tx.store(LedgerStore) is tx.store(LedgerStore)
    assert tx.store(LedgerStore) is not transaction().store(LedgerStore)


def test_a_store_that_was_handed_over_is_the_one_that_is_given():
    tx = transaction()
    tx.provide(SealedStore(tx, key="a key"))

    assert tx.store(SealedStore).key == "a key"
