"""Sentences in, sentences out: the one door for the command line, dev-BLEU and notebooks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from seq2seq import arguments, number_lists
from seq2seq.backend import side_by_side
from seq2seq.counts import Counts
from seq2seq.data.batching import Ids, by_length
from seq2seq.data.familiarity import Familiarity
from seq2seq.data.shortlist import Shortlist
from seq2seq.errors import CheckpointError, DataError
from seq2seq.generation import BATCH_TOKENS, Generator, Limits, few_rows, few_widths, source_rows
from seq2seq.generation import Sampling as Sampling
from seq2seq.hypothesis import Hypothesis as Hypothesis
from seq2seq.hypothesis import join_hypotheses
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import Cleaning, Translation
from seq2seq.symbols import EOS, PAD
from seq2seq.text_lists import check_texts
from seq2seq.texts import TextReader
from seq2seq.tokenizer import Tokenizer

_LINES = 4096  # translated together: of more of them, only the texts are kept


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
        familiarity: what training sources look like; where it is not given, only what the vocabulary lacks is strange.
        split_sentences: translate the sentences of a line one by one.

    Attributes:
        first: the start symbol.

    Raises:
        ConfigError: an argument is of another kind.
    """

    models: Sequence[Any]
    tokenizers: tuple[Tokenizer, Tokenizer]
    cleaning: Cleaning = field(default_factory=Cleaning)
    max_source_tokens: int = 128
    search: Translation = field(default_factory=Translation)
    counts: Counts = field(default_factory=Counts)
    shortlist: Shortlist | None = None
    target_language: str = ""
    familiarity: Familiarity | None = None
    split_sentences: bool = False

    def __post_init__(self) -> None:
        arguments.check_several(self.models, object, "models", "give one Seq2Seq or more, or use Translator.load")
        arguments.check_several(self.tokenizers, Tokenizer, "tokenizers", "give (source, target)", 2)
        arguments.check_kind(self.search, Translation, "search", "write Translation(beam_size=5)")
        arguments.check_count(self.max_source_tokens, "max_source_tokens", 2)
        self.first = self.tokenizers[1].start_of(self.target_language)
        self._reader = TextReader(self.tokenizers, self.cleaning, self.max_source_tokens, self.familiarity)
        self._generator = Generator(self.models, self.tokenizers[1].size)

    @classmethod
    def load(
        cls,
        runs: str | Path | Sequence[str | Path],
        search: Translation | None = None,
        target_language: str | None = None,
        *,
        split_sentences: bool = False,
    ) -> "Translator":
        """Open one run, or an ensemble of several.

        Args:
            runs: the directories.
            search: instead of the run's own settings.
            target_language: of a run that translates into several; its own where not given.
            split_sentences: translate the sentences of a line one by one.

        Raises:
            CheckpointError: a run cannot be opened, does not write that language, or has another vocabulary.
            ConfigError: no run is named, or an argument is of another kind.
        """
        arguments.check_optional(search, Translation, "search", "write Translation(beam_size=5)")
        arguments.check_optional(target_language, str, "target_language", 'write a language tag, such as "fr"')
        arguments.check_flags(split_sentences=split_sentences)
        opened = [RunDirectory(run) for run in arguments.run_paths(runs)]
        directories = [run if target_language is None else run.for_target(target_language) for run in opened]
        configs = [directory.config() for directory in directories]
        tokenizers = directories[0].tokenizers()
        for directory in directories[1:]:
            if [t.fingerprint for t in directory.tokenizers()] != [t.fingerprint for t in tokenizers]:
                raise CheckpointError(
                    f"{directory.path} and {directories[0].path} have different vocabularies: an ensemble needs one"
                )
        data, search = configs[0].data, search or configs[0].translation
        return cls(
            [directory.model() for directory in directories],
            tokenizers,
            data.cleaning,
            data.max_source_tokens,
            search,
            shortlist=directories[0].shortlist() if search.shortlist else None,
            target_language=target_language or data.target_language,
            familiarity=directories[0].familiarity(),
            split_sentences=split_sentences,
        )

    def translate(self, sentences: Iterable[str]) -> list[str]:
        """The best translation of each sentence, in order; an empty one for an empty sentence.

        Raises:
            DataError: one text instead of a list of them, or an item that is not text.
        """
        texts = check_texts(sentences, "translate")
        parts = (texts[start : start + _LINES] for start in range(0, len(texts), _LINES))
        return [hypotheses[0].text for part in parts for hypotheses in self.hypotheses(part)]

    def hypotheses(
        self, sentences: Iterable[str], *, n_best: int = 1, sampling: Sampling | None = None
    ) -> list[list[Hypothesis]]:
        """The n best translations of each sentence, best first, or one drawn at random.

        Sentences of like lengths are translated together; what comes out does not depend on their company. Where the
        sentences of a line are translated one by one, the n-th best of the line joins the n-th best of each.

        Raises:
            ConfigError: more hypotheses than the beam holds, or several that are drawn.
            DataError: one text instead of a list of them, or an item that is not text.
        """
        arguments.check_optional(sampling, Sampling, "sampling", "write Sampling(temperature=0.7)")
        most, advice = (1, "draw again with another seed") if sampling else (self.search.beam_size, "set a larger beam")
        arguments.check_count(n_best, "n_best", 1, most, f"for more, {advice}")
        texts = check_texts(sentences, "hypotheses")
        if not self.split_sentences:
            return self._translated(texts, n_best, sampling)
        lines = [self._reader.split(text) for text in texts]
        found = iter(self._translated([part for line in lines for part in line], n_best, sampling))
        return [join_hypotheses([next(found) for _ in line], self.search.length_penalty) for line in lines]

    def _translated(self, texts: list[str], n_best: int, sampling: Sampling | None) -> list[list[Hypothesis]]:
        first = self.counts.sentences
        ids = self.source_ids(texts)
        results: list[list[Hypothesis]] = [[Hypothesis("", 0.0, 0.0, False)] * n_best for _ in ids]

        def translate(members: list[int]) -> list[list[Hypothesis]]:
            source = source_rows([ids[index] for index in members])
            limits = self._limits((source != PAD).sum(axis=1))
            if sampling:
                numbers = [first + index for index in members]
                found = self._generator.sample(source, limits, sampling, numbers, self.first)
            else:
                found = self._generator.search(source, limits, self.search, n_best, self.shortlist, self.first)
            return [self._hypotheses(found, row, n_best, limits.maximum[row]) for row in range(len(members))]

        batches = self._source_batches(ids, 1 if sampling else self.search.beam_size)
        for members, found in zip(batches, side_by_side(translate, batches), strict=True):
            for index, hypotheses in zip(members, found, strict=True):
                results[index] = hypotheses
        for source, (best, *_) in zip(ids, results, strict=True):
            self.counts.cut += best.cut
            self.counts.add_translation(source, best.ids, best.text)
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
            DataError: vectors of another shape, or not finite; or not one source length for each.
        """
        model = self._only_model("translate_summaries")
        if model.decoder.attention is not None:
            raise CheckpointError("this run has attention: its decoder reads the source, a summary is not enough")
        vectors = number_lists.summary_vectors(summaries, self.summary_size, "translate_summaries")
        if not len(vectors):
            return []
        tokens = np.full(len(vectors), self.max_source_tokens - 1) if source_tokens is None else source_tokens
        lengths = number_lists.source_lengths(tokens, len(vectors), "translate_summaries")
        limits, search = self._limits(lengths + 1), self.search.model_copy(update={"shortlist": 0})
        results: list[Hypothesis] = []
        rows = self._generator.most_rows(self.search.batch_sentences, self.search.beam_size)
        for start in range(0, len(vectors), rows):
            members = np.arange(start, min(start + rows, len(vectors)))
            padded = np.pad(members, (0, few_rows(len(members)) - len(members)), mode="edge")
            own = limits._replace(minimum=limits.minimum[padded], maximum=limits.maximum[padded])
            found = self._generator.search(vectors[padded], own, search, 1, None, self.first)
            results += [self._hypotheses(found, row, 1, own.maximum[row])[0] for row in range(len(members))]
        return results

    @property
    def summary_size(self) -> int:
        """S, numbers of h(T)."""
        return int(self._only_model("encode").encoder.size)

    def encode(self, sentences: Iterable[str]) -> np.ndarray:
        """h(T) of each sentence, (sentences, S) float32; zeros for an empty one.

        Raises:
            DataError: one text instead of a list of them, or an item that is not text.
        """
        texts = check_texts(sentences, "encode")
        vectors = np.zeros((len(texts), self.summary_size), np.float32)
        for start in range(0, len(texts), _LINES):
            part = slice(start, start + _LINES)
            vectors[part] = self.encode_ids(self.source_ids(texts[part]))
        return vectors

    def encode_ids(self, ids: Sequence[Ids]) -> np.ndarray:
        """h(T) of encoded sentences, without end symbols, (sentences, S) float32; zeros for an empty one.

        Raises:
            DataError: no lists of ids, or ids that the source's vocabulary does not have.
        """
        model = self._only_model("encode")
        number_lists.check_ids(ids, self.tokenizers[0].size, "encode_ids")
        vectors = np.zeros((len(ids), self.summary_size), np.float32)
        run = self._generator.compile("encode", lambda source: model.encode(source).summary, model)
        for members in self._source_batches(ids):
            vectors[members] = np.asarray(run(source_rows([ids[index] for index in members])))[: len(members)]
        return vectors

    def score(self, sources: Sequence[str], targets: Sequence[str]) -> list[tuple[float, int]]:
        """Log P(target | source) in nats, with the end symbol, and the number of tokens it sums over, for each pair.

        Targets of more than 4,096 tokens are cut there, and counted.

        Raises:
            DataError: different numbers of them, one text instead of a list, or an item that is not text.
        """
        sources, targets = check_texts(sources, "score"), check_texts(targets, "score")
        if len(sources) != len(targets):
            raise DataError(f"{len(sources):,} sources and {len(targets):,} targets: each source needs one target")
        found: list[tuple[float, int]] = []
        for start in range(0, len(sources), _LINES):
            part = slice(start, start + _LINES)
            pairs = list(zip(self.source_ids(sources[part]), self.target_ids(targets[part]), strict=True))
            found += [(-loss, tokens) for loss, tokens in self.losses(pairs)]
        return found

    def losses(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[tuple[float, int]]:
        """The negative log-likelihood of each target under teacher forcing, in nats, and its number of tokens.

        Raises:
            DataError: no pairs of lists of ids, or ids that the vocabularies do not have.
        """
        self._only_model("score")
        number_lists.check_pairs(pairs, (self.tokenizers[0].size, self.tokenizers[1].size), "losses")
        return self._generator.losses(pairs, self.search.batch_sentences, self.first)

    def source_ids(self, sentences: Iterable[str]) -> list[list[int]]:
        """Normalised and encoded sentences, without end symbols, cut at the longest source.

        Raises:
            DataError: one text instead of a list of them, or an item that is not text.
        """
        return self._reader.sources(sentences, self.counts, "source_ids")

    def target_ids(self, sentences: Iterable[str]) -> list[list[int]]:
        """Normalised and encoded translations, without end symbols, cut at 4,096 tokens.

        Raises:
            DataError: one text instead of a list of them, or an item that is not text.
        """
        return self._reader.targets(sentences, self.counts, "target_ids")

    def compile(self, key: Any, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function of arrays that reads the one model's weights, compiled at its first use under this key."""
        return self._generator.compile(key, function, self._only_model(str(key)))

    def warnings(self) -> list[str]:
        """What was out of the ordinary since the translator was made."""
        return self._reader.warnings(self.counts)

    def _source_batches(self, ids: Sequence[Ids], beam_size: int = 0) -> list[list[int]]:
        """Indices of the sources that are not empty, by batches; a beam size where they are to be translated."""
        there = [index for index in range(len(ids)) if len(ids[index])]
        rows = self._generator.most_rows(self.search.batch_sentences, beam_size)
        batches = by_length([len(ids[index]) + 1 for index in there], most_rows=rows, most_tokens=BATCH_TOKENS)
        return [[there[place] for place in members] for members in batches]

    def _limits(self, lengths: np.ndarray) -> Limits:
        """Of hypotheses, given the source tokens (B,), end symbols included."""
        maximum = (lengths * self.search.max_length_ratio).astype(np.int32) + self.search.max_length_extra
        minimum = (lengths * self.search.min_length_ratio).astype(np.int32)
        return Limits(np.minimum(minimum, maximum), maximum, few_widths(int(maximum.max())))

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
