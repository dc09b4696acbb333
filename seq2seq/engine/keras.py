"""The engine of the network as it is trained: Keras compiles the search, the draw and teacher forcing.

B rows, C candidates of a short-list, V target vocabulary, K beam size.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from keras import ops

from seq2seq import arguments
from seq2seq.backend import compiled, cores, wants_few_shapes
from seq2seq.data.batching import Ids
from seq2seq.data.shortlist import Shortlist
from seq2seq.decoding.beam import Beam, BeamSearch, Candidates
from seq2seq.decoding.hypotheses import Hypotheses
from seq2seq.decoding.sampling import sample
from seq2seq.engine.candidates import candidates_of
from seq2seq.engine.sampling import Sampling
from seq2seq.engine.shapes import Limits, few_rows, forced_rows, source_rows
from seq2seq.errors import CheckpointError
from seq2seq.hardware import device
from seq2seq.losses import token_losses
from seq2seq.model import Encoding, Seq2Seq
from seq2seq.settings.config import Translation
from seq2seq.symbols import BOS

Tensor = Any
_MIN_ROWS_TO_LEAVE = 8  # in a smaller batch, a step costs nearly the same with fewer sentences
_MIN_ROWS_TO_TRANSPOSE = 16  # below this, transposing the output matrix does not pay
_CANDIDATES_STEP = 256  # the number of candidates is a multiple of it where each new shape is compiled


class KerasEngine:
    """An `Engine` whose functions are compiled at their first use, once for all batches.

    Weights are read at each call, so training may go on in between.

    Args:
        models: one network, or an ensemble: the probabilities of the next piece are averaged.

    Attributes:
        variables: of all models, which the compiled functions read.

    Raises:
        ConfigError: the models are no list, or there is none.
    """

    def __init__(self, models: Sequence[Seq2Seq]):
        arguments.check_several(models, object, "models", "give one Seq2Seq or more, or use Translator.load")
        self.models = tuple(models)
        self.source_pieces: int = self.models[0].source_embedding.pieces
        self.pieces: int = self.models[0].output_embedding.pieces
        self.variables = [variable for model in self.models for variable in model.variables]
        self._compiled: dict[Any, Callable[..., Any]] = {}

    @property
    def summary_size(self) -> int:
        """See `Engine.summary_size`."""
        return int(self._only_model().encoder.size)

    @property
    def has_attention(self) -> bool:
        """See `Engine.has_attention`."""
        return any(model.decoder.attention is not None for model in self.models)

    @property
    def batches_at_once(self) -> int:
        """A batch for each core of a processor; a GPU computes one."""
        return cores() if device() == "CPU" else 1

    def encode(self, sources: Sequence[Ids]) -> np.ndarray:
        """See `Engine.encode`."""
        model = self._only_model()
        run = self._compile("encode", lambda source: model.encode(source).summary)
        return np.asarray(run(source_rows(sources, few_rows(len(sources)))))[: len(sources)]

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
        """See `Engine.search`. Sentences that are decided leave the batch whenever it has shrunk to half."""
        rows = source_rows(sources, few_rows(len(sources)))
        step = _CANDIDATES_STEP if wants_few_shapes() else 1
        candidates = candidates_of(rows, shortlist, settings.shortlist, step) if settings.shortlist else None
        limits = limits.padded(len(rows))
        found = self._found(self._from_ids, rows, limits, _search(settings, n_best), start_symbol, candidates)
        return Hypotheses(*(part[: len(sources)] for part in found))

    def search_summaries(
        self, summaries: np.ndarray, limits: Limits, settings: Translation, *, start_symbol: int = BOS
    ) -> Hypotheses:
        """See `Engine.search_summaries`."""
        self._only_model()
        spare = few_rows(len(summaries)) - len(summaries)
        rows = np.pad(summaries.astype(np.float32), ((0, spare), (0, 0)), mode="edge")
        limits = limits.padded(len(rows))
        found = self._found(self._from_summaries, rows, limits, _search(settings, 1), start_symbol)
        return Hypotheses(*(part[: len(summaries)] for part in found))

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

        def draw(source: Tensor, minimum: Tensor, maximum: Tensor, uniforms: Tensor, start_symbol: Tensor) -> Tensor:
            return sample(
                self._step,
                self._from_ids(source),
                minimum=minimum,
                maximum=maximum,
                uniforms=uniforms,
                pieces=self.pieces,
                temperature=sampling.temperature,
                top_k=sampling.top_k,
                top_p=sampling.top_p,
                start_symbol=start_symbol,
            )

        rows = source_rows(sources, few_rows(len(sources)))
        uniforms = np.zeros((len(rows), limits.width), np.float32)
        uniforms[: len(sources)] = sampling.uniforms(numbers, limits.width)
        run, limits = self._compile(("sample", sampling), draw), limits.padded(len(rows))
        drawn = run(rows, limits.minimum, limits.maximum, uniforms, np.int32(start_symbol))
        return Hypotheses(*(np.asarray(part)[: len(sources)] for part in drawn))

    def token_losses(self, pairs: Sequence[tuple[Ids, Ids]], *, start_symbol: int = BOS) -> np.ndarray:
        """See `Engine.token_losses`."""
        model = self._only_model()

        def forced(source: Tensor, target_in: Tensor, target_out: Tensor, weights: Tensor) -> Tensor:
            logits = ops.cast(model({"source": source, "target_in": target_in}), "float32")
            return ops.where(weights > 0, token_losses(target_out, logits), 0.0)

        inputs, target_out, weights = forced_rows(pairs, few_rows(len(pairs)), start_symbol)
        run = self._compile("score", forced)
        return np.asarray(run(inputs["source"], inputs["target_in"], target_out, weights))[: len(pairs)]

    def _found(
        self,
        begin: Callable[[Tensor], Any],
        inputs: np.ndarray,
        limits: Limits,
        search: BeamSearch,
        start_symbol: int,
        candidates: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> list[np.ndarray]:
        """The arrays of `Hypotheses` that the search finds.

        Args:
            begin: from the inputs to the decoders' states before the first token.
            inputs: a row for each sentence, ids or summaries.
            limits: of each row.
            search: what is searched for.
            start_symbol: what the decoder reads before its first token.
            candidates: see `candidates_of`; all pieces where not given.
        """
        ready = candidates is not None or len(inputs) * search.beam_size >= _MIN_ROWS_TO_TRANSPOSE
        start, advance = self._halves(search, begin, ready)
        places = np.arange(limits.width)  # its length tells the width
        beam, outputs = start(inputs, places, np.int32(start_symbol), *(candidates[:1] if candidates else ()))
        rows = kept = np.arange(len(inputs), dtype=np.int32)  # rows of the inputs, and their places in the beam
        results: list[np.ndarray] = []
        while len(rows):
            undecided = np.int32(len(rows) // 2 if len(rows) >= _MIN_ROWS_TO_LEAVE else 0)
            spare = few_rows(len(rows)) - len(rows)  # copies of the last row
            padded, kept = (np.pad(places, (0, spare), mode="edge") for places in (rows, kept))
            minimum, maximum = limits.minimum[padded], limits.maximum[padded]
            short = ((candidates[0], candidates[1][padded]),) if candidates else ()
            beam, decided, hypotheses = advance(beam, kept, minimum, maximum, undecided, outputs, *short)
            parts = [np.asarray(part)[: len(rows)] for part in hypotheses]
            results = results or [np.empty((len(inputs), *part.shape[1:]), part.dtype) for part in parts]
            for result, part in zip(results, parts, strict=True):
                result[rows] = part  # of those that are not decided, a later round writes over it
            kept = np.flatnonzero(~np.asarray(decided)[: len(rows)]).astype(np.int32)
            rows = rows[kept]
        return results

    def _halves(
        self, search: BeamSearch, begin: Callable[[Tensor], Any], ready: bool
    ) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """A search in two compiled functions: its start, and going on until the batch has shrunk.

        Args:
            search: what is searched for.
            begin: from the inputs to the decoders' states before the first token.
            ready: transpose the output layer once at the start.
        """

        def start(inputs: Tensor, places: Tensor, start_symbol: Tensor, pieces: Tensor = None) -> Any:
            beam = search.start(begin(inputs), ops.shape(inputs)[0], ops.shape(places)[0], start_symbol)
            return tuple(beam), tuple(model.outputs(pieces) for model in self.models) if ready else ()

        def advance(
            beam: Any,
            kept: Tensor,
            minimum: Tensor,
            maximum: Tensor,
            undecided: Tensor,
            outputs: Any,
            short: tuple[Tensor, Tensor] | None = None,
        ) -> Any:
            advanced, decided = search.advance(
                lambda state, token: self._step(state, token, outputs),
                Beam(*beam).rows(kept),
                minimum=minimum,
                maximum=maximum,
                undecided=undecided,
                candidates=Candidates(*short, self.pieces) if short else None,
            )
            return tuple(advanced), decided, tuple(search.result(advanced))

        started = self._compile(("start", begin, search, ready), start)
        return started, self._compile(("advance", search), advance)

    def _from_ids(self, source: Tensor) -> tuple[Any, ...]:
        """The states of all decoders before the first token, from source ids (B, T)."""
        return tuple(model.start(model.encode(source)) for model in self.models)

    def _from_summaries(self, summary: Tensor) -> tuple[Any, ...]:
        """The states of all decoders before the first token, from summaries (B, S)."""
        return tuple(model.start(Encoding(None, None, summary)) for model in self.models)

    def _step(self, states: Any, token: Tensor, outputs: Any = None) -> tuple[Tensor, Any]:
        """The free-running architecture of all models together: the mean of their probabilities."""
        outputs = outputs or (None,) * len(self.models)
        steps = (model.step(s, token, o) for model, s, o in zip(self.models, states, outputs, strict=True))
        scores, after = zip(*steps, strict=True)
        if len(scores) == 1:
            return scores[0], tuple(after)
        return ops.logsumexp(ops.log_softmax(ops.stack(scores), axis=-1), axis=0), tuple(after)

    def _compile(self, key: Any, function: Callable[..., Any]) -> Callable[..., Any]:
        """The compiled function that goes by this key; of several threads that make it, the first one's is kept."""
        if key not in self._compiled:
            self._compiled.setdefault(key, compiled(function, self))
        return self._compiled[key]

    def _only_model(self) -> Seq2Seq:
        if len(self.models) > 1:
            number = len(self.models)
            raise CheckpointError(f"summaries and scores belong to one run: received an ensemble of {number}")
        return self.models[0]


def _search(settings: Translation, n_best: int) -> BeamSearch:
    return BeamSearch(settings.beam_size, n_best, settings.length_penalty, settings.no_repeat_ngram)
