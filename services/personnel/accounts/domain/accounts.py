"""Accounts and sessions: usernames, passwords, lock-out, and tokens that rotate."""

import hashlib
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.personnel.accounts.domain import password_policy
from shared.errors import (
    AlreadyExists,
    FailedPrecondition,
    NotFound,
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
LONGEST_SENT = 1024
"""Characters of a password that is looked at at all; normalising a longer one could cost much."""
USERNAME = re.compile(r"[\w.@-]{3,64}")
COUNTY = re.compile(r"[A-Za-z0-9_-]{1,64}")

BAD_USERNAME = Text(
    "Use 3 to 64 letters, digits, or any of . _ @ -",
    "用户名须为 3 至 64 个字母、汉字、数字或 . _ @ - 字符。",
)
BAD_PASSWORD_LENGTH = Text(
    "The password must have 10 to 128 characters.", "密码须为 10 至 128 个字符。"
)
PASSWORD_HAS_USERNAME = Text("The password must not contain the username.", "密码不得包含用户名。")
PASSWORD_UNCHANGED = Text(
    "The new password must be another than the old one.", "新密码不得与原密码相同。"
)
PASSWORD_COMMON = Text(
    "This password is among those that are tried first; choose another.",
    "该密码过于常见,容易被猜到,请更换。",
)
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


class AccountDisabled(PermissionDenied):
    """The password is right, but the account was disabled."""

    reason = "ACCOUNT_DISABLED"
    title = Text("The account is disabled", "账号已停用")
    detail = Text("Ask your county's administrator.", "请联系本县管理员。")


class AccountNotFound(NotFound):
    """The person has no account."""

    reason = "ACCOUNT_NOT_FOUND"
    title = Text("No account", "没有账号")
    detail = Text(
        "Person {person_id} has no account; invite the person first.",
        "编号为 {person_id} 的人员没有账号,请先邀请。",
    )


class AccountInUse(FailedPrecondition):
    """The person has an account with a password, which an invitation would take away."""

    reason = "ACCOUNT_IN_USE"
    title = Text("The person has an account", "该人员已有账号")
    detail = Text(
        "The person has chosen a password already; reset it instead of inviting anew.",
        "该人员已设置密码,请改用重置密码。",
    )


class NotOwnAccount(FailedPrecondition):
    """Nobody disables the account they act with."""

    reason = "NOT_OWN_ACCOUNT"
    title = Text("Not your own account", "不能停用本人账号")
    detail = Text("Somebody else must disable your account.", "停用您的账号须由他人操作。")


class OldPasswordWrong(PermissionDenied):
    """The password to be replaced is another."""

    reason = "OLD_PASSWORD_WRONG"
    title = Text("The old password is wrong", "原密码有误")
    detail = Text("Nothing was changed. Enter your present password.", "未作更改,请输入当前密码。")


class SessionNotFound(NotFound):
    """No such session of the caller's."""

    reason = "SESSION_NOT_FOUND"
    title = Text("Session not found", "未找到会话")
    detail = Text("You have no session {session_id}.", "您没有编号为 {session_id} 的会话。")


class NoPostInForce(PermissionDenied):
    """The account is valid, but its holder has no post in force."""

    reason = "NO_POST_IN_FORCE"
    title = Text("No post in force", "当前没有在任岗位")
    detail = Text(
        "You hold no post at this moment; ask your county's administrator.",
        "您目前没有在任岗位,请联系本县管理员。",
    )


@dataclass(frozen=True, slots=True)
class Account:
    """An account, with which a person signs in. ``roles`` are roles of the city; empty in counties.

    Without ``password_hash`` its holder has yet to choose a password. Where somebody else has set
    it, the holder ``must_change`` it before anything else.
    """

    account_id: UUID
    person_id: UUID
    username: str
    password_hash: str | None
    roles: frozenset[str]
    created_at: datetime
    must_change: bool = False
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A session, kept alive by refresh tokens that each work once."""

    session_id: UUID
    account_id: UUID
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """A session as its holder reads it: until when it can be renewed."""

    session_id: UUID
    started_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """A person, as an issuer names them."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class LinkedIdentity:
    """An identity, the account that it opens, and since when."""

    identity: Identity
    account_id: UUID
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """An account as administrators read it."""

    account: Account
    locked_until: datetime | None
    code_expires_at: datetime | None
    identities: tuple[LinkedIdentity, ...]


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
    return [*faults, *password_faults(username, password)]


def password_faults(username: str, password: str, pointer: str = "/password") -> list[Violation]:
    """What is wrong with a password for the account of this username."""
    if len(password) > LONGEST_SENT or not password_policy.is_long_enough(password):
        return [Violation(pointer, BAD_PASSWORD_LENGTH)]
    faults = []
    if password_policy.holds_username(password, username):
        faults.append(Violation(pointer, PASSWORD_HAS_USERNAME))
    if password_policy.is_common(password):
        faults.append(Violation(pointer, PASSWORD_COMMON))
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
