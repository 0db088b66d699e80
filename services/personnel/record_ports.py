"""What the use cases of records about people and bodies need of a transaction."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.personnel.certificates.domain import Certificate, CertificateFilter, Step
from services.personnel.common.grids import Grid
from services.personnel.groups.domain import Group, GroupFilter, Member, MemberFilter
from services.personnel.pledges.domain import (
    Letter,
    PledgeCount,
    PledgeFilter,
    Round,
    Seat,
    Signature,
)
from services.personnel.ports import PersonnelTransaction
from services.personnel.posts.domain.posts import Interval, Post, Viewer
from services.personnel.trainings.domain import (
    Attendance,
    AttendanceFilter,
    Lacking,
    LackingFilter,
    Training,
    TrainingFilter,
    TrainingKind,
)


class Pledges(Protocol):
    """The county's rounds of responsibility letters."""

    def add_round(self, new: Round) -> None:
        """Record a round."""

    def get_round(self, round_id: UUID) -> Round:
        """One round. Raises RoundNotFound."""

    def save_round(self, found: Round, expected_version: int) -> None:
        """Keep that the round is closed. Raises Aborted where it is at another version."""

    def rounds(self, year: int | None, after: UUID | None, limit: int) -> list[Round]:
        """Rounds, newest first."""

    def serialise(self, round_id: UUID, grid_id: UUID) -> None:
        """Wait until nobody else signs or issues the letter of this grid."""

    def letter(self, round_id: UUID, grid_id: UUID) -> Letter | None:
        """The letter that holds, or None while none is on record."""

    def add_letter(self, letter: Letter) -> None:
        """Put a letter on record, without its signatures."""

    def add_signature(self, letter_id: UUID, signature: Signature) -> None:
        """Put a signature on record."""

    def page(
        self, found: Round, wanted: PledgeFilter, after: str | None, limit: int
    ) -> list[tuple[Grid, Letter | None]]:
        """Grids that sign, in the order of their paths, each with its letter on record."""

    def counts(self, found: Round, wanted: PledgeFilter) -> list[PledgeCount]:
        """Letters by township; those in no township last."""

    def grids(self, paths: Collection[str], ids: Collection[UUID]) -> Sequence[Grid]:
        """The grids at the paths or of the ids."""

    def holders(
        self, seats: Collection[Seat], moment: datetime
    ) -> dict[Seat, list[tuple[Post, str]]]:
        """The posts of the seats at the moment, with their holders' names."""


class Groups(Protocol):
    """The county's groups, their members and their links to grids."""

    def add(self, group: Group) -> None:
        """Record a group."""

    def find(self, group_id: UUID) -> Group | None:
        """The group, without its links; None where there is none."""

    def get(self, group_id: UUID, moment: datetime) -> Group:
        """The group with its links of a moment. Raises GroupNotFound."""

    def locked(self, group_id: UUID, moment: datetime) -> Group:
        """The same, held until the transaction ends."""

    def save(self, group: Group, expected_version: int) -> None:
        """Keep the group. Raises Aborted where it is at another version."""

    def serialise_tree(self) -> None:
        """Wait until nobody else changes which group belongs under which."""

    def upward(self, group_id: UUID) -> list[UUID]:
        """The group and all above it."""

    def count_under(self, group_id: UUID, moment: datetime) -> int:
        """How many groups belong directly under it and last beyond the moment."""

    def is_visible(self, group_id: UUID, viewer: Viewer, now: datetime) -> bool:
        """Whether the viewer may read the group."""

    def page(
        self, viewer: Viewer, wanted: GroupFilter, after: UUID | None, limit: int
    ) -> list[Group]:
        """Groups that the viewer may read, in the order recorded."""

    def add_member(self, member: Member) -> None:
        """Record a member."""

    def get_member(self, member_id: UUID) -> Member:
        """One member. Raises MemberNotFound."""

    def save_member(self, member: Member, expected_version: int) -> None:
        """Keep the member. Raises Aborted where it is at another version."""

    def keep_members(self, members: Sequence[Member]) -> None:
        """Record new members, and keep title, source and end of those that are there."""

    def all_members(self, group_id: UUID) -> list[Member]:
        """The group's members of all times."""

    def members_of(self, group_id: UUID, moment: datetime, day: date) -> list[Member]:
        """The group's members at a moment, its ``day`` in the county, chairs first."""

    def members(
        self, viewer: Viewer, wanted: MemberFilter, after: UUID | None, limit: int
    ) -> list[Member]:
        """Members of groups that the viewer may read, in the order recorded."""

    def end_members(self, group_id: UUID, at: datetime) -> None:
        """End what time the group's members have beyond the moment."""

    def add_link(self, group_id: UUID, grid_id: UUID, valid: Interval) -> None:
        """Record that the group works for the grid."""

    def end_links(self, group_id: UUID, grid_id: UUID | None, at: datetime) -> None:
        """End the group's links, or the one to the grid, as far as they last beyond the moment."""


class Roster(Protocol):
    """The county's people, as records name them."""

    def names(self, people: Collection[UUID]) -> dict[UUID, str]:
        """The names of those of the people whom the county has."""

    def called(self, names: Collection[str]) -> dict[str, list[UUID]]:
        """The people by each of the names."""

    def staffed(self, people: Collection[UUID], viewer: Viewer) -> frozenset[UUID]:
        """Those of the people whom the viewer may staff."""

    def is_within(self, person_id: UUID, viewer: Viewer) -> bool:
        """Whether the viewer may read the person's records."""


class Certificates(Protocol):
    """The county's certificates. Each comes with the last step done with it by a moment."""

    def add(self, made: Sequence[Certificate]) -> None:
        """Record certificates."""

    def get(self, certificate_id: UUID, moment: datetime) -> Certificate:
        """One certificate. Raises CertificateNotFound."""

    def locked(self, certificate_id: UUID, moment: datetime) -> Certificate:
        """The same, held until the transaction ends."""

    def save(self, certificate: Certificate, expected_version: int) -> None:
        """Keep issuer, days and version. Raises Aborted where it is at another version."""

    def keep(self, changed: Sequence[Certificate]) -> None:
        """Record new ones, and keep issuer, days and version of those that are there."""

    def add_step(self, certificate_id: UUID, step: Step) -> None:
        """Record a step."""

    def steps(self, certificate_id: UUID) -> list[Step]:
        """All steps, oldest first."""

    def numbered(self, numbers: Collection[str], moment: datetime) -> list[Certificate]:
        """The certificates with these numbers, held until the transaction ends."""

    def of_people(self, people: Collection[UUID], kind: str, moment: datetime) -> list[Certificate]:
        """The people's certificates, of a kind where given."""

    def page(
        self, viewer: Viewer, wanted: CertificateFilter, after: UUID | None, limit: int
    ) -> list[Certificate]:
        """Certificates of people whom the viewer may read, in the order recorded."""


class Trainings(Protocol):
    """The county's trainings and who attended them."""

    def serialise_kinds(self) -> None:
        """Wait until nobody else sets a kind of training."""

    def find_kind(self, kind: str) -> TrainingKind | None:
        """The kind, or None."""

    def kinds(self, after: str | None, limit: int | None) -> list[TrainingKind]:
        """The county's kinds by name."""

    def keep_kind(self, kind: TrainingKind) -> None:
        """Keep the kind in the place of what it was."""

    def add(self, training: Training) -> None:
        """Record a training."""

    def get(self, training_id: UUID) -> Training:
        """One training with its counts. Raises TrainingNotFound."""

    def save(self, training: Training, expected_version: int) -> None:
        """Keep what is told. Raises Aborted where it is at another version."""

    def is_visible(self, training_id: UUID, viewer: Viewer) -> bool:
        """Whether the viewer may read the training."""

    def page(
        self, viewer: Viewer, wanted: TrainingFilter, after: UUID | None, limit: int
    ) -> list[Training]:
        """Trainings that the viewer may read, the newest record first."""

    def keep_attendance(self, entries: Sequence[Attendance]) -> None:
        """Keep the entries in the place of what was told of the same people."""

    def attendance_of(self, training_id: UUID) -> list[Attendance]:
        """All attendance of a training."""

    def attendance(
        self,
        viewer: Viewer,
        wanted: AttendanceFilter,
        after: tuple[UUID, UUID] | None,
        limit: int,
    ) -> list[Attendance]:
        """Attendance of people whom the viewer may read, by training and person."""

    def lacking(
        self, viewer: Viewer, wanted: LackingFilter, after: UUID | None, limit: int
    ) -> list[Lacking]:
        """Holders of posts of the role type without a training of the kind that still counts."""


class RecordsTransaction(PersonnelTransaction, Protocol):
    """One transaction of the service, with its records."""

    @property
    def pledges(self) -> Pledges:
        """Responsibility letters."""

    @property
    def groups(self) -> Groups:
        """Groups."""

    @property
    def roster(self) -> Roster:
        """People, as records name them."""

    @property
    def certificates(self) -> Certificates:
        """Certificates."""

    @property
    def trainings(self) -> Trainings:
        """Trainings."""
