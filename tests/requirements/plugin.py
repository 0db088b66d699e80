"""Pytest plugin: `@pytest.mark.requirement("R-CASE-12")` says what a test proves.

An id that is not in `requirements.csv` stops the run at collection; a worker of a parallel run,
whose words at collection nobody hears, fails its test instead. With
`WANGGE_REQUIREMENTS_REPORT` set, outcomes are added to the file it names; several runs add up.
"""

import os
from pathlib import Path

import pytest

from tests.requirements import catalogue
from tests.requirements.evidence import Outcome, append

REPORT_VARIABLE = "WANGGE_REQUIREMENTS_REPORT"
_PROPERTY = "requirement"
_PROBLEMS = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and start recording where a report is asked for."""
    config.addinivalue_line(
        "markers", "requirement(id, ...): ids of requirements.csv that this test proves"
    )
    path = os.environ.get(REPORT_VARIABLE)
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Recorder(Path(path)), "requirements-recorder")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Check every id against the catalogue and pin it to its test."""
    known = catalogue.load()
    problems: list[str] = []
    for item in items:
        found: list[str] = []
        for requirement in _ids(item, found):
            if requirement in known:
                item.user_properties.append((_PROPERTY, requirement))
            else:
                found.append(f"{item.nodeid}: no requirement has the id {requirement!r}")
        item.stash[_PROBLEMS] = found
        problems += found
    if problems and not hasattr(config, "workerinput"):
        raise pytest.UsageError("\n".join(problems))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test whose requirements are wrong, where the run was not stopped for it."""
    if problems := item.stash.get(_PROBLEMS, []):
        pytest.fail("\n".join(problems), pytrace=False)


def _ids(item: pytest.Item, problems: list[str]) -> list[object]:
    """The ids on an item, each once; a marker without an id is a problem."""
    ids: dict[object, None] = {}
    for mark in item.iter_markers("requirement"):
        if not mark.args or mark.kwargs:
            problems.append(f"{item.nodeid}: the marker takes one or more ids and nothing else")
        ids.update(dict.fromkeys(mark.args))
    return list(ids)


class _Recorder:
    """Turns reports of test phases into outcomes, and writes them when the session ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._outcomes: dict[str, Outcome] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        requirements = {str(value) for key, value in report.user_properties if key == _PROPERTY}
        if not requirements:
            return
        expected_to_fail = hasattr(report, "wasxfail")
        self._outcomes.setdefault(_test_of(report), Outcome()).add(
            Outcome(
                requirements=requirements,
                passed=int(report.when == "call" and report.passed and not expected_to_fail),
                failed=int(report.failed or expected_to_fail),
            )
        )

    def pytest_sessionfinish(self) -> None:
        append(self._path, self._outcomes)


def _test_of(report: pytest.TestReport) -> str:
    """The id of a test without its parameters, which may themselves hold brackets or slashes."""
    file, separator, name = report.nodeid.partition("::")
    return file + separator + name.partition("[")[0]
