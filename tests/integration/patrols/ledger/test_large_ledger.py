"""A ledger is verified entry by entry: how long it is does not show in memory."""

from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import text

from services.patrols.ledger import usecases
from services.patrols.store import make_transaction
from shared.db.transaction import UnitOfWork
from tests.integration.service_fixtures import Databases, context_of

ENTRIES = 100_000
MEBIBYTE = 1 << 20
FIRST = UUID(int=1)
FILL = """
    INSERT INTO patrols (county_id, patrol_id, grid_id, grid_path, patroller_id, client_id,
      started_at, ended_at, summary, signed_at, signed_hash, number, previous_hash, record_hash,
      submitted_at)
    SELECT :c, lpad(to_hex(n), 32, '0')::uuid, :p, '3.41.', :p, 'phone-' || n, now(), now(),
      repeat('沿河巡查,未见异常。', 10), now(), '', n, md5(n::text), md5(n::text || 'x'), now()
    FROM generate_series(1, :entries) n
"""
"""Entries as somebody would make them who knows nothing of hashes: the first does not fit already."""


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
    with databases.admin_engine("patrols").begin() as connection:
        connection.execute(text(FILL), {"c": county_id, "p": me, "entries": ENTRIES})
    work = UnitOfWork(databases.engine("patrols"), make_transaction)

    with work(context_of(county_id, read=["g:"])) as tx:
        forget_the_highest()
        before = resident("VmRSS")
        found = usecases.verify_ledger(tx, me)
        used = resident("VmHWM") - before

    assert found == (ENTRIES, FIRST)
    assert used < 50 * MEBIBYTE, f"{used / MEBIBYTE:.0f} MiB"
