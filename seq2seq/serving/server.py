"""A server process: open the translators, listen, and end after a signal when all that was accepted is answered."""

import logging
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import uvicorn

from seq2seq.errors import ConfigError
from seq2seq.serving.app import make_app
from seq2seq.serving.limits import Keys, Limits
from seq2seq.serving.pairs import Catalogue, ServedPair, open_pairs
from seq2seq.serving.service import Service

_log = logging.getLogger("seq2seq")
_IDLE_SECONDS = 15  # after which a connection without a request is closed
_SPARE_SECONDS = 2  # beyond the deadline of the requests that were accepted before the signal
_CONNECTIONS = 2000
# The worker computes without pause. By default, each read and write of a request would wait five milliseconds for it.
_SWITCH_SECONDS = 0.0005


def serve(
    runs: Sequence[str | Path],
    host: str = "127.0.0.1",
    port: int = 5000,
    limits: Limits | None = None,
    keys: Keys | None = None,
    allowed_origins: Sequence[str] = (),
    engine: str = "onnx",
    open_page: bool = False,
) -> None:
    """Serve some runs until a signal (SIGTERM, Ctrl-C) ends the process.

    Args:
        runs: folders of runs or exports, or names of models that ship.
        host: the address to listen at.
        port: 0 for any that is free.
        limits: what a request may hold.
        keys: of the clients that may use the server; everybody where not given.
        allowed_origins: of web pages from other hosts that may call it.
        engine: ``onnx``, or ``keras``, which takes longer to start and can compute on a GPU.
        open_page: open the page in the browser of this computer.

    Raises:
        CheckpointError: a run cannot be opened.
        ConfigError: runs translate the same languages, or nothing can listen at the address.
    """
    limits = limits or Limits()
    listener = _listener(host, port)  # before the runs are opened: an address in use is said at once
    with listener:
        catalogue = Catalogue(open_pairs(runs, engine))
        for pair in catalogue.pairs if engine == "keras" else ():
            warm_up(pair)
        app = make_app(Service(catalogue, limits, keys), allowed_origins)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=_CONNECTIONS,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=int(limits.deadline_seconds) + _SPARE_SECONDS,
        )
        address, bound_port = listener.getsockname()[:2]
        listener.listen(_CONNECTIONS)  # not before: who connects while runs are opened should be refused, not wait
        page = f"http://{f'[{address}]' if ':' in address else address}:{bound_port}/"
        _log.info("ready: %s (Ctrl-C ends)", page)
        if open_page:  # in a thread, for some browsers return only when they are closed
            threading.Thread(target=webbrowser.open, args=[page], daemon=True).start()
        sys.setswitchinterval(_SWITCH_SECONDS)
        with suppress(KeyboardInterrupt):  # uvicorn raises the signal once more when all is answered
            uvicorn.Server(config).run(sockets=[listener])


def warm_up(pair: ServedPair) -> None:
    """Let Keras compile what it compiles at its first calls, so that no client waits for it."""
    for sentences in ([". ."], [". .", "."]):
        pair.translating(1)(sentences)
    pair.scoring([(".", ".")])
    if not pair.translator.engine.has_attention:
        pair.explaining(1)([". ."])
        pair.walking([(".", ".", [0.0, 1.0])])


def _listener(host: str, port: int) -> socket.socket:
    """A socket that has the address, and does not listen yet.

    Raises:
        ConfigError: the address is in use, or is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends small packets at once; otherwise the end of each answer waits for 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"cannot listen at {host}, port {port}: {reason}: choose another --host or --port") from error
    return listener
