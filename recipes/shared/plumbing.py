"""What the recipes share beside their stories: the README's section of results, hardware facts, and Multi30k."""

import gzip
import hashlib
import re
import urllib.request
from collections.abc import Mapping
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


def hardware(about: Mapping[str, Any]) -> str:
    """What a run was trained on, from its about.json: processor, device, backend, precision."""
    return f"{about['hardware']}, {about['device']}, {about['backend']}, {about['precision']}"


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
