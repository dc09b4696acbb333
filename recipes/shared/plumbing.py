"""What the recipes share beside their stories: the README's section of results, seeds, hardware facts, and Multi30k."""

import gzip
import hashlib
import json
import re
import statistics
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- results: made by run.py -->", "<!-- end of results -->"
COMMIT = "a3d2e0d26b56f3846f66a952536ffed4e401d05a"
ADDRESS = f"https://raw.githubusercontent.com/multi30k/dataset/{COMMIT}/data/task1/raw"


def replace_results(readme: Path, text: str, *, begin: str = BEGIN, end: str = END) -> None:
    """Put the results into a README, between its two marks; where there is no README, nothing is done."""
    if readme.exists():
        marked = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        replaced = marked.sub(lambda _: f"{begin}\n{text}\n{end}", readme.read_text(encoding="utf-8"))
        readme.write_text(replaced, encoding="utf-8")


def with_published(
    results: Sequence[Mapping[str, Any]], path: Path, key: str, names: Sequence[str]
) -> list[Mapping[str, Any]]:
    """New results, and those that were published before under other names.

    Args:
        results: the new ones.
        path: JSON, a list of what was published before; may be absent.
        key: what holds the name in a result.
        names: of all that may be published, in order; what has another name is dropped.
    """
    published = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    new = {result[key] for result in results}
    kept = [result for result in published if result[key] in names and result[key] not in new]
    return sorted([*kept, *results], key=lambda result: names.index(result[key]))


def hardware(about: Mapping[str, Any]) -> str:
    """What a run was trained on, from its about.json: processor, device, backend, precision."""
    return f"{about['hardware']}, {about['device']}, {about['backend']}, {about['precision']}"


def over_seeds(values: Sequence[float], digits: int = 1) -> str:
    """The mean of what several seeds gave and, where there are several, the lowest and the highest."""
    mean = f"{statistics.mean(values):.{digits}f}"
    return mean if len(values) == 1 else f"{mean} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def meaning(first: str) -> list[str]:
    """Lines below a table that say what its figures are.

    Args:
        first: what the others are compared with, in words.
    """
    return [
        "Means over the seeds; in brackets the lowest and the highest of them. In bold: every seed finds a difference",
        f"from {first} with p < 0.05 (paired bootstrap on the same sentences), all in the same direction.",
    ]


def agree(differences: Sequence[tuple[float, float | None]], level: float = 0.05) -> bool:
    """Whether all seeds find a difference, and in the same direction.

    Args:
        differences: each seed's difference and its p-value, which is None where nothing was compared.
        level: what every p-value must be below.
    """
    told = all(p_value is not None and p_value < level for _, p_value in differences)
    return told and len({difference > 0 for difference, _ in differences}) == 1


def fetch_multi30k(folder: Path, digests: Mapping[str, str]) -> None:
    """Make a folder hold files of Multi30k (task 1, raw text), unpacked and checked. Safe to run twice.

    Args:
        folder: where to put them.
        digests: the SHA-256 of the unpacked text by the name of the file, such as train.en.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, digest in digests.items():
        path = folder / name
        if not path.exists():
            address = f"{ADDRESS}/{name}.gz"
            print(f"downloading {address}")
            with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310
                content = gzip.decompress(answer.read())
            _check(name, digest, content, address)
            part = path.with_name(f".{name}.part")
            part.write_bytes(content)
            part.replace(path)
        _check(name, digest, path.read_bytes(), str(path))


def _check(name: str, digest: str, content: bytes, origin: str) -> None:
    """Refuse text that is not the one the published figures belong to."""
    if hashlib.sha256(content).hexdigest() != digest:
        raise SystemExit(f"{origin} is not Multi30k's {name} (another SHA-256): delete it, or get commit {COMMIT}")
