"""Machine translation through one fixed summary vector, on Keras.

The names below are loaded when they are first used: importing seq2seq imports neither Keras nor its backend.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_PUBLIC = {
    "Config": "settings.config",
    "Corpus": "settings.config",
    "Counts": "counts",
    "Evaluation": "evaluation",
    "Hypothesis": "hypothesis",
    "Sampling": "engine.sampling",
    "Seq2Seq": "model",
    "Seq2SeqError": "errors",
    "Tokenizer": "tokenizer",
    "Translation": "settings.config",
    "Translator": "translator",
    "evaluate": "evaluation",
    "finetune": "training.loop",
    "load_config": "settings.config",
    "phrases": "phrasebook",
    "published_bleu": "evaluation",
    "shrink": "runs.small_run",
    "train": "training.loop",
    "train_tokenizer": "tokenizer",
}
_NEEDS_BACKEND = ("model", "training.loop")
__all__ = ["__version__", *_PUBLIC]

if TYPE_CHECKING:
    from seq2seq.counts import Counts as Counts
    from seq2seq.engine.sampling import Sampling as Sampling
    from seq2seq.errors import Seq2SeqError as Seq2SeqError
    from seq2seq.evaluation import Evaluation as Evaluation
    from seq2seq.evaluation import evaluate as evaluate
    from seq2seq.evaluation import published_bleu as published_bleu
    from seq2seq.hypothesis import Hypothesis as Hypothesis
    from seq2seq.model import Seq2Seq as Seq2Seq
    from seq2seq.phrasebook import phrases as phrases
    from seq2seq.runs.small_run import shrink as shrink
    from seq2seq.settings.config import Config as Config
    from seq2seq.settings.config import Corpus as Corpus
    from seq2seq.settings.config import Translation as Translation
    from seq2seq.settings.config import load_config as load_config
    from seq2seq.tokenizer import Tokenizer as Tokenizer
    from seq2seq.tokenizer import train_tokenizer as train_tokenizer
    from seq2seq.training.loop import finetune as finetune
    from seq2seq.training.loop import train as train
    from seq2seq.translator import Translator as Translator


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'seq2seq' has no attribute {name!r}")
    if _PUBLIC[name] in _NEEDS_BACKEND:
        importlib.import_module("seq2seq.backend").open_backend()
    return getattr(importlib.import_module(f"seq2seq.{_PUBLIC[name]}"), name)
