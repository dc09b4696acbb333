"""Packages that only some of the work needs, and the extras of setup.cfg that install them."""

import importlib.util

from seq2seq.errors import MissingExtraError

# Each of these extras installs all that training, analyses and the Keras engine need.
TRAINING = "'seq2seq[cpu]', or 'seq2seq[gpu]' for an NVIDIA GPU, or 'seq2seq[jax]'"
_EXTRAS = {
    "keras": TRAINING,
    "pyarrow": TRAINING,
    "datasets": TRAINING,
    "matplotlib": TRAINING,
    "tensorflow": "'seq2seq[cpu]'",
    "jax": "'seq2seq[jax]'",
    "fastapi": "'seq2seq[serve]'",
    "uvicorn": "'seq2seq[serve]'",
    "prometheus_client": "'seq2seq[serve]'",
    "language_data": "'seq2seq[serve]'",
    "ray": "'seq2seq[ray]'",
    "tensorboardX": "'seq2seq[tensorboard]'",
    "huggingface_hub": "'seq2seq[hub]'",
}


def require(purpose: str, *packages: str) -> None:
    """See that the packages for some work are installed, before the work begins.

    Args:
        purpose: what needs them, as the subject of a sentence, such as "training".
        packages: the names by which Python imports them, all of them in an extra.

    Raises:
        MissingExtraError: one is not installed; says which extra installs it.

    >>> require("arithmetic", "math")
    """
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(f"{purpose} needs {package}: run pip install {_EXTRAS[package]}")
