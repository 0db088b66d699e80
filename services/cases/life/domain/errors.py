"""The errors of this service, with texts that say what to do."""

from shared.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Text,
    Violation,
)

MAXIMUM_TEXT = 4000
"""Characters of a reason, a note or a result."""

REQUIRED = Text("Write this; it may not be empty.", "此项必填,请填写。")
TOO_LONG = Text("Write at most 4000 characters.", "请控制在 4000 字以内。")


class CaseNotFound(NotFound):
    """No such case in the county."""

    reason = "CASE_NOT_FOUND"
    title = Text("Case not found", "未找到案件")
    detail = Text("There is no case {case_id} in this county.", "本县没有编号为 {case_id} 的案件。")


class TransitionNotAllowed(FailedPrecondition):
    """The case's state does not allow the step."""

    reason = "CASE_TRANSITION_NOT_ALLOWED"
    title = Text("Step not allowed in this state", "当前状态不允许此操作")
    detail = Text(
        "A case that is {state} does not allow '{action}'; read it again to see what it allows.",
        "案件处于“{state_zh}”状态,不能{action_zh};请重新读取案件,查看可用操作。",
    )


class CaseHeldByDepartment(FailedPrecondition):
    """A department has the case, so the grid cannot offer it to another."""

    reason = "CASE_HELD_BY_DEPARTMENT"
    title = Text("A department has the case", "案件已由部门办理")
    detail = Text(
        "Department {department_id} took this case over; it must answer it before it moves on.",
        "部门 {department_id} 已接收本案;须由其办理答复后方可流转。",
    )


class CaseNotVerified(FailedPrecondition):
    """The case cannot be closed before its result was verified on site."""

    reason = "CASE_NOT_VERIFIED"
    title = Text("Not verified yet", "尚未核查")
    detail = Text(
        "Nobody has verified the result on the spot yet; have it verified, then close the case.",
        "本案处置结果尚未现场核查;请核查通过后再结案。",
    )


class CaseAlreadyVerified(FailedPrecondition):
    """The result was verified before."""

    reason = "CASE_ALREADY_VERIFIED"
    title = Text("Verified before", "已核查通过")
    detail = Text(
        "The result of this case was verified already; it can be closed.",
        "本案处置结果已核查通过,可以结案。",
    )


class VerifierHandledIt(PermissionDenied):
    """The caller handled the case and may not verify their own work."""

    reason = "CASE_VERIFIER_HANDLED_IT"
    title = Text("Your own work", "不能核查本人办理的案件")
    detail = Text(
        "You handled this case yourself; somebody else must verify it.",
        "本案由您本人办理,须由他人核查。",
    )


class CaseNotYetKnown(Exception):
    """An event is about a case whose opening has not committed yet; it will, so try again."""


def required_text(pointer: str, text: str) -> str:
    """The text without surrounding space. Raises InvalidArgument where it is empty or too long."""
    if not text.strip():
        raise InvalidArgument([Violation(pointer, REQUIRED)])
    return optional_text(pointer, text)


def optional_text(pointer: str, text: str) -> str:
    """The text without surrounding space. Raises InvalidArgument where it is too long."""
    if len(text) > MAXIMUM_TEXT:
        raise InvalidArgument([Violation(pointer, TOO_LONG)])
    return text.strip()
