"""Pairs from Parquet files and hub data sets."""

import json
import os
import subprocess
import sys
import tracemalloc

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seq2seq.data.corpus import Pair, read_pairs
from seq2seq.settings.config import Corpus

CATS = [("A cat", "Un chat"), ("Cats", "Des chats")]


class TestParquet:
    def write(self, tmp_path, columns):
        path = tmp_path / "x.parquet"
        pq.write_table(pa.table(columns), path, row_group_size=2)
        return path

    def test_flat_columns(self, tmp_path, texts_of):
        en, fr = zip(*CATS, strict=True)
        assert texts_of(self.write(tmp_path, {"id": [1, 2], "fr": fr, "en": en})) == CATS

    def test_a_struct(self, tmp_path, texts_of):
        structs = [{"en": en, "fr": fr} for en, fr in CATS]
        assert texts_of(self.write(tmp_path, {"translation": structs, "score": [0.5, 0.5]})) == CATS

    def test_lists_of_languages_and_translations(self, tmp_path, texts_of):
        structs = [{"language": ["fr", "en"], "translation": [fr, en]} for en, fr in CATS]
        assert texts_of(self.write(tmp_path, {"translation": structs})) == CATS

    def test_rows_count_on_over_batches(self, tmp_path):
        path = self.write(tmp_path, {"en": [f"Cat {n}" for n in range(3000)], "fr": [f"Chat {n}" for n in range(3000)]})
        last = list(read_pairs(Corpus(path=str(path)), source_language="en", target_language="fr"))[-1]
        assert last == Pair("Cat 2999", "Chat 2999", str(path), 3000)

    def test_null_drops_its_row(self, tmp_path, dropped_of):
        path = self.write(tmp_path, {"en": ["A cat", None, "Cats"], "fr": ["Un chat", "Des chiens", "Des chats"]})
        assert dropped_of(path) == ([("missing", f"{path}, row 2")], CATS)

    def test_the_first_bytes_tell_parquet(self, tmp_path, texts_of):
        path = self.write(tmp_path, dict(zip(("en", "fr"), zip(*CATS, strict=True), strict=True)))
        assert texts_of(path.rename(tmp_path / "x.tsv")) == CATS

    @pytest.mark.parametrize(
        ("column", "kind"),
        [
            (pa.array([1, 2], pa.duration("ns")), "duration[ns]"),
            (pa.array([1, 2]), "int64"),
            (pa.array([b"A cat", b"Cats"]), "binary"),
            (pa.nulls(2), "null"),
            (pa.array([["A cat"], ["Cats"]]), "list<element: string>"),
            (pa.array([10**30, 1], pa.decimal128(38)), "decimal128(38, 0)"),
        ],
    )
    def test_a_column_of_another_type_is_refused(self, tmp_path, column, kind, texts_of, raises):
        with raises(f"x.parquet: column en holds {kind}, not text: name another column"):
            texts_of(self.write(tmp_path, {"en": column, "fr": ["Un chat", "Des chats"]}))

    @pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())])
    def test_other_types_of_text_are_read(self, tmp_path, kind, texts_of):
        sides = [pa.array(side).cast(kind) for side in zip(*CATS, strict=True)]
        assert texts_of(self.write(tmp_path, dict(zip(("en", "fr"), sides, strict=True)))) == CATS

    def test_a_text_that_many_rows_share_takes_its_memory_once(self, tmp_path, dropped_of):
        shared = pa.DictionaryArray.from_arrays(
            pa.array([1] * 10 + [0] * 90 + [1] * 900, pa.int32()), ["x" * (2 << 20), "x y"]
        )
        path = self.write(tmp_path, {"en": shared, "fr": [f"un {number} chat" for number in range(1000)]})
        tracemalloc.start()
        try:
            dropped, texts = dropped_of(path)
            assert tracemalloc.get_traced_memory()[1] < 200 << 20
        finally:
            tracemalloc.stop()
        assert (len(dropped), len(texts)) == (90, 910)

    def test_a_row_group_that_expands_to_too_much_is_refused(self, tmp_path, monkeypatch, texts_of, raises):
        monkeypatch.setattr("seq2seq.data.arrow_tables._GROUP_BYTES", 50)
        with raises("row group 0 of column en expands to 0 MB in 2 rows: write the file anew, with smaller row groups"):
            texts_of(self.write(tmp_path, dict(zip(("en", "fr"), zip(*CATS, strict=True), strict=True))))

    def test_damage_is_reported(self, tmp_path, texts_of, table, raises):
        path = table(tmp_path, "x.parquet", "A cat")
        with raises(f"{path} is not sound Parquet (") as caught:
            texts_of(path)
        assert str(caught.value).endswith("): copy or download it again")


class TestHub:
    @pytest.fixture(autouse=True)
    def no_progress_bars_and_own_cache(self, tmp_path, monkeypatch):
        monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
        datasets.disable_progress_bars()
        yield
        datasets.enable_progress_bars()

    def pairs(self, folder, **settings):
        return list(read_pairs(Corpus(hub=str(folder), **settings), source_language="en", target_language="fr"))

    @pytest.fixture(params=["translation", "variable", "flat", "jsonl"])
    def folder(self, request, tmp_path):
        folder = tmp_path / "cats"
        folder.mkdir()
        rows = [{"translation": {"en": en, "fr": fr}} for en, fr in CATS]
        features = datasets.Features({"translation": datasets.Translation(languages=["en", "fr"])})
        if request.param == "variable":
            features = datasets.Features({"translation": datasets.TranslationVariableLanguages(languages=["en", "fr"])})
            rows = [{"translation": {"language": ["en", "fr"], "translation": list(pair)}} for pair in CATS]
        if request.param == "flat":
            features, rows = None, [{"id": 1, "en": en, "fr": fr} for en, fr in CATS]
        if request.param == "jsonl":
            (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        else:
            datasets.Dataset.from_list(rows, features=features).to_parquet(folder / "train.parquet")
        return folder

    def test_a_local_folder_is_read(self, folder):
        assert self.pairs(folder) == [
            Pair("A cat", "Un chat", f"{folder}/train", 1),
            Pair("Cats", "Des chats", f"{folder}/train", 2),
        ]

    def test_a_slice_is_read(self, folder):
        assert [pair.source for pair in self.pairs(folder, split="train[1:]")] == ["Cats"]

    def test_an_unknown_split_is_reported_with_its_cause(self, folder, raises):
        with raises(f'the data set {folder} cannot be read (ValueError: Unknown split "dev"') as caught:
            self.pairs(folder, split="dev")
        assert "check hub, configuration, split and revision" in str(caught.value)
        assert isinstance(caught.value.__cause__, ValueError)

    def test_named_columns_are_checked(self, folder, raises):
        with raises(f"{folder}: no column anglais; the columns are "):
            self.pairs(folder, source_column="anglais")

    def test_an_unreachable_hub_is_reported_with_its_cause(self, monkeypatch, raises):
        def unreachable(*args, **kwargs):
            raise ConnectionError("no route to host")

        monkeypatch.setattr(datasets, "load_dataset", unreachable)
        message = (
            "the data set opus_books cannot be reached (no route to host): is this machine offline, or HF_HUB_OFFLINE"
        )
        with raises(message) as caught:
            self.pairs("opus_books", configuration="en-fr")
        assert isinstance(caught.value.__cause__, ConnectionError)

    def test_offline_mode_is_reported_at_once(self, tmp_path):
        code = (
            "from seq2seq.data.corpus import *; "
            "list(read_pairs(Corpus(hub='nobody/cats'), source_language='en', target_language='fr'))"
        )
        environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
        assert "DataError: the data set nobody/cats cannot be reached (" in done.stderr
