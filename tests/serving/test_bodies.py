"""Reading requests: bounds, kinds, and messages that repeat nothing of what was sent."""

import asyncio

import pytest
from starlette.requests import Request

from seq2seq.serving.bodies import read_body
from seq2seq.serving.refusals import BadRequest, ClientGone, Refusal, TooLarge, TooSlow, WrongKind
from seq2seq.serving.request_models import TranslateBody

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def read(*parts, kind=JSON, end=True, most_bytes=1000, seconds=20.0):
    """A body that comes in parts; without an end, the client stays silent after them."""
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    messages += [{"type": "http.request", "body": b"", "more_body": False}] if end else []

    async def receive():
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    headers = [(b"content-type", kind.encode())] if kind else []
    request = Request({"type": "http", "headers": headers}, receive)
    return asyncio.run(read_body(request, TranslateBody, most_bytes, seconds))


def test_json_and_forms_say_the_same():
    expected = TranslateBody(q="A cat & a dog", source="en", target="fr", alternatives=2)
    text = b'{"q": "A cat & a dog", "source": "en", "target": "fr", "alternatives": 2, "unknown": 1}'
    assert read(text[:9], text[9:]) == read(text, kind="") == expected
    form = b"q=A+cat+%26+a%20dog&source=en&target=fr&alternatives=2&unknown=1"
    assert read(form, kind=FORM) == read(form, kind=f"{FORM.upper()}; charset=utf-8") == expected


def test_form_with_several_texts_is_a_list():
    assert read(b"q=a&q=&q=c&target=fr", kind=FORM).q == ["a", "", "c"]


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (b"{", JSON, "Invalid JSON"),
        (b"[]", JSON, "Input should be an object"),
        (b"{}", JSON, "q: Field required; target: Field required"),
        (b'{"q": "\\ud800", "target": "fr"}', JSON, "Invalid JSON"),
        (b'{"q": "\xff", "target": "fr"}', JSON, "Invalid JSON"),
        (b'{"q": ' + b"[" * 400 + b"]" * 400 + b"}", JSON, ""),
        (
            b'{"q": "a", "target": "fr", "alternatives": -1}',
            JSON,
            "alternatives: Input should be greater",
        ),
        (b'{"q": "a", "target": "fr", "alternatives": 1e999}', JSON, "alternatives"),
        (b'{"q": "a", "target": "fr", "format": "pdf"}', JSON, "format: Input should be 'text' or 'html'"),
        (b'{"q": 1, "target": 1, "source": 1, "format": 1}', JSON, "(and 2 more)"),
        (b"target=fr", FORM, "q: Field required"),
        (b"q=%ff&target=fr", FORM, "the form cannot be read"),
        (b"q=\xff&target=fr", FORM, "the form cannot be read"),
        (b"&".join([b"a=1"] * 1001), FORM, ""),
    ],
)
def test_what_cannot_be_understood_is_a_bad_request(body, kind, message):
    with pytest.raises(BadRequest) as refusal:
        read(body, kind=kind, most_bytes=10_000)
    assert message in str(refusal.value)
    assert len(str(refusal.value)) < 400


def test_message_does_not_repeat_what_was_sent():
    with pytest.raises(Refusal) as refusal:
        read(b'{"q": {"secret": "secret"}, "target": ["secret"], "format": "secret"}')
    assert "secret" not in str(refusal.value)


def test_large_slow_and_foreign_bodies_are_refused():
    with pytest.raises(TooLarge, match="more than 10 bytes"):
        read(b"12345", b"67890", b"1", most_bytes=10, end=False)
    with pytest.raises(TooSlow, match="not sent in time"):
        read(b'{"q":', end=False, seconds=0.05)
    with pytest.raises(WrongKind, match="send application/json or application/x-www-form-urlencoded"):
        read(b"", kind="multipart/form-data; boundary=x")


def test_client_that_goes_in_the_middle_is_gone():
    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    async def receive():
        return messages.pop(0)

    with pytest.raises(ClientGone):
        asyncio.run(read_body(Request({"type": "http", "headers": []}, receive), TranslateBody, 10, 10))
