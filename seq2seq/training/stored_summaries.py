"""A frozen encoder's summaries, computed once: training reads them, and the encoder does not run."""

import hashlib
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.summaries import Summaries
from seq2seq.tokenizer import Tokenizer
from seq2seq.translator import Translator

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq

_log = logging.getLogger("seq2seq")


def summary_fingerprint(model: "Seq2Seq", source: Tokenizer) -> str:
    """A short hash of all that a summary depends on: encoder, source embedding, pieces, precision."""
    digest = hashlib.sha256(f"{source.fingerprint} {model.compute_dtype} {model.encoder.pooling}".encode())
    for variable in [*model.source_embedding.weights, *model.encoder.weights]:
        digest.update(np.ascontiguousarray(variable.value).tobytes())
    return digest.hexdigest()[:16]


def stored_summaries(model: "Seq2Seq", source: Tokenizer, pairs: EncodedPairs, folder: Path) -> Summaries:
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
