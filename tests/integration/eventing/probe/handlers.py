"""Two handlers that behave as the table tells them."""

import functools
import os
import signal
import threading

from sqlalchemy import insert, select, text

from shared.db.transaction import Transaction
from shared.errors import FailedPrecondition
from shared.eventing.contracts import PermanentError
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider, on_event
from tests.integration.eventing.probe.models import PLATFORM, BehaviourRow, DoneRow
from tests.integration.eventing.probe.schemas import EVENTS, NAME, THING_MADE, THING_SEEN

make_transaction = functools.partial(Transaction, service=NAME, tables=PLATFORM, events=EVENTS)


class Passing(Exception):
    """An error that may not come again."""


class SeenEvents:
    """A part of the handlers, to be inherited."""

    @on_event(THING_SEEN)
    def on_thing_seen(self, tx, event, data):
        _handle(tx, event, data, "seen")


class ProbeEvents(SeenEvents):
    name = NAME
    unit_of_work = UnitOfWorkProvider(make_transaction)
    relay = Relay()

    @on_event(THING_MADE)
    def on_thing_made(self, tx, event, data):
        _handle(tx, event, data, "made")


def _handle(tx, event, data, handler):
    tx.connection.execute(
        insert(DoneRow).values(county_id=tx.context.county_id, event_id=event.id, handler=handler)
    )
    wanted = tx.connection.execute(
        select(BehaviourRow.behaviour).where(BehaviourRow.thing == data["thing"])
    ).scalar()
    _behave(tx, wanted or "")


def _behave(tx, wanted):
    name, _, argument = wanted.partition(" ")
    if name == "permanent":
        raise PermanentError("this thing is not for us")
    if name == "refuse":
        raise FailedPrecondition
    if name == "pass":
        raise Passing("not yet")
    if name == "hang":
        threading.Event().wait()
    if name == "query":
        tx.connection.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": float(argument)})
    if name == "die":
        os.kill(os.getpid(), signal.SIGKILL)
