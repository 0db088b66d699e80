"""The API's description as one HTML page, without scripts or resources from elsewhere."""

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from typing import Any

STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--get:#0a7d4f;--post:#1f5fbf}
body{font:16px/1.55 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:62rem;
margin:0 auto;padding:1.5rem}
h1{margin:0 0 .25rem}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}
nav a{margin-right:.9rem}code{font-family:ui-monospace,Consolas,monospace;font-size:.92em}
details{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;background:var(--soft)}
summary{padding:.5rem .75rem;cursor:pointer}details>div{padding:0 .75rem .75rem}
.verb{display:inline-block;min-width:3.2rem;font-weight:700}.get{color:var(--get)}
.post{color:var(--post)}table{border-collapse:collapse;width:100%;font-size:.93em}
td,th{text-align:left;border-top:1px solid var(--line);padding:.3rem .5rem;vertical-align:top}
.what{display:block;opacity:.85;margin-left:3.5rem}
""".strip()
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none'"
)


def page(openapi: dict[str, Any]) -> str:
    """The description as HTML."""
    return (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Wangge API</title><style>{STYLE}</style></head><body>"
        f"<h1>Wangge API</h1><p>{escape(openapi['info']['description'])}</p>"
        f'<p><a href="/openapi.json">openapi.json</a></p>{"".join(_body(openapi))}</body></html>'
    )


def _body(openapi: dict[str, Any]) -> Iterator[str]:
    tags = openapi["tags"]
    links = (f'<a href="#{escape(t["name"])}">{escape(t["description"])}</a>' for t in tags)
    yield f"<nav>{''.join(links)}</nav>"
    for tag in tags:
        yield f'<h2 id="{escape(tag["name"])}">{escape(tag["description"])}</h2>'
        for path, operations in openapi["paths"].items():
            for method, operation in operations.items():
                if tag["name"] in operation["tags"]:
                    yield _operation(method, path, operation)
    yield '<h2 id="schemas">Answers / 返回内容</h2>'
    for name, schema in sorted(openapi["components"]["schemas"].items()):
        yield f'<details id="schema-{escape(name)}"><summary><code>{escape(name)}</code></summary>'
        yield f"<div>{_members(schema)}</div></details>"


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [
        f'<details><summary><span class="verb {method}">{method.upper()}</span>',
        f"<code>{escape(path)}</code>",
        f'<span class="what">{escape(operation["summary"])}</span></summary><div>',
    ]
    if "description" in operation:
        parts.append(f"<p>{escape(operation['description'])}</p>")
    if operation.get("parameters"):
        parts.append(_parameters(operation["parameters"]))
    if "requestBody" in operation:
        parts.append(f"<h4>Body / 请求体</h4>{_body_of(operation['requestBody']['content'])}")
    parts.append(f"<h4>Answers / 响应</h4>{_answers(operation['responses'])}</div></details>")
    return "".join(parts)


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = [
        (
            each["name"],
            f"{each['in']}, {_kind(each['schema'])}",
            "required" if each.get("required") else "",
            escape(each.get("description", "")),
        )
        for each in parameters
    ]
    return f"<h4>Parameters / 参数</h4>{_table(rows)}"


def _body_of(content: dict[str, Any]) -> str:
    """The members of a JSON body; of a file, the kinds of files that are taken."""
    if "application/json" in content:
        return _members(content["application/json"]["schema"])
    return f"<p>{escape(', '.join(content))}</p>"


def _members(schema: dict[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = [
        (
            name,
            _kind(member),
            "required" if name in required else "",
            escape(member.get("description", "")),
        )
        for name, member in schema.get("properties", {}).items()
    ]
    return _table(rows) if rows else "<p>–</p>"


def _answers(responses: dict[str, Any]) -> str:
    rows = []
    for status, response in responses.items():
        schemas = [content["schema"] for content in response.get("content", {}).values()]
        kind = _kind(schemas[0]) if schemas else ""
        rows.append((status, kind, "", escape(response["description"])))
    return _table(rows)


def _table(rows: list[tuple[str, str, str, str]]) -> str:
    cells = (
        f"<tr><td><code>{escape(name)}</code></td><td>{kind}</td><td>{need}</td><td>{text}</td></tr>"
        for name, kind, need, text in rows
    )
    return f"<table>{''.join(cells)}</table>"


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words, as HTML."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[1])
        return f'<a href="#schema-{name}">{name}</a>'
    if "anyOf" in schema:
        return " | ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(escape(str(value)) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"[ {_kind(schema['items'])} ]"
    if schema.get("type") == "object" and "properties" in schema:
        return _members(schema)
    kind = schema.get("type", "")
    text = " | ".join(kind) if isinstance(kind, list) else str(kind)
    return escape(f"{text} ({schema['format']})" if "format" in schema else text)
