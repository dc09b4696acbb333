"""What a run is trained on: the device, the processor and the versions of the packages.

Each library is imported inside the function that needs it, so that TensorFlow and JAX are never loaded together.
"""

import os
import sys
from pathlib import Path


def has_fast_bfloat16() -> bool:
    """Whether products of bfloat16 matrices are faster here than those of float32.

    They are on GPUs since compute capability 8, and under TensorFlow on processors with AVX512-BF16 or AMX; JAX on a
    processor gains nothing from it.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        if gpus:
            details = tf.config.experimental.get_device_details(gpus[0])
            return bool(details.get("compute_capability", (0, 0)) >= (8, 0))
        return _processor_has("avx512_bf16", "amx_bf16")
    import jax

    device = jax.devices()[0]
    return bool(device.platform == "gpu" and float(getattr(device, "compute_capability", 0)) >= 8.0)


def device() -> str:
    """The device that the network runs on."""
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        return str(tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")) if gpus else "CPU"
    import jax

    first_device = jax.devices()[0]
    return "CPU" if first_device.platform == "cpu" else str(first_device.device_kind)


def describe() -> dict[str, str]:
    """The versions and the hardware that a run depends on."""
    import importlib.metadata
    import platform

    import keras

    packages = ("seq2seq", "keras", "tensorflow", "tensorflow-cpu", "jax", "numpy", "sentencepiece", "sacrebleu")
    versions = {"python": platform.python_version(), "backend": keras.backend.backend()}
    for package in packages:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions | {"hardware": f"{_processor_name()}, {os.cpu_count()} cores", "device": device()}


def _processor_has(*flags: str) -> bool:
    return any(flag in _processor_lines("flags").split() for flag in flags)


def _processor_name() -> str:
    return _processor_lines("model name") or "unknown processor"


def _processor_lines(key: str) -> str:
    if not sys.platform.startswith("linux"):
        return ""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split("\n"):
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return ""
