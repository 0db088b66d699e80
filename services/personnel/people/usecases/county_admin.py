"""The first administrator of a county."""

from datetime import datetime
from uuid import UUID

from services.personnel.accounts.passwords import PasswordHasher
from services.personnel.common.scheme import local_day
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
from services.personnel.posts.usecases.appointing import appoint
from shared.db.transaction import Transaction
from shared.structure.store import Structure


def create_county_admin(
    tx: Transaction, hasher: PasswordHasher, new: NewPerson, post_id: UUID, now: datetime
) -> tuple[PersonEntry, Post]:
    """Record a person with an account, and appoint them administrator of the county.

    Raises InvalidArgument, UsernameTaken, SchemeLacksAdmin, PostsFilled.
    """
    scheme = tx.store(Structure).scheme_on(local_day(tx, now))
    role = RoleType.of(scheme, ADMIN_ROLE_TYPE)
    if role is None or role.at != "county":
        raise SchemeLacksAdmin(role_type=ADMIN_ROLE_TYPE)
    entry = create_person(tx, hasher, new, now)
    post = make_post(post_id, new.person_id, role, Place(), Interval(now, None))
    return entry, appoint(tx, post, role, None, now)
