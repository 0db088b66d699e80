"""Idempotency: a request that is repeated with the same key and content gets the same answer."""

import hashlib
from collections.abc import Callable, Collection
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy.exc import IntegrityError

from shared.db.transaction import TX, Transaction, UnitOfWork
from shared.errors import DomainError, IdempotencyKeyReused
from shared.rpc import call

Response = TypeVar("Response", bound=Message)
PRIMARY_KEY = "pk_idempotency_keys"
RACES_LOST = 20
"""How many lost races are tried again before the error is raised."""


def once(
    unit_of_work: UnitOfWork[TX],
    request: Message,
    response_type: type[Response],
    act: Callable[[TX], Response],
    races: Collection[str] = (),
    *,
    always: bool = False,
) -> Response:
    """Run ``act`` in one transaction, at most once for the request's ``request_id``.

    The answer is kept in the same transaction, so it exists exactly when the effect does. Without
    a request id the request simply runs. ``races`` names unique constraints whose violation means
    that another request was first: the transaction is tried again and sees what that one did.
    ``always`` runs it even where the county is not to be written to (``check_writable``).
    An error is raised only where the same request, sent in parallel, was not carried out meanwhile.
    Raises IdempotencyKeyReused when the key came with another content.
    """
    for _ in range(RACES_LOST):
        try:
            return _attempt(unit_of_work, request, response_type, act, always=always)
        except IntegrityError as error:
            # Another request was first: the next attempt sees what it did.
            if _constraint(error) not in {PRIMARY_KEY, *races}:
                raise
        except DomainError:
            # It may fail only because the same request, sent in parallel, has changed the state.
            if (kept := _kept(unit_of_work, request, response_type)) is None:
                raise
            return kept
    return _attempt(unit_of_work, request, response_type, act, always=always)


def _attempt(
    unit_of_work: UnitOfWork[TX],
    request: Message,
    response_type: type[Response],
    act: Callable[[TX], Response],
    *,
    always: bool,
) -> Response:
    with unit_of_work(call.current()) as tx:
        if _key(request) and (kept := _find(tx, request, response_type)) is not None:
            return kept
        if not always:
            tx.check_writable()
        if not _key(request):
            return act(tx)
        response = act(tx)
        tx.idempotency.keep(
            _method(request), _key(request), _hash(request), response.SerializeToString()
        )
        return response


def _kept(
    unit_of_work: UnitOfWork[TX], request: Message, response_type: type[Response]
) -> Response | None:
    if not _key(request):
        return None
    with unit_of_work(call.current()) as tx:
        return _find(tx, request, response_type)


def _find(tx: Transaction, request: Message, response_type: type[Response]) -> Response | None:
    kept = tx.idempotency.find(_method(request), _key(request))
    if kept is None:
        return None
    if kept[0] != _hash(request):
        raise IdempotencyKeyReused
    return response_type.FromString(kept[1])


def _method(request: Message) -> str:
    return type(request).__name__.removesuffix("Request")


def _key(request: Message) -> str:
    key: str = getattr(request, "request_id", "")
    return key


def _hash(request: Message) -> bytes:
    return hashlib.sha256(request.SerializeToString(deterministic=True)).digest()


def _constraint(error: IntegrityError) -> str | None:
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None)
