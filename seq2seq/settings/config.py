"""All settings: validated sections with defaults, read from TOML, overridden by ``section.key=value``.

Every key that this file does not know is refused, with a suggestion; all faults of a file are reported at once.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from seq2seq.arguments import path_of
from seq2seq.errors import ConfigError, shown
from seq2seq.settings.bounds import (
    Count,
    Exponent,
    FinalRate,
    Language,
    Layers,
    LearningRate,
    Limit,
    Name,
    Quantity,
    Rate,
    Share,
    Text,
    Units,
)
from seq2seq.settings.contradictions import contradictions
from seq2seq.settings.faults import explain_faults
from seq2seq.settings.file import read_settings
from seq2seq.settings.section import Section

Vocabulary = Literal["auto", "keep", "extend", "new"]


class Corpus(Section):
    """Where parallel text lies: ``source`` and ``target``, or ``path``, or ``hub``.

    Attributes:
        source: text file (plain, gzip, bzip2 or xz), one sentence a line.
        target: its translation, line by line.
        path: one table: .tsv, .csv, .jsonl or .json (each also compressed, like text), .parquet.
        hub: a Hugging Face data set by name, or a local folder laid out like one.
        configuration: the hub data set's configuration, such as "en-fr".
        split: the hub data set's split; slices such as "train[:1000]" are allowed.
        revision: the hub data set's branch, tag or commit.
        source_column: a name, a dotted name ("translation.en"), or a number from 0 in a table without a header.
        target_column: likewise.
        weight: how often a pair is seen in an epoch; of a fraction, as many pairs are drawn anew each epoch.
    """

    source: Name | None = None
    target: Name | None = None
    path: Name | None = None
    hub: Name | None = None
    configuration: Name | None = None
    split: Name = "train"
    revision: Name | None = None
    source_column: Name | None = None
    target_column: Name | None = None
    weight: Annotated[float, Field(ge=1e-6, le=1000.0)] = 1.0


class Cleaning(Section):
    """Which normalisers and filters are on; a limit of 0 is none.

    Attributes:
        html_entities: "&amp;quot;" becomes a quote.
        nfc: Unicode composed form.
        control_characters: invisible ones go, those that part words (tabs, line separators, no-break spaces) become a
            space, and joiners, which some scripts need, stay.
        quotes: typographic quotes and apostrophes become ' and "; « and » stay.
        spaces: runs of spaces become one, and the ends have none.
        empty: drops pairs with an empty side.
        max_words: drops pairs with a longer side, in words.
        max_characters: drops pairs with a longer side, in characters.
        max_ratio: drops pairs with one side more than this many times as long as the other, in words, unless they
            differ by few words.
        copies: drops pairs whose target is the source, left untranslated; names and numbers may be.
        duplicates: drops a pair that was seen before.
    """

    html_entities: bool = True
    nfc: bool = True
    control_characters: bool = True
    quotes: bool = True
    spaces: bool = True
    empty: bool = True
    max_words: Limit = 200
    max_characters: Limit = 2000
    max_ratio: Quantity = 3.0
    copies: bool = True
    duplicates: bool = True


class Data(Section):
    """The corpora and what is done to their text."""

    source_language: Language = "en"
    target_language: Language = "fr"
    train: Annotated[list[Corpus], Field(max_length=1000)] = Field(default=[])
    dev: Annotated[list[Corpus], Field(max_length=1000)] = Field(default=[])
    cleaning: Cleaning = Cleaning()
    max_source_tokens: Annotated[int, Field(ge=2, le=10_000)] = 128
    max_target_tokens: Annotated[int, Field(ge=2, le=10_000)] = 128


class Tokenizer(Section):
    """SentencePiece: one vocabulary for both languages (shared), or one each."""

    model: Literal["unigram", "bpe"] = "unigram"
    vocabulary_size: Annotated[int, Field(ge=300, le=65_535)] = 8000
    shared: bool = True
    character_coverage: Annotated[float, Field(ge=0.98, le=1.0)] = 0.9999
    split_digits: bool = False
    """Each digit is a piece of its own: all numbers are then spelled alike, those too that training never saw."""
    max_training_sentences: Annotated[int, Field(ge=1000, le=10_000_000)] = 100_000


class Model(Section):
    """The network."""

    cell: Literal["rnn", "gru", "lstm"] = "gru"
    activation: Literal["tanh", "relu", "elu", "softsign", "linear"] = "tanh"
    recurrent_activation: Literal["sigmoid", "hard_sigmoid"] = "sigmoid"
    embedding: Units = 256
    encoder_units: Units = 512
    """Units of each direction of the encoder."""
    encoder_layers: Layers = 1
    decoder_units: Units = 512
    decoder_layers: Layers = 1
    direction: Literal["forward", "reversed", "bidirectional"] = "bidirectional"
    pooling: Literal["last", "mean", "max"] = "last"
    """What becomes the summary: the last state, or the mean or maximum of all."""
    summary_every_step: bool = True
    """The summary is an input of every decoder step, not only its start."""
    attention: bool = False
    """Open the bottleneck: the yardstick for what it costs."""
    tied_embeddings: bool = True
    """The output layer is the target embedding, transposed."""
    shared_embeddings: bool = False
    """Source and target share one embedding; needs a shared vocabulary."""
    input_dropout: Share = 0.2
    output_dropout: Share = 0.2
    word_dropout: Share = 0.0
    """Share of tokens replaced by the unknown piece in training."""


class Training(Section):
    """The optimiser, its schedule, and when to stop."""

    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    epochs: Count = 20
    batch_tokens: Annotated[int, Field(ge=16, le=1_000_000)] = 2048
    """Padded target tokens of a batch, at most; but eight rows at least."""
    learning_rate: LearningRate = 1e-3
    warmup_steps: Limit = 200
    decay: Literal["constant", "linear", "cosine", "inverse_sqrt"] = "cosine"
    final_learning_rate: FinalRate = 1e-5
    beta_2: Annotated[float, Field(ge=1e-6, le=0.99999)] = 0.999
    label_smoothing: Share = 0.1
    clip_norm: Quantity = 1.0
    """The longest gradient, as the norm over all weights together; 0 does not clip."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    best: Literal["bleu", "loss"] = "bleu"
    """What chooses the best checkpoint, measured on the dev set; while BLEU is near 0, the loss does."""
    patience: Limit = 5
    """Dev evaluations with neither a lower loss nor more BLEU before training stops; 0 never stops early."""
    evaluate_every_epochs: Count = 1
    checkpoint_seconds: Quantity = 60.0
    samples: Annotated[int, Field(ge=0, le=1000)] = 3
    tensorboard: bool = False


class Translation(Section):
    """The search that is used unless the command line says otherwise."""

    beam_size: Annotated[int, Field(ge=1, le=1000)] = 5
    length_penalty: Exponent = 1.0
    """The exponent of the hypothesis' length by which its log-probability is divided."""
    max_length_ratio: Annotated[float, Field(ge=1e-6, le=100.0)] = 2.0
    """The longest hypothesis, in source tokens, to which `max_length_extra` tokens are added."""
    max_length_extra: Annotated[int, Field(ge=1, le=10_000)] = 10
    min_length_ratio: Annotated[Quantity, Field(le=100.0)] = 0.0
    """The shortest hypothesis, in source tokens."""
    no_repeat_ngram: Annotated[int, Field(ge=0, le=100)] = 0
    """No sequence of so many tokens twice in a hypothesis; 0 allows all."""
    shortlist: Annotated[int, Field(ge=0, le=100)] = 0
    """Look only at so many candidates for each source piece, and as many frequent pieces: faster; 0 looks at all."""
    batch_sentences: Annotated[int, Field(ge=1, le=100_000)] = 64


class Rates(Section):
    """By how much each part's learning rate is multiplied; a part with 0 is frozen."""

    source_embedding: Rate = 1.0
    encoder: Rate = 1.0
    decoder: Rate = 1.0
    target_embedding: Rate = 1.0
    """The output layer as well."""


class Finetune(Section):
    """How a run goes on from a trained one, its parent (seq2seq finetune)."""

    parent: Text = ""
    """The parent's directory; the command sets it."""
    source_vocabulary: Vocabulary = "auto"
    """Keep the parent's, extend it, or learn a new one; auto keeps that of a language which the parent knows."""
    target_vocabulary: Vocabulary = "auto"
    new_rows: Literal["composed", "random"] = "composed"
    """What a new piece starts from: the mean of the parent's pieces that spell it, or nothing."""
    rates: Rates = Rates()
    embeddings_first_steps: Limit = 0
    """Steps in which only the embeddings and the output layer learn."""
    store_summaries: bool = True
    """With a frozen encoder: compute each sentence's summary once, and train with the encoder switched off."""
    summaries: Text = ""
    """Where they are kept (default: in the run), so that several decoders can learn from them."""
    replay: Share = 0.0
    """Share of an epoch's pairs that are the parent's training pairs, so that they are not forgotten."""
    watch_parent: bool = False
    """Measure the parent's dev set too; with replay it always is."""
    best: Literal["new", "both"] = "new"
    """Whether the best checkpoint is the best for the new dev set or for both."""
    interpolate: bool = False
    """At the end, mix the parent's weights in, as much as serves both dev sets best."""


class Config(Section):
    """All sections. The same object is saved, resolved, in every run directory."""

    data: Data = Data()
    tokenizer: Tokenizer = Tokenizer()
    model: Model = Model()
    training: Training = Training()
    translation: Translation = Translation()
    finetune: Finetune = Finetune()

    @model_validator(mode="after")
    def _sections_agree(self) -> "Config":
        if faults := contradictions(self):
            raise ValueError("\n".join(faults))
        return self

    def to_json(self) -> str:
        """The resolved settings as JSON text, for the run directory."""
        return json.dumps(self.model_dump(), indent=2, ensure_ascii=False) + "\n"


def load_config(
    path: str | Path,
    overrides: Iterable[str] = (),
    *,
    train: Sequence[Corpus] = (),
    dev: Sequence[Corpus] = (),
) -> Config:
    """Read settings from a TOML file (or a run's JSON) and apply ``section.key=value`` overrides.

    Args:
        path: the file.
        overrides: texts like ``training.epochs=3``; the value is TOML, or else a bare string.
        train, dev: the corpora, where they replace those of the file; overrides win over them.

    Raises:
        ConfigError: the file is missing or not TOML, or settings are unknown or out of range; every fault is named.
    """
    given = {"train": _given(train, "train"), "dev": _given(dev, "dev")}
    corpora = {split: sections for split, sections in given.items() if sections}
    values = read_settings(path_of(path, "the path of the settings"), overrides, corpora)
    return parse_config(values, origin=str(path))


def _given(corpora: Sequence[Corpus], split: str) -> list[dict[str, Any]]:
    """Corpora as a settings file would have them."""
    if isinstance(corpora, list | tuple) and all(isinstance(corpus, Corpus) for corpus in corpora):
        return [corpus.model_dump(exclude_unset=True) for corpus in corpora]
    raise ConfigError(f"{split} is a list of Corpus, received {shown(corpora)}: write {split}=[Corpus(...)]")


def parse_config(values: Mapping[str, Any], *, origin: str = "settings") -> Config:
    """Validate a nested dictionary of settings.

    >>> parse_config({"model": {"cell": "lstm"}}).model.cell
    'lstm'

    Raises:
        ConfigError: lists every unknown key (with the nearest known one) and every value out of range.
    """
    try:
        return Config.model_validate(values)
    except (ValidationError, RecursionError) as error:
        raise ConfigError(f"{origin}: {explain_faults(Config, values, error)}") from error
