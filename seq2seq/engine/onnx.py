"""The engine on onnxruntime: it needs no Keras, and neither TensorFlow nor JAX.

B sentences, C candidates of a short-list, V target vocabulary.
"""

from collections.abc import Sequence

import numpy as np

from seq2seq import arguments
from seq2seq.backend import cores
from seq2seq.data.batching import Ids
from seq2seq.data.shortlist import Shortlist
from seq2seq.decoding.hypotheses import Hypotheses
from seq2seq.engine.candidates import candidates_of
from seq2seq.engine.drawing import draw
from seq2seq.engine.network import Encoding, OnnxNetwork, State, Step
from seq2seq.engine.sampling import Sampling
from seq2seq.engine.search import Search
from seq2seq.engine.shapes import Limits, forced_rows, source_rows
from seq2seq.errors import CheckpointError
from seq2seq.settings.config import Translation
from seq2seq.symbols import BOS


class OnnxEngine:
    """An `Engine` that runs the graphs of `seq2seq.engine.graphs`.

    Args:
        networks: one network, or an ensemble: the probabilities of the next piece are averaged.
        threads: how many batches are computed at the same time; where not given, one for each core.

    Raises:
        ConfigError: the networks are no list, or there is none; or threads is no number from 1 up.
    """

    def __init__(self, networks: Sequence[OnnxNetwork], threads: int | None = None):
        if threads is not None:
            arguments.check_count(threads, "threads", 1)
        self._threads = threads
        arguments.check_several(networks, object, "networks", "give one OnnxNetwork or more, or use Translator.load")
        self.networks = tuple(networks)
        self.source_pieces = self.networks[0].source_pieces
        self.pieces = self.networks[0].pieces

    @property
    def summary_size(self) -> int:
        """See `Engine.summary_size`."""
        return self._only_network().summary_size

    @property
    def has_attention(self) -> bool:
        """See `Engine.has_attention`."""
        return any(network.has_attention for network in self.networks)

    @property
    def batches_at_once(self) -> int:
        """A batch for each thread that is wanted, or for each core: a graph runs in one thread."""
        return self._threads or cores()

    def encode(self, sources: Sequence[Ids]) -> np.ndarray:
        """See `Engine.encode`."""
        return self._only_network().encode(source_rows(sources)).summary

    def search(
        self,
        sources: Sequence[Ids],
        limits: Limits,
        settings: Translation,
        *,
        n_best: int = 1,
        shortlist: Shortlist | None = None,
        start_symbol: int = BOS,
    ) -> Hypotheses:
        """See `Engine.search`. Sentences that are decided leave the batch at once."""
        rows = source_rows(sources)
        started = [(network, network.start(network.encode(rows))) for network in self.networks]
        search = Search(settings.beam_size, n_best, settings.length_penalty, settings.no_repeat_ngram)
        if not settings.shortlist:
            return search(*_joined([(network.step, state) for network, state in started]), limits, start_symbol)
        pieces, penalties = candidates_of(rows, shortlist, settings.shortlist)
        short = [network.short_step(pieces, penalties, state) for network, state in started]
        return search(*_joined(short), limits, start_symbol, pieces)

    def search_summaries(
        self, summaries: np.ndarray, limits: Limits, settings: Translation, *, start_symbol: int = BOS
    ) -> Hypotheses:
        """See `Engine.search_summaries`."""
        network = self._only_network()
        state = network.start(Encoding(summaries.astype(np.float32)))
        search = Search(settings.beam_size, 1, settings.length_penalty, settings.no_repeat_ngram)
        return search(network.step, state, limits, start_symbol)

    def sample(
        self,
        sources: Sequence[Ids],
        limits: Limits,
        sampling: Sampling,
        numbers: Sequence[int],
        *,
        start_symbol: int = BOS,
    ) -> Hypotheses:
        """See `Engine.sample`."""
        rows = source_rows(sources)
        step, state = _joined([(network.step, network.start(network.encode(rows))) for network in self.networks])
        return draw(step, state, limits, sampling, sampling.uniforms(numbers, limits.width), start_symbol)

    def token_losses(self, pairs: Sequence[tuple[Ids, Ids]], *, start_symbol: int = BOS) -> np.ndarray:
        """See `Engine.token_losses`. The decoder steps through the true tokens."""
        network = self._only_network()
        inputs, target_out, weights = forced_rows(pairs, len(pairs), start_symbol)
        state = network.start(network.encode(inputs["source"]))
        losses = np.zeros(target_out.shape, np.float32)
        for place in range(target_out.shape[1]):
            log_probs, state = network.step(inputs["target_in"][:, place : place + 1], state)
            losses[:, place] = -np.take_along_axis(log_probs[:, 0], target_out[:, place : place + 1], axis=1)[:, 0]
        return np.where(weights > 0, losses, 0)

    def _only_network(self) -> OnnxNetwork:
        if len(self.networks) > 1:
            number = len(self.networks)
            raise CheckpointError(f"summaries and scores belong to one run: received an ensemble of {number}")
        return self.networks[0]


def _joined(members: Sequence[tuple[Step, State]]) -> tuple[Step, State]:
    """The step of an ensemble, whose log-probabilities are those of the mean of probabilities, and its state."""
    if len(members) == 1:
        return members[0]
    sizes = [(len(state.layers), len(state.fixed)) for _, state in members]

    def step(token: np.ndarray, state: State) -> tuple[np.ndarray, State]:
        layers, fixed = list(state.layers), list(state.fixed)
        scores: list[np.ndarray] = []
        after: list[np.ndarray] = []
        for (of_member, _), (layer_count, fixed_count) in zip(members, sizes, strict=True):
            own = State(tuple(layers[:layer_count]), tuple(fixed[:fixed_count]))
            del layers[:layer_count], fixed[:fixed_count]
            log_probs, own = of_member(token, own)
            scores.append(log_probs)
            after += own.layers
        mean = np.logaddexp.reduce(scores) - np.float32(np.log(len(members)))
        return mean, State(tuple(after), state.fixed)

    states = [state for _, state in members]
    layers = tuple(layer for state in states for layer in state.layers)
    return step, State(layers, tuple(array for state in states for array in state.fixed))
