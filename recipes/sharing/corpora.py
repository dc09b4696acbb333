"""The sentences: at most 12 words to learn from, and test sets of these lengths and of longer ones, never seen."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from seq2seq import Tokenizer, phrases, train_tokenizer
from seq2seq.data.cleaning import Cleaner
from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.encoding import encode_pairs
from seq2seq.files import write_atomically
from seq2seq.settings.config import Config

LONGEST_SEEN = 12
BUCKETS = {"1-12": (1, 12), "13-16": (13, 16), "17-20": (17, 20), "21-30": (21, 30)}  # English words
SEEN = "1-12"
MOST_TOKENS = 128
ENOUGH = 0.01  # of the training sentences
Text = list[list[str]]  # pairs of an English and a French sentence


class Task(NamedTuple):
    """What every training is given.

    Attributes:
        tokenizers: English and French.
        train: encoded training pairs.
        texts: pairs of the dev set (``dev``), of the first training sentences (``train``), and of each test set.
    """

    tokenizers: tuple[Tokenizer, Tokenizer]
    train: EncodedPairs
    texts: dict[str, Text]

    @property
    def steps(self) -> tuple[int, int]:
        """How many steps of the source and of the target have enough training sentences for weights of their own."""
        source, target = (sum(count >= ENOUGH * len(self.train) for count in counts) for counts in self.reach())
        return source, target

    def reach(self) -> list[list[int]]:
        """How many training sentences have a step t, of the source and of the target, t from 0; end symbols count."""
        sides = (self.train.source_lengths, self.train.target_lengths)
        return [[int((lengths > t).sum()) for t in range(lengths.max())] for lengths in sides]


def prepare(folder: Path, config: Config, data: Path | None, sentences: int, tests: int) -> Task:
    """Make the folder hold the sentences and their vocabularies, unless it does.

    Args:
        folder: to fill.
        config: sizes of the vocabularies.
        data: where Multi30k lies; the embedded phrasebook where not given.
        sentences: to train on, at most.
        tests: of the dev set and of each test set, at most.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = {"data": str(data) if data else "phrasebook", "sentences": sentences, "tests": tests}
    about = json.dumps(settings | config.model_dump(), indent=1)
    kept = folder / "settings.json"
    if kept.exists() and kept.read_text(encoding="utf-8") != about:
        raise SystemExit(f"{folder} was made with other settings: choose another --runs for these")
    if not kept.exists():
        texts = multi30k(data, sentences, tests) if data else phrasebook(sentences, tests)
        clean = Cleaner(config.data.cleaning).normalise  # as the translator will do
        pairs = [Pair(*map(clean, both), "recipe", line) for line, both in enumerate(texts["train"], 1)]
        for side, name in enumerate(("source", "target")):
            _vocabulary((pair[side] for pair in pairs), config).save(folder / f"{name}.model")
        tokenizers = (Tokenizer.load(folder / "source.model"), Tokenizer.load(folder / "target.model"))
        encode_pairs(folder / "train.arrow", [pairs], tokenizers, weights=[1.0], max_tokens=(MOST_TOKENS, MOST_TOKENS))
        texts["train"] = texts["train"][: len(texts["dev"])]
        write_atomically(folder / "texts.json", json.dumps(texts, indent=0, ensure_ascii=False).encode())
        write_atomically(kept, about.encode())  # the last file: a folder that has it is complete
    tokenizers = (Tokenizer.load(folder / "source.model"), Tokenizer.load(folder / "target.model"))
    texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    return Task(tokenizers, EncodedPairs(folder / "train.arrow"), texts)


def phrasebook(sentences: int, tests: int) -> dict[str, Text]:
    """Generated sentences; no sentence is in two splits."""
    wanted = {"train": ("train", sentences, SEEN), "dev": ("dev", tests, SEEN)}
    wanted |= {bucket: ("test", tests, bucket) for bucket in BUCKETS}
    return {
        name: [
            [pair.english, pair.french]
            for pair in phrases(split, count, min_words=max(3, BUCKETS[words][0]), max_words=BUCKETS[words][1])
        ]
        for name, (split, count, words) in wanted.items()
    }


def multi30k(folder: Path, sentences: int, tests: int) -> dict[str, Text]:
    """Real sentences. Training leaves its longer ones alone, so they fill up the test sets of those lengths."""
    read = {}
    for name in ("train", "val", "test_2016_flickr"):
        sides = [(folder / f"{name}.{side}").read_text(encoding="utf-8").split("\n")[:-1] for side in ("en", "fr")]
        read[name] = [list(both) for both in zip(*sides, strict=True)]

    def of(name: str, words: tuple[int, int]) -> Text:
        return [pair for pair in read[name] if words[0] <= len(pair[0].split()) <= words[1]]

    texts = {"train": of("train", BUCKETS[SEEN])[:sentences], "dev": of("val", BUCKETS[SEEN])[:tests]}
    for bucket, words in BUCKETS.items():
        texts[bucket] = (of("test_2016_flickr", words) + (of("train", words) if bucket != SEEN else []))[:tests]
    return texts


def _vocabulary(texts: Any, config: Config) -> Tokenizer:
    settings = config.tokenizer
    return train_tokenizer(texts, vocabulary_size=settings.vocabulary_size, model=settings.model)
