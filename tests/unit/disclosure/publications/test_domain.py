"""What was published stays as it was."""

from dataclasses import replace
from uuid import uuid4

from services.disclosure.publications import domain as publications
from services.disclosure.register import domain as register
from tests.unit.disclosure.examples import NOW, SCHEME, draft, item


def test_any_change_of_what_was_published_shows_in_its_hash() -> None:
    approved = item(state=register.APPROVED, draft=draft())
    _, published = publications.publish(
        approved, SCHEME, publication_id=uuid4(), version=1, now=NOW
    )

    assert published.publisher == "环委会办公室"
    for field in ("title", "body", "grid_name", "category_name", "publisher"):
        edited = publications.content_of(replace(published, **{field: "改过"}))
        assert publications.content_hash(edited) != published.content_hash
    assert publications.content_hash(publications.content_of(published)) == published.content_hash


def test_of_what_was_withdrawn_the_public_reads_the_title_alone() -> None:
    approved = item(state=register.APPROVED, draft=draft())
    _, standing = publications.publish(approved, SCHEME, publication_id=uuid4(), version=1, now=NOW)
    withdrawn = replace(standing, withdrawn_at=NOW)

    assert publications.for_the_public(standing) == standing
    assert publications.for_the_public(withdrawn) == replace(withdrawn, body="")
    assert withdrawn.title
