"""No rule misses its target: every pattern matches something, and every module has a rule."""

import re
import tomllib
from importlib.machinery import PathFinder
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OWN = ("deploy", "gateway", "services", "shared")

ROOT_MODULES = {
    "base",
    "handlers",
    "models",
    "schemas",
    "serve_events",
    "serve_grpc",
    "store",
}
"""What a service has beside its subjects: how it is put together, and nothing it knows or does."""

SUBJECT_MODULES = {
    "domain",
    "events",
    "messages",
    "models",
    "rows",
    "servicer",
    "store",
    "timers",
    "usecases",
}
"""What a subject may consist of, each a module or a package."""

MORE_MODULES: dict[str, set[str]] = {
    "services.disclosure.review": {"cases_peer"},  # asks another service
    "services.notifications.rules": {"recipients"},  # part of the use cases
    "services.personnel.accounts": {"passwords"},  # hashes, which take a library
    "services.personnel.common": {"peer"},  # asks another service
    "services.personnel.identity": {"issuer"},  # asks the outside issuer
    "services.personnel.people": {"vault"},  # seals, which takes a library
    # The form of a scheme document, which is read with marshmallow and so is no plain domain.
    "services.grid.schemes": {"document"},
}
"""Modules of single subjects beside those; each needs a reason of its own."""

MORE_ROOT_MODULES: dict[str, set[str]] = {
    "services.personnel": {"bootstrap", "rekey"},  # commands
}
"""Modules that single services have beside those; each needs a reason of its own."""

DATA = {"services.grid.data", "services.grid.templates"}
"""Packages of files that a service reads, which are no subjects."""


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph(*OWN)


def import_patterns():
    """Every module expression of an import rule that names modules of ours."""
    for contract in PYPROJECT["tool"]["importlinter"]["contracts"]:
        lists = (contract.get(key, []) for key in ("source_modules", "modules", "containers"))
        named = [name for names in lists for name in names]
        named += [name for name in contract.get("forbidden_modules", []) if _is_own(name)]
        for name in named:
            yield pytest.param(name, id=f"{contract['name']}: {name}")


def _is_own(name):
    return name.partition(".")[0] in OWN


@pytest.mark.parametrize("pattern", list(import_patterns()))
def test_a_pattern_of_an_import_rule_matches_a_module(pattern, graph):
    found = graph.find_matching_modules(pattern)

    assert found, f"{pattern} matches no module: mend or remove it"


def type_patterns():
    for override in PYPROJECT["tool"]["mypy"]["overrides"]:
        modules = override["module"]
        yield from [modules] if isinstance(modules, str) else modules


@pytest.mark.parametrize("pattern", list(type_patterns()))
def test_a_pattern_of_the_type_checker_matches_a_module(pattern, graph):
    package = pattern.removesuffix(".*")
    if _is_own(package):
        assert graph.find_matching_modules(package), f"{pattern} matches no module: mend it"
    else:
        assert PathFinder.find_spec(package.partition(".")[0]), f"{pattern}: nothing is installed"


@pytest.mark.parametrize("package", OWN)
def test_every_package_is_checked_strictly(package):
    strict = {
        pattern
        for override in PYPROJECT["tool"]["mypy"]["overrides"]
        if override.get("disallow_untyped_defs")
        for pattern in override["module"]
    }

    assert f"{package}.*" in strict


def _files(pattern):
    """The files that a glob with braces, ``*`` and ``**`` matches, as ruff reads it."""
    braces = re.search(r"\{([^}]*)\}", pattern)
    if braces:
        return [
            file
            for choice in braces[1].split(",")
            for file in _files(pattern[: braces.start()] + choice + pattern[braces.end() :])
        ]
    return list(ROOT.glob(f"{pattern}/*" if pattern.endswith("**") else pattern))


@pytest.mark.parametrize("pattern", PYPROJECT["tool"]["ruff"]["lint"]["per-file-ignores"], ids=str)
def test_a_pattern_of_the_style_checker_matches_a_file(pattern):
    assert _files(pattern), f"{pattern} matches no file: mend or remove it"


def test_a_glob_of_the_test_runs_matches_a_test():
    text = (ROOT / "tests" / "run.sh").read_text()
    given = re.findall(r"(?:--ignore(?:-glob)?=|-path )'?([^\s'\"$]+)'?", text)
    assert given, "tests/run.sh names no folder that one of its runs leaves to another"
    files = [f"{file.relative_to(ROOT)}" for file in (ROOT / "tests").rglob("test_*.py")]
    for pattern in given:
        inside = re.compile(re.escape(pattern).replace(r"\*", ".*"))
        assert any(inside.match(file) for file in files), f"tests/run.sh: {pattern} matches no test"


def _services(graph):
    return sorted(graph.find_children("services"))


def _subjects(graph):
    """The packages of services that are subjects."""
    for service in _services(graph):
        for child in sorted(graph.find_children(service) - DATA):
            if _is_package(child):
                yield child


def _is_package(module):
    return (ROOT / module.replace(".", "/") / "__init__.py").is_file()


def test_modules_of_a_subject_have_names_that_the_rules_know(graph):
    unknown = {
        module
        for subject in _subjects(graph)
        for module in graph.find_children(subject)
        if module.rpartition(".")[2] not in SUBJECT_MODULES | MORE_MODULES.get(subject, set())
    }

    assert not unknown, (
        f"no rule of pyproject.toml covers {sorted(unknown)}: give them one of the names "
        f"{sorted(SUBJECT_MODULES)}, or name them in MORE_MODULES and in the import rules"
    )


def test_extra_modules_of_subjects_exist(graph):
    listed = {f"{subject}.{name}" for subject, names in MORE_MODULES.items() for name in names}

    assert listed <= graph.modules


def test_a_service_has_only_its_subjects_beside_what_puts_it_together(graph):
    unknown = {
        module
        for service in _services(graph)
        for module in graph.find_children(service)
        if not _is_package(module)
        and module.rpartition(".")[2] not in ROOT_MODULES | MORE_ROOT_MODULES.get(service, set())
    }

    assert not unknown, f"{sorted(unknown)} belong in a subject"
