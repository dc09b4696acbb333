"""What gpu.py trains: two networks, by this toolkit and by PyTorch's cuDNN layers, one made-up batch over and over."""

import importlib
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

CLIP_NORM, LEARNING_RATE, SMOOTHING = 1.0, 1e-3, 0.1
UNK = 3
Run = Callable[[int], None]  # trains for so many steps, and returns when the device has done them


class Network(NamedTuple):
    """One encoder and one decoder of the same cell.

    Attributes:
        cell: `lstm` or `gru`.
        layers: of the encoder, and of the decoder.
        units: of each layer, and of each direction of the encoder.
        embedding: size of the vectors of both sides, and of the readout.
        pieces: of each vocabulary.
        bidirectional: whether the encoder reads in both directions; else it reads the source in reverse.
        summary_every_step: whether the decoder's first layer and the readout see the summary at each step.
        dropout: share of the layers' inputs and of the readout that is dropped.
        word_dropout: share of the pieces that are replaced by the unknown one.
        width: pieces of every sentence of the benchmark, source and target, so that nothing is padding.
    """

    cell: str
    layers: int
    units: int
    embedding: int
    pieces: int
    bidirectional: bool
    summary_every_step: bool
    dropout: float
    word_dropout: float
    width: int

    @property
    def summary(self) -> int:
        """Size of h(T)."""
        return self.units * (2 if self.bidirectional else 1)

    def operations(self) -> float:
        """Multiplications and additions of a training step for each target token, matrix products only.

        Both sides are as long; a product's two gradients take as many each. What is multiplied once a sentence, not
        once a token, is left out.
        """
        gates = {"lstm": 4, "gru": 3}[self.cell] * self.units
        directions = 2 if self.bidirectional else 1
        encoder = directions * gates * (self.embedding + (self.layers - 1) * self.summary + self.layers * self.units)
        decoder = gates * (self.embedding + (self.layers - 1) * self.units + self.layers * self.units)
        readout = (self.units + self.embedding) * self.embedding
        return 3 * 2 * (encoder + decoder + readout + self.embedding * self.pieces)


NETWORKS = {
    "sutskever": Network("lstm", 4, 1000, 1000, 32_000, False, False, 0.0, 0.0, width=32),
    "multi30k": Network("gru", 1, 512, 256, 4_000, True, True, 0.35, 0.1, width=24),
}


def made_up(network: Network, batch_tokens: int) -> Any:
    """A teacher-forcing batch of sentences without padding."""
    from seq2seq.data.batching import Shape, teacher_forcing

    rows, draw = max(1, batch_tokens // network.width), np.random.default_rng(1)
    pairs = [tuple(draw.integers(4, network.pieces, network.width - 1) for _ in range(2)) for _ in range(rows)]
    return teacher_forcing(pairs, Shape(rows, network.width, network.width))


def compiled_model(network: Network, precision: str) -> Any:
    """This toolkit's network, ready for `fit`."""
    from seq2seq.backend import open_backend

    name = open_backend()
    import keras

    from seq2seq.losses import SmoothedCrossEntropy
    from seq2seq.model_from_settings import build_model
    from seq2seq.settings.config import Model

    settings = Model(
        cell=network.cell,
        direction="bidirectional" if network.bidirectional else "reversed",
        embedding=network.embedding,
        encoder_units=network.units,
        decoder_units=network.units,
        encoder_layers=network.layers,
        decoder_layers=network.layers,
        summary_every_step=network.summary_every_step,
        input_dropout=network.dropout,
        output_dropout=network.dropout,
        word_dropout=network.word_dropout,
    )
    model = build_model(settings, network.pieces, network.pieces, precision)
    optimizer = keras.optimizers.Adam(LEARNING_RATE, global_clipnorm=CLIP_NORM)
    model.compile(optimizer, SmoothedCrossEntropy(SMOOTHING), jit_compile=name == "jax")
    return model


def seq2seq(network: Network, batch: Any, precision: str) -> tuple[Run, dict[str, Any]]:
    """This toolkit's training, and what can be said of the device."""
    model = compiled_model(network, precision)
    import keras

    from seq2seq.backend import feed
    from seq2seq.hardware import device

    def run(steps: int) -> None:
        model.fit(feed(lambda: iter([batch] * steps)), epochs=1, steps_per_epoch=steps, verbose=0, shuffle=False)

    name = keras.backend.backend()
    library = f"keras {keras.__version__} on {name} {importlib.import_module(name).__version__}"
    return run, {"device": device(), "library": library, "memory": keras_memory(name)}


def keras_memory(name: str) -> Callable[[], float | None]:
    """A function that tells the most device memory in use so far, in MB; none on a processor."""
    if name == "jax":
        import jax

        return lambda: (jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use", 0) / 2**20 or None
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        return lambda: None
    return lambda: float(tf.config.experimental.get_memory_info("GPU:0")["peak"] / 2**20)


def pytorch_module(network: Network) -> Any:
    """The same layers from `nn.LSTM` or `nn.GRU`: embeddings, encoder, bridge, decoder, readout, tied output layer."""
    import torch
    from torch import nn

    layer = {"lstm": nn.LSTM, "gru": nn.GRU}[network.cell]
    states = {"lstm": 2, "gru": 1}[network.cell]
    extra = network.summary if network.summary_every_step else 0

    class Module(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            E, H, L = network.embedding, network.units, network.layers
            self.source, self.target = (nn.Embedding(network.pieces, E) for _ in range(2))
            common = {"batch_first": True, "dropout": network.dropout if L > 1 else 0.0}
            self.encoder = layer(E, H, L, bidirectional=network.bidirectional, **common)
            self.decoder = layer(E + extra, H, L, **common)
            self.bridge = nn.Linear(network.summary, states * L * H)
            self.readout = nn.Linear(H + E + extra, E)
            self.bias = nn.Parameter(torch.zeros(network.pieces))
            self.dropout = nn.Dropout(network.dropout)

        def embed(self, table: Any, ids: Any) -> Any:
            if network.word_dropout:
                ids = torch.where(torch.rand(ids.shape, device=ids.device) < network.word_dropout, UNK, ids)
            return table(ids)

        def summary(self, source: Any) -> Any:
            if network.bidirectional:
                _, last = self.encoder(self.dropout(self.embed(self.source, source)))
                last = last[0] if states > 1 else last
                return torch.cat([last[-2], last[-1]], -1)
            outputs, _ = self.encoder(self.dropout(self.embed(self.source, source.flip(1))))
            return outputs[:, -1]

        def forward(self, source: Any, target_in: Any) -> Any:
            summary = self.summary(source)
            start = torch.tanh(self.bridge(summary)).view(len(source), states, network.layers, network.units)
            start = [part.transpose(0, 1).contiguous() for part in start.unbind(1)]
            embedded = self.dropout(self.embed(self.target, target_in))
            every_step = [summary[:, None].expand(-1, embedded.shape[1], -1)] if extra else []
            outputs, _ = self.decoder(torch.cat([embedded, *every_step], -1), tuple(start) if states > 1 else start[0])
            readout = self.dropout(torch.tanh(self.readout(torch.cat([outputs, embedded, *every_step], -1))))
            return nn.functional.linear(readout, self.target.weight, self.bias)

    return Module()


def pytorch(network: Network, batch: Any, precision: str) -> tuple[Run, dict[str, Any]]:
    """PyTorch's training, and what can be said of the device."""
    import torch
    from torch.nn.functional import cross_entropy

    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_float32_matmul_precision("high")  # TF32, which is what JAX and TensorFlow do unless told otherwise
    torch.backends.cudnn.allow_tf32 = True
    module = pytorch_module(network).to(device)
    optimizer = torch.optim.Adam(module.parameters(), lr=LEARNING_RATE, fused=device == "cuda")
    inputs, target_out, _ = batch
    source, target_in, truth = (
        torch.from_numpy(array.astype(np.int64)).to(device)
        for array in (inputs["source"], inputs["target_in"], target_out)
    )

    def run(steps: int) -> None:
        for _ in range(steps):
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"):
                logits = module(source, target_in)
            loss = cross_entropy(logits.float().flatten(0, 1), truth.flatten(), label_smoothing=SMOOTHING)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(module.parameters(), CLIP_NORM)
            optimizer.step()
        if device == "cuda":
            torch.cuda.synchronize()

    name = torch.cuda.get_device_name() if device == "cuda" else "CPU"
    memory = (lambda: torch.cuda.max_memory_allocated() / 2**20) if device == "cuda" else (lambda: None)
    library = f"torch {torch.__version__}" + (f", cuDNN {torch.backends.cudnn.version()}" if device == "cuda" else "")
    return run, {"device": name, "library": library, "memory": memory}


def matrix_products(contender: str, precision: str, size: int, chained: int) -> Callable[[], float]:
    """A function that multiplies square matrices so many times, in the contender's own library, and waits."""
    if contender == "pytorch":
        import torch

        place = {"device": "cuda" if torch.cuda.is_available() else "cpu", "dtype": getattr(torch, precision)}
        matrix = torch.randn(size, size, **place) / size**0.5

        def products() -> float:
            x = matrix
            for _ in range(chained):
                x = x @ matrix
            return float(x.max())

        return products

    import keras
    from keras import ops

    from seq2seq.backend import compiled

    def chain(matrix: Any) -> Any:
        x = matrix
        for _ in range(chained):
            x = ops.matmul(x, matrix)
        return ops.cast(ops.max(x), "float32")

    matrix = ops.cast(keras.random.normal((size, size)) / size**0.5, precision)
    run = compiled(chain, keras.Sequential())
    return lambda: float(run(matrix))


def matrix_rate(contender: str, precision: str, size: int) -> Callable[[], float]:
    """A function that tells the best measured rate of square matrix products, in operations a second.

    What it runs has been compiled when this returns.
    """
    chained, repeats = 8, 10
    products = matrix_products(contender, precision, size, chained)
    products()

    def rate() -> float:
        seconds = []
        for _ in range(repeats):
            begun = time.perf_counter()
            products()
            seconds.append(time.perf_counter() - begun)
        return chained * 2 * size**3 / min(seconds)

    return rate


def seconds_a_step(run: Run, at_least: float, measurements: int = 3) -> float:
    """The median of some measurements, each of so many steps that it takes `at_least` so many seconds.

    `fit` takes some time to begin and to end; the number of steps is doubled until that matters little.
    """

    def seconds(steps: int) -> float:
        begun = time.perf_counter()
        run(steps)
        return time.perf_counter() - begun

    steps = 8
    while (first := seconds(steps)) < at_least:
        steps *= 2
    return statistics.median([first, *(seconds(steps) for _ in range(measurements - 1))]) / steps
