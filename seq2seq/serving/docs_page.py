"""The API's description as a plain page, which loads nothing from another host."""

import html
import json
from typing import Any

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title></head><body><h1>{title}</h1><p>{description}</p>
<p>The whole description for programs: <a href="openapi.json">openapi.json</a></p>
{routes}</body></html>"""
_ROUTE = "<h2>{method} {path}</h2><p>{text}</p>{request}<h3>Answers</h3><ul>{answers}</ul>"
_REQUEST = "<h3>Request</h3><table><tr><th>field<th>default<th>meaning</tr>{rows}</table>"


def docs_page(schema: dict[str, Any]) -> str:
    """A page of all routes.

    Args:
        schema: the OpenAPI description.
    """
    routes = [
        _route(method.upper(), path, route)
        for path, methods in schema["paths"].items()
        for method, route in methods.items()
    ]
    info = schema["info"]
    return _PAGE.format(
        title=html.escape(info["title"]), description=html.escape(info["description"]), routes="\n".join(routes)
    )


def _route(method: str, path: str, route: dict[str, Any]) -> str:
    content = route.get("requestBody", {}).get("content", {}).get("application/json", {})
    fields = content.get("schema", {}).get("properties", {})
    answers = [
        f"<li>{html.escape(status)}: {html.escape(answer['description'])}"
        for status, answer in sorted(route["responses"].items())
    ]
    return _ROUTE.format(
        method=method,
        path=html.escape(path),
        text=html.escape(route.get("description", "")),
        request=_REQUEST.format(rows="".join(map(_row, fields.items()))) if fields else "",
        answers="".join(answers),
    )


def _row(field: tuple[str, dict[str, Any]]) -> str:
    name, schema = field
    default = json.dumps(schema["default"]) if "default" in schema else "needed"
    cells = [name, default, schema.get("description", "")]
    return f"<tr>{''.join(f'<td>{html.escape(cell)}' for cell in cells)}</tr>"
