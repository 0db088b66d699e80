"""The first administrator of a county."""

from uuid import UUID

from services.personnel.accounts.passwords import PasswordHasher
from services.personnel.common.domain.clock import Clock
from services.personnel.common.usecases import local_day
from services.personnel.people.domain.people import PersonEntry
from services.personnel.people.usecases.people import NewPerson, create_person
from services.personnel.posts.domain.posts import (
    ADMIN_ROLE_TYPE,
    Interval,
    Place,
    Post,
    RoleType,
    SchemeLacksAdmin,
    make_post,
)
from services.personnel.posts.store.locks import PlaceLocks
from services.personnel.posts.usecases.appointing import appoint
from shared.db.transaction import Transaction
from shared.structure.store import Structure


def hold_place(tx: Transaction) -> None:
    """Wait until nobody else appoints an administrator of the county, and keep others waiting."""
    tx.store(PlaceLocks).lock([(ADMIN_ROLE_TYPE, Place())])


def create_county_admin(
    tx: Transaction, hasher: PasswordHasher, new: NewPerson, post_id: UUID, clock: Clock
) -> tuple[PersonEntry, Post]:
    """Record a person with an account, and appoint them administrator of the county.

    Raises InvalidArgument, UsernameTaken, SchemeLacksAdmin, PostsFilled.
    """
    hold_place(tx)
    now = clock()
    scheme = tx.store(Structure).scheme_on(local_day(tx, now))
    role = RoleType.of(scheme, ADMIN_ROLE_TYPE)
    if role is None or role.at != "county":
        raise SchemeLacksAdmin(role_type=ADMIN_ROLE_TYPE)
    entry = create_person(tx, hasher, new, now)
    post = make_post(post_id, new.person_id, role, Place(), Interval(now, None))
    return entry, appoint(tx, post, role, None, now)
