"""The application: all routes, errors in LibreTranslate's form, headers, and the page's files."""

import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seq2seq import __version__
from seq2seq.serving.docs_page import docs_page
from seq2seq.serving.explaining_routes import ExplainingRoutes
from seq2seq.serving.refusals import Refusal
from seq2seq.serving.reply_models import ErrorReply, StatusReply
from seq2seq.serving.service import Service
from seq2seq.serving.translating_routes import TranslatingRoutes

PAGE = Path(__file__).with_name("page")
_DESCRIPTION = (
    "Machine translation through one fixed summary vector h(T). The routes /translate, /languages, /detect and /health "
    "are those of LibreTranslate. Requests are JSON or forms."
)
_HEADERS = [
    (b"content-security-policy", b"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
_log = logging.getLogger("seq2seq")
_requests = logging.getLogger("seq2seq.requests")  # silent unless its level is DEBUG


def make_app(service: Service, allowed_origins: Sequence[str] = ()) -> FastAPI:
    """The application of a server.

    Args:
        service: what its routes share; it is closed when the application ends.
        allowed_origins: of web pages from other hosts that may call it.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.queue.close()

    app = FastAPI(
        title="seq2seq",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        exception_handlers={Refusal: _refused, HTTPException: _failed},
    )
    app.include_router(TranslatingRoutes(service).router())
    app.include_router(ExplainingRoutes(service).router())
    app.include_router(_watching_routes(service))

    async def docs() -> Response:
        return HTMLResponse(docs_page(app.openapi()))

    app.add_api_route("/docs", docs, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=PAGE), name="static")
    app.add_api_route("/", _page, include_in_schema=False)
    if allowed_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=allowed_origins, allow_methods=["GET", "POST"], allow_headers=["*"]
        )
    app.add_middleware(_Observed, service=service)
    return app


def _watching_routes(service: Service) -> APIRouter:
    """The routes for those who watch over the server."""
    router = APIRouter(tags=["watching"])
    not_ready: dict[int | str, dict[str, Any]] = {503: {"model": ErrorReply, "description": "the worker has ended"}}

    async def live() -> StatusReply:
        """Whether the server answers at all."""
        return StatusReply(status="ok")

    async def ready() -> Any:
        """Whether the server translates."""
        if service.queue.is_alive:
            return StatusReply(status="ok")
        return JSONResponse({"error": "the server is ending or has lost its worker"}, 503)

    async def metrics() -> Response:
        """Figures for Prometheus."""
        return PlainTextResponse(service.metrics.written(), media_type="text/plain; version=0.0.4")

    router.add_api_route("/live", live, response_model=StatusReply)
    for path in ("/ready", "/health"):
        router.add_api_route(path, ready, response_model=StatusReply, responses=not_ready)
    router.add_api_route("/metrics", metrics, response_class=PlainTextResponse)
    return router


async def _page() -> Response:
    index = PAGE / "index.html"
    return HTMLResponse(index.read_bytes())


async def _refused(_: Request, refusal: Exception) -> Response:
    """A refusal in LibreTranslate's form."""
    if not isinstance(refusal, Refusal):
        raise refusal
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else None
    return JSONResponse({"error": str(refusal)}, refusal.status, headers)


async def _failed(_: Request, error: Exception) -> Response:
    """What the framework refuses: an unknown path or method."""
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


class _Observed:
    """Counts each request, adds headers, and answers where a handler fails.

    Args:
        app: the application, which answers the requests.
        service: the service whose metrics count the requests.
    """

    def __init__(self, app: ASGIApp, service: Service):
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.monotonic()
        status = 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", []), *_HEADERS]}
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception:
            _log.exception("%s %s failed: a bug in seq2seq", scope["method"], _pattern(scope))
            if not status:
                await JSONResponse({"error": "the server failed at this request"}, 500)(scope, receive, sent)
        finally:
            seconds = time.monotonic() - start
            self._service.metrics.answered(_pattern(scope), status, seconds)
            _requests.debug("%s %s %d %.0f ms", scope["method"], _pattern(scope), status, 1000 * seconds)


def _pattern(scope: Scope) -> str:
    """The path of the route that answered, not the one that was sent, which may be anything."""
    return str(getattr(scope.get("route"), "path", "other"))
