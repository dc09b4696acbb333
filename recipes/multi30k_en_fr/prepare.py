"""Fetches Multi30k (task 1, raw text), checks it, and unpacks it. Safe to run twice."""

import argparse
import gzip
import hashlib
import urllib.request
from pathlib import Path

COMMIT = "a3d2e0d26b56f3846f66a952536ffed4e401d05a"
ADDRESS = f"https://raw.githubusercontent.com/multi30k/dataset/{COMMIT}/data/task1/raw"
SHA256 = {  # of the unpacked text
    "train.en": "460a15fbd157e34a7a9957ee388c1ca247fe47af3ef25fb50442af6c274e0fc6",
    "train.fr": "5925a3c18f1587b6b54b87743106e6e8ab93618edb6f65d19eac0621f853a10d",
    "val.en": "1f2a23d992769b5b3d209b0a10dd0b77c08cceb1f20dfb97ed0aafa49d107227",
    "val.fr": "5304e444d842e962b2dda4d816b70b22a1765b15401642b7ca37a67477e708dc",
    "test_2016_flickr.en": "399a4382932c1aadd3ceb9bef1008d388a64c76d4ae4e9d4728c6f4301cac182",
    "test_2016_flickr.fr": "cb3160d69b002bb638e66cc7612fcd56cb0af82eadc9c142dedc438afb885ef6",
}


def check(name: str, content: bytes, origin: str) -> None:
    """Refuse text that is not the one the published figures belong to."""
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise SystemExit(f"{origin} is not Multi30k's {name} (another SHA-256): delete it, or get commit {COMMIT}")


def prepare(folder: Path) -> None:
    """Make the folder hold every file, checked."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SHA256:
        path = folder / name
        if not path.exists():
            print(f"downloading {ADDRESS}/{name}.gz")
            with urllib.request.urlopen(f"{ADDRESS}/{name}.gz", timeout=60) as answer:  # noqa: S310
                content = gzip.decompress(answer.read())
            check(name, content, f"{ADDRESS}/{name}.gz")
            part = path.with_name(f".{name}.part")
            part.write_bytes(content)
            part.replace(path)
        check(name, path.read_bytes(), str(path))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where to put it")
    prepare(parser.parse_args().folder)
