"""What differs between TensorFlow and JAX: the choice, compiling, updates, data for `fit`, cores.

The network itself speaks `keras.ops`. Each library is imported inside the function that needs it, so that the other one
is never loaded.
"""

import importlib.util
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from seq2seq.errors import ConfigError, MissingExtraError
from seq2seq.extras import TRAINING, require
from seq2seq.shielded_import import import_keras

BACKENDS = ("tensorflow", "jax")


def open_backend() -> str:
    """Load Keras and what it runs on: `KERAS_BACKEND`, or else the first backend installed.

    Types are float32 afterwards, whatever `~/.keras/keras.json` or the environment says.

    Raises:
        ConfigError: `KERAS_BACKEND` names a library that seq2seq does not run on.
        MissingExtraError: the library, or Keras, is not installed or does not load.
    """
    chosen = os.environ.get("KERAS_BACKEND")
    if chosen and chosen not in BACKENDS:
        raise ConfigError(f"KERAS_BACKEND={chosen}: seq2seq runs on {' or '.join(BACKENDS)}")
    for name in [chosen] if chosen else BACKENDS:
        if importlib.util.find_spec(name):
            require(name, "keras")
            os.environ["KERAS_BACKEND"] = name
            import_keras(name)
            return name
    if chosen:
        require(f"KERAS_BACKEND={chosen}", chosen)
    needed = "which training, analyses and the Keras engine need"
    raise MissingExtraError(f"neither tensorflow nor jax is installed, {needed}: run pip install {TRAINING}")


def seed_everything(seed: int) -> None:
    """Fix the random numbers of Python, NumPy and Keras.

    `keras.utils.set_random_seed` imports TensorFlow wherever it is installed. On another backend it is told that there
    is none, and remembers it.
    """
    import keras

    hidden = {} if keras.backend.backend() == "tensorflow" else {"tensorflow": sys.modules.get("tensorflow")}
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        keras.utils.set_random_seed(seed)
    finally:
        for name, module in hidden.items():
            del sys.modules[name]
            if module:
                sys.modules[name] = module


def compiled(function: Callable[..., Any], model: Any) -> Callable[..., Any]:
    """Compile a function of arrays that reads a model's weights, for arguments of any length.

    Args:
        function: takes and returns (nested structures of) arrays.
        model: whose variables the function reads. They are looked up at each call, so training may go on in between.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(function, reduce_retracing=True, autograph=False, jit_compile=False)  # type: ignore[no-any-return]
    import jax

    @jax.jit
    def pure(values: list[Any], *arguments: Any) -> Any:
        with keras.StatelessScope(state_mapping=list(zip(model.variables, values, strict=True))):
            return function(*arguments)

    def here(value: Any) -> Any:
        """One of the copies of a variable that training keeps on several devices."""
        return value.addressable_data(0) if len(value.sharding.device_set) > 1 else value

    return lambda *arguments: pure([here(variable.value) for variable in model.variables], *arguments)


def adam_kernel() -> Callable[..., None] | None:
    """Adam's update of one weight as one operation, where the backend has such an operation (TensorFlow), or None.

    Its arguments are the weight, its first and second moments, the gradient, the learning rate, the number of the step
    (from 1), and Adam's beta_1, beta_2 and epsilon.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    def update(*arguments: Any) -> None:
        *variables, gradient, rate, step, beta_1, beta_2, epsilon = arguments
        weight, first, second = (v.value if isinstance(v, keras.Variable) else v for v in variables)
        tf.raw_ops.ResourceApplyAdam(
            var=weight.handle,
            m=first.handle,
            v=second.handle,
            grad=gradient,
            lr=rate,
            beta1_power=beta_1**step,
            beta2_power=beta_2**step,
            beta1=beta_1,
            beta2=beta_2,
            epsilon=epsilon,
        )

    return update


def gradient(function: Callable[[Any], Any], at: Any) -> Any:
    """The gradient of a scalar function of (a nested structure of) tensors, in a structure like theirs.

    >>> from keras import ops
    >>> print(gradient(lambda x: ops.sum(x * x), ops.convert_to_tensor([1.0, 3.0])).__array__())
    [2. 6.]
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(at)
            value = function(at)
        return tape.gradient(value, at, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    import jax

    return jax.grad(function)(at)


def cores() -> int:
    """How many cores of the processor this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shares_cores() -> bool:
    """Whether training gives half of each batch to half of the cores: on TensorFlow, on a processor with several."""
    import keras

    if keras.backend.backend() != "tensorflow" or cores() < 2:
        return False
    import tensorflow as tf

    return not tf.config.list_physical_devices("GPU")


def share_cores() -> None:
    """Leave half of the cores to an operation where two halves of a batch are computed side by side.

    Once TensorFlow has begun to compute, its threads are fixed: training is then slower, and its result the same.
    """
    if not shares_cores():
        return
    import tensorflow as tf

    with suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(cores() // 2)


def wants_few_shapes() -> bool:
    """Whether each new array shape costs a compilation of seconds (JAX), not a look-up (TensorFlow)."""
    import keras

    return bool(keras.backend.backend() == "jax")


def feed(batches: Callable[[], Iterator[Any]], inputs: Sequence[str] = ("source", "target_in")) -> Iterable[Any]:
    """Batches of varying width in the form that Keras' `fit` takes, made in the background where the backend can.

    Args:
        batches: makes them, from the beginning.
        inputs: the names of the arrays that the network reads, (B, width) each: vectors in ``summary``, ids in others.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        return _made_ahead(batches)
    import tensorflow as tf

    ids = tf.TensorSpec((None, None), "int32")
    floats = tf.TensorSpec((None, None), "float32")
    signature = ({name: floats if name == "summary" else ids for name in inputs}, ids, floats)
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature).prefetch(4)
    # Nothing is left to tune, and the end of an epoch can wait for the tuner's next look, up to half a minute.
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)  # type: ignore[no-any-return]


def _made_ahead(batches: Callable[[], Iterator[Any]], ahead: int = 4) -> Iterator[Any]:
    """Batches in order, made by a thread while the device computes; a generator, the only iterator that `fit` takes.

    Args:
        batches: makes them, from the beginning.
        ahead: how many may wait.
    """
    waiting: queue.Queue[Any] = queue.Queue(ahead)
    left = threading.Event()  # nobody reads any more

    def put(item: Any) -> bool:
        while not left.is_set():
            try:
                waiting.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for batch in batches():
                if not put((batch, None)):
                    return
            put((None, StopIteration()))
        except BaseException as error:
            put((None, error))

    threading.Thread(target=make, name="batches", daemon=True).start()
    try:
        while True:
            batch, end = waiting.get()
            if isinstance(end, StopIteration):
                return
            if end is not None:
                raise end
            yield batch
    finally:
        left.set()
