"""What a translator is: from its run's own records."""

from functools import lru_cache
from typing import Any

from seq2seq.runs.directory import RunDirectory
from seq2seq.serving.pairs import ServedPair, language_name
from seq2seq.serving.reply_models import AboutPair
from seq2seq.weight_count import count_weights

_CARD = "MODEL_CARD.md"


@lru_cache(maxsize=100)
def about_pair(pair: ServedPair) -> AboutPair:
    """What a translator has learned from, how well it did, and what it cannot do."""
    translator = pair.translator
    config = pair.run.config()
    best = _best(pair.run.log())
    explains = not translator.engine.has_attention
    return AboutPair(
        source=pair.source,
        source_name=language_name(pair.source),
        target=pair.target,
        target_name=language_name(pair.target),
        training_pairs=pair.training_text.get("pairs"),
        dev_bleu=best.get("dev_bleu"),
        dev_loss=best.get("dev_loss"),
        longest_source_in_training=pair.longest_source,
        longest_source_read=translator.max_source_tokens,
        summary_size=translator.engine.summary_size if explains else None,
        weights=count_weights(config.model, translator.engine.source_pieces, translator.engine.pieces),
        explains=explains,
        walks=explains,
        has_neighbours=pair.neighbours.exist,
        card=_card(pair.run),
    )


def _best(log: list[dict[str, Any]]) -> dict[str, Any]:
    """The best measurement on the dev set."""
    return max((line for line in log if "dev_bleu" in line), key=lambda line: line["dev_bleu"], default={})


def _card(run: RunDirectory) -> str:
    path = run.path / _CARD
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
