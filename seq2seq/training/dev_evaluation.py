"""How good the model is now: dev loss, dev BLEU, a few translations to read."""

import logging
import math
import time
from collections.abc import Sequence
from typing import Any

from seq2seq.bleu_tokens import bleu_tokenizer
from seq2seq.data.batching import Ids
from seq2seq.data.corpus import Pair
from seq2seq.engine import batches
from seq2seq.engine.interface import Engine
from seq2seq.oddities import monotony
from seq2seq.settings.config import Config
from seq2seq.tokenizer import Tokenizer
from seq2seq.training import processes
from seq2seq.translator import Translator

_log = logging.getLogger("seq2seq")
_LONG_SECONDS = 5.0  # a silence that wants a word
_ADVICE = (
    "This is usual in the first epochs; if it stays so, the network does not use the source yet: train for longer "
    "(training.epochs) or on more pairs"
)


class DevEvaluator:
    """Scores a network on the dev set while it learns. The search is greedy: fast, and it ranks checkpoints as well.

    A short-list is left out even where the settings have one: it looks at the source past h(T), and would judge itself.

    Args:
        engine: the network's engine, which reads the current weights at each call.
        tokenizers: the vocabularies of source and target.
        config: the settings of the run.
        dev: the dev set's pairs, already normalised.
        target_language: the language of the references; decides how BLEU parts the text into words.
        samples: how many translations to show.
    """

    def __init__(
        self,
        engine: Engine,
        tokenizers: tuple[Tokenizer, Tokenizer],
        config: Config,
        dev: Sequence[Pair],
        *,
        target_language: str,
        samples: int = 0,
    ):
        greedy = config.translation.model_copy(update={"beam_size": 1, "shortlist": 0})
        self._engine = engine
        self._translator = Translator(
            engine,
            tokenizers,
            config.data.cleaning,
            config.data.max_source_tokens,
            greedy,
            target_language=target_language,
        )
        self._dev = dev
        self._samples = samples
        source = self._translator.source_ids([pair.source for pair in dev])
        target = self._translator.target_ids([pair.target for pair in dev])
        self._ids = list(zip(source, target, strict=True))
        self._words, note = bleu_tokenizer(target_language)
        self._seconds = math.inf  # of the last evaluation; the first one compiles
        self._warned = False
        if dev and note:
            _log.info("%s", note)

    def __call__(self, *, aloud: bool = True) -> dict[str, Any]:
        """Measure the model; of several processes, each translates a share of the dev set.

        Args:
            aloud: show sample translations and warnings.

        Returns:
            ``dev_loss`` (nats a token), ``dev_perplexity``, ``dev_bleu`` and its signature, ``dev_seconds``, and
            ``dev_warning`` where the translations are nearly all alike; nothing without a dev set.
        """
        if not self._dev:
            return {}
        from sacrebleu.metrics import BLEU

        begun = time.monotonic()
        if aloud and self._seconds > _LONG_SECONDS:
            _log.info("evaluating on the dev set, %s sentences", f"{len(self._dev):,}")
        losses = processes.shared(self._ids, self._losses)
        loss = sum(loss for loss, _ in losses) / sum(tokens for _, tokens in losses)
        hypotheses = processes.shared([pair.source for pair in self._dev], self._translator.translate)
        references = [pair.target for pair in self._dev]
        metric = BLEU(tokenize=self._words, force=True)
        record = {
            "dev_loss": loss,
            "dev_perplexity": math.exp(min(loss, 700.0)),
            "dev_bleu": metric.corpus_score(hypotheses, [references]).score,
            "dev_bleu_signature": str(metric.get_signature()),
        }
        warning = monotony(hypotheses, references)
        if warning:
            record["dev_warning"] = warning
        if aloud:
            self._show(hypotheses, warning)
        self._seconds = time.monotonic() - begun
        return record | {"dev_seconds": self._seconds}

    def _losses(self, ids: Sequence[tuple[Ids, Ids]]) -> list[tuple[float, int]]:
        """The loss of each pair and its tokens."""
        rows = self._translator.search.batch_sentences
        return batches.losses(self._engine, ids, rows, start_symbol=self._translator.start_symbol)

    def _show(self, hypotheses: Sequence[str], warning: str) -> None:
        """Sample translations in one message, so that a progress bar is interrupted once; and what is odd about all."""
        samples = list(zip(self._dev, hypotheses, strict=True))[: self._samples]
        if samples:
            lines = "  {0.source}\n    translation  {1}\n    reference    {0.target}"
            _log.info("%s", "\n".join(lines.format(pair, text or "(empty)") for pair, text in samples))
        if warning:
            _log.warning("warning: %s%s", warning, "" if self._warned else f". {_ADVICE}")
            self._warned = True
