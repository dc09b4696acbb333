"""Which vocabulary and which network suit a corpus, and how long their training takes."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from seq2seq.data.corpus import Pair
from seq2seq.errors import ConfigError, DataError
from seq2seq.expectations import expectation
from seq2seq.starting.looking import Facts
from seq2seq.tokenizer import train_tokenizer

_LEAST_PIECES, _MOST_PIECES = 300, 16_000
_PIECES_A_WORD = 1.4  # of the target, with vocabularies of this size
# recipes/multi30k_en_fr/results.json: 29,000 pairs, a vocabulary of 4,000, on 2 cores of an AMD EPYC
_TOKENS_PER_SECOND = 10_278
# recipes/finetune_multi30k: 29,000 pairs were trained best with 3,192 updates, and 500 pairs with 540
_UPDATES, _PAIRS, _GROWTH = 3192, 29_000, 0.44
_FEW_PAIRS, _MANY_PAIRS = 40_000, 100_000
_LITTLE, _TOO_LITTLE = 10_000, 1000
_SHIPS = {"en": "en-fr"}  # the model that comes with the package, by the language that it reads


class Advice(NamedTuple):
    """Settings for a corpus, and what to expect of them.

    Attributes:
        settings: by section and key, the values that differ from the defaults and a reason for each.
        minutes: how long the training may take on two processor cores, if it is not stopped early.
        warnings: why the translator may be of little use.
        expected: what comparable trainings gave.
    """

    settings: dict[str, dict[str, tuple[str | bool | float, str]]]
    minutes: float
    warnings: Sequence[str]
    expected: str


def advise(facts: Facts, training_pairs: Sequence[Pair], count: int) -> Advice:
    """Settings for a corpus.

    Args:
        facts: what is known of the corpus.
        training_pairs: the first of the pairs that training will read, cleaned.
        count: how many pairs training will read.

    Raises:
        DataError: there is too little text for the smallest vocabulary.
    """
    batch_tokens = 1024 if count < _LITTLE else 2048
    tokens = max(1.0, facts.words * _PIECES_A_WORD * count / facts.kept)  # of the target, in an epoch
    updates = _UPDATES * (count / _PAIRS) ** _GROWTH * (1.0 if count < _FEW_PAIRS else 2.0)
    epochs = min(60, max(10, math.ceil(updates * batch_tokens / tokens)))
    settings: dict[str, dict[str, tuple[str | bool | float, str]]] = {
        "data": {},
        "tokenizer": _tokenizer(facts, training_pairs, count),
        "model": _model(count),
        "training": {
            "epochs": (epochs, "the most; training stops earlier where it no longer helps (patience)"),
            "batch_tokens": (batch_tokens, "smaller batches make more updates, larger ones are faster"),
            "patience": (10, "dev evaluations without progress, after which training stops"),
        },
    }
    if 2 * facts.limit > 128:
        limit = min(512, 64 * math.ceil(2 * facts.limit / 64))
        reason = f"99 % of the sentences have at most {facts.limit} words"
        settings["data"] = {f"max_{side}_tokens": (limit, reason) for side in ("source", "target")}
    return Advice(
        {section: values for section, values in settings.items() if values},
        minutes=epochs * tokens / _TOKENS_PER_SECOND / 60,
        warnings=_warnings(facts, count),
        expected=expectation(count, fine_tuned=False) + (_advised_parent(facts) if count < _FEW_PAIRS else ""),
    )


def _advised_parent(facts: Facts) -> str:
    parent = _SHIPS.get(facts.languages[0], "RUN_DIR")
    return f". With so few pairs, going on from a trained run gives more: seq2seq finetune {parent} with this file"


def _tokenizer(facts: Facts, pairs: Sequence[Pair], count: int) -> dict[str, tuple[str | bool | float, str]]:
    wanted = round(40 * math.sqrt(count), -2)  # 1,300 for 1,000 pairs, 4,000 for 10,000, 12,600 for 100,000
    sides = [0, 1] if facts.shares_script else [0]
    texts = [[str(pair[side]) for pair in pairs for side in sides]]
    if not facts.shares_script:
        texts.append([pair.target for pair in pairs])
    size = min(_fitting(side, int(max(_LEAST_PIECES, min(_MOST_PIECES, wanted)))) for side in texts)
    chosen: dict[str, tuple[str | bool | float, str]] = {
        "vocabulary_size": (size, f"for {count:,} pairs: small corpora cannot fill many pieces")
    }
    if not facts.shares_script:
        chosen["shared"] = (False, "the two languages have different scripts, and a vocabulary each")
    return chosen


def _fitting(texts: Sequence[str], size: int) -> int:
    """The size, or a smaller one that this text can fill.

    Raises:
        DataError: it cannot fill the smallest vocabulary.
    """
    while True:
        try:
            train_tokenizer(texts, vocabulary_size=size)
            return size
        except ConfigError as error:
            if size == _LEAST_PIECES:
                raise DataError(f"this text is too little to learn from: {error}") from error
            size = max(_LEAST_PIECES, size * 2 // 3 // 100 * 100)


def _model(count: int) -> dict[str, tuple[str | bool | float, str]]:
    if count < _FEW_PAIRS:
        reason = "few pairs are soon learned by heart; as in recipes/multi30k_en_fr"
        return {
            "input_dropout": (0.35, reason),
            "output_dropout": (0.35, reason),
            "word_dropout": (0.1, reason),
        }
    if count >= _MANY_PAIRS:
        return {"decoder_units": (640, "many pairs can fill a larger decoder; as in recipes/general_en_fr")}
    return {}


def _warnings(facts: Facts, count: int) -> list[str]:
    warnings = []
    if count < _TOO_LITTLE:
        warnings.append(f"{count:,} pairs are too little for a useful translator: it is for trying things out")
    elif count < _LITTLE:
        warnings.append(f"{count:,} pairs are little: expect short sentences to come out right at best")
    if facts.long_share > 0.1:
        warnings.append(
            f"{100 * facts.long_share:.0f} % of the sources have more than 20 words: one vector forgets much of them"
        )
    return warnings
