"""What was published before there was a shelf is put on it when the shelf is made."""

import importlib

from sqlalchemy import text

from shared.context import CITY
from shared.db.transaction import SET_COUNTY
from tests.integration.grid.conftest import Grids
from tests.integration.service_fixtures import Databases

COUNTS = text(
    "SELECT (SELECT count(*) FROM scheme_versions) AS versions, "
    "(SELECT count(*) FROM scheme_shelf WHERE county_id = 'city') AS shelved"
)
FORCED = text(
    "SELECT bool_and(relforcerowsecurity) FROM pg_class WHERE relname IN ('scheme_versions', 'counties')"
)


def test_every_version_of_every_county_is_put_on_the_shelf(
    grids: Grids, county_id: str, databases: Databases
) -> None:
    for each in (county_id, f"{county_id}-b"):
        grids.create(each)
    migration = importlib.import_module("services.grid.migrations.0004_schemes")

    with databases.admin_engine("grid").connect() as connection:
        connection.execute(text("SET LOCAL ROLE wangge_grid_owner"))
        connection.execute(SET_COUNTY, {"county": CITY})
        connection.execute(text("TRUNCATE scheme_shelf"))
        for statement in migration.FILL_SHELF:
            connection.execute(text(statement))
        connection.execute(text("RESET ROLE"))
        found = connection.execute(COUNTS).one()
        forced = connection.execute(FORCED).scalar()
        connection.rollback()

    assert found.versions == found.shelved >= 2
    assert forced is True
