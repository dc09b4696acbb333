"""Reading requests: bounded in size and time, JSON or a form, checked against a model."""

import asyncio
from typing import TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from seq2seq.serving.refusals import BadRequest, ClientGone, TooLarge, TooSlow, WrongKind

_MOST_FIELDS = 1000
_SHOWN_FAULTS = 3
Model = TypeVar("Model", bound=BaseModel)


async def read_body(request: Request, model: type[Model], most_bytes: int, seconds: float) -> Model:
    """The body of a request.

    Args:
        request: sent as JSON, or as a form (``application/x-www-form-urlencoded``).
        model: what the body must hold.
        most_bytes: the largest body that is read.
        seconds: how long the client may take to send it.

    Raises:
        Refusal: the body is too large, too slow, of another kind, or not what the model describes.
    """
    kind = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if kind not in ("application/json", "application/x-www-form-urlencoded"):
        raise WrongKind("send application/json or application/x-www-form-urlencoded")
    try:
        async with asyncio.timeout(seconds):
            body = await _read(request, most_bytes)
    except TimeoutError as error:
        raise TooSlow("the request was not sent in time") from error
    except ClientDisconnect as error:
        raise ClientGone("the client has gone") from error
    try:
        if kind == "application/json":
            return model.model_validate_json(body)
        return model.model_validate(_form(body))
    except ValidationError as error:
        raise BadRequest(_explained(error)) from error


async def _read(request: Request, most_bytes: int) -> bytes:
    parts = []
    size = 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > most_bytes:
            raise TooLarge(f"the request has more than {most_bytes:,} bytes: send less at a time")
    return b"".join(parts)


def _form(body: bytes) -> dict[str, str | list[str]]:
    """The fields of a form; one that is given several times is a list."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise BadRequest("the form cannot be read: encode it as UTF-8 and percent signs") from error
    fields: dict[str, str | list[str]] = {}
    for name, value in pairs:
        before = fields.get(name)
        if before is None:
            fields[name] = value
        else:
            fields[name] = [*before, value] if isinstance(before, list) else [before, value]
    return fields


def _explained(error: ValidationError) -> str:
    """The faults of a body, without the values that were sent: a log or a page may show the message."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    texts = [": ".join([*filter(None, [".".join(map(str, fault["loc"]))[:80]]), fault["msg"]]) for fault in faults]
    more = f" (and {len(texts) - _SHOWN_FAULTS} more)" if len(texts) > _SHOWN_FAULTS else ""
    return "; ".join(texts[:_SHOWN_FAULTS]) + more
