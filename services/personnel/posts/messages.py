"""Posts as messages, and what requests say of them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from services.personnel.posts.domain.posts import Attachment, Post, Terms
from shared.errors import InvalidArgument, Text, Violation
from shared.rpc.messages import writer
from wangge.personnel.v1 import posts_pb2

write_post = writer(
    posts_pb2.Post,
    Post,
    parts=("place", "terms"),
    names={"valid_from": "valid.start", "valid_to": "valid.end"},
)

ATTACHMENTS: Mapping[Attachment, posts_pb2.Attachment] = {
    Attachment.OWN: posts_pb2.ATTACHMENT_OWN,
    Attachment.POSTED_DOWN: posts_pb2.ATTACHMENT_POSTED_DOWN,
    Attachment.LIAISON: posts_pb2.ATTACHMENT_LIAISON,
}
BLANK = Text("A blank entry says nothing: fill it in or leave it out.", "该项为空,请填写或删除。")
UNKNOWN_ATTACHMENT = Text(
    "Give own, posted_down or liaison.", "请填写本单位任职、下挂或联系(own、posted_down、liaison)。"
)


class Described(Protocol):
    """What requests that describe a post have in common."""

    @property
    def area(self) -> str:
        """The part of the grid."""

    @property
    def duties(self) -> Sequence[str]:
        """What the holder is responsible for."""

    @property
    def skills(self) -> Sequence[str]:
        """What the holder brings to it."""

    @property
    def attachment(self) -> int:
        """How the holder belongs to the place."""

    @property
    def basis(self) -> str:
        """The document that the appointment rests on."""


def terms_of(request: Described) -> Terms:
    """What a request says of a post beside its role. Raises InvalidArgument naming every fault."""
    found = {int(number): attachment for attachment, number in ATTACHMENTS.items()}
    faults = [
        Violation(f"/{name}/{index}", BLANK)
        for name in ("duties", "skills")
        for index, entry in enumerate(getattr(request, name))
        if not entry.strip()
    ]
    attachment = found.get(request.attachment) if request.attachment else Attachment.OWN
    if attachment is None:
        faults.append(Violation("/attachment", UNKNOWN_ATTACHMENT))
    if faults or attachment is None:
        raise InvalidArgument(faults)
    return Terms(
        request.area, tuple(request.duties), tuple(request.skills), attachment, request.basis
    )
