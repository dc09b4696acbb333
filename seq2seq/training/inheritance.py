"""What a fine-tuned run takes from its parent: settings, vocabularies, weights and moments."""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.summaries import Summaries
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.runs.checkpoint import Arrays, assign, set_weights, weights_of
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import Config, parse_config
from seq2seq.tokenizer import Tokenizer
from seq2seq.transfer import VocabularyMap, map_vocabulary, moved, share_of_bytes, split_differently
from seq2seq.translator import Translator

_log = logging.getLogger("seq2seq")
_FREE = ("input_dropout", "output_dropout", "word_dropout")  # of the model section: no weight depends on them
_MANY_BYTES = 0.1
_SIDES = ("source", "target")
Tokenizers = tuple[Tokenizer, Tokenizer]


def inherited(parent: Config, given: Config, path: str) -> Config:
    """The settings of a fine-tuned run: what is not given is as in the parent, but for corpora and training.

    Args:
        parent: the parent's settings.
        given: the new ones; only what was set counts.
        path: the parent's directory.

    Raises:
        ConfigError: languages are missing, sizes differ from the parent's, or settings contradict each other.
    """
    base, own = parent.model_dump(), given.model_dump(exclude_unset=True)
    data, model = own.get("data", {}), base["model"] | own.get("model", {})
    missing = [f"data.{side}_language" for side in _SIDES if f"{side}_language" not in data]
    if missing:
        languages = f"{parent.data.source_language} to {parent.data.target_language}"
        raise ConfigError(
            f"set {' and '.join(missing)}: the parent translates {languages}, and the new pair may differ"
        )
    faults = [
        f"model.{key} is {value!r}, the parent's is {base['model'][key]!r}"
        for key, value in model.items()
        if value != base["model"][key] and key not in _FREE
    ]
    if faults:
        raise ConfigError(f"{'; '.join(faults)}: the parent's weights have its sizes. Leave these settings out")
    kept = {key: base["data"][key] for key in ("max_source_tokens", "max_target_tokens")}
    cleaning = base["data"]["cleaning"] | data.get("cleaning", {})
    config = parse_config(
        {
            "data": kept | data | {"cleaning": cleaning},
            "tokenizer": base["tokenizer"] | own.get("tokenizer", {}),
            "model": model,
            "training": own.get("training", {}),
            "translation": base["translation"] | own.get("translation", {}),
            "finetune": own.get("finetune", {}) | {"parent": path},
        },
        origin="settings for fine-tuning",
    )
    return _with_vocabularies(config, parent)


def _with_vocabularies(config: Config, parent: Config) -> Config:
    """With ``auto`` resolved."""
    settings = config.finetune
    same = [getattr(config.data, f"{side}_language") == getattr(parent.data, f"{side}_language") for side in _SIDES]
    keeps_old = settings.replay > 0 or settings.watch_parent
    modes: list[str] = [settings.source_vocabulary, settings.target_vocabulary]
    for side, known in enumerate(same):
        if modes[side] == "auto":
            modes[side] = "keep" if known else "extend" if keeps_old and side else "new"
    if config.model.shared_embeddings and modes[0] != modes[1]:
        if "auto" not in (settings.source_vocabulary, settings.target_vocabulary):
            raise ConfigError(
                "model.shared_embeddings: source and target are one table, so finetune.source_vocabulary "
                f"({modes[0]}) and finetune.target_vocabulary ({modes[1]}) must be equal"
            )
        modes = [max(modes, key=["keep", "extend", "new"].index)] * 2
    if keeps_old and not same[1] and modes[1] != "extend":
        raise ConfigError(
            f"finetune.target_vocabulary is {modes[1]!r}, but replay and watch_parent need both languages, each with "
            "its own start symbol: set it to 'extend'"
        )
    if settings.best == "both" and not keeps_old:
        raise ConfigError("finetune.best='both' needs finetune.replay or finetune.watch_parent=true")
    if settings.interpolate and not keeps_old:
        raise ConfigError(
            "finetune.interpolate needs finetune.replay or finetune.watch_parent=true: it serves both pairs"
        )
    if settings.summaries and Path(settings.summaries).is_file():
        raise ConfigError(f"finetune.summaries is {settings.summaries}, a file: name a folder")
    if not (settings.rates.encoder or settings.rates.source_embedding) and modes[0] != "keep":
        raise ConfigError(
            f"finetune.source_vocabulary is {modes[0]!r}, but a frozen encoder reads the parent's pieces only: set it "
            "to 'keep', or let finetune.rates.source_embedding be above 0"
        )
    vocabularies = {"source_vocabulary": modes[0], "target_vocabulary": modes[1]}
    return config.model_copy(update={"finetune": settings.model_copy(update=vocabularies)})


def described(parent: RunDirectory) -> dict[str, Any]:
    """What a run remembers of its parent."""
    kind = "best" if parent.has("best") else "last"
    checkpoint = parent.load(kind)
    before = {"path": str(parent.path), "seq2seq": parent.about().get("seq2seq"), "checkpoint": kind}
    return before | {
        "step": checkpoint.step,
        "updates": _updates(parent),
        "config": parent.config().model_dump(),
    }


def see_that_it_stayed(parent: RunDirectory, run: RunDirectory) -> None:
    """See that a parent has the weights that the run was begun for: somebody may train in it meanwhile.

    Raises:
        CheckpointError: it has other ones.
    """
    before, now = run.parent() or {}, described(parent)
    if any(before.get(key) != now[key] for key in ("step", "updates", "checkpoint")):
        raise CheckpointError(
            f"{parent.path} was trained further, to step {now['step']:,}, since {run.path} was begun from its step "
            f"{before.get('step', 0):,}: wait until its training ends, and begin again in a new --run"
        )


def targets(config: Config, parent: RunDirectory) -> dict[str, list[str]]:
    """The languages that the new decoder can write, if several: its own and those of the parent's decoder."""
    if config.finetune.target_vocabulary != "extend":
        return {}
    own = parent.about().get("targets", [parent.config().data.target_language])
    return {"targets": list(dict.fromkeys([config.data.target_language, *own]))}


def several_targets(config: Config, parent: Config) -> bool:
    """Whether the run's decoder keeps the parent's language beside a new one."""
    return config.finetune.target_vocabulary == "extend" and config.data.target_language != parent.data.target_language


def vocabularies(
    config: Config, parent: RunDirectory, learn: Callable[[Sequence[tuple[int, ...]]], list[Tokenizer]]
) -> Tokenizers:
    """The new run's vocabularies.

    Args:
        config: the new settings.
        parent: the parent run.
        learn: trains one vocabulary for each group of sides (0 source, 1 target) of the new corpora.
    """
    old = parent.tokenizers()
    modes = (config.finetune.source_vocabulary, config.finetune.target_vocabulary)
    sides = [side for side in (0, 1) if modes[side] != "keep"]
    together = config.tokenizer.shared and len(sides) == 2 and modes[0] == modes[1]
    learned = learn([tuple(sides)] if together else [(side,) for side in sides])
    new = dict(zip(sides, learned * 2 if together else learned, strict=False))
    language = config.data.target_language if several_targets(config, parent.config()) else None

    def chosen(side: int) -> Tokenizer:
        if modes[side] == "extend":
            return old[side].extended(new[side], language if side or config.model.shared_embeddings else None)
        return new.get(side, old[side])

    return chosen(0), chosen(1)


def replayed(parent: RunDirectory) -> list[Iterator[Pair]]:
    """The parent's training pairs as text, corpus by corpus."""
    pairs, (source, target) = parent.pairs(), parent.tokenizers()

    def corpus(number: int) -> Iterator[Pair]:
        for index in np.flatnonzero(pairs.corpora == number):
            ids = pairs[int(index)]
            yield Pair(source.decode(ids[0]), target.decode(ids[1]), str(parent.path), int(index) + 1)

    return [corpus(number) for number in range(len(pairs.weights))]


def dev_of(parent: RunDirectory) -> list[Pair]:
    """The dev set of a parent, as it keeps it: its corpora may be elsewhere.

    Raises:
        CheckpointError: it was made by a version that kept none; says how to add it.
    """
    if not parent.is_begun():
        raise CheckpointError(
            f"{parent.path} is no run, and its dev set is not kept here either: put the parent back there, for "
            "finetune.replay and finetune.watch_parent measure it"
        )
    pairs = parent.dev()
    if pairs is None and parent.config().data.dev:
        command = f"seq2seq train {parent.path / 'config.json'} --run {parent.path} --resume"
        raise CheckpointError(
            f"{parent.path} does not keep its dev set, which finetune.replay and finetune.watch_parent measure: an "
            f"older seq2seq made it. To add it, run where its corpora are: {command}"
        )
    return pairs or []


def inherit(model: Any, optimizer: Any, parent: RunDirectory, tokenizers: Tokenizers, config: Config) -> None:
    """Give a fresh model the parent's weights, and its optimiser the parent's moments, by the maps of both sides."""
    maps = vocabulary_maps(parent.tokenizers(), tokenizers, config)
    tables = _tables(model, maps)
    best = parent.load("best" if parent.has("best") else "last")
    set_weights(model, moved(best.arrays, weights_of(model), tables), origin=str(parent.path))
    moments = _moments(parent)
    if not moments:
        return
    for variable in optimizer.variables:
        _, _, name = str(variable.path).partition("/")
        if name in moments:
            weight = next((weight for weight in tables if name.startswith(_moment_of(weight))), None)
            if weight and moments[name].shape == best.arrays[weight].shape:
                moments[name] = tables[weight].rows(moments[name], np.zeros(tuple(variable.shape), np.float32))
            assign(variable, name, moments, origin=f"{parent.path}: optimizer's")


def vocabulary_maps(old: Tokenizers, new: Tokenizers, config: Config) -> list[VocabularyMap]:
    """Of source and target."""
    compose = config.finetune.new_rows == "composed"
    return [map_vocabulary(before, after, compose=compose) for before, after in zip(old, new, strict=True)]


def transfer_report(
    old: Tokenizers, new: Tokenizers, maps: Sequence[VocabularyMap], sample: Sequence[Pair]
) -> dict[str, dict[str, Any]]:
    """What became of the rows and of the words, side by side; a sample of the new pairs tells."""
    report = {}
    for side, name in enumerate(_SIDES):
        texts = [str(pair[side]) for pair in sample]
        changed, words = split_differently((word for text in texts for word in text.split()), old[side], new[side])
        unknown = share_of_bytes(new[side].encode(texts), new[side])
        report[name] = {**maps[side].counts, "words": words, "words_split_differently": changed, "bytes": unknown}
        if unknown > _MANY_BYTES:
            _log.warning(
                "warning: %.0f %% of the %s pieces are single bytes: the vocabulary does not cover this text; set "
                "finetune.%s_vocabulary to 'extend' or 'new'",
                100 * unknown,
                name,
                name,
            )
    return report


def table(report: dict[str, dict[str, Any]]) -> str:
    """The report for people, a line for each side."""
    return "\n".join(
        f"{side} vocabulary: {row['copied']:,} pieces of words are known to the parent, {row['composed']:,} begin as "
        f"the mean of known pieces that spell them, {row['new']:,} begin at random; {row['words_split_differently']:,} "
        f"of {row['words']:,} different words are split differently than in the parent; {100 * row['bytes']:.1f} % of "
        "the text's pieces are single bytes"
        for side, row in report.items()
    )


def summary_fingerprint(model: Any, source: Tokenizer) -> str:
    """A short hash of all that a summary depends on: encoder, source embedding, pieces, precision."""
    digest = hashlib.sha256(f"{source.fingerprint} {model.compute_dtype} {model.encoder.pooling}".encode())
    for variable in [*model.source_embedding.weights, *model.encoder.weights]:
        digest.update(np.ascontiguousarray(variable.value).tobytes())
    return digest.hexdigest()[:16]


def _tables(model: Any, maps: Sequence[VocabularyMap]) -> dict[str, VocabularyMap]:
    """The weights that have a row for each piece."""
    source, target = maps
    return {
        str(model.source_embedding.table.path): source,
        str(model.target_embedding.table.path): target,
        str(model.output_embedding.table.path): target,
        str(model.output_bias.path): target,
    }


def _moments(parent: RunDirectory) -> Arrays:
    if not parent.has("last"):
        return {}
    arrays = parent.load("last").arrays
    return {name.removeprefix("optimizer/"): a for name, a in arrays.items() if name.startswith("optimizer/")}


def _updates(parent: RunDirectory) -> int:
    """How many updates the parent's moments have seen."""
    iteration = _moments(parent).get("iteration", np.array(0))
    if iteration.ndim or iteration.dtype.kind not in "iu":
        raise CheckpointError(f"{parent.path}: optimizer/iteration is not a number of updates: copy the run again")
    return int(iteration)


def _moment_of(weight: str) -> str:
    """How the names of a weight's moments begin."""
    return f"{weight.replace('/', '_')}_"


def stored_summaries(model: Any, source: Tokenizer, pairs: EncodedPairs, folder: Path) -> Summaries:
    """Encode every training source once, so that `fit` reads summaries and the encoder is off.

    Args:
        model: whose encoder is frozen.
        source: its source vocabulary.
        pairs: to train on.
        folder: where summaries are kept, and may be already.
    """
    summaries = Summaries(folder, summary_fingerprint(model, source), model.encoder.size)
    encoder = Translator([model], (source, source))
    begun = time.monotonic()
    added = summaries.add((pairs[index][0] for index in range(len(pairs))), encoder.encode_ids)
    text = "%s summaries stored in %.1f s: training reads them, and the encoder does not run"
    _log.info(text, f"{added:,}", time.monotonic() - begun)
    return summaries
