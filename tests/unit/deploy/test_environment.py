"""The variables in the process table, in `.env.example` and in the architecture page agree."""

import re
from pathlib import Path

from deploy.processes import PROCESSES, SERVICES, peer_variable

ROOT = Path(__file__).resolve().parents[3]
PREPARE = {"ADMIN_DATABASE_URL", "AMQP_URL", "SECRETS_DIR"}


def in_example():
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    found = [re.match(r"(?:# )?([A-Z][A-Z_]+)=", line) for line in lines]
    return {match[1].removesuffix("_FILE") for match in found if match}


def in_table():
    names = {name for entry in PROCESSES for name in (*entry.required, *entry.optional)}
    return names | PREPARE


def in_architecture():
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    table = page.partition("### Environment")[2].partition("Files in")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    names = {name for cell in cells for name in re.findall(r"`([A-Z_<>]+)`", cell)}
    names.remove("<SERVICE>_GRPC_ADDR")
    return names | {peer_variable(service) for service in SERVICES}


def test_the_example_names_what_the_processes_read_and_the_two_of_the_local_stack():
    assert in_example() - in_table() == {"WANGGE_DATABASE_URL", "WANGGE_AMQP_URL"}
    assert in_table() - in_example() == set()


def test_the_architecture_page_names_what_the_processes_read():
    assert in_architecture() == in_table()
