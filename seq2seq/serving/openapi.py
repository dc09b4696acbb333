"""What the description of the API says about requests, which handlers read by themselves, and about refusals."""

from typing import Any

from pydantic import BaseModel

from seq2seq.serving.reply_models import ErrorReply

KINDS = ("application/json", "application/x-www-form-urlencoded")
_REASONS = {
    400: "the request is wrong: the message says what",
    403: "the key is missing or unknown",
    408: "the request was sent too slowly",
    413: "the request is too large",
    415: "the request has a media type that is not read",
    429: "too many requests of one client; Retry-After says when to try again",
    503: "the server cannot answer in time; Retry-After says when to try again",
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorReply, "description": reason} for status, reason in _REASONS.items()
}


def takes(body: type[BaseModel]) -> dict[str, Any]:
    """The part of a route's description that says what its request holds.

    Args:
        body: the model, which refers to no other model.
    """
    schema = body.model_json_schema()
    return {
        "requestBody": {"required": True, "content": {kind: {"schema": schema} for kind in KINDS}},
        "description": body.__doc__,
    }
