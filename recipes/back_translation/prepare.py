"""Fetches Multi30k (task 1, raw text), checks it, and unpacks it. Safe to run twice."""

import argparse
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "shared"))  # for what the recipes share
from plumbing import fetch_multi30k

SHA256 = {  # of the unpacked text
    "train.en": "460a15fbd157e34a7a9957ee388c1ca247fe47af3ef25fb50442af6c274e0fc6",
    "train.fr": "5925a3c18f1587b6b54b87743106e6e8ab93618edb6f65d19eac0621f853a10d",
    "val.en": "1f2a23d992769b5b3d209b0a10dd0b77c08cceb1f20dfb97ed0aafa49d107227",
    "val.fr": "5304e444d842e962b2dda4d816b70b22a1765b15401642b7ca37a67477e708dc",
    "test_2016_flickr.en": "399a4382932c1aadd3ceb9bef1008d388a64c76d4ae4e9d4728c6f4301cac182",
    "test_2016_flickr.fr": "cb3160d69b002bb638e66cc7612fcd56cb0af82eadc9c142dedc438afb885ef6",
}


def prepare(folder: Path) -> None:
    """Make the folder hold every file, checked."""
    fetch_multi30k(folder, SHA256)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where to put it")
    prepare(parser.parse_args().folder)
