"""The application as a whole: errors, headers, pages, and requests that nobody means well."""

import asyncio
import json
import random
from html.parser import HTMLParser

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks

from seq2seq.serving.app import make_app
from seq2seq.serving.service import Service

MALFORMED = 10_000


def test_errors_have_the_form_of_libretranslate(get, asgi_call, app):
    assert (get("/nothing").status, get("/nothing").json) == (404, {"error": "Not Found"})
    answer = get("/translate")
    assert (answer.status, answer.json) == (405, {"error": "Method Not Allowed"})
    answer = asyncio.run(asgi_call(app, "POST", "/translate", b"<a/>", [("content-type", "text/xml")]))
    assert answer.status == 415
    assert answer.json["error"].startswith("send application/json")


def test_fault_of_the_server_is_a_500_without_its_story(post, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("the story")

    monkeypatch.setattr(Service, "check_texts", fail)
    answer = post("/translate", q="a", target="fr")
    assert (answer.status, answer.json) == (500, {"error": "the server failed at this request"})
    assert "the story" in caplog.text
    assert "POST /translate failed: a bug in seq2seq" in caplog.text


def test_every_answer_has_strict_headers(get, post):
    for answer in (get("/"), get("/nothing"), get("/static/index.html"), post("/translate")):
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers


def test_page_and_its_files_are_served_and_nothing_beside_them(get):
    page = get("/")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    assert get("/static/index.html").content == page.content
    for path in (
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        "/static/..\\app.py",
        "/static/\0",
    ):
        assert get(path).status in (400, 404)


def test_other_origins_may_call_only_where_allowed(service, asgi_call):
    app = make_app(service, ["https://example.org"])

    def allowed(origin):
        answer = asyncio.run(asgi_call(app, "GET", "/languages", headers=[("origin", origin)]))
        return answer.headers.get("access-control-allow-origin")

    assert (allowed("https://example.org"), allowed("https://example.com")) == ("https://example.org", None)


class Links(HTMLParser):
    """What a page loads or links to."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("src", "href")]


def test_docs_describe_every_route_and_load_nothing(get, app):
    page = get("/docs").content.decode()
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            assert f"<h2>{method.upper()} {path}</h2>" in page
    assert "translations wanted beside the best one" in page
    assert Links(page).found == ["openapi.json"]


def test_metrics_count_requests_batches_and_tokens(make_service, post_json, asgi_call):
    app = make_app(make_service())

    async def story():
        await post_json(app, "/translate", q="A cat. A dog.", target="fr")
        await post_json(app, "/translate", q="A cat.", target="xx")
        await asgi_call(app, "GET", "/secret-path")
        return (await asgi_call(app, "GET", "/metrics")).content.decode()

    figures = dict(line.rsplit(" ", 1) for line in asyncio.run(story()).splitlines() if not line.startswith("#"))
    assert figures['seq2seq_requests_total{route="/translate",status="200"}'] == "1.0"
    assert figures['seq2seq_requests_total{route="/translate",status="400"}'] == "1.0"
    assert figures['seq2seq_requests_total{route="other",status="404"}'] == "1.0"
    assert figures['seq2seq_batch_sentences_sum{task="translate"}'] == "2.0"
    assert float(figures['seq2seq_source_tokens_total{task="translate"}']) > 2
    assert figures['seq2seq_request_seconds_count{route="/translate"}'] == "2.0"
    assert (figures["seq2seq_queue_sentences"], figures["seq2seq_worker_alive"]) == ("0.0", "1.0")


CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
POSTS = ("/translate", "/detect", "/score", "/encode", "/explain", "/between", "/nearest")
GETS = ("/", "/languages", "/about", "/live", "/ready", "/health", "/metrics", "/docs", "/openapi.json", "/static/x")
FIELDS = [
    *("q", "source", "target", "format", "alternatives", "details", "api_key", "translation", "q1", "q2", "positions"),
    *("count", "pieces"),
]
CHARACTERS = [0, 9, 10, 65, 0x2581, 0xD800, 0xFFFF, 0x1F600]
TEXTS = ["", "en", "fr", "de", "auto", "html", "<b>", "<![", "a. b."]
NUMBERS = [-1, 0, 0.5, 3, 1e300, float("nan"), float("inf"), 10**400]
KINDS = ["application/json", "application/x-www-form-urlencoded", "", "text/plain", "é", "multipart/form-data"]
HEADERS = [
    ("authorization", "Bearer "),
    ("authorization", "é" * 99),
    ("origin", "null"),
    ("host", "\0"),
    ("range", "x"),
]
METHODS = [*["POST"] * 12, "GET", "PUT", "DELETE", "HEAD", "OPTIONS", "NONSENSE"]
PATHS = [*POSTS, *POSTS, *GETS, "/nothing", "//", "/static/../..", "/\0", "/é"]


def drawn_value(draw, depth=0):
    """Any value that JSON can hold, and some that it cannot."""
    kind = draw.randrange(5 if depth < 3 else 3)
    if kind == 0:
        return draw.choice([None, True, False, *NUMBERS])
    if kind == 1:
        return draw.choice(TEXTS)
    if kind == 2:
        return "".join(chr(draw.choice(CHARACTERS)) for _ in range(3))
    if kind == 3:
        return [drawn_value(draw, depth + 1) for _ in range(draw.randint(0, 3))]
    return {"a": drawn_value(draw, depth + 1)}


def drawn_request(draw):
    """Method, path, body and headers of a request that is wrong in some way, or in none."""
    fields = {name: drawn_value(draw) for name in draw.sample(FIELDS, draw.randint(0, 6))}
    body = json.dumps(fields).encode()
    spoil = draw.randrange(6)
    if spoil == 0:
        body = body[: draw.randrange(len(body) + 1)]
    elif spoil == 1:
        body = draw.randbytes(draw.randint(0, 50))
    elif spoil == 2:
        body = "&".join(f"{name}={value}" for name, value in fields.items()).encode("utf-8", "surrogatepass")
    headers = [("content-type", draw.choice(KINDS)), ("content-length", draw.choice(["-1", "x", "0"]))]
    return draw.choice(METHODS), draw.choice(PATHS), body, [*headers, draw.choice(HEADERS)]


def test_ten_thousand_malformed_requests_give_no_500(app, asgi_call, caplog):
    draw = random.Random(15)
    statuses = []

    async def story():
        for _ in range(MALFORMED):
            statuses.append((await asgi_call(app, *drawn_request(draw))).status)

    asyncio.run(story())
    assert set(statuses) <= {200, 400, 404, 405, 413, 415}
    assert statuses.count(400) > MALFORMED / 10
    assert "failed" not in caplog.text


def test_schemathesis_finds_nothing_against_the_description(app):
    async def without_lifespan(scope, receive, send):
        if scope["type"] == "http":
            await app(scope, receive, send)

    options = settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    description = schemathesis.openapi.from_dict(app.openapi())
    description.app = without_lifespan
    tested = []
    for result in description.get_all_operations():
        operation = result.ok()

        @options
        @given(operation.as_strategy())
        def answers_as_described(case):
            case.call_and_validate(checks=CHECKS)

        answers_as_described()
        tested.append(operation.path)
    assert set(POSTS) < set(tested)
