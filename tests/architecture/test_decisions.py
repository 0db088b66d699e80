import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "adr"


def test_the_index_lists_every_decision_with_its_title_and_status() -> None:
    listed = dict(
        re.findall(
            r"^\| \[\d+\]\((\S+)\) \| (.+?) \|",
            (FOLDER / "README.md").read_text("utf-8"),
            re.MULTILINE,
        )
    )
    written = {}
    for page in sorted(FOLDER.glob("0*.md")):
        text = page.read_text("utf-8")
        assert re.search(r"^Status: (accepted|superseded by \d+)$", text, re.MULTILINE), page.name
        written[page.name] = re.match(r"# \d+\. (.+)", text)[1]

    assert listed == written
