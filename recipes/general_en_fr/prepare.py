"""Makes the texts that the translator learns from, is chosen by, and is scored on, from a folder of corpora.

Nothing is downloaded: README.md says where each corpus comes from and under which licence.
"""

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b, sha256
from itertools import islice
from pathlib import Path

from templates import HERE, read, sentences
from variations import joined, renamed

from seq2seq import phrases
from seq2seq.data.cleaning import Cleaner
from seq2seq.data.corpus import Pair, read_pairs
from seq2seq.settings.config import Cleaning, Corpus

Sides = tuple[str, str]
TRAIN = {
    "tatoeba": "tatoeba/train.en-fr",
    "laws": "canada-laws/train.en-fr",
    "python": "python-docs/train.en-fr",
    "django": "django-docs/train.en-fr",
}
TESTS = {
    "conversation": "tatoeba/dev.en-fr",
    "news": "wmt-news/newstest2013.en-fr",
    "laws": "canada-laws/dev.en-fr",
    "captions": "multi30k/val",
}
OTHER_TESTS = ("multi30k/test_2016_flickr",)  # not scored here, and kept out of the training text all the same
LISTS = ("everyday.tsv", "names_and_numbers.tsv")
DEV = {"tatoeba": 800, "laws": 200, "templates": 200}  # pairs of each to choose the best checkpoint by
PHRASES, TEMPLATES, JOINED = 50_000, 80_000, 30_000
CLEANING = Cleaning(max_words=60, max_characters=500)


def prepare(data: Path, folder: Path, scale: float = 1.0) -> dict[str, int]:
    """Make the folder hold a file for each language and corpus, and the test sets in `test`.

    Args:
        data: where the corpora are.
        folder: where to put the texts.
        scale: share of what is generated, and of the dev set; less than 1 for a trial.

    Returns:
        the pairs of each corpus; also in `counts.json`, which is written last.
    """
    require(data)
    stamp = fingerprint(data, scale)
    if (folder / "counts.json").exists():
        before = json.loads((folder / "counts.json").read_text(encoding="utf-8"))
        if before["made_of"] == stamp:
            return before["pairs"]
    cleaner = Cleaner(CLEANING)
    tests = {name: normalised(cleaner, data / place) for name, place in TESTS.items()}
    hidden = [*tests.values(), *(normalised(cleaner, data / place) for place in OTHER_TESTS)]
    fence = Fence([pair for pairs in hidden for pair in pairs] + [pair for name in LISTS for pair in listed(name)])
    train = {name: list(fence.outside(cleaned(cleaner, data / place))) for name, place in TRAIN.items()}
    train["templates"] = list(fence.outside(sentences(int(TEMPLATES * scale))))
    dev = [pair for name, count in DEV.items() for pair in drawn(train[name], int(count * scale))]
    fence.add(dev)
    train = {name: list(fence.outside(pairs)) for name, pairs in train.items()}
    train["renamed"] = list(fence.outside(renamed(train["tatoeba"], copies=2)))
    train["joined"] = list(joined(train["tatoeba"], int(JOINED * scale)))
    train["phrasebook"] = list(fence.outside(written(int(PHRASES * scale))))
    for name, pairs in {**train, "dev": dev, **{f"test/{name}": pairs for name, pairs in tests.items()}}.items():
        write(folder / name, pairs)
    counts = {name: len(pairs) for name, pairs in {**train, "dev": dev}.items()}
    print(f"{cleaner.report()}\nkept out, as a side of theirs is in a test or dev set: {fence.stopped:,} pairs")
    text = json.dumps({"made_of": stamp, "kept_out": fence.stopped, "pairs": counts}, indent=1) + "\n"
    (folder / "counts.json").write_text(text, encoding="utf-8")
    return counts


class Fence:
    """Keeps out what is in a test or dev set: a pair of which either side says the same, but for case and marks.

    Args:
        pairs: English and French of the test sets.

    Attributes:
        stopped: pairs that were kept out so far.
    """

    def __init__(self, pairs: Iterable[Sides]):
        self._sides: tuple[set[str], set[str]] = (set(), set())
        self.stopped = 0
        self.add(pairs)

    def add(self, pairs: Iterable[Sides]) -> None:
        for pair in pairs:
            for side, text in zip(self._sides, pair, strict=True):
                side.add(_plain(text))

    def outside(self, pairs: Iterable[Sides]) -> Iterator[Sides]:
        """The pairs that are in no such set."""
        for pair in pairs:
            if any(_plain(text) in side for side, text in zip(self._sides, pair, strict=True)):
                self.stopped += 1
            else:
                yield pair


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def require(data: Path) -> None:
    """See that every corpus is there.

    Raises:
        SystemExit: some are not; names them.
    """
    places = [*TRAIN.values(), *TESTS.values(), *OTHER_TESTS]
    missing = [f"{place}.{tag}" for place in places for tag in ("en", "fr") if not (data / f"{place}.{tag}").is_file()]
    if missing:
        listed_files = "\n  ".join(missing)
        raise SystemExit(
            f"error: {data} lacks\n  {listed_files}\nPut them there (recipes/general_en_fr/README.md says where each "
            "comes from), or name the folder that has them with --data DIR or SEQ2SEQ_DATA"
        )


def fingerprint(data: Path, scale: float) -> str:
    """What the texts are made of: the corpora, this recipe's files, and the scale."""
    digest = sha256(str(scale).encode())
    places = [*TRAIN.values(), *TESTS.values(), *OTHER_TESTS]
    files = [data / f"{place}.{tag}" for place in places for tag in ("en", "fr")]
    for path in [*files, *sorted(HERE.glob("*.tsv")), *sorted(HERE.glob("*.py"))]:
        digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def pairs_of(place: Path) -> Iterator[Pair]:
    corpus = Corpus(source=f"{place}.en", target=f"{place}.fr")
    return read_pairs(corpus, source_language="en", target_language="fr", drop=lambda reason, where: None)


def normalised(cleaner: Cleaner, place: Path) -> list[Sides]:
    """A test set, with the quotes and spaces that training has; no pair is left out."""
    return [(cleaner.normalise(pair.source), cleaner.normalise(pair.target)) for pair in pairs_of(place)]


def cleaned(cleaner: Cleaner, place: Path) -> Iterator[Sides]:
    return ((pair.source, pair.target) for pair in cleaner.clean(pairs_of(place)))


def listed(name: str) -> list[Sides]:
    """The sentences of a list that is translated in the end, each with every French sentence beside it."""
    return [(line[0], french) for line in read(name) for french in line[2:]]


def drawn(pairs: Sequence[Sides], count: int) -> list[Sides]:
    """So many pairs with different English sentences, chosen by their text alone."""
    distinct = dict(reversed(pairs))
    return sorted(distinct.items(), key=lambda pair: blake2b(pair[0].encode(), digest_size=8).digest())[:count]


def written(count: int) -> Iterator[Sides]:
    """Sentences of the embedded phrasebook."""
    return ((phrase.english, phrase.french) for phrase in islice(phrases("train", count, max_words=14), count))


def write(path: Path, pairs: Sequence[Sides]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for side, tag in enumerate(("en", "fr")):
        text = "".join(f"{pair[side]}\n" for pair in pairs)
        Path(f"{path}.{tag}").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="where the corpora are")
    parser.add_argument("folder", type=Path, help="where to put the texts")
    options = parser.parse_args()
    for name, count in prepare(options.data, options.folder).items():
        print(f"{name:<12} {count:>9,} pairs")
