import os

import pytest

from seq2seq.bulk.shards import shards_in
from seq2seq.errors import DataError


@pytest.fixture
def folder(tmp_path):
    for name in ("b.en", "a.en.gz", ".hidden"):
        (tmp_path / name).write_text("A cat.\n", encoding="utf-8")
    (tmp_path / "inner").mkdir()
    return tmp_path


def test_folder_gives_its_files_in_order_without_hidden_ones_and_folders(folder):
    shards = shards_in([str(folder)], str(folder / "out"))
    assert [shard.name for shard in shards] == ["a.en.gz", "b.en"]
    assert [shard.outputs for shard in shards] == [(str(folder / "out" / "a.en"),), (str(folder / "out" / "b.en"),)]
    assert shards[0].record == folder / "out" / "a.en.json"


def test_paths_are_absolute_so_that_workers_elsewhere_find_them(folder, monkeypatch):
    monkeypatch.chdir(folder)
    [shard] = shards_in(["b.en"], "out")
    assert shard == shards_in([str(folder / "b.en")], str(folder / "out"))[0]
    assert shard.bytes() == 7


def test_link_to_nothing_is_a_shard_whose_fault_is_found_later(folder):
    (folder / "gone.en").symlink_to(folder / "nothing")
    shards = shards_in([str(folder)], str(folder / "out"))
    assert [shard.bytes() for shard in shards] == [7, 7, 0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipe_that_is_named_is_refused_before_the_work(folder):
    os.mkfifo(folder / "pipe.en")
    (folder / "link.en").symlink_to(folder / "pipe.en")
    for name in ("pipe.en", "link.en"):
        with pytest.raises(DataError, match=f"{name} is a pipe, which can be read only once"):
            shards_in([str(folder / name)], str(folder / "out"))


@pytest.mark.parametrize(
    ("places", "output", "message"),
    [
        (["c.en"], "out", "c.en does not exist: did you mean b.en"),
        (["inner"], "out", "the folder .*inner has no files"),
        (["b.en", "b.en"], "out", "b.en is named twice: leave one out"),
        (["b.en"], ".", "--output would replace the input .*b.en: choose another folder"),
    ],
)
def test_corpus_that_cannot_be_done_is_refused(folder, places, output, message):
    with pytest.raises(DataError, match=message):
        shards_in([str(folder / place) for place in places], str(folder / output))


def test_output_with_the_name_of_a_record_is_refused(folder):
    (folder / "b.en.json").write_text("A dog.\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"would both be written to .*out/b\.en\.json"):
        shards_in([str(folder / "b.en"), str(folder / "b.en.json")], str(folder / "out"))


def test_sides_belong_together_file_by_file(folder):
    (folder / "b.fr").write_text("Un chat.\n", encoding="utf-8")
    [shard] = shards_in([str(folder / "b.en")], str(folder / "out"), [str(folder / "b.fr")])
    assert [path.split("/")[-1] for path in shard.inputs] == ["b.en", "b.fr"]
    with pytest.raises(DataError, match="there are 1 sources and 2 targets: give as many files on both sides"):
        shards_in([str(folder / "b.en")], str(folder / "out"), [str(folder / "b.fr"), str(folder / "a.en.gz")])
