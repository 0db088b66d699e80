"""Accounts and sessions: usernames, passwords, lock-out, and tokens that rotate."""

import hashlib
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.errors import (
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    Text,
    Unauthenticated,
    Violation,
)

FAILURES_ALLOWED = 5
FAILURE_WINDOW = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=15)
FAILURES_KEPT = FAILURE_WINDOW + LOCKED_FOR
"""A failure that is older can no longer lock anything."""

REFRESH_LIFETIME = timedelta(days=14)
PASSWORD_LENGTHS = range(10, 129)
USERNAME = re.compile(r"[\w.@-]{3,64}")
COUNTY = re.compile(r"[A-Za-z0-9_-]{1,64}")

BAD_USERNAME = Text(
    "Use 3 to 64 letters, digits, or any of . _ @ -",
    "用户名须为 3 至 64 个字母、汉字、数字或 . _ @ - 字符。",
)
BAD_PASSWORD_LENGTH = Text(
    "The password must have 10 to 128 characters.", "密码须为 10 至 128 个字符。"
)
PASSWORD_IS_USERNAME = Text("The password must not be the username.", "密码不得与用户名相同。")
PASSWORD_WITHOUT_USERNAME = Text(
    "Give a username with the password, or neither.", "请同时填写用户名和密码,或都不填写。"
)


class UsernameTaken(AlreadyExists):
    """Another account of the county has the username."""

    reason = "USERNAME_TAKEN"
    title = Text("Username in use", "用户名已被使用")
    detail = Text(
        "The username {username} is in use in this county; choose another.",
        "用户名“{username}”在本县已被使用,请更换。",
    )


class SignInRefused(Unauthenticated):
    """County, username or password is wrong; which one is not said."""

    reason = "SIGN_IN_REFUSED"
    title = Text("Sign-in failed", "登录失败")
    detail = Text("County, username or password is wrong.", "县(市、区)、用户名或密码有误。")


class AccountLocked(ResourceExhausted):
    """Too many wrong passwords for the username."""

    reason = "ACCOUNT_LOCKED"
    title = Text("Locked for a while", "账号已暂时锁定")
    detail = Text(
        "Too many failed sign-ins. Try again in {retry_after} seconds.",
        "登录失败次数过多,请在 {retry_after} 秒后重试。",
    )


class SessionOver(Unauthenticated):
    """The refresh token is unknown, expired or spent, or its session has ended."""

    reason = "SESSION_OVER"
    title = Text("The session is over", "会话已结束")
    detail = Text("Sign in again.", "请重新登录。")


class NoPostInForce(PermissionDenied):
    """The account is good, but nothing is entrusted to its holder at this moment."""

    reason = "NO_POST_IN_FORCE"
    title = Text("No post in force", "当前没有在任岗位")
    detail = Text(
        "You hold no post at this moment; ask your county's administrator.",
        "您目前没有在任岗位,请联系本县管理员。",
    )


@dataclass(frozen=True, slots=True)
class Account:
    """What lets a person sign in. ``roles`` are roles of the city; empty in counties."""

    account_id: UUID
    person_id: UUID
    username: str
    password_hash: str
    roles: frozenset[str]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """One signing-in, kept alive by refresh tokens that each work once."""

    session_id: UUID
    account_id: UUID
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token as it is kept: by its hash."""

    token_hash: bytes
    session_id: UUID
    expires_at: datetime
    spent_at: datetime | None

    def renews(self, session: Session, now: datetime) -> bool:
        """Whether it may be exchanged for new tokens."""
        return self.spent_at is None and session.ended_at is None and now < self.expires_at


def username_key(username: str) -> str:
    """The form in which usernames are compared: ``Zhang.San`` and ``zhang.san`` are the same."""
    return unicodedata.normalize("NFKC", username).casefold()


def is_username(username: str) -> bool:
    """Whether an account could have this username."""
    return USERNAME.fullmatch(unicodedata.normalize("NFKC", username)) is not None


def is_county(county_id: str) -> bool:
    """Whether a county could have this id."""
    return COUNTY.fullmatch(county_id) is not None


def account_faults(username: str, password: str) -> list[Violation]:
    """What is wrong with a new account's username and password."""
    faults = []
    if not is_username(username):
        faults.append(Violation("/username", BAD_USERNAME))
    if len(password) not in PASSWORD_LENGTHS:
        faults.append(Violation("/password", BAD_PASSWORD_LENGTH))
    if username_key(password) == username_key(username):
        faults.append(Violation("/password", PASSWORD_IS_USERNAME))
    return faults


def locked_until(failures: Sequence[datetime]) -> datetime | None:
    """Until when a username is locked after these failed sign-ins; None where it never was.

    The fifth failure within fifteen minutes locks it for fifteen minutes from that failure on.
    """
    latest = sorted(failures)[-FAILURES_ALLOWED:]
    if len(latest) < FAILURES_ALLOWED or latest[-1] - latest[0] > FAILURE_WINDOW:
        return None
    return latest[-1] + LOCKED_FOR


def seconds_until(moment: datetime, now: datetime) -> int:
    """Whole seconds to wait, at least one."""
    return max(1, math.ceil((moment - now).total_seconds()))


def hash_of(refresh_token: str) -> bytes:
    """The form in which a refresh token is kept; the token itself is random, so no salt is due."""
    return hashlib.sha256(refresh_token.encode()).digest()
