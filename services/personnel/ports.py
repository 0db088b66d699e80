"""What the use cases need: of a transaction, and of whoever hashes passwords."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.personnel.absences.domain import Away, Leave
from services.personnel.accounts.domain.accounts import Account, RefreshToken, Session, SessionEntry
from services.personnel.accounts.domain.invitations import OneTimeCode
from services.personnel.audit.domain import Act, AuditEntry, AuditFilter
from services.personnel.identity.domain import Identity, IdToken, LinkedIdentity
from services.personnel.people.domain.people import PeopleFilter, Person, PersonEntry
from services.personnel.people.domain.personal_data import SealedField
from services.personnel.posts.domain.posts import Interval, Place, Post, PostFilter, Viewer
from services.personnel.posts.domain.vacancies import Due, Key, Vacancy
from shared.context import RequestContext
from shared.structure.store import Grid, Structure


class PasswordHasher(Protocol):
    """Makes and checks password hashes. Each check takes about the same time."""

    def hash(self, password: str) -> str:
        """The hash to keep, with its salt and parameters."""

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; without a hash the same work is done, and it is not."""

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""


class Vault(Protocol):
    """Seals single values of a person, each bound to its county, person and field."""

    def seal(self, county_id: str, person_id: UUID, field: str, text: str) -> bytes:
        """The value as it may be kept."""

    def open(self, county_id: str, person_id: UUID, field: str, sealed: bytes) -> str:
        """The value again."""

    def index(self, county_id: str, field: str, text: str) -> bytes:
        """What equal values of a county's field have in common."""


class Identities(Protocol):
    """The county's identities with outside issuers, and the issuers' tokens that were used."""

    def account_of(self, identity: Identity) -> UUID | None:
        """The account that the identity opens, or None."""

    def of_account(self, account_id: UUID) -> list[LinkedIdentity]:
        """The identities that open the account."""

    def add(self, linked: LinkedIdentity) -> None:
        """Link."""

    def remove(self, account_id: UUID, issuer: str) -> bool:
        """Unlink the account from the issuer; False where it was not linked."""

    def use(self, token: IdToken, now: datetime) -> bool:
        """Remember that the token was used; False where it was used before."""


class Imports(Protocol):
    """What a file of people is checked against, read for all rows at once."""

    def alone(self) -> None:
        """Wait until no other import into the county is under way."""

    def holders(self, usernames: Collection[str]) -> dict[str, UUID]:
        """Username (in the form of comparison) → who has it, of those that are in use."""

    def grids(self, codes: Collection[str], now: datetime) -> dict[str, list[UUID]]:
        """Division code → the grids in force that have it."""

    def add_accounts(self, accounts: Collection[Account]) -> None:
        """Record new accounts."""


class Audit(Protocol):
    """The county's audit."""

    def add(self, act: Act, now: datetime) -> None:
        """Write an act down; it stands exactly when the act does."""

    def page(self, wanted: AuditFilter, before: UUID | None, limit: int) -> list[AuditEntry]:
        """Entries, the newest first."""


class People(Protocol):
    """The county's people."""

    def add(self, person: Person) -> None:
        """Record a new person."""

    def find(self, person_id: UUID) -> PersonEntry | None:
        """The person, or None."""

    def known(self, people: Collection[UUID]) -> frozenset[UUID]:
        """Those of the people whom the county has."""

    def names(self, people: Collection[UUID]) -> dict[UUID, str]:
        """Names of people."""

    def some(self, people: Collection[UUID]) -> list[PersonEntry]:
        """Those of the people who are on record."""

    def phones(self, people: Collection[UUID]) -> dict[UUID, str]:
        """Phones of those of the people who have one, in full."""

    def save(self, person: Person, expected_version: int) -> None:
        """Keep the person's details. Raises Aborted where they are at another version."""

    def having(
        self, field: SealedField, values: Collection[str], viewer: Viewer | None = None
    ) -> list[PersonEntry]:
        """The people whose field has exactly one of the values: all, or whom the viewer may staff."""

    def page(
        self, viewer: Viewer, wanted: PeopleFilter, after: UUID | None, limit: int
    ) -> list[PersonEntry]:
        """People whom the viewer may staff, in the order recorded."""

    def is_within(self, person_id: UUID, viewer: Viewer) -> bool:
        """Whether the viewer may staff the person.

        So it is with oneself, with those who hold or held a post within the viewer's reach, and
        with those who never held any.
        """


class Accounts(Protocol):
    """The county's accounts, and the failed sign-ins to its usernames."""

    def any(self) -> bool:
        """Whether the county has accounts at all."""

    def add(self, account: Account) -> None:
        """Record a new account."""

    def find(self, username: str) -> Account | None:
        """The account of a username, or None."""

    def get(self, account_id: UUID) -> Account:
        """The account of a session."""

    def of_person(self, person_id: UUID) -> Account | None:
        """The person's account, or None."""

    def choose_password(self, account_id: UUID, password_hash: str) -> None:
        """Keep the hash of a password that the account's holder has chosen."""

    def forget_password(self, account_id: UUID) -> None:
        """Let no password open the account until its holder has chosen one."""

    def rename(self, account_id: UUID, username: str) -> None:
        """Give the account another username."""

    def disable(self, account_id: UUID, at: datetime | None) -> None:
        """Let nobody sign in from this moment on; None lets them again."""

    def put_code(self, code: OneTimeCode) -> None:
        """Keep a one-time code in place of the account's earlier one."""

    def code(self, account_id: UUID) -> OneTimeCode | None:
        """The account's one-time code, or None."""

    def remove_code(self, account_id: UUID) -> None:
        """Let the account's one-time code open nothing any more."""

    def reaches_beyond(self, person_id: UUID, viewer: Viewer, now: datetime) -> bool:
        """Whether the person holds, or will hold, a post that the viewer may not staff."""

    def keep_hash(self, account_id: UUID, password_hash: str) -> None:
        """Keep the password's hash anew."""

    def serialise(self, username: str) -> None:
        """Wait until no other sign-in to this username, existing or not, is under way."""

    def failures(self, username: str) -> list[datetime]:
        """When sign-ins to the username failed, of late."""

    def add_failure(self, username: str, now: datetime) -> None:
        """Record a failed sign-in, and forget those that can no longer lock anything."""

    def clear_failures(self, username: str) -> None:
        """Forget the failed sign-ins to the username."""


class Sessions(Protocol):
    """The county's sessions and their refresh tokens."""

    def add(self, session: Session) -> None:
        """Record a session, and forget the account's sessions that no token can renew."""

    def locked(self, token_hash: bytes) -> tuple[RefreshToken, Session] | None:
        """The token with its session, held until the transaction ends; None where unknown."""

    def add_token(self, token: RefreshToken) -> None:
        """Record a refresh token."""

    def spend(self, token: RefreshToken, now: datetime) -> None:
        """Mark the token spent, and forget the session's spent tokens that have expired."""

    def end(self, session_id: UUID, now: datetime) -> None:
        """End the session: no token renews it any more."""

    def end_others(self, account_id: UUID, kept: UUID | None, now: datetime) -> None:
        """End every session of the account but one."""

    def end_own(self, session_id: UUID, account_id: UUID, now: datetime) -> bool:
        """End a session of the account; False where it has none of this id."""

    def living(
        self, account_id: UUID, now: datetime, after: UUID | None, limit: int
    ) -> list[SessionEntry]:
        """The account's sessions that can be renewed, the oldest first."""

    def end_all(self, account_id: UUID, now: datetime) -> None:
        """End every session of the account."""


class Posts(Protocol):
    """The county's posts."""

    def add(self, post: Post) -> None:
        """Record a new post."""

    def save(self, post: Post, expected_version: int) -> None:
        """Keep the post's end. Raises Aborted where it is at another version."""

    def get(self, post_id: UUID) -> Post:
        """One post. Raises PostNotFound."""

    def in_force(self, person_id: UUID, now: datetime) -> list[Post]:
        """The person's posts at a moment."""

    def beside(self, role_type: str, place: Place) -> list[Post]:
        """All posts of the role type at the place, which nobody else adds to meanwhile."""

    def page(
        self, viewer: Viewer, wanted: PostFilter, after: UUID | None, limit: int
    ) -> list[Post]:
        """Posts in force at the filter's moment that the viewer may see, oldest first."""

    def of_grid(self, grid_id: UUID) -> list[tuple[Post, str]]:
        """Every post ever held on the grid with its holder's name, oldest first."""

    def answering_for(self, grid_ids: Sequence[UUID], moment: datetime) -> list[tuple[Post, str]]:
        """Posts on the grids at a moment with their holders' names, in the grids' order."""


class Leaves(Protocol):
    """The county's leave, and who stands in."""

    def serialise(self) -> None:
        """Wait until nobody else records leave in the county, and keep others waiting."""

    def add(self, leave: Leave) -> None:
        """Record a leave with its stand-ins."""

    def save(self, leave: Leave, expected_version: int) -> None:
        """Keep the leave's end. Raises Aborted where it is at another version."""

    def get(self, leave_id: UUID) -> Leave:
        """One leave. Raises LeaveNotFound."""

    def page(
        self,
        viewer: Viewer,
        *,
        person_id: UUID | None,
        moment: datetime | None,
        after: UUID | None,
        limit: int,
    ) -> list[Leave]:
        """Leave of those whom the viewer reaches, and the viewer's own; in force at a moment."""

    def meeting(self, people: Collection[UUID], within: Interval) -> list[Leave]:
        """Leave of the people that meets the interval, without its stand-ins."""

    def posts_within(self, person_id: UUID, within: Interval) -> list[Post]:
        """The person's posts in the interval, and those that the person stands in for in it."""

    def posts_given_to(self, person_id: UUID, moment: datetime) -> list[Post]:
        """Posts in force that a leave running at the moment gives to the person."""

    def away(self, posts: Iterable[Post], moment: datetime) -> dict[UUID, Away]:
        """Who is away at the moment, of the posts' holders and of all who stand in for them."""

    def of_posts(self, posts: Collection[UUID]) -> list[Leave]:
        """Every leave that had one of the posts stood in for, oldest first."""

    def uncovered(
        self,
        viewer: Viewer,
        moment: datetime,
        grid_id: UUID | None,
        after: UUID | None,
        limit: int,
    ) -> list[tuple[Post, str, Interval]]:
        """Posts whose holder is away with nobody standing in: grid's name, time of the absence."""


class Vacancies(Protocol):
    """The county's vacancies, and what they are found from."""

    def serialise(self) -> None:
        """Wait until nobody else changes who holds what in the county, and keep others waiting."""

    def lock(self, places: Iterable[tuple[str, Place]]) -> None:
        """Hold each role at its place until the transaction ends, in one order for all."""

    def units(self, moment: datetime, grids: Collection[UUID] | None = None) -> list[Grid]:
        """Grids in force at the moment; only the named ones where any are named."""

    def codes(self, units: Sequence[Grid]) -> dict[UUID, str | None]:
        """Division codes of the units; where one has none, of the nearest above it that has."""

    def holders(
        self,
        moment: datetime,
        *,
        role_types: Collection[str] | None = None,
        grids: Collection[UUID] | None = None,
    ) -> dict[Key, int]:
        """How many people hold each role at each place at the moment; on the grids alone if named."""

    def people_by_role(self, moment: datetime) -> dict[str, set[UUID]]:
        """Who holds each role type at the moment, anywhere in the county."""

    def lasting(
        self,
        *,
        role_types: Collection[str] | None = None,
        grids: Collection[UUID] | None = None,
    ) -> dict[Key, Vacancy]:
        """The vacancies that last, restricted like the holders."""

    def add(self, vacancies: Sequence[Vacancy]) -> None:
        """Record vacancies that began."""

    def save(self, vacancies: Sequence[Vacancy]) -> None:
        """Keep vacancies that ended, or have other numbers."""

    def page(
        self,
        viewer: Viewer,
        moment: datetime,
        grid_id: UUID | None,
        after: UUID | None,
        limit: int,
    ) -> list[tuple[Vacancy, str]]:
        """Vacancies at a moment that the viewer may see, each with its grid's name."""

    def began(self, grids: Collection[UUID], moment: datetime) -> dict[Key, datetime]:
        """Since when roles on the grids are vacant at a moment."""

    def of_grid(self, grid_id: UUID) -> list[Vacancy]:
        """Every vacancy that the grid ever had, oldest first."""

    def schedule(self, moments: Sequence[Due]) -> None:
        """Have the places looked at when their moments come."""

    def take_due(self, now: datetime, limit: int) -> list[Due]:
        """Moments that have come, oldest first; nobody else gets them unless we roll back."""


class EventSink(Protocol):
    """Where domain events go."""

    def add(self, event: object, *, subject: object, sequence: int) -> UUID:
        """Record an event."""


class PersonnelTransaction(Protocol):
    """One transaction of the service, for one county."""

    context: RequestContext
    structure: Structure

    @property
    def people(self) -> People:
        """People."""

    @property
    def accounts(self) -> Accounts:
        """Accounts."""

    @property
    def sessions(self) -> Sessions:
        """Sessions."""

    @property
    def posts(self) -> Posts:
        """Posts."""

    @property
    def identities(self) -> Identities:
        """Identities with outside issuers."""

    @property
    def imports(self) -> Imports:
        """What files of people are checked against."""

    @property
    def audit(self) -> Audit:
        """What was done, and by whom."""

    @property
    def leaves(self) -> Leaves:
        """Leave and stand-ins."""

    @property
    def vacancies(self) -> Vacancies:
        """Vacancies."""

    @property
    def outbox(self) -> EventSink:
        """Events to publish."""
