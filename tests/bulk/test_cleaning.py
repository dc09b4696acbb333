import pytest

from seq2seq.bulk.cleaning import CleanJob
from seq2seq.bulk.shards import shards_in
from seq2seq.bulk.worker import do
from seq2seq.data.cleaning import Cleaner
from seq2seq.data.corpus import Pair
from seq2seq.errors import DataError
from seq2seq.settings.config import Cleaning

PAIRS = [
    ("A  cat &amp; a dog.", "Un chat et un chien."),
    ("A cat.", ""),
    ("A cat & a dog.", "Un chat et un chien."),
    ("He sleeps.", "Il dort."),
    ("word " * 30, "mot"),
]


def shards_of(folder, pairs):
    for side, texts in zip(("en", "fr"), zip(*pairs, strict=True), strict=True):
        (folder / f"raw.{side}").write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    (folder / "out").mkdir(exist_ok=True)
    return shards_in([str(folder / "raw.en")], str(folder / "out"), [str(folder / "raw.fr")])


def test_pairs_are_cleaned_as_training_does_it(tmp_path):
    [shard] = shards_of(tmp_path, PAIRS)
    settings = Cleaning(max_ratio=2.0)
    *_, last = do(CleanJob(settings.model_dump()), shard)
    cleaner = Cleaner(settings)
    kept = list(cleaner.clean(Pair(*pair, "raw.en", line) for line, pair in enumerate(PAIRS, 1)))
    assert [pair.source for pair in kept] == ["A cat & a dog.", "He sleeps."]
    for side, place in ((0, "raw.en"), (1, "raw.fr")):
        assert (tmp_path / "out" / place).read_text("utf-8").splitlines() == [pair[side] for pair in kept]
    assert last["results"]["counts"] == cleaner.counts
    assert (cleaner.counts["duplicates"], cleaner.counts["empty"], cleaner.counts["length_ratio"]) == (1, 1, 1)


def test_shard_is_cleaned_again_where_a_filter_has_changed(tmp_path):
    [shard] = shards_of(tmp_path, PAIRS)

    def made(**settings):
        return list(do(CleanJob(Cleaning(**settings).model_dump()), shard))[-1]["made"]

    assert [made(), made(), made(max_words=5), made(max_words=5)] == [True, False, True, False]
    assert (tmp_path / "out" / "raw.fr").write_text("Il dort.\n", encoding="utf-8")
    assert made(max_words=5)


def test_second_output_is_not_replaced_either(tmp_path):
    [shard] = shards_of(tmp_path, PAIRS)
    (tmp_path / "out" / "raw.fr").write_text("Le mien.\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"out/raw\.fr would be replaced.* no record raw\.en\.json that lists it"):
        list(do(CleanJob(Cleaning().model_dump()), shard))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["raw.fr"]


def test_empty_pair_of_files_has_empty_outputs_and_one_that_is_empty_alone_is_refused(tmp_path):
    (tmp_path / "raw.en").touch()
    (tmp_path / "raw.fr").touch()
    (tmp_path / "out").mkdir()
    [shard] = shards_in([str(tmp_path / "raw.en")], str(tmp_path / "out"), [str(tmp_path / "raw.fr")])
    job = CleanJob(Cleaning().model_dump())
    assert list(do(job, shard))[-1]["made"]
    assert [(tmp_path / "out" / name).read_bytes() for name in ("raw.en", "raw.fr")] == [b"", b""]
    assert not list(do(job, shard))[-1]["made"]
    (tmp_path / "raw.fr").write_text("Il dort.\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"different lengths \(0 and 1 lines\)"):
        list(do(job, shard))
