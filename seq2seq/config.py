"""All settings: validated sections with defaults, read from TOML, overridden by ``section.key=value``.

Every key that this file does not know is refused, with a suggestion; all faults of a file are reported at once.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from seq2seq.errors import ConfigError


def _language(tag: str) -> str:
    import langcodes

    if not langcodes.tag_is_valid(tag):
        raise ValueError("is not a language tag (BCP 47), such as en, pt-BR or zh-Hant")
    return langcodes.standardize_tag(tag)


Language = Annotated[str, AfterValidator(_language)]
Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Count = Annotated[int, Field(ge=1)]
Limit = Annotated[int, Field(ge=0)]  # 0 is none: TOML has no null
Rate = Annotated[float, Field(ge=0.0)]
Vocabulary = Literal["auto", "keep", "extend", "new"]


class Section(BaseModel):
    """A group of settings: unknown keys are refused and nothing is coerced (a string stays a string)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Corpus(Section):
    """Where parallel text lies: ``source`` and ``target``, or ``path``, or ``hub``.

    Attributes:
        source: text file (plain or .gz), one sentence a line.
        target: its translation, line by line.
        path: one table: .tsv, .csv, .jsonl or .json (each also with .gz), .parquet.
        hub: a Hugging Face data set by name, or a local folder laid out like one.
        configuration: the hub data set's configuration, such as "en-fr".
        split: the hub data set's split; slices such as "train[:1000]" are allowed.
        revision: the hub data set's branch, tag or commit.
        source_column: a name, a dotted name ("translation.en"), or a number from 0 in a table without a header.
        target_column: likewise.
        weight: how often a pair is seen in an epoch; of a fraction, as many pairs are drawn anew each epoch.
    """

    source: str | None = None
    target: str | None = None
    path: str | None = None
    hub: str | None = None
    configuration: str | None = None
    split: str = "train"
    revision: str | None = None
    source_column: str | None = None
    target_column: str | None = None
    weight: Annotated[float, Field(gt=0.0)] = 1.0


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
    max_ratio: Annotated[float, Field(ge=0.0)] = 3.0
    copies: bool = True
    duplicates: bool = True


class Data(Section):
    """The corpora and what is done to their text."""

    source_language: Language = "en"
    target_language: Language = "fr"
    train: list[Corpus] = []
    dev: list[Corpus] = []
    cleaning: Cleaning = Cleaning()
    max_source_tokens: Annotated[int, Field(ge=2, le=10_000)] = 128
    max_target_tokens: Annotated[int, Field(ge=2, le=10_000)] = 128


class Tokenizer(Section):
    """SentencePiece: one vocabulary for both languages (shared), or one each."""

    model: Literal["unigram", "bpe"] = "unigram"
    vocabulary_size: Annotated[int, Field(ge=300, le=65_535)] = 8000
    shared: bool = True
    character_coverage: Annotated[float, Field(gt=0.9, le=1.0)] = 0.9999
    max_training_sentences: Annotated[int, Field(ge=1000)] = 100_000


class Model(Section):
    """The network."""

    cell: Literal["rnn", "gru", "lstm"] = "gru"
    activation: Literal["tanh", "relu", "elu", "softsign", "linear"] = "tanh"
    recurrent_activation: Literal["sigmoid", "hard_sigmoid"] = "sigmoid"
    embedding: Count = 256
    encoder_units: Count = 512
    """Units of each direction of the encoder."""
    encoder_layers: Count = 1
    decoder_units: Count = 512
    decoder_layers: Count = 1
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
    batch_tokens: Annotated[int, Field(ge=16)] = 2048
    """Padded target tokens of a batch, at most; but eight rows at least."""
    learning_rate: Annotated[float, Field(gt=0.0)] = 1e-3
    warmup_steps: Limit = 200
    decay: Literal["constant", "linear", "cosine", "inverse_sqrt"] = "cosine"
    final_learning_rate: Annotated[float, Field(ge=0.0)] = 1e-5
    beta_2: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.999
    label_smoothing: Share = 0.1
    clip_norm: Annotated[float, Field(ge=0.0)] = 1.0
    """The longest gradient, as the norm over all weights together; 0 does not clip."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    best: Literal["bleu", "loss"] = "bleu"
    """What chooses the best checkpoint, measured on the dev set."""
    patience: Limit = 5
    """Dev evaluations without progress before training stops; 0 never stops early."""
    evaluate_every_epochs: Count = 1
    checkpoint_seconds: Annotated[float, Field(ge=0.0)] = 60.0
    samples: Limit = 3
    tensorboard: bool = False


class Translation(Section):
    """The search that is used unless the command line says otherwise."""

    beam_size: Count = 5
    length_penalty: Annotated[float, Field(ge=0.0)] = 1.0
    """The exponent of the hypothesis' length by which its log-probability is divided."""
    max_length_ratio: Annotated[float, Field(gt=0.0, le=100.0)] = 2.0
    """The longest hypothesis, in source tokens, to which `max_length_extra` tokens are added."""
    max_length_extra: Annotated[int, Field(ge=1, le=10_000)] = 10
    min_length_ratio: Annotated[float, Field(ge=0.0, le=100.0)] = 0.0
    """The shortest hypothesis, in source tokens."""
    no_repeat_ngram: Limit = 0
    """No sequence of so many tokens twice in a hypothesis; 0 allows all."""
    shortlist: Annotated[int, Field(ge=0, le=100)] = 0
    """Look only at so many candidates for each source piece, and as many frequent pieces: faster; 0 looks at all."""
    batch_sentences: Count = 64


class Rates(Section):
    """By how much each part's learning rate is multiplied; a part with 0 is frozen."""

    source_embedding: Rate = 1.0
    encoder: Rate = 1.0
    decoder: Rate = 1.0
    target_embedding: Rate = 1.0
    """The output layer as well."""


class Finetune(Section):
    """How a run goes on from a trained one, its parent (seq2seq finetune)."""

    parent: str = ""
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
    summaries: str = ""
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
        if self.model.shared_embeddings and not self.tokenizer.shared:
            raise ValueError(
                "model.shared_embeddings needs tokenizer.shared = true: two vocabularies have no rows in common"
            )
        if self.training.final_learning_rate > self.training.learning_rate:
            raise ValueError("training.final_learning_rate is above training.learning_rate: the rate can only decay")
        return self

    def to_json(self) -> str:
        """The resolved settings as JSON text, for the run directory."""
        return json.dumps(self.model_dump(), indent=2, ensure_ascii=False) + "\n"


def load_config(path: str | Path, overrides: Iterable[str] = ()) -> Config:
    """Read settings from a TOML file (or a run's JSON) and apply ``section.key=value`` overrides.

    Args:
        path: the file.
        overrides: texts like ``training.epochs=3``; the value is TOML, or else a bare string.

    Raises:
        ConfigError: the file is missing or not TOML, or settings are unknown or out of range; every fault is named.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"cannot read the settings {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"the settings {path} are not UTF-8: {error}; save the file as UTF-8") from error
    values = _parse(path, text)
    for override in overrides:
        _apply(values, override)
    return parse_config(values, origin=str(path))


def parse_config(values: Mapping[str, Any], *, origin: str = "settings") -> Config:
    """Validate a nested dictionary of settings.

    >>> parse_config({"model": {"cell": "lstm"}}).model.cell
    'lstm'

    Raises:
        ConfigError: lists every unknown key (with the nearest known one) and every value out of range.
    """
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        faults = "\n".join(f"  {_explain(fault)}" for fault in error.errors())
        raise ConfigError(f"{origin}: {error.error_count()} setting(s) cannot be used:\n{faults}") from error


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        values = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        place = re.search(r"line (\d+)", str(error))
        line = text.split("\n")[int(place[1]) - 1].strip() if place else ""
        unquoted = re.search(r"=\s*([A-Za-z]\w*)", line)
        hint = " (text needs quotes; true and false are in lower case)" if unquoted else ""
        raise ConfigError(f"{path} cannot be read: {error}: {line!r}{hint}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} holds no settings: expected sections with keys, received {text[:40]!r}")
    return values


def _apply(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    *sections, name = key.strip().split(".")
    if not equals or not sections:
        raise ConfigError(f"override {override!r} is not of the form section.key=value, as in training.epochs=3")
    try:
        parsed = tomllib.loads(f"value = {text}")
        value = parsed["value"] if len(parsed) == 1 else text
    except tomllib.TOMLDecodeError:
        value = text
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise ConfigError(f"override {override!r}: {section!r} is not a section that has keys of its own")
    values[name] = value


def _explain(fault: Any) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(fault["loc"][-1]), _known(fault["loc"][:-1]), n=1)
        return f"{place}: unknown key" + (f"; did you mean {near[0]!r}?" if near else "")
    message = fault["msg"].removeprefix("Value error, ")
    return f"{place}: {message} (received {fault['input']!r})" if place else message


def _known(place: Iterable[str | int]) -> list[str]:
    section: type[BaseModel] = Config
    for part in place:
        if isinstance(part, int):
            section = Corpus
        elif part in section.model_fields:
            annotation = section.model_fields[part].annotation
            section = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else section
    return list(section.model_fields)
