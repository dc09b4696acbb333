"""The vocabularies of a fine-tuned run: the parent's kept, extended or replaced, and what became of its pieces."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from seq2seq.data.corpus import Pair
from seq2seq.settings.config import Config
from seq2seq.tokenizer import Tokenizer
from seq2seq.training.inherited_settings import several_targets
from seq2seq.training.parent import Parent, Tokenizers
from seq2seq.transfer import VocabularyMap, map_vocabulary, share_of_bytes, split_differently

_log = logging.getLogger("seq2seq")
_MANY_BYTES = 0.1  # share of single bytes among the pieces of the new text, above which there is a warning
_SIDES = ("source", "target")


def vocabularies(
    config: Config, parent: Parent, learn: Callable[[Sequence[tuple[int, ...]]], list[Tokenizer]]
) -> Tokenizers:
    """The new run's vocabularies.

    Args:
        config: the settings of the fine-tuned run.
        parent: the run whose vocabularies are kept or replaced; it is only read.
        learn: trains one vocabulary for each group of sides (0 source, 1 target) of the new corpora.
    """
    old = parent.tokenizers
    modes = (config.finetune.source_vocabulary, config.finetune.target_vocabulary)
    sides = [side for side in (0, 1) if modes[side] != "keep"]
    together = config.tokenizer.shared and len(sides) == 2 and modes[0] == modes[1]
    learned = learn([tuple(sides)] if together else [(side,) for side in sides])
    new = dict(zip(sides, learned * 2 if together else learned, strict=False))
    language = config.data.target_language if several_targets(config, parent.config) else None

    def chosen(side: int) -> Tokenizer:
        if modes[side] == "extend":
            return old[side].extended(new[side], language if side or config.model.shared_embeddings else None)
        return new.get(side, old[side])

    return chosen(0), chosen(1)


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
