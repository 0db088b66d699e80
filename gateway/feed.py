"""A county's publications as an Atom feed (RFC 4287)."""

import re
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from google.protobuf.message import Message

from gateway.views import EPOCH, moment

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
NAMESPACE = "http://www.w3.org/2005/Atom"
ILLEGAL_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot carry at all."""

TITLES = {"en": "{county}: environmental disclosure", "zh": "{county}环境信息公开"}
WITHDRAWN = {"en": "Withdrawn.", "zh": "已撤回。"}

ET.register_namespace("", NAMESPACE)


def render(response: Message, path: str, language: str) -> bytes:
    """The feed of a ListPublicationsResponse; ``path`` is its own address."""
    listing: Any = response
    feed = ET.Element(f"{{{NAMESPACE}}}feed")
    _text(feed, "id", uuid5(NAMESPACE_URL, path).urn)
    _text(feed, "title", TITLES[language].format(county=listing.county_name))
    newest = max((_updated(each) for each in listing.publications), default=EPOCH)
    _text(feed, "updated", _instant(newest))
    _text(_child(feed, "author"), "name", listing.county_name or path)
    _child(feed, "link", rel="self", href=path, type="application/atom+xml")
    for publication in listing.publications:
        _entry(feed, publication, path, language)
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _entry(feed: ET.Element, publication: Any, path: str, language: str) -> None:
    entry = _child(feed, "entry")
    _text(entry, "id", f"urn:uuid:{publication.publication_id}")
    _text(entry, "title", publication.title)
    _text(entry, "published", _instant(moment(publication.publish_time)))
    _text(entry, "updated", _instant(_updated(publication)))
    address = f"{path.removesuffix('atom.xml')}publications/{publication.publication_id}"
    _child(entry, "link", rel="alternate", href=address, type="application/json")
    if publication.category:
        _child(
            entry,
            "category",
            term=publication.category,
            label=_legal(publication.category_name or publication.category),
        )
    withdrawn = publication.HasField("withdraw_time")
    _text(entry, "content", WITHDRAWN[language] if withdrawn else publication.body, type="text")


def _updated(publication: Any) -> datetime:
    withdrawn = publication.HasField("withdraw_time")
    return moment(publication.withdraw_time if withdrawn else publication.publish_time)


def _instant(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def _child(parent: ET.Element, name: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)


def _text(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    _child(parent, name, **attributes).text = _legal(text)


def _legal(text: str) -> str:
    return ILLEGAL_IN_XML.sub("", text)
