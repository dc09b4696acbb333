import pytest

from seq2seq.data.corpus import Pair
from seq2seq.errors import DataError
from seq2seq.starting.splitting import SPLITS, held_out, split_of, write_splits


def pairs(count):
    return [Pair(f"I see {number} dogs", f"Je vois {number} chiens", "x", number + 1) for number in range(count)]


def test_every_pair_is_in_one_split_and_lines_stay_together(tmp_path):
    paths = write_splits(pairs(1000), tmp_path / "new" / "data", ("en", "fr"), 0.1)
    lines = {split: [path.read_text("utf-8").splitlines() for path in paths[split]] for split in SPLITS}
    together = sorted(pair for both in lines.values() for pair in zip(*both, strict=True))
    assert together == sorted((pair.source, pair.target) for pair in pairs(1000))
    assert all(60 <= len(lines[split][0]) <= 140 for split in ("dev", "test"))
    assert sorted(path.name for path in (tmp_path / "new" / "data").iterdir()) == sorted(
        f"{split}.{language}" for split in SPLITS for language in ("en", "fr")
    )


def test_a_source_is_never_on_two_sides():
    assert split_of("A  Cat", 0.3) == split_of("a cat", 0.3)
    drawn = [split_of(f"sentence {number}", 0.1) for number in range(2000)]
    assert all(140 <= drawn.count(split) <= 260 for split in ("dev", "test"))


def test_empty_sides_are_left_out_and_line_ends_inside_a_cell_are_spaces(tmp_path):
    odd = [Pair("a\nb", "c\u2028d", "x", 1), Pair(" ", "e", "x", 2), Pair("f", "", "x", 3)]
    paths = write_splits(odd, tmp_path, ("en", "en"), 0.0)
    assert [path.name for path in paths["train"]] == ["train.source", "train.target"]
    assert [path.read_text("utf-8") for path in paths["train"]] == ["a b\n", "c d\n"]


def test_files_that_are_there_are_not_replaced(tmp_path):
    (tmp_path / "dev.fr").write_text("mine")
    with pytest.raises(DataError, match=r"dev\.fr is there already: choose another --output"):
        write_splits(pairs(10), tmp_path, ("en", "fr"), 0.1)
    assert [path.name for path in tmp_path.iterdir()] == ["dev.fr"]


def test_sources_that_are_all_alike_are_refused(tmp_path):
    alike = [Pair("a cat", f"{number} chats", "x", number) for number in range(1, 201)]
    with pytest.raises(DataError, match=r"a set would be empty .* pairs with the same source stay together"):
        write_splits(alike, tmp_path, ("en", "fr"), 0.1)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_a_text_that_cannot_be_read(tmp_path):
    def broken():
        yield pairs(1)[0]
        raise DataError("line 2")

    with pytest.raises(DataError, match="line 2"):
        write_splits(broken(), tmp_path, ("en", "fr"), 0.1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("count", "expected"), [(0, 0), (99, 0), (100, 10), (5000, 500), (10**6, 1000)])
def test_a_tenth_is_set_aside(count, expected):
    assert held_out(count) == expected
