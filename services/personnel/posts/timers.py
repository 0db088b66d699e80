"""What the service's timers do: moments that have come, and how many posts are vacant.

The worker role says in which counties something is due; the work itself is done county by county,
as the application's role, in a transaction that takes the moments away with what they bring about.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from prometheus_client import Gauge
from sqlalchemy import Engine, text

from services.personnel.posts.usecases.vacancies import DUE_AT_ONCE, attend
from shared.context import RequestContext
from shared.db.transaction import Transaction, UnitOfWork

VACANT_POSTS = Gauge(
    "wangge_vacant_posts",
    "Roles at places that have fewer holders than the county's scheme asks for.",
    ["county"],
)
COUNTIES_DUE = text("SELECT DISTINCT county_id FROM staffing_due WHERE due_at <= :now")
VACANT = text(
    "SELECT county_id, count(*) AS vacant FROM vacancies WHERE until IS NULL GROUP BY county_id"
)


def attend_all(
    worker: Engine, unit_of_work: UnitOfWork[Transaction], clock: Callable[[], datetime]
) -> int:
    """Look at every place whose moment has come, in all counties; returns how many moments."""
    with worker.connect() as connection:
        counties = list(connection.execute(COUNTIES_DUE, {"now": clock()}).scalars())
    done = 0
    for county_id in counties:
        taken = DUE_AT_ONCE
        while taken == DUE_AT_ONCE:
            with unit_of_work(RequestContext(county_id, str(uuid4()))) as tx:
                taken = attend(tx, clock)
            done += taken
    return done


class VacancyGauge:
    """Shows how many posts are vacant; a county that filled all of its posts shows none."""

    def __init__(self) -> None:
        self._shown: set[str] = set()

    def measure(self, worker: Engine) -> None:
        """Count anew."""
        with worker.connect() as connection:
            found = {row.county_id: row.vacant for row in connection.execute(VACANT)}
        for county_id in self._shown - found.keys():
            VACANT_POSTS.labels(county_id).set(0)
        for county_id, count in found.items():
            VACANT_POSTS.labels(county_id).set(count)
        self._shown |= found.keys()
