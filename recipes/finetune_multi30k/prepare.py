"""Fetches Multi30k (task 1, raw text) in four languages, checks it, and unpacks it. Safe to run twice."""

import argparse
import gzip
import hashlib
import urllib.request
from pathlib import Path

COMMIT = "a3d2e0d26b56f3846f66a952536ffed4e401d05a"
ADDRESS = f"https://raw.githubusercontent.com/multi30k/dataset/{COMMIT}/data/task1/raw"
SHA256 = {  # of the unpacked text
    "train.en": "460a15fbd157e34a7a9957ee388c1ca247fe47af3ef25fb50442af6c274e0fc6",
    "train.de": "2c2b73fd2b548fbcde3a875e0a78d6ee94d498bfdee6bd3eae3945779e9ddf72",
    "train.cs": "2be68b38c8d586ff4f54eb13cc6e1baaaa053695b3f070d3038303a47f2268da",
    "val.en": "1f2a23d992769b5b3d209b0a10dd0b77c08cceb1f20dfb97ed0aafa49d107227",
    "val.de": "660e09eb7e1da2f856ea13ee5ad3cf6d36b3d5b0b733c857e94c5747a3dfc660",
    "val.cs": "d53827e469b0a1ca8d57e9e26b2b64c4bc4b33f5479c7b03ae87ae5c882c3e33",
    "test_2016_flickr.en": "399a4382932c1aadd3ceb9bef1008d388a64c76d4ae4e9d4728c6f4301cac182",
    "test_2016_flickr.de": "4be6b5b3236b79c25475c6bb829800a7ce559e9ba7a1f6c2394fe4d40be46d16",
    "test_2016_flickr.cs": "45adb85f688de8407fddcbe1b36dca15d12aab868149b337e2576f2d6d2ff8d8",
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
