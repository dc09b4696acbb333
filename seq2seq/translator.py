"""Sentences in, sentences out: the one door for the command line, dev-BLEU and notebooks.

Text is normalised and cut into pieces; an engine translates their ids; what comes back is put together and counted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from seq2seq import arguments, number_lists
from seq2seq.counts import Counts
from seq2seq.data.familiarity import Familiarity
from seq2seq.data.shortlist import Shortlist
from seq2seq.engine import batches
from seq2seq.engine.interface import Engine
from seq2seq.engine.sampling import Sampling
from seq2seq.ensemble import open_engine, open_runs
from seq2seq.errors import CheckpointError, ConfigError, DataError
from seq2seq.hypothesis import Hypothesis, join_hypotheses
from seq2seq.runs.training_text import familiarity_of
from seq2seq.settings.config import Cleaning, Translation
from seq2seq.text_lists import check_texts
from seq2seq.texts import TextReader
from seq2seq.tokenizer import Tokenizer

_LINES = 4096  # translated together: of more of them, only the texts are kept


@dataclass
class Translator:
    """Text in front of an engine.

    Several threads may share one translator. What is out of the ordinary in a call's texts and translations is added
    to the `counts` that the call is given, and to nothing else; `warnings` says it in sentences.

    Args:
        engine: the network, or an ensemble of several.
        tokenizers: the vocabularies of source and target.
        cleaning: the settings whose normalisers run over the source, as they did in training.
        max_source_tokens: longer sentences are cut, and counted.
        search: the settings of the search.
        shortlist: needed where the search asks for one.
        target_language: chooses the start symbol, where the vocabulary has one for each language.
        familiarity: what training sources look like; where it is not given, only what the vocabulary lacks is strange.
        split_sentences: translate the sentences of a line one by one.
        source_language: the tag of the language that is read; empty where it is not known.

    Attributes:
        start_symbol: what the decoder reads before its first token.

    Raises:
        ConfigError: an argument is of another kind.
    """

    engine: Engine
    tokenizers: tuple[Tokenizer, Tokenizer]
    cleaning: Cleaning = field(default_factory=Cleaning)
    max_source_tokens: int = 128
    search: Translation = field(default_factory=Translation)
    shortlist: Shortlist | None = None
    target_language: str = ""
    familiarity: Familiarity | None = None
    split_sentences: bool = False
    source_language: str = ""

    def __post_init__(self) -> None:
        if not hasattr(self.engine, "search"):
            received = type(self.engine).__name__
            raise ConfigError(f"engine is a {received}: write OnnxEngine([network]), or use Translator.load")
        arguments.check_several(self.tokenizers, object, "tokenizers", "give (source, target)", 2)
        arguments.check_kind(self.search, Translation, "search", "write Translation(beam_size=5)")
        arguments.check_count(self.max_source_tokens, "max_source_tokens", 2)
        self.start_symbol = self.tokenizers[1].start_of(self.target_language)
        self._reader = TextReader(self.tokenizers, self.cleaning, self.max_source_tokens, self.familiarity)

    @classmethod
    def load(
        cls,
        runs: str | Path | Sequence[str | Path],
        search: Translation | None = None,
        target_language: str | None = None,
        *,
        split_sentences: bool = False,
        engine: str = "onnx",
        threads: int | None = None,
    ) -> "Translator":
        """Open one run or export, or an ensemble of several.

        Args:
            runs: the directories, or the name of a model that ships, such as ``en-fr``.
            search: instead of the run's own settings.
            target_language: of a run that translates into several; its own where not given.
            split_sentences: translate the sentences of a line one by one.
            engine: ``onnx``, onnxruntime on the processor; or ``keras``, the network as it is trained, also on a GPU.
            threads: how many batches onnxruntime computes at the same time; where not given, one for each core.

        Raises:
            CheckpointError: a run cannot be opened, does not write that language, or has another vocabulary.
            ConfigError: no run is named, or an argument is of another kind.
        """
        arguments.check_optional(search, Translation, "search", "write Translation(beam_size=5)")
        arguments.check_optional(target_language, str, "target_language", 'write a language tag, such as "fr"')
        arguments.check_flags(split_sentences=split_sentences)
        directories = open_runs(runs, target_language)
        config = directories[0].config()
        search = search or config.translation
        return cls(
            open_engine(directories, engine, threads),
            directories[0].tokenizers(),
            config.data.cleaning,
            config.data.max_source_tokens,
            search,
            shortlist=directories[0].shortlist() if search.shortlist else None,
            target_language=target_language or config.data.target_language,
            familiarity=familiarity_of(directories[0]),
            split_sentences=split_sentences,
            source_language=config.data.source_language,
        )

    def translate(self, sentences: Iterable[str], *, counts: Counts | None = None) -> list[str]:
        """The best translation of each sentence, in order; an empty one for an empty sentence.

        Raises:
            DataError: one text instead of a list of them, or an item that is not text.
        """
        texts, counts = check_texts(sentences, "translate"), _given(counts)
        return [hypotheses[0].text for part in _parts(texts) for hypotheses in self.hypotheses(part, counts=counts)]

    def hypotheses(
        self,
        sentences: Iterable[str],
        *,
        n_best: int = 1,
        sampling: Sampling | None = None,
        counts: Counts | None = None,
    ) -> list[list[Hypothesis]]:
        """The n best translations of each sentence, best first, or one drawn at random.

        Sentences of like lengths are translated together; what comes out does not depend on their company. Where the
        sentences of a line are translated one by one, the n-th best of the line joins the n-th best of each.

        What is drawn follows from the seed and from the sentence's place among all those that `counts` has counted, so
        that a long text may be given in several calls.

        Raises:
            ConfigError: more hypotheses than the beam holds, or several that are drawn.
            DataError: one text instead of a list of them, or an item that is not text.
        """
        arguments.check_optional(sampling, Sampling, "sampling", "write Sampling(temperature=0.7)")
        most, advice = (1, "draw again with another seed") if sampling else (self.search.beam_size, "set a larger beam")
        arguments.check_count(n_best, "n_best", 1, most, f"for more, {advice}")
        texts, counts = check_texts(sentences, "hypotheses"), _given(counts)
        if not self.split_sentences:
            return self._translated(texts, n_best, sampling, counts)
        lines = [self._reader.split(text) for text in texts]
        translated = iter(self._translated([sentence for line in lines for sentence in line], n_best, sampling, counts))
        return [join_hypotheses([next(translated) for _ in line], self.search.length_penalty) for line in lines]

    def _translated(
        self, texts: list[str], n_best: int, sampling: Sampling | None, counts: Counts
    ) -> list[list[Hypothesis]]:
        engine, settings, start = self.engine, self.search, self.start_symbol
        place = counts.sentences
        ids = self.source_ids(texts, counts=counts)
        if sampling:
            per_sentence = batches.sample(engine, ids, settings, sampling, place, start_symbol=start)
        else:
            shortlist = self.shortlist
            per_sentence = batches.search(engine, ids, settings, n_best=n_best, shortlist=shortlist, start_symbol=start)
        results = [[self._text(hypothesis) for hypothesis in hypotheses] for hypotheses in per_sentence]
        for source, (best, *_) in zip(ids, results, strict=True):
            counts.cut += best.cut
            counts.add_translation(source, best.ids, best.text)
        return results

    def translate_summaries(
        self, summaries: np.ndarray, source_tokens: Sequence[int] | np.ndarray | None = None
    ) -> list[Hypothesis]:
        """What the decoder makes of vectors that stand for h(T), whether or not any sentence has them.

        Args:
            summaries: the vectors, (sentences, S) float32.
            source_tokens: of the source that each stands for, which limits its translation; the longest source where
                not given.

        Raises:
            CheckpointError: the decoder has attention, so that it needs a source; or this is an ensemble.
            DataError: vectors of another shape, or not finite; or not one source length for each.
        """
        if self.engine.has_attention:
            raise CheckpointError("this run has attention: its decoder reads the source, a summary is not enough")
        vectors = number_lists.summary_vectors(summaries, self.engine.summary_size, "translate_summaries")
        tokens = np.full(len(vectors), self.max_source_tokens - 1) if source_tokens is None else source_tokens
        lengths = number_lists.source_lengths(tokens, len(vectors), "translate_summaries")
        start = self.start_symbol
        hypotheses = batches.search_summaries(self.engine, vectors, lengths, self.search, start_symbol=start)
        return [self._text(hypothesis) for hypothesis in hypotheses]

    def encode(self, sentences: Iterable[str], *, counts: Counts | None = None) -> np.ndarray:
        """h(T) of each sentence, (sentences, S) float32; zeros for an empty one.

        Raises:
            DataError: one text instead of a list of them, or an item that is not text.
            CheckpointError: this is an ensemble.
        """
        texts, counts = check_texts(sentences, "encode"), _given(counts)
        vectors = np.zeros((len(texts), self.engine.summary_size), np.float32)
        for start, some_texts in zip(range(0, len(texts), _LINES), _parts(texts), strict=True):
            ids = self.source_ids(some_texts, counts=counts)
            vectors[start : start + _LINES] = batches.encode(self.engine, ids, self.search.batch_sentences)
        return vectors

    def score(
        self, sources: Sequence[str], targets: Sequence[str], *, counts: Counts | None = None
    ) -> list[tuple[float, int]]:
        """Log P(target | source) in nats, with the end symbol, and the number of tokens it sums over, for each pair.

        Targets of more than 4,096 tokens are cut there, and counted.

        Raises:
            DataError: different numbers of them, one text instead of a list, or an item that is not text.
            CheckpointError: this is an ensemble.
        """
        sources, targets = _checked_pairs(sources, targets, "score")
        counts = _given(counts)
        scores: list[tuple[float, int]] = []
        for source_part, target_part in zip(_parts(sources), _parts(targets), strict=True):
            source_ids = self.source_ids(source_part, counts=counts)
            pairs = list(zip(source_ids, self.target_ids(target_part, counts=counts), strict=True))
            losses = batches.losses(self.engine, pairs, self.search.batch_sentences, start_symbol=self.start_symbol)
            scores += [(-loss, tokens) for loss, tokens in losses]
        return scores

    def token_scores(
        self, sources: Sequence[str], targets: Sequence[str], *, counts: Counts | None = None
    ) -> list[list[tuple[str, float]]]:
        """The pieces of each target, with the log-probability of each in nats; the last one is the end, without text.

        See `score`, which gives their sums.
        """
        sources, targets = _checked_pairs(sources, targets, "token_scores")
        counts = _given(counts)
        source_ids = self.source_ids(sources, counts=counts)
        target_ids = self.target_ids(targets, counts=counts)
        pairs = list(zip(source_ids, target_ids, strict=True))
        losses = batches.token_losses(self.engine, pairs, self.search.batch_sentences, start_symbol=self.start_symbol)
        return [self.pieces_with(ids, -nats) for ids, nats in zip(target_ids, losses, strict=True)]

    def pieces_with(self, ids: Sequence[int], log_probs: np.ndarray) -> list[tuple[str, float]]:
        """The pieces of a target as text, a space in front where one begins a word, and the end, which has no text.

        Bytes that together write characters are one piece.

        Args:
            ids: of the target, without the end symbol.
            log_probs: of each piece and of the end symbol.
        """
        tokenizer = self.tokenizers[1]
        runs: list[tuple[list[int], float]] = []
        for place, index in enumerate(ids):
            if place and tokenizer.is_byte(index) and tokenizer.is_byte(ids[place - 1]):
                run, log_prob = runs.pop()
                runs.append(([*run, index], log_prob + float(log_probs[place])))
            else:
                runs.append(([index], float(log_probs[place])))
        return [*((tokenizer.spelling(run), log_prob) for run, log_prob in runs), ("", float(log_probs[len(ids)]))]

    def sentences(self, line: str) -> list[str]:
        """The sentences of a line, normalised."""
        return self._reader.split(line)

    def source_ids(self, sentences: Iterable[str], *, counts: Counts | None = None) -> list[list[int]]:
        """Normalised and encoded sentences, without end symbols, cut at the longest source.

        Raises:
            DataError: one text instead of a list of them, or an item that is not text.
        """
        return self._reader.sources(sentences, _given(counts), "source_ids")

    def target_ids(self, sentences: Iterable[str], *, counts: Counts | None = None) -> list[list[int]]:
        """Normalised and encoded translations, without end symbols, cut at 4,096 tokens.

        Raises:
            DataError: one text instead of a list of them, or an item that is not text.
        """
        return self._reader.targets(sentences, _given(counts), "target_ids")

    def warnings(self, counts: Counts) -> list[str]:
        """A sentence for each thing that was out of the ordinary in the calls that were given these counts."""
        return self._reader.warnings(counts)

    def _text(self, hypothesis: batches.IdHypothesis) -> Hypothesis:
        ids, score, log_prob, cut = hypothesis
        text = Tokenizer.normalise(self.tokenizers[1].decode(ids))  # a byte piece can write a line break
        return Hypothesis(text, score, log_prob, cut, ids)


def _parts(texts: list[str]) -> Iterator[list[str]]:
    """The texts in order, so many at a time that their ids need little memory."""
    return (texts[start : start + _LINES] for start in range(0, len(texts), _LINES))


def _checked_pairs(sources: Sequence[str], targets: Sequence[str], call: str) -> tuple[list[str], list[str]]:
    """Two lists of texts that belong together.

    Raises:
        DataError: they are no lists of texts, or of different lengths.
    """
    sources = check_texts(sources, call)
    targets = check_texts(targets, call)
    if len(sources) != len(targets):
        raise DataError(f"{len(sources):,} sources and {len(targets):,} targets: each source needs one target")
    return sources, targets


def _given(counts: Counts | None) -> Counts:
    return Counts() if counts is None else counts
