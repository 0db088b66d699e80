"""The people whom rules mean: holders of posts at the places of an event, or their stand-ins."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.notifications.rules import domain
from services.notifications.rules.domain import Holder, NoticeRule, Place, Reached, StandIn
from services.notifications.rules.store import HolderStore
from shared.db.transaction import Transaction
from shared.structure.store import Grid, Structure, StructureNotYetKnown

log = logging.getLogger(__name__)


class Recipients:
    """The people of the places of one event. Each place is read once, whichever rules name it."""

    def __init__(self, tx: Transaction, place: Place, now: datetime) -> None:
        self._structure = tx.store(Structure)
        self._holders = tx.store(HolderStore)
        self._place = place
        self._now = now
        self._at_county: list[Holder] | None = None
        self._at_department: list[Holder] | None = None
        self._above: dict[str, list[Grid]] = {}
        self._at_grid: dict[UUID, list[Holder]] = {}
        self._stand_ins: dict[UUID, list[StandIn]] = {}

    def of(self, rule: NoticeRule) -> list[tuple[UUID, UUID]]:
        """The people whom a rule means, each with the post for which they receive the notice.

        Raises StructureNotYetKnown while the copy lacks a grid above.
        """
        people = self._named(rule)
        if not people:
            log.warning("nobody to notify by rule %s", rule.rule_id)
        return sorted(people.items())

    def _named(self, rule: NoticeRule) -> dict[UUID, UUID]:
        """The post of each person; where nobody is present, also of the nearest grid above with somebody.

        A report upward that finds nobody on a grid goes to the county's own posts.
        """
        if rule.at == "department":
            return _all(self._reached(self._department(), rule))
        if rule.at == "county" or self._place.grid_path is None:
            return _all(self._reached(self._county(), rule))
        people: dict[UUID, UUID] = {}
        for grid in self._grids(rule.at):
            found = self._reached(self._at_grid[grid.grid_id], rule)
            people |= _all(found)
            if found.present:
                return people
        if rule is domain.REPORT_UPWARD:
            people |= _all(self._reached(self._county(), rule))
        return people

    def _reached(self, holders: Iterable[Holder], rule: NoticeRule) -> Reached:
        meant = domain.in_force(holders, rule.kinds, self._now)
        stand_ins = (each for holder in meant for each in self._stand_ins.get(holder.post_id, ()))
        return domain.reached(meant, stand_ins, self._now)

    def _county(self) -> list[Holder]:
        if self._at_county is None:
            self._at_county = self._with_stand_ins(self._holders.at_county())
        return self._at_county

    def _department(self) -> list[Holder]:
        department_id = self._place.department_id
        if self._at_department is None:
            found = self._holders.at_department(department_id) if department_id else []
            self._at_department = self._with_stand_ins(found)
        return self._at_department

    def _grids(self, at: str) -> list[Grid]:
        """The grid that a rule means and all above it, nearest first, with their holders read."""
        place = self._place
        path = place.responsible_grid_path if at == "responsible_grid" else place.grid_path
        grids = self._upward(path or "")
        return grids[1:] if at == "parent_grid" else grids

    def _upward(self, path: str) -> list[Grid]:
        for known, grids in self._above.items():
            if known.startswith(path):
                return [grid for grid in grids if path.startswith(grid.path)]
        grids = self._structure.upward(path)
        if len(grids) != path.count("."):
            raise StructureNotYetKnown(f"grids above {path}")
        unread = {grid.grid_id for grid in grids} - self._at_grid.keys()
        by_grid: dict[UUID | None, list[Holder]] = defaultdict(list)
        for holder in self._with_stand_ins(self._holders.at_grids(unread)):
            by_grid[holder.grid_id].append(holder)
        self._at_grid |= {grid_id: by_grid[grid_id] for grid_id in unread}
        self._above[path] = grids
        return grids

    def _with_stand_ins(self, holders: list[Holder]) -> list[Holder]:
        """The holders, with who stands in for their posts read."""
        posts = {holder.post_id for holder in holders} - self._stand_ins.keys()
        if posts:
            by_post: dict[UUID, list[StandIn]] = defaultdict(list)
            for each in self._holders.stand_ins(posts, self._now):
                by_post[each.post_id].append(each)
            self._stand_ins |= {post_id: by_post[post_id] for post_id in posts}
        return holders


def _all(found: Reached) -> dict[UUID, UUID]:
    """Those present, and those away without a stand-in, who find the notice on their return."""
    return {**found.absent, **found.present}
