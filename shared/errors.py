"""What can go wrong, in words for people (English and Chinese) and a stable reason for programs.

A service declares its own errors as subclasses with a ``reason``, a ``title`` and a ``detail``
template, and raises them with the values the template names::

    class TransitionNotAllowed(FailedPrecondition):
        reason = "CASE_TRANSITION_NOT_ALLOWED"
        title = Text("Step not allowed in this state", "当前状态不允许此操作")
        detail = Text("A case that is {state} cannot be {action}.", "当前不能{action}。")

    raise TransitionNotAllowed(state="closed", action="transferred")
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in English and in Chinese; both may hold ``{names}``."""

    en: str
    zh: str

    def format(self, **values: object) -> "Text":
        """Fill the names in both languages. A missing name is a programming error (KeyError)."""
        return Text(self.en.format(**values), self.zh.format(**values))


@dataclass(frozen=True, slots=True)
class Violation:
    """One fault of the input: where it is, as a JSON pointer into the body, and what to do."""

    pointer: str
    detail: Text


class DomainError(Exception):
    """Something the platform refuses. ``status`` is the name of a gRPC status code."""

    status: ClassVar[str] = "INTERNAL"
    reason: ClassVar[str] = "INTERNAL"
    title: ClassVar[Text] = Text("The request failed", "请求失败")
    detail: ClassVar[Text] = Text("The request failed.", "请求失败。")

    def __init__(self, violations: Sequence[Violation] = (), **metadata: object) -> None:
        """Hold the values for the detail's names, and the faults of single fields if any."""
        self.metadata = {key: str(value) for key, value in metadata.items()}
        self.violations = tuple(violations)
        self.text = self.detail.format(**metadata)
        super().__init__(self.text.en)


class InvalidArgument(DomainError):
    """The request is malformed whatever the platform's state; violations name the fields at fault."""

    status = "INVALID_ARGUMENT"
    reason = "INVALID_ARGUMENT"
    title = Text("The request is not valid", "请求内容有误")
    detail = Text("Correct the fields listed and send it again.", "请更正所列字段后重新提交。")


class Unauthenticated(DomainError):
    """The request carries no valid proof of who is calling."""

    status = "UNAUTHENTICATED"
    reason = "UNAUTHENTICATED"
    title = Text("Sign in first", "请先登录")
    detail = Text("Sign in and send the access token.", "请登录并携带访问令牌。")


class PermissionDenied(DomainError):
    """The caller is not allowed to do this here."""

    status = "PERMISSION_DENIED"
    reason = "PERMISSION_DENIED"
    title = Text("Not allowed", "没有权限")
    detail = Text(
        "None of your posts allows '{capability}' here.", "您的岗位在此没有“{capability}”权限。"
    )


class NotFound(DomainError):
    """The resource does not exist or belongs to another county; both must look the same."""

    status = "NOT_FOUND"
    reason = "NOT_FOUND"
    title = Text("Not found", "未找到")
    detail = Text("There is no {kind} {id} here.", "此处没有编号为 {id} 的{kind}。")


class AlreadyExists(DomainError):
    """Something with the same key exists already."""

    status = "ALREADY_EXISTS"
    reason = "ALREADY_EXISTS"
    title = Text("Already exists", "已存在")
    detail = Text("{kind} {id} exists already.", "{kind} {id} 已存在。")


class FailedPrecondition(DomainError):
    """The request is well formed, but the present state does not allow it."""

    status = "FAILED_PRECONDITION"
    reason = "FAILED_PRECONDITION"
    title = Text("Not possible in this state", "当前状态不允许")
    detail = Text("The present state does not allow this.", "当前状态不允许此操作。")


class Aborted(DomainError):
    """The resource was changed in between."""

    status = "ABORTED"
    reason = "STALE_VERSION"
    title = Text("Changed in between", "内容已被他人修改")
    detail = Text(
        "Version {expected} was expected, but it is at {actual}; read it again.",
        "期望版本 {expected},当前版本 {actual};请重新读取后再提交。",
    )


def require_version(given: int, actual: int) -> None:
    """Raise Aborted where the caller saw another version than the actual one; 0 means none given."""
    if given and given != actual:
        raise Aborted(expected=given, actual=actual)


class ResourceExhausted(DomainError):
    """A limit was reached; ``retry_after`` (seconds) says when to come back."""

    status = "RESOURCE_EXHAUSTED"
    reason = "RESOURCE_EXHAUSTED"
    title = Text("Too many requests", "请求过多")
    detail = Text("Try again in {retry_after} seconds.", "请在 {retry_after} 秒后重试。")


class IdempotencyKeyReused(InvalidArgument):
    """The same Idempotency-Key was sent with another content."""

    reason = "IDEMPOTENCY_KEY_REUSED"
    title = Text("Idempotency-Key used for another request", "幂等键已用于其他请求")
    detail = Text(
        "This Idempotency-Key was sent with another content; use a new key.",
        "该幂等键已用于内容不同的请求,请更换新的幂等键。",
    )
