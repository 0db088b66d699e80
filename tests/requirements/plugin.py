"""Pytest plugin: `@pytest.mark.requirement("R-CASE-12")` says that a test proves the whole of a row.

`part="what of it"` says that it proves no more than that. An id that is not in `requirements.csv`
stops the run at collection; a worker of a parallel run, whose words at collection nobody hears,
fails its test instead. With `WANGGE_REQUIREMENTS_REPORT` set, outcomes are added to the file it
names; several runs add up.
"""

import os
from pathlib import Path

import pytest

from tests.requirements import catalogue
from tests.requirements.evidence import Outcome, Outcomes, append

REPORT_VARIABLE = "WANGGE_REQUIREMENTS_REPORT"
_PROPERTY = "requirement"
_PROBLEMS = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and start recording where a report is asked for."""
    config.addinivalue_line(
        "markers",
        "requirement(id, ..., part=''): rows of requirements.csv that this test proves, or a part",
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
        for requirement, part in _marked(item, found).items():
            if requirement in known:
                item.user_properties.append((_PROPERTY, [requirement, part]))
            else:
                found.append(f"{item.nodeid}: no requirement has the id {requirement!r}")
        item.stash[_PROBLEMS] = found
        problems += found
    if problems and not hasattr(config, "workerinput"):
        raise pytest.UsageError("\n".join(problems))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test whose marks are wrong, where the run was not stopped for them."""
    if problems := item.stash.get(_PROBLEMS, []):
        pytest.fail("\n".join(problems), pytrace=False)


def _marked(item: pytest.Item, problems: list[str]) -> dict[object, str]:
    """The ids on an item, each with its part ("" for the whole)."""
    found: dict[object, str] = {}
    for mark in item.iter_markers("requirement"):
        part = mark.kwargs.get("part", "")
        if not mark.args or mark.kwargs.keys() - {"part"} or not isinstance(part, str):
            problems.append(f"{item.nodeid}: the marker takes one or more ids, and part='what'")
        if "part" in mark.kwargs and not part:
            problems.append(f"{item.nodeid}: part says which part of the requirement is proved")
        problems.extend(
            f"{item.nodeid}: {requirement} is marked both whole and in part"
            for requirement in mark.args
            if found.setdefault(requirement, part) != part
        )
    return found


class _Recorder:
    """Turns reports of test phases into outcomes, and writes them when the session ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._outcomes: Outcomes = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        marked = dict(value for key, value in report.user_properties if key == _PROPERTY)
        clean = report.passed and not hasattr(report, "wasxfail")
        for requirement, part in marked.items():
            rows = self._outcomes.setdefault(_test_of(report), {})
            outcome = rows.setdefault(requirement, Outcome(part))
            # The body passes or it does not; a set-up or an end that fails takes that back.
            outcome.ran += int(report.when == "setup")
            outcome.passed += int(report.when == "call" and clean)
            outcome.passed -= int(report.when == "teardown" and not clean)

    def pytest_sessionfinish(self) -> None:
        append(self._path, self._outcomes)


def _test_of(report: pytest.TestReport) -> str:
    """The id of a test without its parameters, which may themselves hold brackets or slashes."""
    file, separator, name = report.nodeid.partition("::")
    return file + separator + name.partition("[")[0]
