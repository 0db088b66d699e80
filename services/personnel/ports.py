"""What the use cases need: of a transaction, and of whoever hashes passwords."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.personnel.domain.accounts import Account, RefreshToken, Session
from services.personnel.domain.people import Person, PersonEntry
from services.personnel.domain.posts import Place, Post, PostFilter, Viewer
from shared.context import RequestContext
from shared.structure.store import Structure


class PasswordHasher(Protocol):
    """Makes and checks password hashes. Each check takes about the same time."""

    def hash(self, password: str) -> str:
        """The hash to keep, with its salt and parameters."""

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; without a hash the same work is done, and it is not."""

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""


class People(Protocol):
    """The county's people."""

    def add(self, person: Person) -> None:
        """Record a new person."""

    def find(self, person_id: UUID) -> PersonEntry | None:
        """The person, or None."""

    def page(self, viewer: Viewer, after: UUID | None, limit: int) -> list[PersonEntry]:
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

    def answering_for(self, grid_ids: Sequence[UUID], moment: datetime) -> list[tuple[Post, str]]:
        """Posts on the grids at a moment with their holders' names, in the grids' order."""


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
    def outbox(self) -> EventSink:
        """Events to publish."""
