"""The first city operator, who makes the first county."""

import os
from datetime import UTC, datetime
from uuid import uuid4

from services.personnel.accounts.passwords import Argon2Hasher, Argon2Parameters
from services.personnel.accounts.store import AccountStore
from services.personnel.people.usecases.people import NewPerson, create_person, set_password
from services.personnel.store import make_transaction
from shared.config import Env
from shared.context import CITY, CITY_OPERATOR, RequestContext
from shared.db.engine import make_engine
from shared.db.transaction import UnitOfWork
from shared.ids import new_id

USERNAME = "operator"
NAME = "市级运营员"


def ensure_operator(database_url: str, password: str) -> None:
    """Make sure that the city has the account ``operator`` with this password.

    Where it has another password it gets this one and its sessions end; else nothing is changed.
    ``database_url`` is personnel's database as its application role. Raises InvalidArgument for
    a password that accounts must not have.
    """
    env = Env(os.environ)
    parameters = Argon2Parameters.read(env)
    env.check()
    engine = make_engine(database_url, pool_size=1, application_name="wangge prepare")
    context = RequestContext(county_id=CITY, correlation_id=str(uuid4()))
    try:
        with UnitOfWork(engine, make_transaction)(context) as tx:
            tx.store(AccountStore).lock(USERNAME)
            hasher, now = Argon2Hasher(parameters), datetime.now(UTC)
            account = tx.store(AccountStore).find(USERNAME)
            if account is None:
                create_person(tx, hasher, _operator(password), now)
            elif not hasher.matches(account.password_hash, password):
                set_password(tx, hasher, account, password, now)
    finally:
        engine.dispose()


def _operator(password: str) -> NewPerson:
    return NewPerson(
        person_id=new_id(),
        account_id=new_id(),
        name=NAME,
        username=USERNAME,
        password=password,
        roles=frozenset({CITY_OPERATOR}),
        must_change=False,  # whoever runs `prepare` chose it
    )
