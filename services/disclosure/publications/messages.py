"""Publications as messages."""

from services.disclosure.publications.domain import Publication
from shared.rpc import call
from wangge.disclosure.v1 import disclosure_pb2 as pb


def publication_message(publication: Publication) -> pb.Publication:
    """A publication as it is given: what the public may not read was taken out before."""
    return pb.Publication(
        county_id=call.current().county_id,
        publication_id=str(publication.publication_id),
        version=publication.version,
        kind=publication.kind,
        title=publication.title,
        body=publication.body,
        grid_name=publication.grid_name,
        category=publication.category,
        publisher=publication.publisher,
        publish_time=publication.published_at,
        withdraw_time=publication.withdrawn_at,
        content_hash=publication.content_hash,
        category_name=publication.category_name,
    )
