"""The count of places looks at statements alone."""

from pathlib import Path

import pytest

from tests.amplification import Fact, places, report, sources, without_comments


def test_comments_and_docstrings_are_no_places() -> None:
    body = '    """odour"""\n    # odour\n    return ("odour",\n            "x")\n'
    source = f'"""odour"""\n\ndef smell():\n{body}'

    assert without_comments(source).count("odour") == 1


def test_names_count_as_whole_words() -> None:
    fact = Fact("a smell", ("odour",), 1)

    found = places(fact, [(Path("shared/a.py"), "odour odours"), (Path("shared/b.py"), "malodour")])

    assert found == {"shared/a.py": 1}


@pytest.mark.parametrize(("most", "well"), [(2, True), (1, False)])
def test_more_places_than_a_fact_should_have_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], most: int, well: bool
) -> None:
    for folder in ("proto/wangge", "shared", "services", "gateway"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "proto/wangge/a.proto").write_text("string odour = 1; // odour\n// odour\n")
    (tmp_path / "services/a.py").write_text("odour: str\n")

    assert report([Fact("a smell", ("odour",), most)], tmp_path) is well
    assert "services/a.py" in capsys.readouterr().out


def test_a_fact_that_stands_nowhere_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not report([Fact("a smell", ("odour",), 3)], tmp_path)
    assert "NOT FOUND" in capsys.readouterr().out


def test_the_whole_source_is_looked_at() -> None:
    assert {path.parts[0] for path, _ in sources()} == {"proto", "shared", "services", "gateway"}
