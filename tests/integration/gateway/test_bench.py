"""The loads of the bench for a second each: the gateway still takes what they send."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.bench import submitting, wrk
from deploy.bench.platform import BASE, PUBLIC
from deploy.bench.platform import COUNTY as DEMO_COUNTY
from deploy.local.problems import LocalStackError
from tests.integration.gateway.conftest import Process, Services, Tokens
from tests.integration.gateway.test_refusals import CASE_ID
from wangge.disclosure.v1 import disclosure_service_pb2, publications_pb2

Script = Callable[[Tokens], str]


def _submissions(signed_in: Tokens) -> str:
    token = _token(signed_in, "patrol")
    body = submitting.body(CASE_ID, datetime.now(UTC))
    return wrk.posting(f"{BASE}/patrols:submit", [(token, body)], "run")


def _cases(signed_in: Tokens) -> str:
    return wrk.reading(f"{BASE}/cases/{CASE_ID}", _token(signed_in, "read"))


def _publications(_signed_in: Tokens) -> str:
    return wrk.reading(f"{PUBLIC}/publications/{CASE_ID}")


@pytest.mark.parametrize("script", [_submissions, _cases, _publications])
def test_a_load_of_the_bench_gets_the_answers_it_wants(
    gateway: Process, services: Services, signed_in: Tokens, tmp_path: Path, script: Script
) -> None:
    publication: Any = publications_pb2.Publication(publication_id=CASE_ID)
    answer = disclosure_service_pb2.GetPublicationResponse(publication=publication)
    services.answer("GetPublication", answer)
    file = tmp_path / "load.lua"
    file.write_text(script(signed_in), "utf-8")

    load = wrk.run(gateway.url, file, 1)

    assert load.answered > 0


def test_a_load_whose_answers_are_not_wanted_fails(gateway: Process, tmp_path: Path) -> None:
    file = tmp_path / "load.lua"
    file.write_text(wrk.reading("/nothing"), "utf-8")

    with pytest.raises(LocalStackError, match="not as wanted"):
        wrk.run(gateway.url, file, 1)


def _token(signed_in: Tokens, capability: str) -> str:
    header = signed_in(capability, county_id=DEMO_COUNTY)
    return header["Authorization"].removeprefix("Bearer ")
