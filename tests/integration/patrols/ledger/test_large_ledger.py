"""A ledger is verified entry by entry: how long it is does not show in memory."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from services.patrols.ledger import usecases
from services.patrols.ledger.domain import LedgerEntry, LedgerHead, Patrol, Signature, enter
from services.patrols.store import make_transaction
from shared.db.transaction import UnitOfWork
from tests.integration.service_fixtures import Databases, context_of

ENTRIES = 100_000
MEBIBYTE = 1 << 20
BEGAN = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
COLUMNS = (
    "county_id, patrol_id, grid_id, grid_path, patroller_id, client_id, started_at, ended_at, "
    "summary, signed_at, signed_hash, number, previous_hash, record_hash, submitted_at"
)


def ledger(patroller_id: UUID) -> Iterator[LedgerEntry]:
    """A whole ledger, a patrol a minute."""
    head = LedgerHead(0, "")
    for number in range(1, ENTRIES + 1):
        began = BEGAN + timedelta(minutes=number)
        patrol = Patrol(
            patrol_id=UUID(int=(patroller_id.int & ~0xFFFFFFFF) + number),
            client_id=f"phone-{number}",
            grid_id=UUID(int=41),
            grid_path="3.41.",
            patroller_id=patroller_id,
            started_at=began,
            ended_at=began,
            summary="沿河巡查,未见异常。",
            findings=(),
            signature=Signature(began, ""),
        )
        entry = enter(patrol, head, began)
        head = LedgerHead(entry.number, entry.record_hash)
        yield entry


def write(databases: Databases, county_id: str, entries: Iterator[LedgerEntry]) -> None:
    with databases.admin_engine("patrols").begin() as connection:
        cursor = connection.connection.driver_connection.cursor()
        with cursor.copy(f"COPY patrols ({COLUMNS}) FROM STDIN") as copy:
            for entry in entries:
                patrol = entry.patrol
                copy.write_row(
                    (
                        county_id,
                        patrol.patrol_id,
                        patrol.grid_id,
                        patrol.grid_path,
                        patrol.patroller_id,
                        patrol.client_id,
                        patrol.started_at,
                        patrol.ended_at,
                        patrol.summary,
                        patrol.signature.signed_at,
                        patrol.signature.content_hash,
                        entry.number,
                        entry.previous_hash,
                        entry.record_hash,
                        entry.submitted_at,
                    )
                )


def resident(name: str) -> int:
    """Bytes of this process: VmRSS now, or VmHWM at their highest."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) << 10


def forget_the_highest() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def test_a_ledger_of_100_000_entries_is_verified_in_50_mebibytes(
    databases: Databases, county_id: str
) -> None:
    me = uuid4()
    write(databases, county_id, ledger(me))
    work = UnitOfWork(databases.engine("patrols"), make_transaction)

    with work(context_of(county_id, read=["g:"])) as tx:
        forget_the_highest()
        before = resident("VmRSS")
        found = usecases.verify_ledger(tx, me)
        used = resident("VmHWM") - before

    assert found == (ENTRIES, None)
    assert used < 50 * MEBIBYTE, f"{used / MEBIBYTE:.0f} MiB"
