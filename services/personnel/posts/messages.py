"""People, posts and tokens as messages."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import orjson

from services.personnel.accounts.domain.accounts import Account, AccountEntry
from services.personnel.audit.domain import AuditEntry
from services.personnel.people.domain.people import PersonEntry
from services.personnel.posts.domain.posts import Attachment, Post, Terms
from shared.errors import InvalidArgument, Text, Violation
from wangge.personnel.v1 import account_pb2, person_pb2

ATTACHMENTS: Mapping[Attachment, person_pb2.Attachment] = {
    Attachment.OWN: person_pb2.ATTACHMENT_OWN,
    Attachment.POSTED_DOWN: person_pb2.ATTACHMENT_POSTED_DOWN,
    Attachment.LIAISON: person_pb2.ATTACHMENT_LIAISON,
}
BLANK = Text("A blank entry says nothing: fill it in or leave it out.", "该项为空,请填写或删除。")
UNKNOWN_ATTACHMENT = Text(
    "Give own, posted_down or liaison.", "请填写本单位任职、下挂或联系(own、posted_down、liaison)。"
)


class Described(Protocol):
    """What two requests have in common."""

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
        """The paper that the appointment rests on."""


def person_message(county_id: str, entry: PersonEntry) -> person_pb2.Person:
    """A person, as the use case shows them."""
    person = entry.person
    return person_pb2.Person(
        county_id=county_id,
        person_id=str(person.person_id),
        name=person.name,
        phone=person.phone or "",
        username=entry.username or "",
        create_time=person.created_at,
        version=person.version,
        identity_number=person.identity_number or "",
        employer=person.employer or "",
        force_source=person.force_source or "",
    )


def account_message(county_id: str, entry: AccountEntry) -> account_pb2.Account:
    """An account, as those read it who look after it."""
    account = entry.account
    return account_pb2.Account(
        county_id=county_id,
        person_id=str(account.person_id),
        username=account.username,
        state=_state(account),
        must_change_password=account.must_change,
        locked_until=entry.locked_until,
        code_expire_time=entry.code_expires_at,
        identities=[
            account_pb2.LinkedIdentity(
                issuer=each.identity.issuer,
                subject=each.identity.subject,
                link_time=each.linked_at,
            )
            for each in entry.identities
        ],
    )


def _state(account: Account) -> account_pb2.AccountState:
    if account.disabled_at is not None:
        return account_pb2.ACCOUNT_STATE_DISABLED
    if account.password_hash is None:
        return account_pb2.ACCOUNT_STATE_INVITED
    return account_pb2.ACCOUNT_STATE_ACTIVE


def audit_message(county_id: str, entry: AuditEntry) -> account_pb2.AuditEntry:
    """An entry of the audit."""
    return account_pb2.AuditEntry(
        county_id=county_id,
        entry_id=str(entry.entry_id),
        at=entry.at,
        actor_id=str(entry.actor_id or ""),
        actor_roles=entry.actor_roles,
        action=entry.action,
        person_id=str(entry.person_id or ""),
        reason=entry.reason or "",
        details_json=orjson.dumps(entry.details).decode(),
        correlation_id=entry.correlation_id,
    )


def post_message(county_id: str, post: Post) -> person_pb2.Post:
    """A post."""
    return person_pb2.Post(
        county_id=county_id,
        post_id=str(post.post_id),
        person_id=str(post.person_id),
        role_type=post.role_type,
        role_kind=post.role_kind,
        title=post.title,
        capabilities=post.capabilities,
        grid_id=str(post.place.grid_id or ""),
        grid_path=post.place.grid_path or "",
        department_id=post.place.department_id or "",
        valid_from=post.valid.start,
        valid_to=post.valid.end,
        version=post.version,
        area=post.terms.area,
        duties=post.terms.duties,
        skills=post.terms.skills,
        attachment=ATTACHMENTS[post.terms.attachment],
        basis=post.terms.basis,
    )


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
