"""A frozen encoder's summaries, computed once: training reads them, and the encoder does not run."""

import hashlib
import logging
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seq2seq.data.summaries import Summaries
from seq2seq.engine.batches import encode
from seq2seq.engine.keras import KerasEngine
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import Config
from seq2seq.tokenizer import Tokenizer
from seq2seq.training import processes
from seq2seq.training.preparation import Prepared

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq

_log = logging.getLogger("seq2seq")


def summary_fingerprint(model: "Seq2Seq", source: Tokenizer) -> str:
    """A short hash of all that a summary depends on: encoder, source embedding, pieces, precision."""
    digest = hashlib.sha256(f"{source.fingerprint} {model.compute_dtype} {model.encoder.pooling}".encode())
    for variable in [*model.source_embedding.weights, *model.encoder.weights]:
        digest.update(np.ascontiguousarray(variable.value).tobytes())
    return digest.hexdigest()[:16]


def stored_summaries(config: Config, run: RunDirectory, model: "Seq2Seq", prepared: Prepared) -> Summaries | None:
    """Encode every training source once, if the encoder is frozen: `fit` then reads summaries and the encoder is off.

    Args:
        config: the settings, which say whether and where to keep them; by default in the run.
        run: the run's directory.
        model: the network whose encoder makes the summaries.
        prepared: vocabularies and training pairs.

    Returns:
        The summaries; none where sources are to be read, as attention always does, for it looks at all states.
    """
    settings = config.finetune
    if not model.frozen_summary or not settings.store_summaries or config.model.attention:
        return None
    source = prepared.tokenizers[0]
    pairs = prepared.train
    folder = Path(settings.summaries or run.encoded / "summaries")
    fingerprint = summary_fingerprint(model, source)
    engine = KerasEngine([model])
    begun = time.monotonic()
    with processes.first_goes_first("summaries"):
        summaries = Summaries(folder, fingerprint, model.encoder.size)
        added = summaries.add((pairs[index][0] for index in range(len(pairs))), partial(encode, engine))
    text = "%s summaries stored in %.1f s: training reads them, and the encoder does not run"
    _log.info(text, f"{added:,}", time.monotonic() - begun)
    return summaries
