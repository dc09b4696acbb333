"""All settings: validated sections with defaults, read from TOML, overridden by ``section.key=value``.

An unknown key is refused, with a suggestion. All faults of a file are reported together.
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
    """Where parallel text comes from: two files (``source``, ``target``), a table (``path``) or a data set (``hub``).

    Attributes:
        source: text file (plain, gzip, bzip2 or xz), one sentence a line.
        target: text file with the translation of ``source``, line by line.
        path: one table: .tsv, .csv, .jsonl or .json (each also compressed, like text), .parquet.
        hub: a Hugging Face data set by name, or a local folder laid out like one.
        configuration: the hub data set's configuration, such as "en-fr".
        split: the hub data set's split; slices such as "train[:1000]" are allowed.
        revision: the hub data set's branch, tag or commit.
        source_column: a name, a dotted name ("translation.en"), or a number from 0 in a table without a header.
        target_column: the same for the target.
        weight: how often each pair is seen in an epoch; for the fractional part, pairs are drawn at random each epoch.
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
    """Which normalisers and filters are used; a limit of 0 switches the filter off.

    Attributes:
        html_entities: replaces HTML entities: "&amp;quot;" becomes a quote.
        nfc: brings text into Unicode's composed form (NFC).
        control_characters: removes invisible characters. Those that separate words (tabs, line separators, no-break
            spaces) become a space; joiners, which some scripts need, stay.
        quotes: replaces typographic quotes and apostrophes by ' and "; « and » stay.
        spaces: makes several spaces one, and removes those at both ends.
        empty: drops pairs whose source or target is empty.
        max_words: drops pairs whose source or target has more words.
        max_characters: drops pairs whose source or target has more characters.
        max_ratio: drops pairs in which one side has more than this many times as many words as the other, unless they
            differ by only a few words.
        copies: drops pairs whose target is a copy of the source; names and numbers may be copied.
        duplicates: drops a pair that occurred before.
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
    """The corpora, their languages, and how their text is cleaned and limited."""

    source_language: Language = "en"
    target_language: Language = "fr"
    train: Annotated[list[Corpus], Field(max_length=1000)] = Field(default=[])
    dev: Annotated[list[Corpus], Field(max_length=1000)] = Field(default=[])
    cleaning: Cleaning = Cleaning()
    max_source_tokens: Annotated[int, Field(ge=2, le=10_000)] = 128
    max_target_tokens: Annotated[int, Field(ge=2, le=10_000)] = 128


class Tokenizer(Section):
    """SentencePiece: one vocabulary for both languages (shared), or one for each language."""

    model: Literal["unigram", "bpe"] = "unigram"
    vocabulary_size: Annotated[int, Field(ge=300, le=65_535)] = 8000
    shared: bool = True
    character_coverage: Annotated[float, Field(ge=0.98, le=1.0)] = 0.9999
    split_digits: bool = False
    """Make each digit a separate piece, so that numbers that training never saw are spelled like all others."""
    max_training_sentences: Annotated[int, Field(ge=1000, le=10_000_000)] = 100_000


class Model(Section):
    """The network: its cell, sizes, connections and dropout."""

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
    """What the summary is: the last encoder state, or the mean or maximum of all states."""
    summary_every_step: bool = True
    """The summary is an input of every decoder step, not only its start."""
    attention: bool = False
    """Let the decoder read all encoder states too: without the bottleneck, one sees what it costs."""
    tied_embeddings: bool = True
    """Use the transposed target embedding as the output layer."""
    shared_embeddings: bool = False
    """Use one embedding for source and target; this needs a shared vocabulary."""
    input_dropout: Share = 0.2
    output_dropout: Share = 0.2
    word_dropout: Share = 0.0
    """Share of tokens that training replaces by the unknown piece."""


class Training(Section):
    """The optimiser, its schedule, and when training stops."""

    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    epochs: Count = 20
    batch_tokens: Annotated[int, Field(ge=16, le=1_000_000)] = 2048
    """The most target tokens in a batch, padding included; a batch has at least eight rows all the same."""
    learning_rate: LearningRate = 1e-3
    warmup_steps: Limit = 200
    decay: Literal["constant", "linear", "cosine", "inverse_sqrt"] = "cosine"
    final_learning_rate: FinalRate = 1e-5
    beta_2: Annotated[float, Field(ge=1e-6, le=0.99999)] = 0.999
    label_smoothing: Share = 0.1
    clip_norm: Quantity = 1.0
    """Longer gradients are scaled down to this norm over all weights together; 0 does not clip."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    best: Literal["bleu", "loss"] = "bleu"
    """Which figure of the dev set chooses the best checkpoint; while BLEU is near 0, the loss chooses."""
    patience: Limit = 5
    """Stop after so many dev evaluations with neither a lower loss nor a higher BLEU; 0 never stops early."""
    evaluate_every_epochs: Count = 1
    checkpoint_seconds: Quantity = 60.0
    samples: Annotated[int, Field(ge=0, le=1000)] = 3
    tensorboard: bool = False


class Translation(Section):
    """The search; options of the command line replace these settings."""

    beam_size: Annotated[int, Field(ge=1, le=1000)] = 5
    length_penalty: Exponent = 1.0
    """A hypothesis is ranked by its log-probability divided by its length to the power of this exponent."""
    max_length_ratio: Annotated[float, Field(ge=1e-6, le=100.0)] = 2.0
    """A hypothesis has at most so many tokens for each source token, plus `max_length_extra` tokens."""
    max_length_extra: Annotated[int, Field(ge=1, le=10_000)] = 10
    min_length_ratio: Annotated[Quantity, Field(le=100.0)] = 0.0
    """A hypothesis has at least so many tokens for each source token."""
    no_repeat_ngram: Annotated[int, Field(ge=0, le=100)] = 0
    """A hypothesis never repeats a sequence of so many tokens; 0 allows every repetition."""
    shortlist: Annotated[int, Field(ge=0, le=100)] = 0
    """Score only so many candidates for each source piece, and as many frequent pieces: faster. 0 scores all pieces."""
    batch_sentences: Annotated[int, Field(ge=1, le=100_000)] = 64


class Rates(Section):
    """The factor of each part's learning rate; 0 freezes the part."""

    source_embedding: Rate = 1.0
    encoder: Rate = 1.0
    decoder: Rate = 1.0
    target_embedding: Rate = 1.0
    """Also the factor of the output layer."""


class Finetune(Section):
    """How a run begins from a trained run, its parent (seq2seq finetune)."""

    parent: Text = ""
    """The parent's directory; `seq2seq finetune` sets it."""
    source_vocabulary: Vocabulary = "auto"
    """Keep the parent's vocabulary, extend it, or learn a new one; auto keeps it if the parent knows the language."""
    target_vocabulary: Vocabulary = "auto"
    new_rows: Literal["composed", "random"] = "composed"
    """What a new piece starts from: the mean of the parent's pieces that spell it, or random numbers."""
    rates: Rates = Rates()
    embeddings_first_steps: Limit = 0
    """In so many steps at the start, only the embeddings and the output layer learn."""
    store_summaries: bool = True
    """With a frozen encoder: compute each sentence's summary once, then train without the encoder."""
    summaries: Text = ""
    """The folder of the stored summaries (default: in the run). Several decoders can learn from one folder."""
    replay: Share = 0.0
    """The share of an epoch's pairs that come from the parent's training pairs, so that they are not forgotten."""
    watch_parent: bool = False
    """Also measure on the parent's dev set; with replay this is always done."""
    best: Literal["new", "both"] = "new"
    """Whether the best checkpoint is the best on the new dev set, or on both dev sets."""
    interpolate: bool = False
    """At the end, mix in the parent's weights, with the share that is best on both dev sets."""


class Config(Section):
    """All sections. Every run directory keeps its `Config`, with all defaults filled in, as JSON."""

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
        path: the TOML or JSON file.
        overrides: texts like ``training.epochs=3``; the value is read as TOML, and as plain text if it is not TOML.
        train, dev: corpora that replace those of the file; overrides replace them in turn.

    Raises:
        ConfigError: the file is missing or not TOML, or settings are unknown or out of range; every fault is named.
    """
    given = {"train": _given(train, "train"), "dev": _given(dev, "dev")}
    corpora = {split: sections for split, sections in given.items() if sections}
    values = read_settings(path_of(path, "the path of the settings"), overrides, corpora)
    return parse_config(values, origin=str(path))


def _given(corpora: Sequence[Corpus], split: str) -> list[dict[str, Any]]:
    """Corpora as the dictionaries that a settings file would hold."""
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
