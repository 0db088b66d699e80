"""Rounds of responsibility letters: who signs with whom, and what the letters say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from services.personnel.common.domain.checks import PARAGRAPH, REQUIRED, Faults
from services.personnel.posts.domain.posts import RoleType
from shared.errors import FailedPrecondition, NotFound, Text
from shared.structure.scheme import Scheme

FIRST_ROUND, LAST_ROUND = 2000, 2100
BAD_YEAR = Text("The year must be from 2000 to 2100.", "年份应在 2000 至 2100 之间。")
NO_GOALS = Text("Give at least one goal.", "请至少填写一项目标。")
NO_SIGNINGS = Text(
    "Say which level signs with which level above.", "请填写哪一层级与哪一上级层级签订。"
)
LEVEL_TWICE = Text("The level '{level}' signs once a round.", "层级“{level}”在一轮中只能签订一次。")
UNKNOWN_LEVEL = Text(
    "The scheme in force has no level '{level}'; it has: {known}.",
    "现行方案没有层级“{level}”;可选:{known}。",
)
SAME_LEVEL = Text("The two levels must differ.", "上下两个层级不能相同。")
UNKNOWN_ROLE = Text(
    "The scheme in force has no role type '{role}'.", "现行方案没有岗位类型“{role}”。"
)
ROLE_ELSEWHERE = Text(
    "The role '{role}' is not held on a grid of level '{level}'.",
    "岗位“{role}”不设在层级“{level}”的网格上。",
)
ROLE_NOT_COUNTY = Text(
    "The role '{role}' is not held at the county: name the level it signs for.",
    "岗位“{role}”不设在县级:请填写其所在层级。",
)


class Grid(Protocol):
    """A grid as it stands now."""

    @property
    def grid_id(self) -> UUID:
        """Its id."""

    @property
    def path(self) -> str:
        """Its path."""

    @property
    def level_id(self) -> str:
        """Its level in the scheme."""

    @property
    def name(self) -> str:
        """Its name."""

    def holds_at(self, moment: datetime) -> bool:
        """Whether it is in force at a moment."""


class RoundNotFound(NotFound):
    """No such round in the county."""

    reason = "PLEDGE_ROUND_NOT_FOUND"
    title = Text("Round not found", "未找到签订批次")
    detail = Text(
        "There is no round {round_id} in this county.", "本县没有编号为 {round_id} 的签订批次。"
    )


class LettersNotUsed(FailedPrecondition):
    """The county's scheme uses no letters."""

    reason = "PLEDGES_NOT_USED"
    title = Text("No responsibility letters in the scheme", "方案未采用责任书")
    detail = Text(
        "The county's scheme says that no responsibility letters are signed.",
        "本县方案规定不签订责任书。",
    )


class RoundClosed(FailedPrecondition):
    """Signing has ended."""

    reason = "PLEDGE_ROUND_CLOSED"
    title = Text("Signing has ended", "签订已结束")
    detail = Text("Signing ended at {closed_at}.", "该批次已于 {closed_at} 结束签订。")


class Side(StrEnum):
    """The two parties of a letter."""

    LOWER = "lower"
    UPPER = "upper"


@dataclass(frozen=True, slots=True)
class Signing:
    """Which level signs with which level above (None is the county), and whose holders sign."""

    level: str
    role_type: str
    upper_level: str | None
    upper_role_type: str

    def role_of(self, side: Side) -> str:
        """The role type whose holder signs for the side."""
        return self.role_type if side is Side.LOWER else self.upper_role_type


@dataclass(frozen=True, slots=True)
class Wording:
    """What a letter says."""

    goals: tuple[str, ...]
    rewards: str
    penalties: str


@dataclass(frozen=True, slots=True)
class Round:
    """A campaign of letters within a grid, or (without one) within the county."""

    round_id: UUID
    year: int
    title: str
    wording: Wording
    grid_id: UUID | None
    grid_path: str | None
    signings: tuple[Signing, ...]
    created_at: datetime
    closed_at: datetime | None
    version: int

    def signing_of(self, level: str) -> Signing | None:
        """How grids of the level sign, or None where they do not."""
        return next((signing for signing in self.signings if signing.level == level), None)

    def levels(self, wanted: str = "") -> tuple[str, ...]:
        """The levels that sign, or of them the one wanted."""
        return tuple(s.level for s in self.signings if wanted in ("", s.level))

    def require_open(self) -> None:
        """Raise RoundClosed when signing has ended."""
        if self.closed_at is not None:
            raise RoundClosed(closed_at=self.closed_at.isoformat())

    def covers(self, grid: Grid, now: datetime) -> bool:
        """Whether the grid, in force at the moment, signs a letter of the round."""
        within = grid.path.startswith(self.grid_path or "")
        return grid.holds_at(now) and within and self.signing_of(grid.level_id) is not None


def make_round(new: Round, scheme: Scheme) -> Round:
    """The round, its texts tidied. Raises LettersNotUsed, or InvalidArgument naming every fault."""
    if (scheme.document.get("assessment") or {}).get("responsibility_letter") is False:
        raise LettersNotUsed
    faults = Faults()
    if not FIRST_ROUND <= new.year <= LAST_ROUND:
        faults.add("/year", BAD_YEAR)
    title = faults.text(new.title, "/title", required=True)
    wording = make_wording(new.wording, faults)
    if not wording.goals:
        faults.add("/goals", NO_GOALS)
    _check_signings(new.signings, scheme, faults)
    faults.check()
    return replace(new, title=title, wording=wording)


def make_wording(given: Wording, faults: Faults) -> Wording:
    """The wording, tidied; its faults are noted."""
    return Wording(
        goals=faults.texts(given.goals, "/goals", limit=PARAGRAPH),
        rewards=faults.text(given.rewards, "/rewards", limit=PARAGRAPH),
        penalties=faults.text(given.penalties, "/penalties", limit=PARAGRAPH),
    )


def close(found: Round, now: datetime) -> Round:
    """The round with its signing ended. Raises RoundClosed."""
    found.require_open()
    return replace(found, closed_at=now, version=found.version + 1)


def _check_signings(signings: Sequence[Signing], scheme: Scheme, faults: Faults) -> None:
    if not signings:
        faults.add("/signings", NO_SIGNINGS)
    seen: set[str] = set()
    for place, signing in enumerate(signings):
        at = f"/signings/{place}"
        if signing.level in seen:
            faults.add(f"{at}/level", LEVEL_TWICE.format(level=signing.level))
        seen.add(signing.level)
        if signing.level == signing.upper_level:
            faults.add(f"{at}/upper_level", SAME_LEVEL)
        for pointer, level in (
            (f"{at}/level", signing.level),
            (f"{at}/upper_level", signing.upper_level),
        ):
            if level is not None and scheme.level(level) is None:
                faults.add(pointer, _unknown_level(scheme, level))
        _check_role(scheme, signing.role_type, signing.level, f"{at}/role_type", faults)
        _check_role(
            scheme, signing.upper_role_type, signing.upper_level, f"{at}/upper_role_type", faults
        )


def _check_role(
    scheme: Scheme, role_type: str, level: str | None, pointer: str, faults: Faults
) -> None:
    if not role_type:
        faults.add(pointer, REQUIRED)
        return
    role = RoleType.of(scheme, role_type)
    if role is None:
        faults.add(pointer, UNKNOWN_ROLE.format(role=role_type))
    elif level is None:
        if role.at != "county":
            faults.add(pointer, ROLE_NOT_COUNTY.format(role=role_type))
    elif role.at != "grid" or role.level not in (None, level):
        faults.add(pointer, ROLE_ELSEWHERE.format(role=role_type, level=level))


def _unknown_level(scheme: Scheme, level: str) -> Text:
    known = ", ".join(each["id"] for each in scheme.document.get("levels") or ()) or "-"
    return UNKNOWN_LEVEL.format(level=level, known=known)
