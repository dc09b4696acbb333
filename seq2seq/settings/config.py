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
    Decay,
    Exponent,
    FinalRate,
    Layers,
    LearningRate,
    Limit,
    Penalty,
    Quantity,
    Rate,
    Share,
    Text,
    Units,
)
from seq2seq.settings.contradictions import contradictions
from seq2seq.settings.corpora import Cleaning as Cleaning
from seq2seq.settings.corpora import Corpus as Corpus
from seq2seq.settings.corpora import Data as Data
from seq2seq.settings.corpora import Tokenizer as Tokenizer
from seq2seq.settings.faults import explain_faults
from seq2seq.settings.file import read_settings
from seq2seq.settings.section import Section

Vocabulary = Literal["auto", "keep", "extend", "new"]
# Of the network, the settings that only training reads: weights that were trained with others fit all the same.
NOISE = ("input_dropout", "output_dropout", "word_dropout", "weight_drop", "variational_dropout")


class Model(Section):
    """The network: its cell, sizes, connections and dropout."""

    cell: Literal["rnn", "gru", "lstm"] = "gru"
    """The recurrent cell: the simple one (Elman 1990), the GRU (Cho et al. 2014) or the LSTM (Hochreiter 1997)."""
    activation: Literal["tanh", "relu", "elu", "softsign", "linear"] = "tanh"
    """The activation of the candidate state, and of the simple cell."""
    recurrent_activation: Literal["sigmoid", "hard_sigmoid"] = "sigmoid"
    """The activation of the gates; the simple cell has none."""
    embedding: Units = 256
    """E, the numbers of each piece's vector."""
    encoder_units: Units = 512
    """Units of each direction of the encoder."""
    encoder_layers: Layers = 1
    """Layers of the encoder, one on top of the other."""
    decoder_units: Units = 512
    """Units of each layer of the decoder."""
    decoder_layers: Layers = 1
    """Layers of the decoder."""
    layer_norm: bool = False
    """Layer-normalised cells (Ba et al. 2016)."""
    residual: bool = False
    """Each layer above the first adds what it reads to what it writes (He et al. 2016); of use in deep networks."""
    direction: Literal["forward", "reversed", "bidirectional"] = "bidirectional"
    """How the encoder reads: from left to right, from right to left, or both ways."""
    pooling: Literal["last", "mean", "max", "slots"] = "last"
    """What the summary is: the last encoder state, the mean or maximum of all, or several weighted means (slots)."""
    slots: Annotated[int, Field(ge=1, le=64)] = 4
    """With slots: how many weighted means the summary holds, one behind the other (Lin et al. 2017)."""
    summary_every_step: bool = True
    """The summary is an input of every decoder step, not only its start."""
    attention: bool = False
    """Let the decoder read all encoder states too: without the bottleneck, one sees what it costs."""
    tied_embeddings: bool = True
    """Use the transposed target embedding as the output layer."""
    shared_embeddings: bool = False
    """Use one embedding for source and target; this needs a shared vocabulary."""
    input_dropout: Share = 0.2
    """Share of the numbers that training zeroes in the embeddings; small corpora need more."""
    output_dropout: Share = 0.2
    """Share of the numbers that training zeroes before the output layer."""
    word_dropout: Share = 0.0
    """Share of tokens that training replaces by the unknown piece."""
    weight_drop: Share = 0.0
    """Share of the recurrent weights that training drops, the same ones at every step (Merity et al. 2018)."""
    variational_dropout: bool = False
    """Zero the same numbers of the inputs at every step of a sentence (Gal and Ghahramani 2016)."""


class Training(Section):
    """The optimiser, its schedule, and when training stops."""

    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    """Seed of the initial weights, the dropout and the order of the batches."""
    epochs: Count = 20
    """How often training goes through all pairs."""
    batch_tokens: Annotated[int, Field(ge=16, le=1_000_000)] = 2048
    """The most target tokens in a batch, padding included; a batch has at least eight rows all the same."""
    batch_sentences: Limit = 0
    """The most pairs in a batch; 0 lets `batch_tokens` alone decide."""
    initial_range: Annotated[Quantity, Field(le=10.0)] = 0.0
    """All weights begin as uniform random numbers between minus and plus this; 0 draws each matrix by its size."""
    optimizer: Literal["adam", "sgd"] = "adam"
    """Adam (Kingma and Ba 2015), or plain gradient descent, which needs a far higher learning rate."""
    learning_rate: LearningRate = 1e-3
    """The highest learning rate, after the warm-up."""
    warmup_steps: Limit = 200
    """In so many updates at the start, the learning rate rises from 0; at most a fifth of all updates."""
    decay: Literal["constant", "linear", "cosine", "inverse_sqrt", "halving"] = "cosine"
    """How the learning rate falls after the warm-up; halving is described at `halve_after_epochs`."""
    halve_after_epochs: Limit = 5
    """With decay = "halving": the rate stays as it is for so many epochs, and is then halved at the start of each."""
    final_learning_rate: FinalRate = 1e-5
    """The learning rate at the end."""
    beta_2: Annotated[float, Field(ge=1e-6, le=0.99999)] = 0.999
    """Adam's decay of the mean squared gradient."""
    label_smoothing: Share = 0.1
    """The share of probability that the loss gives to all other pieces, so that the network is less sure."""
    clip_norm: Quantity = 1.0
    """Longer gradients are scaled down to this norm over all weights together; 0 does not clip."""
    curriculum_epochs: Limit = 0
    """In so many epochs at the start, updates draw short sentences first, and then longer ones too: from a hundredth of
    the pairs to all of them. An epoch has as many updates as without; 0 draws from all pairs at once."""
    scheduled_sampling: Share = 0.0
    """The share of target words in place of which the decoder reads its own guess at the end of training; it rises from
    0. A first pass makes the guesses, so the decoder computes about a third more."""
    r_drop: Penalty = 0.0
    """Read each pair twice, with different dropout, and keep both predictions alike with this weight, such as 5. Each
    update takes twice the time and memory; 0 reads each pair once."""
    averaging: Decay = 0.0
    """Keep a moving average of the weights with this decay, such as 0.999 (at first it is lower). The dev set, the
    samples and the best checkpoint see the average; training goes on with the weights themselves. 0 keeps none."""
    average_last: Annotated[int, Field(ge=0, le=100)] = 0
    """At the end, measure the mean of the weights of so many dev evaluations, the last ones, and keep it if it is
    better than the best so far. The run keeps the weights of so many evaluations until then."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """The type of the matrix products; auto takes bfloat16 where the processor is fast at it."""
    devices: Annotated[int, Field(ge=0, le=1024)] = 0
    """Share each batch among so many devices of this machine, on JAX; 0 takes all there are."""
    best: Literal["bleu", "loss"] = "bleu"
    """Which figure of the dev set chooses the best checkpoint; while BLEU is near 0, the loss chooses."""
    patience: Limit = 5
    """Stop after so many dev evaluations with neither a lower loss nor a higher BLEU; 0 never stops early."""
    evaluate_every_epochs: Count = 1
    """Measure loss and BLEU of the dev set after so many epochs, and after the last one."""
    checkpoint_seconds: Quantity = 60.0
    """Save after so many seconds, so that a stopped training loses no more; 0 saves after each update."""
    samples: Annotated[int, Field(ge=0, le=1000)] = 3
    """Show so many translations of the dev set at each evaluation."""
    tensorboard: bool = False
    """Write the figures for TensorBoard too (needs the extra tensorboard)."""


class Translation(Section):
    """The search; options of the command line replace these settings."""

    beam_size: Annotated[int, Field(ge=1, le=1000)] = 5
    """The search keeps so many hypotheses; 1 is greedy search."""
    length_penalty: Exponent = 1.0
    """A hypothesis is ranked by its log-probability divided by its length to the power of this exponent."""
    max_length_ratio: Annotated[float, Field(ge=1e-6, le=100.0)] = 2.0
    """A hypothesis has at most so many tokens for each source token, plus `max_length_extra` tokens."""
    max_length_extra: Annotated[int, Field(ge=1, le=10_000)] = 10
    """See `max_length_ratio`."""
    min_length_ratio: Annotated[Quantity, Field(le=100.0)] = 0.0
    """A hypothesis has at least so many tokens for each source token."""
    no_repeat_ngram: Annotated[int, Field(ge=0, le=100)] = 0
    """A hypothesis never repeats a sequence of so many tokens; 0 allows every repetition."""
    shortlist: Annotated[int, Field(ge=0, le=100)] = 0
    """Score only so many candidates for each source piece, and as many frequent pieces: faster. 0 scores all pieces."""
    batch_sentences: Annotated[int, Field(ge=1, le=100_000)] = 64
    """Translate so many sentences at a time; this changes no translation."""


class Rates(Section):
    """The factor of each part's learning rate; 0 freezes the part."""

    source_embedding: Rate = 1.0
    """Factor for the source embedding."""
    encoder: Rate = 1.0
    """Factor for the encoder."""
    decoder: Rate = 1.0
    """Factor for the decoder."""
    target_embedding: Rate = 1.0
    """Factor for the target embedding and the output layer."""


class Finetune(Section):
    """How a run begins from a trained run, its parent (seq2seq finetune)."""

    parent: Text = ""
    """The parent's directory; `seq2seq finetune` sets it."""
    source_vocabulary: Vocabulary = "auto"
    """Keep the parent's vocabulary, extend it, or learn a new one; auto keeps it if the parent knows the language (with
    model.shared_embeddings: both languages)."""
    target_vocabulary: Vocabulary = "auto"
    """The same for the target."""
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
