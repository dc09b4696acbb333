"""What the recipes share."""

import gzip
import hashlib
import io
import json
import runpy
from pathlib import Path

import pytest

plumbing = runpy.run_path(str(Path(__file__).parents[1] / "recipes" / "shared" / "plumbing.py"))


def test_results_go_between_the_marks_of_a_readme_and_nowhere_else(tmp_path):
    readme = tmp_path / "README.md"
    plumbing["replace_results"](readme, "text")
    assert not readme.exists()
    begin, end = plumbing["BEGIN"], plumbing["END"]
    readme.write_text(f"before\n{begin}\nold\n\nold\n{end}\nafter\n<!-- other -->\nkept\n{end}\n", encoding="utf-8")
    for _ in range(2):
        plumbing["replace_results"](readme, r"new \1")
    assert readme.read_text(encoding="utf-8") == (
        f"before\n{begin}\nnew \\1\n{end}\nafter\n<!-- other -->\nkept\n{end}\n"
    )


def test_multi30k_is_fetched_once_and_checked(tmp_path, monkeypatch):
    text, calls = b"A man sleeps.\n", []

    def urlopen(address, timeout):
        calls.append(address)
        return io.BytesIO(gzip.compress(text))

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    digest = hashlib.sha256(text).hexdigest()
    for _ in range(2):
        plumbing["fetch_multi30k"](tmp_path / "data", {"train.en": digest})
    assert (tmp_path / "data" / "train.en").read_bytes() == text
    assert [address.rsplit("/", 1)[1] for address in calls] == ["train.en.gz"]
    with pytest.raises(SystemExit, match=r"val\.en\.gz is not Multi30k's val\.en \(another SHA-256\)"):
        plumbing["fetch_multi30k"](tmp_path / "data", {"val.en": "0" * 64})
    assert not (tmp_path / "data" / "val.en").exists()


def test_seeds_agree_where_all_find_the_same_difference():
    agree = plumbing["agree"]
    assert agree([(1.0, 0.01), (2.0, 0.04)])
    assert agree([(-1.0, 0.01)])
    assert not agree([(1.0, 0.01), (-2.0, 0.01)])
    assert not agree([(1.0, 0.01), (2.0, 0.05)])
    assert not agree([(0.0, None)])


def test_seeds_are_told_by_their_mean_and_their_ends():
    over_seeds = plumbing["over_seeds"]
    assert over_seeds([2.0]) == "2.0"
    assert over_seeds([1.0, 4.0, 2.5], 2) == "2.50 (1.00 to 4.00)"


def test_no_recipe_can_be_taken_for_a_library():
    """Pandas, which datasets loads, looks for a library `bottleneck`, and dies where it finds the recipe instead."""
    recipes = Path(__file__).parents[1] / "recipes"
    lines = [
        line
        for path in [*recipes.glob("*.py"), *recipes.glob("*/*.py")]
        for line in path.read_text(encoding="utf-8").split("\n")
        if "sys.path.append" in line
    ]
    assert len(lines) > 5
    for line in lines:
        assert '"shared"' in line or "FOLDER" in line  # the recipe's folder


def test_published_results_stay_until_they_are_made_again(tmp_path):
    with_published = plumbing["with_published"]
    path, names = tmp_path / "results.json", ["first", "second", "third"]
    new = [{"row": "second", "BLEU": 2.0}]
    assert with_published(new, path, "row", names) == new
    published = [{"row": "third", "BLEU": 3.0}, {"row": "gone", "BLEU": 9.0}, {"row": "second", "BLEU": 0.0}]
    path.write_text(json.dumps([*published, {"row": "first", "BLEU": 1.0}]), encoding="utf-8")
    together = [{"row": "first", "BLEU": 1.0}, {"row": "second", "BLEU": 2.0}, {"row": "third", "BLEU": 3.0}]
    assert with_published(new, path, "row", names) == together
