"""Sentences in, sentences out: the one door for the command line, dev-BLEU and notebooks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seq2seq.backend import compiled, wants_few_shapes
from seq2seq.checkpoint import RunDirectory
from seq2seq.config import Cleaning, Translation
from seq2seq.data.batching import Shape, teacher_forcing
from seq2seq.data.cleaning import Cleaner
from seq2seq.data.shortlist import Shortlist
from seq2seq.errors import CheckpointError, ConfigError, DataError
from seq2seq.symbols import EOS, PAD
from seq2seq.tokenizer import Tokenizer

_WORTH_LEAVING = 8  # in a smaller batch, a step costs nearly the same with fewer sentences
_WORTH_TURNING = 16  # the output layer into the order in which many rows are multiplied fastest


@dataclass(frozen=True)
class Sampling:
    """Draw translations instead of searching for the likeliest (see `seq2seq.decoding.sampling`).

    Raises:
        ConfigError: a value out of its range.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        if not (self.temperature > 0 and self.top_k >= 0 and 0 < self.top_p <= 1 and self.seed >= 0):
            raise ConfigError(f"temperature > 0, top_k >= 0, 0 < top_p <= 1 and seed >= 0 are needed: received {self}")


class Hypothesis(NamedTuple):
    """A translation, its length-normalised score, its log-probability, and whether it was cut at the longest length."""

    text: str
    score: float
    log_prob: float
    cut: bool


@dataclass
class Counts:
    """What was out of the ordinary, for one warning at the end."""

    sentences: int = 0
    empty: int = 0
    shortened: int = 0
    cut: int = 0

    def warnings(self, max_source_tokens: int) -> list[str]:
        """A sentence for each thing that happened."""
        found = {
            f"{self.empty:,} of {self.sentences:,} lines were empty or unreadable: so is their translation": self.empty,
            f"{self.shortened:,} of {self.sentences:,} sentences were longer than {max_source_tokens} tokens: "
            "the rest of them was not read": self.shortened,
            f"{self.cut:,} of {self.sentences:,} hypotheses hit their length limit without an end": self.cut,
        }
        return [text for text, count in found.items() if count]


@dataclass
class Translator:
    """One or several models (an ensemble) that share their vocabularies.

    Args:
        models: each a `Seq2Seq`; of several, the probabilities of the next piece are averaged.
        tokenizers: source and target.
        cleaning: whose normalisers run over the source, as they did in training.
        max_source_tokens: longer sentences are cut, and counted.
        search: the settings of the search.
        shortlist: needed where the search asks for one.
    """

    models: Sequence[Any]
    tokenizers: tuple[Tokenizer, Tokenizer]
    cleaning: Cleaning = field(default_factory=Cleaning)
    max_source_tokens: int = 128
    search: Translation = field(default_factory=Translation)
    counts: Counts = field(default_factory=Counts)
    shortlist: Shortlist | None = None

    def __post_init__(self) -> None:
        self._cleaner = Cleaner(self.cleaning)
        self._compiled: dict[Any, Callable[..., Any]] = {}

    @classmethod
    def load(cls, runs: str | Path | Sequence[str | Path], search: Translation | None = None) -> "Translator":
        """Open one run, or an ensemble of several.

        Raises:
            CheckpointError: a directory is not a run, or the runs have different vocabularies.
        """
        directories = [RunDirectory(run) for run in ([runs] if isinstance(runs, str | Path) else runs)]
        configs = [directory.config() for directory in directories]
        tokenizers = directories[0].tokenizers()
        for directory in directories[1:]:
            if [t.fingerprint for t in directory.tokenizers()] != [t.fingerprint for t in tokenizers]:
                raise CheckpointError(
                    f"{directory.path} and {directories[0].path} have different vocabularies: an ensemble needs one"
                )
        data, search = configs[0].data, search or configs[0].translation
        models = [directory.model() for directory in directories]
        shortlist = directories[0].shortlist() if search.shortlist else None
        return cls(models, tokenizers, data.cleaning, data.max_source_tokens, search, shortlist=shortlist)

    def translate(self, sentences: Iterable[str]) -> list[str]:
        """The best translation of each sentence, in order; an empty one for an empty sentence."""
        return [hypotheses[0].text for hypotheses in self.hypotheses(sentences)]

    def hypotheses(
        self, sentences: Iterable[str], *, n_best: int = 1, sampling: Sampling | None = None
    ) -> list[list[Hypothesis]]:
        """The n best translations of each sentence, best first, or one drawn at random.

        Sentences of like lengths are translated together; what comes out does not depend on their company.
        """
        first = self.counts.sentences
        ids = self._encoded(sentences)
        results: list[list[Hypothesis]] = [[Hypothesis("", 0.0, 0.0, False)] * n_best for _ in ids]
        for members in self._by_length(ids):
            source = self._source(ids, members)
            limits = self._limits(source)
            if sampling:
                found = self._sampled(source, limits, sampling, [first + index for index in members])
            else:
                found = self._searched(source, limits, n_best)
            for row, index in enumerate(members):
                results[index] = self._hypotheses(found, row, n_best, limits.maximum[row])
        self.counts.cut += sum(hypotheses[0].cut for hypotheses in results)
        return results

    def encode(self, sentences: Iterable[str]) -> np.ndarray:
        """h(T) of each sentence, (sentences, S) float32; zeros for an empty one."""
        model = self._only_model("encode")
        ids = self._encoded(sentences)
        vectors = np.zeros((len(ids), model.encoder.size), np.float32)
        run = self._compile("encode", lambda source: model.encode(source).summary, model)
        for members in self._by_length(ids):
            vectors[members] = np.asarray(run(self._source(ids, members)))[: len(members)]
        return vectors

    def score(self, sources: Sequence[str], targets: Sequence[str]) -> list[tuple[float, int]]:
        """Log P(target | source) in nats, with the end symbol, and the number of tokens it sums over, for each pair."""
        if len(sources) != len(targets):
            raise DataError(f"{len(sources):,} sources and {len(targets):,} targets: each source needs one target")
        source_ids = self._encoded(sources)
        target_ids = self.tokenizers[1].encode([self._cleaner.normalise(text) for text in targets])
        return [(float(-loss), tokens) for loss, tokens in self.losses(list(zip(source_ids, target_ids, strict=True)))]

    def losses(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[tuple[float, int]]:
        """The negative log-likelihood of each target under teacher forcing, in nats, and its number of tokens."""
        from seq2seq.losses import token_losses

        model = self._only_model("score")

        def forced(source: Any, target_in: Any, target_out: Any, weights: Any) -> Any:
            from keras import ops

            logits = ops.cast(model({"source": source, "target_in": target_in}), "float32")
            return ops.sum(ops.where(weights > 0, token_losses(target_out, logits), 0.0), axis=1)

        run = self._compile("score", forced, model)
        results: list[tuple[float, int]] = [(0.0, 0)] * len(pairs)
        for members in self._by_length([pair[1] for pair in pairs], keep_empty=True):
            width = max(len(pairs[index][1]) for index in members) + 1
            source = max(len(pairs[index][0]) for index in members) + 1
            shape = Shape(self._rows(len(members)), _rounded(source), _rounded(width))
            inputs, out, weights = teacher_forcing((pairs[index] for index in members), shape)
            losses = np.asarray(run(inputs["source"], inputs["target_in"], out, weights))
            for row, index in enumerate(members):
                results[index] = (float(losses[row]), len(pairs[index][1]) + 1)
        return results

    def warnings(self) -> list[str]:
        """What was out of the ordinary since the translator was made."""
        return self.counts.warnings(self.max_source_tokens)

    def _encoded(self, sentences: Iterable[str]) -> list[list[int]]:
        ids = self.tokenizers[0].encode([self._cleaner.normalise(sentence) for sentence in sentences])
        longest = self.max_source_tokens - 1
        self.counts.sentences += len(ids)
        self.counts.empty += sum(not sentence for sentence in ids)
        self.counts.shortened += sum(len(sentence) > longest for sentence in ids)
        return [sentence[:longest] for sentence in ids]

    def _by_length(self, ids: Sequence[Sequence[int]], keep_empty: bool = False) -> Iterator[list[int]]:
        order = sorted((i for i in range(len(ids)) if keep_empty or ids[i]), key=lambda i: (-len(ids[i]), i))
        for start in range(0, len(order), self.search.batch_sentences):
            yield order[start : start + self.search.batch_sentences]

    def _rows(self, rows: int) -> int:
        """Rows of a batch: all of them, or the next power of two where each new shape is compiled."""
        return 1 << (rows - 1).bit_length() if wants_few_shapes() else rows

    def _source(self, ids: Sequence[Sequence[int]], members: Sequence[int]) -> np.ndarray:
        width = _rounded(max(len(ids[index]) for index in members) + 1)
        source = np.full((self._rows(len(members)), width), PAD, np.int32)
        source[:, 0] = EOS
        for row, index in enumerate(members):
            source[row, : len(ids[index])] = ids[index]
            source[row, len(ids[index])] = EOS
        return source

    def _limits(self, source: np.ndarray) -> "_Limits":
        lengths = (source != PAD).sum(axis=1)
        maximum = (lengths * self.search.max_length_ratio).astype(np.int32) + self.search.max_length_extra
        minimum = (lengths * self.search.min_length_ratio).astype(np.int32)
        return _Limits(np.minimum(minimum, maximum), maximum, _rounded(int(maximum.max())))

    def _searched(self, source: np.ndarray, limits: "_Limits", n_best: int) -> Any:
        """Beam search; sentences that are decided leave the batch whenever it has shrunk to half."""
        from seq2seq.decoding.beam import Beam, BeamSearch, Candidates, Hypotheses

        settings, shortlist = self.search, None
        search = BeamSearch(settings.beam_size, n_best, settings.length_penalty, settings.no_repeat_ngram)
        ready = settings.shortlist or len(source) * settings.beam_size >= _WORTH_TURNING
        if settings.shortlist:
            shortlist = self._candidates(source)

        def start(source: Any, places: Any, pieces: Any = None) -> Any:
            from keras import ops

            beam = search.start(self._start(source), ops.shape(source)[0], ops.shape(places)[0])
            return tuple(beam), tuple(model.outputs(pieces) for model in self.models) if ready else ()

        def advance(beam: Any, rows: Any, limits: Any, undecided: Any, outputs: Any, short: Any = None) -> Any:
            beam, limits = Beam(*beam).rows(rows), dict(zip(("minimum", "maximum"), limits, strict=True))
            candidates = Candidates(short[0], short[1], self.tokenizers[1].size) if short else None

            def step(state: Any, token: Any) -> Any:
                return self._step(state, token, outputs)

            beam, decided = search.advance(step, beam, **limits, undecided=undecided, candidates=candidates)
            return tuple(beam), decided, tuple(search.result(beam))

        begin, go_on = self._compile(("start", search, ready), start), self._compile(("advance", search), advance)
        beam, outputs = begin(source, np.arange(limits.width), *(shortlist[:1] if shortlist else ()))
        rows = places = np.arange(len(source), dtype=np.int32)
        found: list[np.ndarray] = []
        while len(rows):
            undecided = np.int32(len(rows) // 2 if len(rows) >= _WORTH_LEAVING else 0)
            repeated = self._rows(len(rows)) - len(rows)  # of the last, where each new shape costs a compilation
            here, places = (np.pad(indices, (0, repeated), mode="edge") for indices in (rows, places))
            short = ((shortlist[0], shortlist[1][here]),) if shortlist else ()
            both = limits.minimum[here], limits.maximum[here]
            beam, decided, result = go_on(beam, places, both, undecided, outputs, *short)
            result = [np.asarray(part)[: len(rows)] for part in result]
            found = found or [np.empty((len(source), *part.shape[1:]), part.dtype) for part in result]
            for whole, part in zip(found, result, strict=True):
                whole[rows] = part
            places = np.flatnonzero(~np.asarray(decided)[: len(rows)]).astype(np.int32)
            rows = rows[places]
        return Hypotheses(*found)

    def _candidates(self, source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pieces (C,) that any sentence of a batch (B, T) may hold, and what keeps the others from each (B, C)."""
        from seq2seq.decoding.constraints import IMPOSSIBLE

        if not self.shortlist:
            raise CheckpointError("a short-list is asked for, and this translator has none: see RunDirectory.shortlist")
        each = self.shortlist.candidates([row[row != PAD] for row in source], self.search.shortlist)
        pieces = np.unique(np.concatenate(each)).astype(np.int32)
        if wants_few_shapes():
            pieces = np.pad(pieces, (0, -len(pieces) % 256), mode="edge")
        penalties = np.full((len(source), len(pieces)), IMPOSSIBLE, np.float32)
        for row, own in enumerate(each):
            penalties[row, np.searchsorted(pieces, own)] = 0
        return pieces, penalties

    def _sampled(self, source: np.ndarray, limits: "_Limits", sampling: Sampling, sentences: Sequence[int]) -> Any:
        from seq2seq.decoding.sampling import sample

        def run(source: Any, minimum: Any, maximum: Any, uniforms: Any) -> Any:
            return sample(
                self._step,
                self._start(source),
                minimum=minimum,
                maximum=maximum,
                uniforms=uniforms,
                pieces=self.tokenizers[1].size,
                temperature=sampling.temperature,
                top_k=sampling.top_k,
                top_p=sampling.top_p,
            )

        uniforms = np.zeros((len(source), limits.width), np.float32)
        for row, index in enumerate(sentences):
            uniforms[row] = np.random.default_rng((sampling.seed, index)).random(limits.width, np.float32)
        draw = self._compile(("sample", sampling), run)
        return draw(source, limits.minimum, limits.maximum, uniforms)

    def _start(self, source: Any) -> Any:
        """The states of all models' decoders before the first token."""
        return tuple(model.start(model.encode(source)) for model in self.models)

    def _step(self, states: Any, token: Any, outputs: Any = None) -> tuple[Any, Any]:
        """The free-running architecture of all models together: the mean of their probabilities."""
        from keras import ops

        outputs = outputs or (None,) * len(self.models)
        each = (model.step(s, token, o) for model, s, o in zip(self.models, states, outputs, strict=True))
        scores, after = zip(*each, strict=True)
        if len(scores) == 1:
            return scores[0], tuple(after)
        return ops.logsumexp(ops.log_softmax(ops.stack(scores), axis=-1), axis=0), tuple(after)

    def _hypotheses(self, found: Any, row: int, n_best: int, maximum: int) -> list[Hypothesis]:
        tokens, scores, log_probs = (np.asarray(part)[row] for part in found)
        return [
            Hypothesis(
                self.tokenizers[1].decode(tokens[k]).replace("\n", " "),  # a byte piece can write one
                float(scores[k]),
                float(log_probs[k]),
                cut=bool((tokens[k] != PAD).sum() >= maximum),
            )
            for k in range(min(n_best, len(tokens)))
        ]

    def _compile(self, key: Any, function: Callable[..., Any], model: Any = None) -> Callable[..., Any]:
        if key not in self._compiled:
            self._compiled[key] = compiled(function, model or _Models(self.models))
        return self._compiled[key]

    def _only_model(self, what: str) -> Any:
        if len(self.models) > 1:
            raise CheckpointError(f"{what} works on one run; received an ensemble of {len(self.models)}")
        return self.models[0]


class _Limits(NamedTuple):
    """The shortest and longest hypothesis of each row, (B,), and a width that holds them all."""

    minimum: np.ndarray
    maximum: np.ndarray
    width: int


class _Models:
    """The variables of several models."""

    def __init__(self, models: Sequence[Any]):
        self.variables = [variable for model in models for variable in model.variables]


def _rounded(width: int) -> int:
    """The next multiple of eight: few shapes."""
    return -(-width // 8) * 8
