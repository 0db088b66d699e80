"""Trainings: what is taught, who attended, and for how long it counts."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.personnel.common.domain.checks import PARAGRAPH, Faults
from shared.errors import NotFound, Text
from shared.structure.scheme import Scheme

KIND = re.compile(r"[a-z][a-z0-9_]{0,63}")
MOST_MONTHS = 600
MOST_HOURS = 1000
MOST_ENTRIES = 500
FILE_LENGTH = 200

BAD_KIND = Text(
    "A kind is 1 to 64 small letters, digits and underscores, a letter first.",
    "培训类型须为 1 至 64 位小写字母、数字或下划线,以字母开头。",
)
BAD_MONTHS = Text("The validity must be from 1 to 600 months.", "有效期应在 1 至 600 个月之间。")
BAD_HOURS = Text("The hours must be more than 0 and at most 1000.", "学时应大于 0 且不超过 1000。")
UNKNOWN_KIND = Text(
    "The county has no kind of training '{kind}'; it has: {known}.",
    "本县没有培训类型“{kind}”;可选:{known}。",
)
UNKNOWN_ROLE = Text(
    "The scheme in force has no role type '{role}'.", "现行方案没有岗位类型“{role}”。"
)
NO_ENTRIES = Text("Name from 1 to 500 people.", "请填写 1 至 500 名人员。")
PERSON_TWICE = Text("This person is named twice.", "该人员重复填写。")
UNKNOWN_PERSON = Text("There is no such person in this county.", "本县没有该人员。")
ABSENT_WITH_RESULT = Text(
    "Somebody who did not attend has no result.", "未参加培训的人员不能填写考核结果。"
)


class TrainingNotFound(NotFound):
    """No such training in the county."""

    reason = "TRAINING_NOT_FOUND"
    title = Text("Training not found", "未找到培训")
    detail = Text(
        "There is no training {training_id} in this county.",
        "本县没有编号为 {training_id} 的培训。",
    )


class Result(StrEnum):
    """The result of a trainee."""

    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TrainingKind:
    """A kind of training; without ``validity_months`` one counts for good."""

    kind: str
    name: str
    validity_months: int | None
    version: int


@dataclass(frozen=True, slots=True)
class TrainingDetails:
    """What a request says of a training, as it was written."""

    title: str
    kind: str
    held_on: str
    hours: float
    trainer: str
    place: str
    content: str
    role_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Training:
    """One training, held by a grid or, without one, by the county."""

    training_id: UUID
    title: str
    kind: str
    held_on: date
    hours: float
    trainer: str
    place: str
    content: str
    role_types: tuple[str, ...]
    grid_id: UUID | None
    grid_path: str | None
    version: int
    attended_count: int = 0
    called_count: int = 0


@dataclass(frozen=True, slots=True)
class Attendance:
    """One person at one training."""

    training_id: UUID
    person_id: UUID
    attended: bool
    result: Result | None
    file_reference: str
    person_name: str = ""
    kind: str = ""
    held_on: date | None = None


@dataclass(frozen=True, slots=True)
class TrainingFilter:
    """Which trainings are wanted."""

    kind: str = ""
    grid_id: UUID | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class AttendanceFilter:
    """Which attendance is wanted."""

    training_id: UUID | None = None
    person_id: UUID | None = None
    attended: bool | None = None


@dataclass(frozen=True, slots=True)
class LackingFilter:
    """Which posts' holders are meant, which training they need, and when; ``day`` is the county's then."""

    kind: str
    role_type: str
    moment: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Lacking:
    """A person who holds a post and lacks a training for it."""

    post_id: UUID
    person_id: UUID
    person_name: str
    role_type: str
    title: str
    grid_id: UUID | None
    department_id: str | None
    last_held_on: date | None


def make_kind(kind: str, name: str, validity_months: int | None, version: int) -> TrainingKind:
    """A kind of training. Raises InvalidArgument naming every fault."""
    faults = Faults()
    if not KIND.fullmatch(kind):
        faults.add("/kind", BAD_KIND)
    if validity_months is not None and not 1 <= validity_months <= MOST_MONTHS:
        faults.add("/validity_months", BAD_MONTHS)
    plain = faults.text(name, "/name", required=True)
    faults.check()
    return TrainingKind(kind, plain, validity_months, version)


def described(
    training: Training,
    details: TrainingDetails,
    known: Sequence[TrainingKind],
    scheme: Scheme | None,
) -> Training:
    """The training with these details. Raises InvalidArgument naming every fault."""
    faults = Faults()
    kinds = [each.kind for each in known]
    if details.kind not in kinds:
        names = ", ".join(kinds) or "-"
        faults.add("/kind", UNKNOWN_KIND.format(kind=details.kind, known=names))
    if not (math.isfinite(details.hours) and 0 < details.hours <= MOST_HOURS):
        faults.add("/hours", BAD_HOURS)
    role_types = faults.texts(details.role_types, "/role_types")
    for place, role_type in enumerate(role_types):
        if scheme is None or scheme.role_type(role_type) is None:
            faults.add(f"/role_types/{place}", UNKNOWN_ROLE.format(role=role_type))
    held_on = faults.day(details.held_on, "/held_on", required=True)
    title = faults.text(details.title, "/title", required=True)
    trainer = faults.text(details.trainer, "/trainer")
    place_name = faults.text(details.place, "/place")
    content = faults.text(details.content, "/content", limit=PARAGRAPH)
    faults.check()
    return replace(
        training,
        title=title,
        kind=details.kind,
        held_on=held_on or training.held_on,
        hours=details.hours,
        trainer=trainer,
        place=place_name,
        content=content,
        role_types=role_types,
    )


def checked(
    entries: Sequence[Attendance], known: Sequence[UUID] | frozenset[UUID]
) -> list[Attendance]:
    """The attendance, tidied; ``known`` are the people whom the county has.

    Raises InvalidArgument naming every fault.
    """
    faults = Faults()
    if not 1 <= len(entries) <= MOST_ENTRIES:
        faults.add("/entries", NO_ENTRIES)
    seen: set[UUID] = set()
    tidy = []
    for place, entry in enumerate(entries):
        at = f"/entries/{place}"
        if entry.person_id not in known:
            faults.add(f"{at}/person_id", UNKNOWN_PERSON)
        elif entry.person_id in seen:
            faults.add(f"{at}/person_id", PERSON_TWICE)
        seen.add(entry.person_id)
        if entry.result is not None and not entry.attended:
            faults.add(f"{at}/result", ABSENT_WITH_RESULT)
        where = faults.text(entry.file_reference, f"{at}/file_reference", limit=FILE_LENGTH)
        tidy.append(replace(entry, file_reference=where))
    faults.check()
    return tidy


def day_of(text: str, pointer: str) -> date | None:
    """A day of a filter. Raises InvalidArgument."""
    faults = Faults()
    found = faults.day(text, pointer)
    faults.check()
    return found
