"""Posts: dated appointments to a grid, a department or the county, and what they entitle to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.context import RequestContext
from shared.contracts.personnel import PostHandedOver
from shared.errors import FailedPrecondition, InvalidArgument, NotFound, Text, Violation
from shared.structure.scheme import Scheme

ADMIN_ROLE_TYPE = "county.admin"
PATCH_OWNER = "patch_owner"
"""The kind of role whose holders share a grid out among them, patch by patch."""
READ = "read"
"""Comes with every post, on the post's own scope."""

ENDS_BEFORE_START = Text(
    "The end must be later than the start of the post.", "结束时间须晚于任职开始时间。"
)
END_BEFORE_START = Text(
    "The post starts at {start}; give that moment to cancel it, or a later one.",
    "该岗位自 {start} 起任职;如需撤销请填写该时间,或填写更晚的时间。",
)
END_POSTPONED = Text(
    "The post ends at {end} already; an end can only be brought forward.",
    "该岗位已定于 {end} 结束;结束时间只能提前。",
)


class PostNotFound(NotFound):
    """No such post in the county."""

    reason = "POST_NOT_FOUND"
    title = Text("Post not found", "未找到岗位")
    detail = Text("There is no post {post_id} in this county.", "本县没有编号为 {post_id} 的岗位。")


class PostOver(FailedPrecondition):
    """The post has ended; its history is not changed."""

    reason = "POST_OVER"
    title = Text("The post has ended", "该岗位已结束")
    detail = Text(
        "The post ended at {end}; its history cannot be changed.",
        "该岗位已于 {end} 结束,历史记录不可更改。",
    )


class PostHeldAlready(FailedPrecondition):
    """The person holds this very post within the interval asked for."""

    reason = "POST_HELD_ALREADY"
    title = Text("Post held already", "已担任该岗位")
    detail = Text(
        "The person holds post {post_id} of the same role at the same place in this time.",
        "该人员在此期间已在同一处担任同一岗位(编号 {post_id})。",
    )


class PostsFilled(FailedPrecondition):
    """The scheme allows no more holders of the role at the place."""

    reason = "POSTS_FILLED"
    title = Text("No vacancy", "岗位已满")
    detail = Text(
        "'{role}' has {holders} holders here in this time, and the scheme allows {maximum}; "
        "end a post first.",
        "“{role}”在此期间已有 {holders} 人在岗,方案规定最多 {maximum} 人;请先结束其中一个岗位。",
    )


class AreaTaken(FailedPrecondition):
    """Somebody else owns the patch of the grid in this time."""

    reason = "AREA_TAKEN"
    title = Text("Patch taken", "片区已有责任人")
    detail = Text(
        "'{area}' belongs to post {post_id} in this time; a patch has one responsible person.",
        "“{area}”在此期间已由岗位 {post_id} 负责;每个片区只设一名责任人。",
    )


class SchemeLacksAdmin(FailedPrecondition):
    """The county's scheme has no role type for its administrators."""

    reason = "SCHEME_LACKS_ADMIN"
    title = Text("No administrator in the scheme", "方案未设系统管理员")
    detail = Text(
        "The county's scheme has no role type {role_type} at the county; publish one that has.",
        "本县方案未在县级设置岗位类型 {role_type};请发布包含该岗位的方案。",
    )


@dataclass(frozen=True, slots=True)
class Interval:
    """From a moment on, until another (not included), or without an end."""

    start: datetime
    end: datetime | None

    def holds_at(self, moment: datetime) -> bool:
        """Whether the moment lies within."""
        return self.start <= moment and (self.end is None or moment < self.end)

    def overlaps(self, other: "Interval") -> bool:
        """Whether some moment lies within both."""
        start = max(self.start, other.start)
        return all(end is None or start < end for end in (self.end, other.end))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post is: on a grid, in a department, or (neither given) at the county.

    ``grid_path`` is the grid's path as it is now.
    """

    grid_id: UUID | None = None
    grid_path: str | None = None
    department_id: str | None = None

    @property
    def scope(self) -> str:
        """The scope, as tokens write it, that capabilities of a post here hold for."""
        if self.department_id is not None:
            return f"d:{self.department_id}"
        return f"g:{self.grid_path or ''}"


class Attachment(StrEnum):
    """How a holder belongs to the place of the post."""

    OWN = "own"
    POSTED_DOWN = "posted_down"
    LIAISON = "liaison"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a post is about beside its role: the part of the grid, duties, and skills brought."""

    area: str = ""
    duties: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    attachment: Attachment = Attachment.OWN
    basis: str = ""
    """The paper by which the holder was appointed."""


NO_TERMS = Terms()
"""Where nothing was said."""


@dataclass(frozen=True, slots=True)
class RoleType:
    """A kind of post of the county's scheme. ``at`` is grid, department or county."""

    id: str
    title: str
    kind: str
    at: str
    level: str | None
    capabilities: tuple[str, ...]
    maximum: int | None
    overrides: tuple[Mapping[str, Any], ...] = ()
    minimum: int | None = None

    @classmethod
    def of(cls, scheme: Scheme, role_type_id: str) -> "RoleType | None":
        """The role type of the scheme, or None where it has none of this id."""
        entry = scheme.role_type(role_type_id)
        if entry is None:
            return None
        return cls(
            id=entry["id"],
            title=entry["title"],
            kind=entry["kind"],
            at=entry["at"],
            level=entry.get("level"),
            capabilities=tuple(entry.get("capabilities") or ()),
            maximum=entry.get("max"),
            overrides=tuple(entry.get("overrides") or ()),
            minimum=entry.get("min"),
        )

    def maximum_for(self, unit_type: str | None, unit: str | None) -> int | None:
        """Holders allowed in a unit of the type and name; None where the scheme does not say.

        A number stated for the unit by name goes before one for its type, and that before the
        role type's own.
        """
        stated = self._stated("max", unit_type, unit)
        return self.maximum if stated is None else stated

    def minimum_for(self, unit_type: str | None, unit: str | None) -> int | None:
        """Holders wanted in a unit of the type and name, found like the maximum."""
        stated = self._stated("min", unit_type, unit)
        return self.minimum if stated is None else stated

    def _stated(self, bound: str, unit_type: str | None, unit: str | None) -> int | None:
        for key, value in (("unit", unit), ("unit_type", unit_type)):
            for entry in self.overrides:
                if value and entry.get(key) == value and entry.get(bound) is not None:
                    return int(entry[bound])
        return None


@dataclass(frozen=True, slots=True)
class Post:
    """An appointment. Title, kind and capabilities are those of the day it was made."""

    post_id: UUID
    person_id: UUID
    role_type: str
    role_kind: str
    title: str
    capabilities: tuple[str, ...]
    place: Place
    valid: Interval
    version: int
    terms: Terms = NO_TERMS


def facts_of(post: Post) -> dict[str, Any]:
    """What events say of a post."""
    return {
        "post_id": post.post_id,
        "person_id": post.person_id,
        "role_type": post.role_type,
        "role_kind": post.role_kind,
        "capabilities": post.capabilities,
        "grid_id": post.place.grid_id,
        "grid_path": post.place.grid_path,
        "department_id": post.place.department_id,
        "valid_from": post.valid.start,
        "valid_to": post.valid.end,
    }


def handed_over(before: Post, after: Post) -> PostHandedOver:
    """The event that states who succeeded whom in a post."""
    return PostHandedOver(
        from_post_id=before.post_id,
        from_person_id=before.person_id,
        to_post_id=after.post_id,
        to_person_id=after.person_id,
        role_type=after.role_type,
        role_kind=after.role_kind,
        grid_id=after.place.grid_id,
        grid_path=after.place.grid_path,
        department_id=after.place.department_id,
        at=after.valid.start,
    )


@dataclass(frozen=True, slots=True)
class PostFilter:
    """Which posts are wanted, of those in force at a moment; a part that is None excludes nothing."""

    moment: datetime
    person_id: UUID | None = None
    grid_id: UUID | None = None
    department_id: str | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """How far a caller's capability reaches: subtrees, departments, and themselves anywhere.

    An empty path is the whole county, its departments included.
    """

    person_id: UUID | None
    paths: tuple[str, ...]
    departments: tuple[str, ...]

    @classmethod
    def of(cls, context: RequestContext, capability: str) -> "Viewer":
        """The reach of the caller's capability."""
        return cls(
            context.actor_id,
            context.grid_scopes(capability),
            context.department_scopes(capability),
        )


def make_post(  # noqa: PLR0917 - a post is all of these
    post_id: UUID,
    person_id: UUID,
    role: RoleType,
    place: Place,
    valid: Interval,
    terms: Terms = NO_TERMS,
) -> Post:
    """A new post. Raises InvalidArgument where its end is not later than its start."""
    if valid.end is not None and valid.end <= valid.start:
        raise InvalidArgument([Violation("/valid_to", ENDS_BEFORE_START)])
    capabilities = tuple(dict.fromkeys((*role.capabilities, READ)))
    return Post(
        post_id, person_id, role.id, role.kind, role.title, capabilities, place, valid, 1, terms
    )


def check_vacancy(post: Post, beside: Sequence[Post], maximum: int | None) -> None:
    """Raise PostHeldAlready or PostsFilled where the posts ``beside`` leave no room for the post.

    ``beside`` are posts of the same role type at the same place.
    """
    meeting = [other for other in beside if other.valid.overlaps(post.valid)]
    for other in meeting:
        if other.person_id == post.person_id:
            raise PostHeldAlready(post_id=other.post_id)
    holders = most_at_once(post.valid, meeting)
    if maximum is not None and holders >= maximum:
        raise PostsFilled(role=post.title, holders=holders, maximum=maximum)


def check_area(post: Post, beside: Sequence[Post]) -> None:
    """Raise AreaTaken where the post owns a patch that one of those ``beside`` owns already."""
    if post.role_kind != PATCH_OWNER or not post.terms.area:
        return
    for other in beside:
        is_other = other.post_id != post.post_id and other.valid.overlaps(post.valid)
        if is_other and other.terms.area == post.terms.area:
            raise AreaTaken(area=post.terms.area, post_id=other.post_id)


def most_at_once(within: Interval, posts: Sequence[Post]) -> int:
    """The largest number of posts in force at one moment of the interval."""
    starts = {max(within.start, post.valid.start) for post in posts}
    moments = [start for start in starts if within.end is None or start < within.end]
    return max((sum(post.valid.holds_at(at) for post in posts) for at in moments), default=0)


def end(post: Post, at: datetime, now: datetime) -> Post:
    """The post with its end. Raises PostOver, or InvalidArgument at /valid_to."""
    start, planned = post.valid.start, post.valid.end
    if planned is not None and planned <= now:
        raise PostOver(end=planned.isoformat())
    if at < start:
        detail = END_BEFORE_START.format(start=start.isoformat())
        raise InvalidArgument([Violation("/valid_to", detail)])
    if planned is not None and at > planned:
        detail = END_POSTPONED.format(end=planned.isoformat())
        raise InvalidArgument([Violation("/valid_to", detail)])
    return replace(post, valid=Interval(start, at), version=post.version + 1)


def entitlements(posts: Iterable[Post], scheme: Scheme | None) -> dict[str, tuple[str, ...]]:
    """Capability → scopes, of all the posts together, as tokens carry them.

    A role type means what the scheme says today. One that the scheme no longer has entitles to
    reading alone. Without a scheme the capabilities of the day of appointment hold.
    """
    scopes: dict[str, set[str]] = {}
    for post in posts:
        for capability in {READ, *_capabilities(post, scheme)}:
            scopes.setdefault(capability, set()).add(post.place.scope)
    return {name: _widest(found) for name, found in sorted(scopes.items())}


def _capabilities(post: Post, scheme: Scheme | None) -> tuple[str, ...]:
    if scheme is None:
        return post.capabilities
    role = RoleType.of(scheme, post.role_type)
    return () if role is None else role.capabilities


def _widest(scopes: set[str]) -> tuple[str, ...]:
    """Scopes without the subtrees that lie in another subtree among them."""

    def covered(scope: str) -> bool:
        return any(
            other != scope and other.startswith("g:") and scope.startswith(other)
            for other in scopes
        )

    return tuple(sorted(scope for scope in scopes if not covered(scope)))
