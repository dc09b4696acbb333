"""Some pairs are set aside before training: a dev set to choose the best weights, a test set for the score."""

import hashlib
import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

from seq2seq.data.corpus import Pair
from seq2seq.errors import DataError
from seq2seq.files import flush_file, move_into_place

SPLITS = ("train", "dev", "test")
_MOST = 1000  # sentences of a dev or test set: enough for an interval of two BLEU, few enough to be measured often
_FEWEST_PAIRS = 100  # of fewer, nothing is set aside: a dev set of nine sentences says nothing


def held_out(pairs: int) -> int:
    """How many pairs each of dev and test set gets of so many: a tenth, at most a thousand; 0 of fewer than 100.

    >>> [held_out(pairs) for pairs in (50, 3000, 150_000)]
    [0, 300, 1000]
    """
    return min(_MOST, pairs // 10) if pairs >= _FEWEST_PAIRS else 0


def split_of(source: str, share: float) -> str:
    """Where a pair belongs: the same for every pair with this source, in whatever order and file.

    Args:
        source: the sentence of the pair in the source language.
        share: of all sentences, the part that dev and test set get each.
    """
    text = " ".join(source.split()).casefold()
    drawn = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8]) / 2**64
    return "dev" if drawn < share else "test" if drawn < 2 * share else "train"


def write_splits(
    pairs: Iterable[Pair], folder: Path, languages: tuple[str, str], share: float
) -> dict[str, tuple[Path, Path]]:
    """Write the pairs into three pairs of files; each has its name only when all are complete.

    Args:
        pairs: the pairs as they are; those with an empty side are left out.
        folder: the folder to make.
        languages: the tags by which the files of both sides end.
        share: of all sentences, the part that dev and test set get each.

    Returns:
        The paths of source and target, by split.

    Raises:
        DataError: there is such a file already, or a set would be empty since nearly all sources are alike.
    """
    endings = languages if languages[0] != languages[1] else ("source", "target")
    paths = {split: (folder / f"{split}.{endings[0]}", folder / f"{split}.{endings[1]}") for split in SPLITS}
    for path in (path for both in paths.values() for path in both):
        if path.exists():
            raise DataError(f"{path} is there already: choose another --output, or remove the folder")
    folder.mkdir(parents=True, exist_ok=True)
    parts = {split: tuple(path.with_name(f".{path.name}.part") for path in both) for split, both in paths.items()}
    try:
        counts = _write(pairs, parts, share)
        if share and not all(counts.values()):
            sizes = ", ".join(f"{split} {count:,}" for split, count in counts.items())
            reason = f"a set would be empty ({sizes} pairs), since pairs with the same source stay together"
            raise DataError(f"{reason}: look at the sources, or give a dev set of yours (--dev), or use --no-split")
        for split, both in paths.items():
            for unfinished, path in zip(parts[split], both, strict=True):
                flush_file(unfinished)
                move_into_place(unfinished, path)
    except BaseException:
        for unfinished in itertools.chain.from_iterable(parts.values()):
            unfinished.unlink(missing_ok=True)
        raise
    return paths


def _write(pairs: Iterable[Pair], parts: Mapping[str, tuple[Path, ...]], share: float) -> Counter[str]:
    """Write the pairs; returns how many each split has."""
    counts = Counter[str](dict.fromkeys(parts, 0))
    with ExitStack() as stack:
        files = {
            split: [stack.enter_context(path.open("w", encoding="utf-8", newline="\n")) for path in both]
            for split, both in parts.items()
        }
        for pair in pairs:
            if pair.source.strip() and pair.target.strip():
                split = split_of(pair.source, share)
                counts[split] += 1
                for text, file in zip(pair[:2], files[split], strict=True):
                    file.write(" ".join(text.splitlines()) + "\n")
    return counts
