"""Several devices: each computes a share of the rows of every batch, and they add up their gradients.

Keras' `DataParallel` keeps a copy of the weights on each device. A batch weighs each token with 1 / (true tokens of the
batch) and the loss is a sum, so the sum over devices is the update of one device. Dropout is too: JAX draws a mask
number by number from (seed, place in the batch), wherever that number is computed.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from seq2seq.data.batching import Batch
from seq2seq.errors import ConfigError
from seq2seq.training import processes

_log = logging.getLogger("seq2seq")


@contextmanager
def shared_among(devices: int) -> Iterator[None]:
    """Let networks that are built here compute on several devices of this machine, and of all joined ones.

    Args:
        devices: how many of each machine; 0 takes all.

    Raises:
        ConfigError: there are not so many, machines have different numbers, or the backend does not share.
    """
    if keras.backend.backend() != "jax":
        _only_one(devices)
        yield
        return
    import jax

    here = len(jax.local_devices())
    everywhere = processes.gathered(here)
    if len(set(everywhere)) > 1:
        raise ConfigError(f"the processes have different numbers of devices ({everywhere}): give each the same")
    if devices > here:
        sees = f"JAX sees {here} here ({jax.devices()[0].platform})"
        raise ConfigError(f"training.devices={devices}, and {sees}: lower it, or write 0 to take all")
    wanted = devices or here
    if wanted * processes.count() == 1:
        yield
        return
    chosen = [device for number in range(processes.count()) for device in _devices_of(number)[:wanted]]
    of_processes = f" of {processes.count()} processes" if processes.count() > 1 else ""
    _log.info("each batch is shared among %d devices%s", len(chosen), of_processes)
    with keras.distribution.DataParallel(devices=chosen, auto_shard_dataset=False).scope():
        yield


def _devices_of(process: int) -> list[Any]:
    import jax

    return [device for device in jax.devices() if device.process_index == process]


def _only_one(devices: int) -> None:
    """On TensorFlow: refuse several devices, and say so where there are some."""
    import tensorflow as tf

    if devices > 1:
        raise ConfigError(
            f"training.devices={devices}: TensorFlow trains on one device here; JAX shares batches among several: set "
            "KERAS_BACKEND=jax"
        )
    gpus = len(tf.config.list_physical_devices("GPU"))
    if devices == 0 and gpus > 1:
        _log.info("TensorFlow trains on one of the %d GPUs here: KERAS_BACKEND=jax shares each batch among all", gpus)


def count() -> int:
    """How many devices share a batch here, those of the other processes included."""
    distribution = keras.distribution.distribution()
    return 1 if distribution is None else int(distribution.device_mesh.devices.size)


def share(batch: Batch) -> Batch:
    """The rows of a batch that this process computes."""
    rows = len(batch[1]) // processes.count()
    mine = slice(processes.index() * rows, (processes.index() + 1) * rows)
    return keras.tree.map_structure(lambda array: array[mine], batch)  # type: ignore[no-any-return]


def shapes_of(batch: Batch) -> Any:
    """What JAX compiles a step for: the types and shapes of a batch, and where its rows lie."""
    import jax

    distribution = keras.distribution.distribution()
    if distribution is None:
        return batch

    def described(array: Any) -> Any:
        layout = distribution.get_data_layout(array.shape).backend_layout
        return jax.ShapeDtypeStruct(array.shape, array.dtype, sharding=layout)

    return keras.tree.map_structure(described, batch)
