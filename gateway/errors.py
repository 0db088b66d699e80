"""The errors of the gateway itself."""

from typing import ClassVar

from shared.errors import DomainError, InvalidArgument, NotFound, Text

DOMAIN = "gateway.wangge"


class GatewayError(DomainError):
    """An error with an HTTP status of its own."""

    http_status: ClassVar[int] = 500


class RouteNotFound(NotFound):
    """No route has this address."""

    reason = "ROUTE_NOT_FOUND"
    title = Text("No such address", "地址不存在")
    detail = Text(
        "Nothing is at this address; /openapi.json lists the addresses there are.",
        "该地址不存在;全部地址见 /openapi.json。",
    )


class MethodNotAllowed(GatewayError):
    """The address exists, but not with this method."""

    status = "UNIMPLEMENTED"
    http_status = 405
    reason = "METHOD_NOT_ALLOWED"
    title = Text("Method not allowed", "不支持该请求方法")
    detail = Text("Use one of: {allowed}.", "请使用以下方法之一:{allowed}。")


class BodyTooLarge(GatewayError):
    """The body has more bytes than the route takes."""

    status = "RESOURCE_EXHAUSTED"
    http_status = 413
    reason = "BODY_TOO_LARGE"
    title = Text("The body is too large", "请求体过大")
    detail = Text(
        "A body has at most {limit} bytes; send less at a time.",
        "请求体最多 {limit} 字节,请分批提交。",
    )


class ListTooLong(GatewayError):
    """The list has more rows than a file may have."""

    status = "FAILED_PRECONDITION"
    http_status = 409
    reason = "LIST_TOO_LONG"
    title = Text("Too long for one file", "内容过多,无法导出为一个文件")
    detail = Text(
        "A file holds at most {limit} rows; narrow the list with its filters.",
        "一个文件最多 {limit} 行,请用筛选条件缩小范围。",
    )


class FileNotReadable(InvalidArgument):
    """The body is no file of its stated type, or the file is too large."""

    reason = "FILE_NOT_READABLE"
    title = Text("The file cannot be read", "文件无法读取")
    detail = Text("{fault_en}", "{fault_zh}")

    def __init__(self, fault: Text) -> None:
        """``fault`` says what is wrong with the file."""
        super().__init__(fault_en=fault.en, fault_zh=fault.zh)


class RowsRefused(InvalidArgument):
    """Rows of the file are not valid, so none was taken."""

    reason = "ROWS_NOT_VALID"
    title = Text("Rows of the file are not valid", "文件中有数据有误")
    detail = Text(
        "Nothing was taken in. Correct the rows listed and send the whole file again.",
        "未导入任何数据,请更正所列各行后重新提交整个文件。",
    )


class FileTypeNotSupported(GatewayError):
    """The body's type is none that the route takes."""

    status = "INVALID_ARGUMENT"
    http_status = 415
    reason = "FILE_TYPE_NOT_SUPPORTED"
    title = Text("Not a file of rows", "不支持该文件类型")
    detail = Text(
        "Send the file itself as the body, without compression, with one of these Content-Types: "
        "{types}.",
        "请将文件本身作为请求体提交,不要压缩,Content-Type 应为以下之一:{types}。",
    )


class MediaTypeNotSupported(GatewayError):
    """The body is something other than JSON."""

    status = "INVALID_ARGUMENT"
    http_status = 415
    reason = "MEDIA_TYPE_NOT_SUPPORTED"
    title = Text("Only JSON is taken", "仅支持 JSON")
    detail = Text(
        "Send the body as JSON with Content-Type: application/json and without compression.",
        "请以 JSON 提交,并设置 Content-Type: application/json,不要压缩。",
    )


class NotJson(InvalidArgument):
    """The body cannot be read as JSON."""

    reason = "NOT_JSON"
    title = Text("The body is not JSON", "请求体不是 JSON")
    detail = Text("The body cannot be read as JSON: {fault}.", "请求体无法按 JSON 解析({fault})。")


class HeaderNotValid(InvalidArgument):
    """A header that the gateway reads has an unusable value, or is not allowed here."""

    reason = "HEADER_NOT_VALID"
    title = Text("A header is not valid", "请求头有误")
    detail = Text("{header}: {fault_en}", "{header}:{fault_zh}")


class BadRequest(InvalidArgument):
    """The HTTP request itself is not well formed."""

    reason = "BAD_REQUEST"
    title = Text("Not a well-formed request", "请求格式有误")
    detail = Text("The request could not be read: {fault}.", "请求无法解析({fault})。")


class BodyTooSlow(GatewayError):
    """The body did not arrive in the time it may take."""

    status = "DEADLINE_EXCEEDED"
    http_status = 408
    reason = "BODY_TOO_SLOW"
    title = Text("The body did not come in time", "请求体接收超时")
    detail = Text(
        "The body did not arrive in the time it may take; nothing was changed. Send it again over "
        "a faster connection, or less at a time.",
        "请求体未在限定时间内到达,未作任何更改。请换用更快的网络重新提交,或分批提交。",
    )


class BodyIncomplete(InvalidArgument):
    """The connection ended before the body did, so the client does not read this error."""

    reason = "BODY_INCOMPLETE"
    title = Text("The body is incomplete", "请求体不完整")
    detail = Text(
        "The connection ended before the body did; send the request again.",
        "请求体尚未传完连接即已断开,请重新提交。",
    )


class TooManyBodies(GatewayError):
    """More bodies are being received than one address, or all together, may send at once."""

    status = "RESOURCE_EXHAUSTED"
    http_status = 429
    reason = "TOO_MANY_BODIES"
    title = Text("Too many requests are being sent", "同时提交的请求过多")
    detail = Text(
        "Too many requests from this address are being sent at once; try again in {retry_after} "
        "seconds.",
        "该地址同时提交的请求过多,请在 {retry_after} 秒后重试。",
    )


class NotAnswering(DomainError):
    """The service has not answered its last calls and is not called for the moment."""

    status = "UNAVAILABLE"
    reason = "SERVICE_NOT_ANSWERING"
    title = Text("Not available at the moment", "暂时不可用")
    detail = Text(
        "A part of the platform ({service}) does not answer. Nothing was changed; try again in "
        "{retry_after} seconds.",
        "平台的一部分({service})暂时没有响应,未作任何更改,请在 {retry_after} 秒后重试。",
    )


class Overloaded(DomainError):
    """A service, or the gateway's own threads, have more work than they take."""

    status = "UNAVAILABLE"
    reason = "OVERLOADED"
    title = Text("Busy", "系统繁忙")
    detail = Text(
        "A part of the platform is busy. Nothing was changed; try again in {retry_after} seconds.",
        "平台繁忙,未作任何更改,请在 {retry_after} 秒后重试。",
    )
