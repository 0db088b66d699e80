"""The Atom feed."""

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from gateway import feed
from wangge.disclosure.v1 import disclosure_service_pb2, publications_pb2

ATOM = "{http://www.w3.org/2005/Atom}"
PATH = "/public/v1/counties/371427/atom.xml"
FIRST, LAST = (datetime(2026, 3, day, tzinfo=UTC) for day in (5, 9))


def rendered(*publications: publications_pb2.Publication, language: str = "zh") -> ET.Element:
    listing = disclosure_service_pb2.ListPublicationsResponse(
        county_name="某县", publications=publications
    )
    return ET.fromstring(feed.render(listing, PATH, language))


def a_publication(**members: object) -> publications_pb2.Publication:
    return publications_pb2.Publication(
        publication_id="0190f0aa-0000-7000-8000-000000000001",
        title="<b>查处</b> & 公开",
        body="已清理。\x0b\x00",
        publish_time=FIRST,
        **members,  # type: ignore[arg-type]
    )


def test_a_county_without_publications_has_a_whole_feed() -> None:
    shown = rendered()

    assert shown.findtext(f"{ATOM}title") == "某县环境信息公开"
    assert shown.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"
    assert shown.findtext(f"{ATOM}author/{ATOM}name") == "某县"


def test_the_feed_changed_when_its_newest_entry_did() -> None:
    shown = rendered(a_publication(), a_publication(withdraw_time=LAST))

    assert shown.findtext(f"{ATOM}updated") == "2026-03-09T00:00:00Z"


def test_markup_is_text_and_what_xml_cannot_say_is_left_out() -> None:
    entry = rendered(a_publication()).find(f"{ATOM}entry")

    assert entry is not None
    assert entry.findtext(f"{ATOM}title") == "<b>查处</b> & 公开"
    assert entry.findtext(f"{ATOM}content") == "已清理。"


def test_a_withdrawn_publication_says_so_and_no_more() -> None:
    entry = rendered(a_publication(withdraw_time=LAST), language="en").find(f"{ATOM}entry")

    assert entry is not None
    assert entry.findtext(f"{ATOM}content") == "Withdrawn."


def test_an_entry_leads_to_its_publication() -> None:
    link = rendered(a_publication()).find(f"{ATOM}entry/{ATOM}link")

    assert link is not None
    assert link.get("href") == (
        "/public/v1/counties/371427/publications/0190f0aa-0000-7000-8000-000000000001"
    )
