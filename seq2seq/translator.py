"""Sentences in, sentences out: the one door for the command line, dev-BLEU and notebooks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seq2seq.backend import side_by_side
from seq2seq.config import Cleaning, Translation
from seq2seq.data.batching import Ids, Shape, teacher_forcing
from seq2seq.data.cleaning import Cleaner
from seq2seq.data.shortlist import Shortlist
from seq2seq.errors import CheckpointError, DataError
from seq2seq.generation import Generator, Limits, few_rows
from seq2seq.generation import Sampling as Sampling
from seq2seq.run_directory import RunDirectory
from seq2seq.symbols import EOS, PAD
from seq2seq.tokenizer import Tokenizer


class Hypothesis(NamedTuple):
    """A translation.

    Attributes:
        text: it.
        score, log_prob: its length-normalised score and its log-probability.
        cut: whether it was cut at the longest length.
        ids: its pieces, without the end symbol.
    """

    text: str
    score: float
    log_prob: float
    cut: bool
    ids: tuple[int, ...] = ()


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
        target_language: chooses the start symbol, where the vocabulary has one for each language.

    Attributes:
        first: that start symbol.
    """

    models: Sequence[Any]
    tokenizers: tuple[Tokenizer, Tokenizer]
    cleaning: Cleaning = field(default_factory=Cleaning)
    max_source_tokens: int = 128
    search: Translation = field(default_factory=Translation)
    counts: Counts = field(default_factory=Counts)
    shortlist: Shortlist | None = None
    target_language: str = ""

    def __post_init__(self) -> None:
        self.first = self.tokenizers[1].start_of(self.target_language)
        self._cleaner = Cleaner(self.cleaning)
        self._generator = Generator(self.models, self.tokenizers[1].size)

    @classmethod
    def load(
        cls,
        runs: str | Path | Sequence[str | Path],
        search: Translation | None = None,
        target_language: str | None = None,
    ) -> "Translator":
        """Open one run, or an ensemble of several.

        Args:
            runs: the directories.
            search: instead of the run's own settings.
            target_language: of a run that translates into several; its own where not given.

        Raises:
            CheckpointError: a directory is not a run, does not write that language, or the runs have different
                vocabularies.
        """
        directories = [RunDirectory(run) for run in ([runs] if isinstance(runs, str | Path) else runs)]
        if target_language:
            directories = [directory.for_target(target_language) for directory in directories]
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
        return cls(
            models,
            tokenizers,
            data.cleaning,
            data.max_source_tokens,
            search,
            shortlist=shortlist,
            target_language=target_language or data.target_language,
        )

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
        ids = self.source_ids(sentences)
        results: list[list[Hypothesis]] = [[Hypothesis("", 0.0, 0.0, False)] * n_best for _ in ids]

        def translate(members: list[int]) -> list[list[Hypothesis]]:
            source = self._source(ids, members)
            limits = self._limits((source != PAD).sum(axis=1))
            if sampling:
                numbers = [first + index for index in members]
                found = self._generator.sample(source, limits, sampling, numbers, self.first)
            else:
                found = self._generator.search(source, limits, self.search, n_best, self.shortlist, self.first)
            return [self._hypotheses(found, row, n_best, limits.maximum[row]) for row in range(len(members))]

        batches = list(self._by_length(ids))
        for members, found in zip(batches, side_by_side(translate, batches), strict=True):
            for index, hypotheses in zip(members, found, strict=True):
                results[index] = hypotheses
        self.counts.cut += sum(hypotheses[0].cut for hypotheses in results)
        return results

    def translate_summaries(
        self, summaries: np.ndarray, source_tokens: Sequence[int] | np.ndarray | None = None
    ) -> list[Hypothesis]:
        """What the decoder makes of vectors that stand for h(T), whether or not any sentence has them.

        Args:
            summaries: (sentences, S).
            source_tokens: of the source that each stands for, which limits its translation; the longest source where
                not given.

        Raises:
            CheckpointError: the decoder has attention, so that it needs a source; or this is an ensemble.
        """
        model = self._only_model("translate_summaries")
        if model.decoder.attention is not None:
            raise CheckpointError("this run has attention: its decoder reads the source, a summary is not enough")
        if not len(summaries):
            return []
        tokens = np.full(len(summaries), self.max_source_tokens - 1) if source_tokens is None else source_tokens
        limits, search = self._limits(np.asarray(tokens) + 1), self.search.model_copy(update={"shortlist": 0})
        results: list[Hypothesis] = []
        for start in range(0, len(summaries), self.search.batch_sentences):
            members = np.arange(start, min(start + self.search.batch_sentences, len(summaries)))
            padded = np.pad(members, (0, few_rows(len(members)) - len(members)), mode="edge")
            own = limits._replace(minimum=limits.minimum[padded], maximum=limits.maximum[padded])
            found = self._generator.search(summaries[padded].astype(np.float32), own, search, 1, None, self.first)
            results += [self._hypotheses(found, row, 1, own.maximum[row])[0] for row in range(len(members))]
        return results

    def encode(self, sentences: Iterable[str]) -> np.ndarray:
        """h(T) of each sentence, (sentences, S) float32; zeros for an empty one."""
        return self.encode_ids(self.source_ids(sentences))

    def encode_ids(self, ids: Sequence[Ids]) -> np.ndarray:
        """h(T) of encoded sentences, without end symbols, (sentences, S) float32; zeros for an empty one."""
        model = self._only_model("encode")
        vectors = np.zeros((len(ids), model.encoder.size), np.float32)
        run = self._generator.compile("encode", lambda source: model.encode(source).summary, model)
        for members in self._by_length(ids):
            vectors[members] = np.asarray(run(self._source(ids, members)))[: len(members)]
        return vectors

    def score(self, sources: Sequence[str], targets: Sequence[str]) -> list[tuple[float, int]]:
        """Log P(target | source) in nats, with the end symbol, and the number of tokens it sums over, for each pair."""
        if len(sources) != len(targets):
            raise DataError(f"{len(sources):,} sources and {len(targets):,} targets: each source needs one target")
        source_ids = self.source_ids(sources)
        target_ids = self.target_ids(targets)
        return [(float(-loss), tokens) for loss, tokens in self.losses(list(zip(source_ids, target_ids, strict=True)))]

    def losses(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[tuple[float, int]]:
        """The negative log-likelihood of each target under teacher forcing, in nats, and its number of tokens."""
        from seq2seq.losses import token_losses

        model = self._only_model("score")

        def forced(source: Any, target_in: Any, target_out: Any, weights: Any) -> Any:
            from keras import ops

            logits = ops.cast(model({"source": source, "target_in": target_in}), "float32")
            return ops.sum(ops.where(weights > 0, token_losses(target_out, logits), 0.0), axis=1)

        run = self._generator.compile("score", forced, model)
        results: list[tuple[float, int]] = [(0.0, 0)] * len(pairs)
        for members in self._by_length([pair[1] for pair in pairs], keep_empty=True):
            width = max(len(pairs[index][1]) for index in members) + 1
            source = max(len(pairs[index][0]) for index in members) + 1
            shape = Shape(few_rows(len(members)), _rounded(source), _rounded(width))
            inputs, out, weights = teacher_forcing((pairs[index] for index in members), shape, self.first)
            losses = np.asarray(run(inputs["source"], inputs["target_in"], out, weights))
            for row, index in enumerate(members):
                results[index] = (float(losses[row]), len(pairs[index][1]) + 1)
        return results

    def source_ids(self, sentences: Iterable[str]) -> list[list[int]]:
        """Normalised and encoded sentences, without end symbols, cut at the longest source."""
        ids = self.tokenizers[0].encode([self._cleaner.normalise(sentence) for sentence in sentences])
        longest = self.max_source_tokens - 1
        self.counts.sentences += len(ids)
        self.counts.empty += sum(not sentence for sentence in ids)
        self.counts.shortened += sum(len(sentence) > longest for sentence in ids)
        return [sentence[:longest] for sentence in ids]

    def target_ids(self, sentences: Iterable[str]) -> list[list[int]]:
        """Normalised and encoded translations, without end symbols."""
        return self.tokenizers[1].encode([self._cleaner.normalise(sentence) for sentence in sentences])

    def compile(self, key: Any, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function of arrays that reads the one model's weights, compiled at its first use under this key."""
        return self._generator.compile(key, function, self._only_model(str(key)))

    def warnings(self) -> list[str]:
        """What was out of the ordinary since the translator was made."""
        return self.counts.warnings(self.max_source_tokens)

    def _by_length(self, ids: Sequence[Ids], keep_empty: bool = False) -> Iterator[list[int]]:
        order = sorted((i for i in range(len(ids)) if keep_empty or len(ids[i])), key=lambda i: (-len(ids[i]), i))
        for start in range(0, len(order), self.search.batch_sentences):
            yield order[start : start + self.search.batch_sentences]

    def _source(self, ids: Sequence[Ids], members: Sequence[int]) -> np.ndarray:
        width = _rounded(max(len(ids[index]) for index in members) + 1)
        source = np.full((few_rows(len(members)), width), PAD, np.int32)
        source[:, 0] = EOS
        for row, index in enumerate(members):
            source[row, : len(ids[index])] = ids[index]
            source[row, len(ids[index])] = EOS
        return source

    def _limits(self, lengths: np.ndarray) -> Limits:
        """Of hypotheses, given the source tokens (B,), end symbols included."""
        maximum = (lengths * self.search.max_length_ratio).astype(np.int32) + self.search.max_length_extra
        minimum = (lengths * self.search.min_length_ratio).astype(np.int32)
        return Limits(np.minimum(minimum, maximum), maximum, _rounded(int(maximum.max())))

    def _hypotheses(self, found: Any, row: int, n_best: int, maximum: int) -> list[Hypothesis]:
        tokens, scores, log_probs = (np.asarray(part)[row] for part in found)
        return [
            Hypothesis(
                Tokenizer.normalise(self.tokenizers[1].decode(tokens[k])),  # a byte piece can write a line break
                float(scores[k]),
                float(log_probs[k]),
                cut=bool((tokens[k] != PAD).sum() >= maximum),
                ids=tuple(int(piece) for piece in tokens[k] if piece not in (PAD, EOS)),
            )
            for k in range(min(n_best, len(tokens)))
        ]

    def _only_model(self, what: str) -> Any:
        if len(self.models) > 1:
            raise CheckpointError(f"{what} works on one run; received an ensemble of {len(self.models)}")
        return self.models[0]


def _rounded(width: int) -> int:
    """The next multiple of eight: few shapes."""
    return -(-width // 8) * 8
