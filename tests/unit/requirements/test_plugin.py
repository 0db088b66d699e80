"""The plugin is run as its users run it: pytest in a fresh interpreter on small test files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.requirements import catalogue

ROOT = Path(__file__).resolve().parents[3]


class Project:
    """A folder with test files, and the evidence its runs leave."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.evidence = folder / "out" / "requirements.json"

    def run(
        self, source: str, *more: str, name: str = "test_sample.py", record: bool = True
    ) -> "subprocess.CompletedProcess[str]":
        """Write one test file and run it alone."""
        file = self._folder / name
        file.write_text("import pytest\n" + source, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.requirements.plugin"]
        command += ["-p", "no:cacheprovider", "--rootdir", str(self._folder), str(file), *more]
        return _call(command, {"WANGGE_REQUIREMENTS_REPORT": str(self.evidence) if record else ""})

    def report(self) -> list[str]:
        """The lines of the report over what was gathered."""
        command = [sys.executable, "-m", "tests.requirements.report", str(self.evidence)]
        finished = _call(command, {})
        assert finished.returncode == 0, finished.stderr
        return finished.stdout.splitlines()


def _call(command: list[str], variables: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "WANGGE_"))}
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
    environment = {**inherited, **alone, **variables}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_passing_test_proves_its_requirements(project: Project) -> None:
    project.run('@pytest.mark.requirement("R-GRID-01", "R-CASE-01")\ndef test_a(): pass\n')

    report = project.report()

    assert "  R-GRID-01  whole  test_sample.py::test_a" in report
    assert "  R-CASE-01  whole  test_sample.py::test_a" in report
    assert "  R-CASE-02  none" in report
    assert "GRID: 1 whole, 0 part, 48 none of 49" in report
    assert report[-1] == "2 of 382"


def test_a_part_is_told_as_a_part_and_not_counted(project: Project) -> None:
    project.run('@pytest.mark.requirement("R-GRID-01", part="the order")\ndef test_a(): pass\n')

    report = project.report()

    assert "  R-GRID-01  part   test_sample.py::test_a (the order)" in report
    assert report[-2:] == ["whole 0, part 1, none 381", "0 of 382"]


def test_a_whole_needs_every_test_that_is_to_show_it(project: Project) -> None:
    project.run(
        '@pytest.mark.requirement("R-GRID-01")\ndef test_a(): pass\n'
        '@pytest.mark.requirement("R-GRID-01")\ndef test_b(): assert False\n'
        '@pytest.mark.requirement("R-GRID-02")\ndef test_c(): pass\n'
        '@pytest.mark.requirement("R-GRID-02", part="some")\ndef test_d(): assert False\n'
    )

    report = project.report()

    assert "  R-GRID-01  part   test_sample.py::test_a" in report
    assert "  R-GRID-02  whole  test_sample.py::test_c" in report


@pytest.mark.parametrize("ids", ['"R-GRID-01"', '"R-GRID-01", "R-GRID-02"'])
def test_a_parameter_that_was_skipped_proves_nothing_by_its_siblings(
    project: Project, ids: str
) -> None:
    skip = 'pytest.param(2, marks=pytest.mark.skip("not here"))'
    project.run(
        f"@pytest.mark.requirement({ids})\n"
        f'@pytest.mark.parametrize("n", [1, {skip}])\n'
        "def test_a(n): pass\n"
    )

    assert project.report()[-1] == "0 of 382"


def test_a_mark_on_one_parameter_is_proved_by_that_one(project: Project) -> None:
    def marked(number: int, *others: str) -> str:
        marks = ", ".join((f'pytest.mark.requirement("R-GRID-0{number}")', *others))
        return f"pytest.param({number}, marks=[{marks}])"

    project.run(
        f'@pytest.mark.parametrize("n", [{marked(1)}, {marked(2, "pytest.mark.skip")}])\n'
        "def test_a(n): pass\n"
    )

    report = project.report()

    assert "  R-GRID-01  whole  test_sample.py::test_a" in report
    assert "  R-GRID-02  none" in report


def test_a_test_proves_nothing_when_one_of_its_parametrisations_fails(project: Project) -> None:
    project.run(
        '@pytest.mark.requirement("R-GRID-01")\n'
        '@pytest.mark.parametrize("n", [1, 2])\n'
        "def test_a(n): assert n == 1\n"
    )

    assert project.report()[-1] == "0 of 382"


@pytest.mark.parametrize(
    "body",
    [
        "def test_a(): pytest.skip('not here')",
        "def test_a(): pytest.xfail('known')",
        "@pytest.mark.xfail(strict=False)\ndef test_a(): pass",
        (
            "@pytest.fixture\ndef broken():\n    yield\n    raise OSError\n\n"
            '@pytest.mark.requirement("R-GRID-01")\ndef test_a(broken): pass'
        ),
    ],
    ids=["skipped", "xfailed", "xpassed", "teardown failed"],
)
def test_only_a_clean_pass_proves(project: Project, body: str) -> None:
    marker = '@pytest.mark.requirement("R-GRID-01")\n'
    project.run(body if "fixture" in body else marker + body)

    assert project.report()[-1] == "0 of 382"


def test_runs_that_follow_each_other_add_up(project: Project) -> None:
    project.run('@pytest.mark.requirement("R-GRID-01")\ndef test_a(): pass\n', name="test_one.py")
    project.run('@pytest.mark.requirement("R-GRID-02")\ndef test_b(): pass\n', name="test_two.py")

    assert project.report()[-1] == "2 of 382"


def test_a_failure_in_one_run_is_not_forgotten_by_the_next(project: Project) -> None:
    source = '@pytest.mark.requirement("R-GRID-01")\ndef test_a(): assert {}\n'
    project.run(source.format("False"))
    project.run(source.format("True"))

    assert project.report()[-1] == "0 of 382"


WORKERS = ("-p", "xdist.plugin", "-n", "2")


def test_what_two_workers_ran_is_one_report(project: Project) -> None:
    project.run(
        '@pytest.mark.requirement("R-GRID-01")\n'
        '@pytest.mark.parametrize("n", [1, 2, 3, 4])\n'
        "def test_a(n): pass\n"
        '@pytest.mark.requirement("R-GRID-02")\n'
        '@pytest.mark.parametrize("n", [1, 2, 3, 4])\n'
        "def test_b(n): assert n != 3\n",
        *WORKERS,
    )

    report = project.report()
    assert "  R-GRID-01  whole  test_sample.py::test_a" in report
    assert "  R-GRID-02  none" in report


def test_an_unknown_id_fails_its_test_on_a_worker(project: Project) -> None:
    finished = project.run('@pytest.mark.requirement("R-GRID-99")\ndef test_a(): pass\n', *WORKERS)

    assert finished.returncode != 0
    assert "no requirement has the id 'R-GRID-99'" in finished.stdout + finished.stderr
    assert "passed" not in finished.stdout


def test_an_unknown_id_stops_the_run_at_collection(project: Project) -> None:
    finished = project.run('@pytest.mark.requirement("R-GRID-99")\ndef test_a(): pass\n')

    assert finished.returncode == pytest.ExitCode.USAGE_ERROR
    assert "no requirement has the id 'R-GRID-99'" in finished.stdout + finished.stderr


def test_a_marker_without_an_id_is_refused(project: Project) -> None:
    finished = project.run("@pytest.mark.requirement\ndef test_a(): pass\n")

    assert finished.returncode == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize(
    "marks",
    [
        '@pytest.mark.requirement("R-GRID-01", part="")',
        '@pytest.mark.requirement("R-GRID-01", half="x")',
        '@pytest.mark.requirement("R-GRID-01")\n@pytest.mark.requirement("R-GRID-01", part="x")',
    ],
    ids=["no part", "another word", "both"],
)
def test_a_mark_that_does_not_say_what_is_proved_is_refused(project: Project, marks: str) -> None:
    finished = project.run(f"{marks}\ndef test_a(): pass\n")

    assert finished.returncode == pytest.ExitCode.USAGE_ERROR


def test_without_the_variable_nothing_is_written(project: Project) -> None:
    finished = project.run(
        '@pytest.mark.requirement("R-GRID-01")\ndef test_a(): pass\n', record=False
    )

    assert finished.returncode == 0
    assert not project.evidence.exists()


def test_a_foreign_file_is_not_overwritten(project: Project) -> None:
    project.evidence.parent.mkdir()
    project.evidence.write_text(json.dumps({"mine": 1}), encoding="utf-8")

    finished = project.run('@pytest.mark.requirement("R-GRID-01")\ndef test_a(): pass\n')

    assert finished.returncode != 0
    assert json.loads(project.evidence.read_text(encoding="utf-8")) == {"mine": 1}


def test_every_requirement_is_in_the_catalogue_once() -> None:
    rows = catalogue.load()

    assert len(rows) == 382
    assert all(row.sentence and row.owner and row.kind in {"S", "SX", "D"} for row in rows.values())
    assert all(identifier.startswith(f"R-{row.group}-") for identifier, row in rows.items())
