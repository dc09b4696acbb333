"""How good the model is now: dev loss, dev BLEU, a few translations to read."""

import logging
import math
import time
from collections.abc import Sequence
from typing import Any

from seq2seq.config import Config
from seq2seq.data.corpus import Pair
from seq2seq.tokenizer import Tokenizer
from seq2seq.translator import Translator

_log = logging.getLogger("seq2seq")


class DevEvaluator:
    """Scores a model on the dev set; the search is greedy, which is fast and ranks checkpoints as well.

    Args:
        model: read at each call.
        tokenizers: source and target.
        config: the settings.
        dev: normalised pairs.
        target_language: of the pairs.
        samples: translations to show.
    """

    def __init__(
        self,
        model: Any,
        tokenizers: tuple[Tokenizer, Tokenizer],
        config: Config,
        dev: Sequence[Pair],
        *,
        target_language: str,
        samples: int = 0,
    ):
        greedy = config.translation.model_copy(update={"beam_size": 1})
        self._translator = Translator(
            [model],
            tokenizers,
            config.data.cleaning,
            config.data.max_source_tokens,
            greedy,
            target_language=target_language,
        )
        self._dev, self._samples = dev, samples
        source = self._translator.source_ids([pair.source for pair in dev])
        target = self._translator.target_ids([pair.target for pair in dev])
        self._ids = list(zip(source, target, strict=True))

    def __call__(self) -> dict[str, Any]:
        """Dev loss (nats a token), perplexity and BLEU with its signature; empty without a dev set."""
        if not self._dev:
            return {}
        from sacrebleu.metrics import BLEU

        begun = time.monotonic()
        losses = self._translator.losses(self._ids)
        loss = sum(loss for loss, _ in losses) / sum(tokens for _, tokens in losses)
        hypotheses = self._translator.translate([pair.source for pair in self._dev])
        metric = BLEU()
        bleu = metric.corpus_score(hypotheses, [[pair.target for pair in self._dev]]).score
        for pair, hypothesis in list(zip(self._dev, hypotheses, strict=True))[: self._samples]:
            _log.info("  source      %s\n  hypothesis  %s\n  reference   %s\n", pair.source, hypothesis, pair.target)
        return {
            "dev_loss": loss,
            "dev_perplexity": math.exp(min(loss, 700.0)),
            "dev_bleu": bleu,
            "dev_bleu_signature": str(metric.get_signature()),
            "dev_seconds": time.monotonic() - begun,
        }
