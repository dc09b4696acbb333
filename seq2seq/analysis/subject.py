"""A trained run under examination: the network, its vocabularies, and the sentences that it is examined on.

What several instruments need (summaries, translations) is computed once. B batch, T source length, U target length, S
summary.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seq2seq import backend
from seq2seq.bleu_tokens import bleu_tokenizer
from seq2seq.counts import Counts
from seq2seq.data.batching import Ids
from seq2seq.engine.batches import encode, forced_batches
from seq2seq.engine.keras import KerasEngine
from seq2seq.engine.shapes import few_rows, forced_rows
from seq2seq.errors import ConfigError
from seq2seq.hypothesis import Hypothesis
from seq2seq.layers.encoder import DIRECTIONS
from seq2seq.runs.shipped import find_run
from seq2seq.settings.config import Config
from seq2seq.tokenizer import Tokenizer
from seq2seq.translator import Translator

if TYPE_CHECKING:
    from seq2seq.data.encoded import EncodedPairs
    from seq2seq.model import Seq2Seq

_ROWS = 64  # of a batch
_SEED = 1


class Sentences(NamedTuple):
    """A test set: sources and their human translations."""

    sources: list[str]
    references: list[str]

    def sample(self, most: int) -> "Sentences":
        """At most so many pairs, evenly spread."""
        if len(self.sources) <= most:
            return self
        chosen = np.linspace(0, len(self.sources) - 1, most).astype(int)
        return Sentences([self.sources[i] for i in chosen], [self.references[i] for i in chosen])


class Subject:
    """One run and one test set.

    Args:
        name: how the report calls the run.
        translator: a translator with one model; its search makes the translations.
        sentences: the test set, sources and references.
        training: the pairs that the run learned from, where they are at hand.
        log: what was measured during training, a dictionary for each epoch.
        config: the settings of the run, where there is one.

    Attributes:
        model: the run's network, a `Seq2Seq` on Keras.
        source_ids, target_ids: ids of the test set, without end symbols; sources are cut at the run's longest.
        cut: how many sources were cut.

    Raises:
        ConfigError: the translator has an ensemble, or an engine other than Keras.
    """

    def __init__(
        self,
        name: str,
        translator: Translator,
        sentences: Sentences,
        training: "EncodedPairs | None" = None,
        log: Sequence[dict[str, Any]] = (),
        config: Config | None = None,
    ):
        self.name = name
        self.translator = translator
        self.sentences = sentences
        self.training = training
        self.log = list(log)
        self.config = config
        self._compiled: dict[Any, Callable[..., Any]] = {}
        self.model = _network(translator)
        counts = Counts()
        self.source_ids = translator.source_ids(sentences.sources, counts=counts)
        self.cut = counts.shortened
        self.target_ids = translator.target_ids(sentences.references)

    @classmethod
    def load(cls, run: str | Path, sentences: Sentences, name: str | None = None) -> "Subject":
        """Open a run, to be examined with greedy search.

        Raises:
            CheckpointError: this is not a run.
        """
        directory = find_run(run)
        config = directory.config()
        greedy = {  # the network's own choices, and scores in nats a token
            "beam_size": 1,
            "shortlist": 0,
            "length_penalty": 1.0,
            "no_repeat_ngram": 0,
            "min_length_ratio": 0.0,
        }
        translator = Translator.load(run, config.translation.model_copy(update=greedy), engine="keras")
        training = directory.pairs() if directory.has_pairs() else None
        return cls(name or Path(run).name, translator, sentences, training, directory.log(), config)

    @property
    def tokenizers(self) -> tuple[Tokenizer, Tokenizer]:
        """Of source and target."""
        return self.translator.tokenizers

    def description(self) -> dict[str, str]:
        """What the network is, in a few words."""
        encoder, decoder = self.model.encoder, self.model.decoder
        direction = next(name for name, value in DIRECTIONS.items() if value == encoder.directions)
        layers = f", {len(encoder.stack)} layers" if len(encoder.stack) > 1 else ""
        return {
            "run": self.name,
            "encoder": f"{direction} {encoder.stack[0][0].cell_name.upper()}{layers}",
            "numbers in h(T)": f"{encoder.size:,}",
            "attention": "yes" if decoder.attention else "no",
            "pieces": " / ".join(f"{tokenizer.size:,}" for tokenizer in self.tokenizers),
            "weights": f"{self.model.count_params():,}",
        }

    @property
    def bleu_tokenizer(self) -> str:
        """The tokeniser that BLEU needs for the language of its translations."""
        return bleu_tokenizer(self.translator.target_language)[0]

    @property
    def reads_english(self) -> bool:
        """Whether sentences of the embedded phrasebook are in the language of its sources."""
        language = self.config.data.source_language if self.config else ""
        return language.split("-")[0] == "en"

    @cached_property
    def untrained(self) -> KerasEngine | None:
        """The same network with fresh weights: what its shape alone does. None where its settings are not known."""
        if self.config is None:
            return None
        from seq2seq.model_from_settings import build_model

        backend.seed_everything(_SEED)
        source, target = self.tokenizers
        return KerasEngine([build_model(self.config.model, source.size, target.size)])

    def encode(self, ids: Sequence[Ids], engine: KerasEngine | None = None) -> np.ndarray:
        """Summaries (sentences, S) of source ids: h(T) of the run, or of another network where one is given."""
        return encode(engine or self.translator.engine, ids, self.translator.search.batch_sentences)

    @cached_property
    def summaries(self) -> np.ndarray:
        """h(T) of each source, (sentences, S)."""
        return self.encode(self.source_ids)

    @cached_property
    def found(self) -> list[Hypothesis]:
        """What the run's search finds for each source: text, pieces, and whether it was cut."""
        return [hypotheses[0] for hypotheses in self.translator.hypotheses(self.sentences.sources)]

    @property
    def hypotheses(self) -> list[str]:
        """The run's own translations of the sources."""
        return [hypothesis.text for hypothesis in self.found]

    def training_texts(self, side: int, most: int) -> list[str]:
        """Text of training pairs, evenly spread; none where the run does not have them. Replayed ones are left out.

        Args:
            side: 0 for the source, 1 for the target.
            most: the largest number of training pairs to read.
        """
        if not self.training:
            return []
        not_replayed = np.arange(len(self.training))
        if self.config:
            not_replayed = np.flatnonzero(self.training.corpora < len(self.config.data.train))
        chosen = not_replayed[np.linspace(0, len(not_replayed) - 1, min(most, len(not_replayed))).astype(int)]
        texts = [self.tokenizers[side].decode(self.training[index][side]) for index in chosen]
        self.training.release()
        return texts

    def token_losses(
        self, sources: Sequence[Ids], targets: Sequence[Ids], summaries: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Teacher forcing: the negative log-likelihood of each target token, and whether it was the likeliest.

        Args:
            sources, targets: ids, without end symbols.
            summaries: (sentences, S), to take the place of h(T).

        Returns:
            losses in nats and hits (0 or 1), both (sentences, longest target + 1), NaN behind the end symbol.
        """
        from keras import ops

        from seq2seq import losses as functions

        def forced(source: Any, target_in: Any, target_out: Any, summary: Any = None) -> Any:
            encoding = self.model.encode(source)
            if summary is not None:
                encoding = encoding._replace(summary=ops.cast(summary, encoding.summary.dtype))
            logits = ops.cast(self.model.decode(encoding, target_in), "float32")
            hits = ops.cast(ops.equal(ops.argmax(logits, axis=-1), target_out), "float32")
            return ops.stack([functions.token_losses(target_out, logits), hits], axis=-1)

        extra = () if summaries is None else (summaries.astype(np.float32),)
        measured = self.over(("forced", len(extra)), forced, sources, targets, *extra)
        return measured[..., 0], measured[..., 1]

    def over(
        self,
        key: Any,
        function: Callable[..., Any],
        sources: Sequence[Ids],
        targets: Sequence[Ids],
        *rows: np.ndarray,
        side: int = 1,
    ) -> np.ndarray:
        """Run a function of the network over sentences, in batches of like lengths.

        Args:
            key: the name under which the compiled function is kept: another function needs another key.
            function: takes source (B, T), target_in (B, U), target_out (B, U) and rows of `rows`; gives (B, U, ...).
            sources, targets: ids, without end symbols.
            rows: further arguments, each (sentences, ...).
            side: 0 where the function gives (B, T, ...), along the source.

        Returns:
            (sentences, longest target (or source) + 1, ...), NaN behind each sentence's end symbol.
        """
        if key not in self._compiled:
            self._compiled[key] = backend.compiled(function, self.model)
        run = self._compiled[key]
        pairs = list(zip(sources, targets, strict=True))
        lengths = np.array([len(pair[side]) + 1 for pair in pairs])
        result: np.ndarray | None = None
        for chosen in forced_batches(pairs, _ROWS, self.tokenizers[1].size):
            members = np.array(chosen)
            height = few_rows(len(members))
            inputs, out, _ = forced_rows([pairs[i] for i in members], height, self.translator.start_symbol)
            padded = [np.concatenate([r[members], r[members[:1]].repeat(height - len(members), 0)]) for r in rows]
            computed = np.asarray(run(inputs["source"], inputs["target_in"], out, *padded))[: len(members)]
            if result is None:
                result = np.full((len(lengths), int(lengths.max()), *computed.shape[2:]), np.nan, np.float32)
            true = np.arange(result.shape[1]) < lengths[members][:, None]
            values = np.full((len(members), *result.shape[1:]), np.nan, np.float32)
            width = min(computed.shape[1], result.shape[1])
            values[:, :width] = computed[:, :width]
            values[~true] = np.nan
            result[members] = values
        return np.empty((0, 0)) if result is None else result


def _network(translator: Translator) -> "Seq2Seq":
    """The one network behind a translator, whose inside is looked at."""
    engine = translator.engine
    if not isinstance(engine, KerasEngine) or len(engine.models) > 1:
        raise ConfigError("an examination needs one run, opened with Keras: it looks inside the network")
    return engine.models[0]
