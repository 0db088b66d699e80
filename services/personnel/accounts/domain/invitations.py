"""One-time codes: with one, an account's holder chooses a password that nobody else has seen."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.personnel.accounts.domain.accounts import hash_of
from shared.errors import Text, Unauthenticated

LIFETIME = timedelta(hours=72)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that looks like a digit."""

GROUPS, GROUP = 5, 4
LOOKALIKES = str.maketrans("OIL", "011")


class InvitationRefused(Unauthenticated):
    """County, username or code is wrong, or the code is over; which one is not said."""

    reason = "INVITATION_REFUSED"
    title = Text("The code cannot be used", "邀请码无效")
    detail = Text(
        "County, username or code is wrong, or the code was used, replaced or is over 72 hours old. "
        "Ask for a new one.",
        "县(市、区)、用户名或邀请码有误,或邀请码已使用、已更换或已超过 72 小时,请重新索取。",
    )


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A code as it is kept: by its hash. A new one replaces the account's earlier one."""

    account_id: UUID
    code_hash: bytes
    issued_at: datetime
    expires_at: datetime

    def opens(self, code: str, now: datetime) -> bool:
        """Whether the code, as somebody typed it, is this one and not over."""
        return secrets.compare_digest(self.code_hash, _hash(code)) and now < self.expires_at


def new_code() -> str:
    """A code of a hundred random bits, to be read out or written down: ``7K3M-…``."""
    letters = ["".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS)]
    return "-".join(letters)


def issued(account_id: UUID, code: str, now: datetime) -> OneTimeCode:
    """The code as it is kept, good from now on."""
    return OneTimeCode(account_id, _hash(code), now, now + LIFETIME)


def _hash(code: str) -> bytes:
    typed = unicodedata.normalize("NFKC", code).upper()
    return hash_of(re.sub(r"[\s-]", "", typed).translate(LOOKALIKES))
