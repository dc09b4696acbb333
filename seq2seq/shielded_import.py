"""Import Keras and what it runs on, shielded from the caller's environment: no setting of it changes results.

Nothing is written either, neither to the screen nor to a folder.
"""

import importlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from seq2seq.errors import MissingExtraError

_KERAS_LIMITS = ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH", "KERAS_NNX_ENABLED")  # would change what `fit` does


def import_keras(backend: str) -> None:
    """Import Keras on a backend, with its own defaults and float32.

    Args:
        backend: ``tensorflow`` or ``jax``; it is installed, and `KERAS_BACKEND` names it.

    Raises:
        MissingExtraError: it does not load.
    """
    with _keras_undisturbed():
        if backend == "tensorflow":
            _import_quietly(backend)
        importlib.import_module("keras")
    _settle_keras()


def _import_quietly(name: str) -> None:
    """Import TensorFlow without the log lines that its C++ part writes past every log level."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # or it takes the whole memory of every GPU
    logging.getLogger(name).setLevel(logging.ERROR)  # its warnings are about tracing, and lengths are many on purpose
    try:
        with _native_log_hidden():
            importlib.import_module(name)
    except (ImportError, OSError, MemoryError) as error:
        reason = f"{error}".strip().split("\n")[0] or type(error).__name__
        raise MissingExtraError(f"{name} is installed and does not load: {reason}") from error


@contextmanager
def _native_log_hidden() -> Iterator[None]:
    """Hide what is written to the descriptor of stderr, unless it ends in an error. It needs no temporary folder."""
    try:
        log = os.memfd_create("log")
        stderr = os.dup(2)
    except (AttributeError, OSError):  # not Linux; or stderr is closed
        yield
        return
    os.dup2(log, 2)
    try:
        yield
    except BaseException:
        os.write(stderr, os.pread(log, 1 << 20, 0))
        raise
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(log)


@contextmanager
def _keras_undisturbed() -> Iterator[None]:
    """Import Keras, which TensorFlow does too, with its own defaults: the caller's settings must not change results."""
    if "keras" in sys.modules:
        yield
        return
    hidden = {name: os.environ.pop(name) for name in (*_KERAS_LIMITS, "KERAS_HOME") if name in os.environ}
    os.environ["KERAS_HOME"] = os.path.join(os.devnull, "keras")  # noqa: PTH118 - no such folder can be
    nowhere = not _has_temporary_folder()
    if nowhere:
        tempfile.tempdir = os.devnull  # TensorFlow asks for the name at once, and needs no file there
    drawing = _can_draw()
    if not drawing:
        sys.modules["matplotlib"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if nowhere:
            tempfile.tempdir = None
        if not drawing:
            del sys.modules["matplotlib"]
        del os.environ["KERAS_HOME"]
        os.environ.update(hidden)
    # What else the caller downloads with Keras goes where it always goes.
    own_home = hidden.get("KERAS_HOME") or os.path.expanduser("~/.keras")  # noqa: PTH111 - never raises
    if "keras.src.backend.config" in sys.modules:
        sys.modules["keras.src.backend.config"]._KERAS_DIR = own_home  # type: ignore[attr-defined]


def _settle_keras() -> None:
    import keras

    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_max_epochs(None)
    keras.config.set_max_steps_per_epoch(None)


def _has_temporary_folder() -> bool:
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        return False
    return True


def _can_draw() -> bool:
    """Whether pyplot can be imported, as Keras does: not where nothing can be written."""
    for _ in range(2):
        try:
            importlib.import_module("matplotlib.pyplot")
            return True
        except ValueError:  # a notebook hands down a backend that only it has
            os.environ["MPLBACKEND"] = "agg"  # into files, which is all that is needed here
            for name in [name for name in sys.modules if name.startswith("matplotlib.")]:
                del sys.modules[name]  # half of it was imported, and belongs to what failed
        except (ImportError, OSError):
            break
    return False
