import csv
import gzip
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.config import Corpus
from seq2seq.data.corpus import Pair, read_pairs
from seq2seq.data.tables import Columns, read_text_table
from seq2seq.errors import DataError

CATS = [("A cat", "Un chat"), ("Cats", "Des chats")]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff"))


def texts_of(path, **settings):
    pairs = read_pairs(Corpus(path=str(path), **settings), source_language="en", target_language="fr")
    return [(pair.source, pair.target) for pair in pairs]


def table(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(gzip.compress(content.encode()) if path.suffix == ".gz" else content.encode())
    return path


def raises(message):
    return pytest.raises(DataError, match=re.escape(message))


class TestTsv:
    def test_without_a_header_the_first_two_columns_are_taken(self, tmp_path):
        assert texts_of(table(tmp_path, "x.tsv", "A cat\tUn chat\tTatoeba\nCats\tDes chats\t\n")) == CATS

    def test_gzip(self, tmp_path):
        assert texts_of(table(tmp_path, "x.tsv.gz", "A cat\tUn chat\nCats\tDes chats\n")) == CATS

    @pytest.mark.parametrize("header", ["fr\tid\ten", "target\tid\tsource", "tgt\tid\tsrc"])
    def test_a_header_of_usual_names_is_found(self, tmp_path, header):
        assert texts_of(table(tmp_path, "x.tsv", f"{header}\nUn chat\t1\tA cat\nDes chats\t2\tCats\n")) == CATS

    def test_named_columns(self, tmp_path):
        path = table(tmp_path, "x.tsv", "French\tEnglish\nUn chat\tA cat\nDes chats\tCats\n")
        assert texts_of(path, source_column="English", target_column="French") == CATS

    def test_one_numbered_column_that_is_the_other_too_is_refused(self, tmp_path):
        path = tmp_path / "pairs.tsv"
        path.write_text("a\tb\n", encoding="utf-8")
        with pytest.raises(DataError, match=r"source and target are both column 1: set the other column too"):
            list(read_pairs(Corpus(path=str(path), source_column="1"), source_language="en", target_language="fr"))

    def test_one_named_column_leaves_the_other_to_be_found(self, tmp_path):
        path = table(tmp_path, "x.tsv", "fr\ten\tEnglish\nUn chat\t?\tA cat\nDes chats\t?\tCats\n")
        assert texts_of(path, source_column="English") == CATS

    def test_numbered_columns(self, tmp_path):
        path = table(tmp_path, "x.tsv", "1\tUn chat\tA cat\n2\tDes chats\tCats\n")
        assert texts_of(path, source_column="2", target_column="1") == CATS

    def test_numbered_columns_skip_a_known_header(self, tmp_path):
        path = table(tmp_path, "x.tsv", "fr\ten\nUn chat\tA cat\nDes chats\tCats\n")
        assert texts_of(path, source_column="1", target_column="0") == CATS

    def test_numbers_in_the_first_row_are_no_header(self, tmp_path):
        path = table(tmp_path, "x.tsv", "0\t1\n")
        assert texts_of(path, source_column="0", target_column="1") == [("0", "1")]

    @pytest.mark.parametrize("word", ["null", "NA", "None", "nan", "", "#N/A", '"', '"quoted', "'", "\\N", "1", "true"])
    def test_words_are_text_whatever_they_say(self, tmp_path, word):
        assert texts_of(table(tmp_path, "x.tsv", f"x\ty\n{word}\t{word}\n")) == [("x", "y"), (word, word)]

    def test_lines_count_from_one_with_the_header(self, tmp_path):
        path = table(tmp_path, "x.tsv", "en\tfr\nA cat\tUn chat\n")
        pairs = read_pairs(Corpus(path=str(path)), source_language="en", target_language="fr")
        assert list(pairs) == [Pair("A cat", "Un chat", str(path), 2)]

    def test_a_missing_cell_names_file_and_line(self, tmp_path):
        path = table(tmp_path, "x.tsv", "A cat\tUn chat\nCats\n")
        message = "line 2: the target is missing or null: mend or remove it, or name another target_column"
        with raises(f"{path}, {message}"):
            texts_of(path)

    def test_unknown_names_list_the_columns(self, tmp_path):
        path = table(tmp_path, "x.tsv", "en\tfr\nA cat\tUn chat\n")
        message = "no column English; the columns are en, fr: set source_column and target_column"
        with raises(f"{path}: {message}"):
            texts_of(path, source_column="English")

    def test_an_empty_table_is_refused(self, tmp_path):
        path = table(tmp_path, "x.tsv", "")
        with raises(f"{path} is empty: check how it was made"):
            texts_of(path)

    def test_a_table_of_a_header_alone_is_refused(self, tmp_path):
        with raises("is empty: check how it was made"):
            texts_of(table(tmp_path, "x.tsv", "en\tfr\n"))


class TestCsv:
    def test_quoted_cells_hold_commas_quotes_and_line_feeds(self, tmp_path):
        path = table(tmp_path, "x.csv", 'en,fr\n"A ""cat"", here","Un\nchat"\n\nNA,null\n')
        pairs = list(read_pairs(Corpus(path=str(path)), source_language="en", target_language="fr"))
        assert pairs == [Pair('A "cat", here', "Un\nchat", str(path), 2), Pair("NA", "null", str(path), 5)]

    def test_an_unbalanced_quote_names_file_and_line(self, tmp_path):
        path = table(tmp_path, "x.csv", 'en,fr\nA cat,Un chat\n"Cats,Des chats\nx,y\n')
        with raises(f"{path}, line 3: is not CSV (unexpected end of data): look for an unbalanced quote"):
            texts_of(path)

    @given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
    def test_what_a_writer_writes_comes_back(self, rows):
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows([("en", "fr"), *rows])
        lines = iter(buffer.getvalue().removesuffix("\n").split("\n"))
        cells = read_text_table(Path("x.csv"), lines, Columns("en", "fr"))
        assert [texts for _, *texts in cells] == [list(row) for row in rows]


class TestJson:
    @pytest.mark.parametrize("name", ["x.jsonl", "x.json", "x.jsonl.gz"])
    def test_a_translation_object_is_found_by_languages(self, tmp_path, name):
        rows = "".join(json.dumps({"id": "1", "translation": {"en": en, "fr": fr}}) + "\n" for en, fr in CATS)
        assert texts_of(table(tmp_path, name, rows)) == CATS

    def test_flat_columns_are_found_by_languages(self, tmp_path):
        assert texts_of(table(tmp_path, "x.jsonl", '{"fr": "Un chat", "en": "A cat"}\n\n')) == CATS[:1]

    def test_dotted_columns(self, tmp_path):
        path = table(tmp_path, "x.jsonl", '{"a": {"b": {"c": "A cat"}, "b.d": "Un chat"}, "e.f": "no"}\n')
        with raises("no column a.b.c; the columns are a.b, a.b.d, e.f"):
            texts_of(path, source_column="a.b.c", target_column="a.b.d")
        path = table(tmp_path, "y.jsonl", '{"a": {"b": "A cat"}, "a.c": "Un chat"}\n')
        assert texts_of(path, source_column="a.b", target_column="a.c") == CATS[:1]

    def test_lists_of_languages_and_translations(self, tmp_path):
        row = {"translation": {"language": ["de", "fr", "fr", "en"], "translation": ["?", "Un chat", "?", "A cat"]}}
        assert texts_of(table(tmp_path, "x.jsonl", json.dumps(row))) == CATS[:1]

    def test_line_separators_stay_inside_a_text(self, tmp_path):
        rows = '{"en": "A\u2028cat\x85", "fr": "Un\\nchat"}\n'
        assert texts_of(table(tmp_path, "x.jsonl", rows)) == [("A\u2028cat\x85", "Un\nchat")]

    @pytest.mark.parametrize("line", ["{", "[" * 100_000])
    def test_what_is_not_json_names_file_and_line(self, tmp_path, line):
        path = table(tmp_path, "x.jsonl", f'{{"en": "A cat", "fr": "Un chat"}}\n{line}\n')
        with raises(f"{path}, line 2: is not JSON (") as caught:
            texts_of(path)
        assert str(caught.value).endswith("): write one JSON object a line (from an array: jq -c '.[]')")

    def test_an_array_is_refused(self, tmp_path):
        with raises("x.json, line 1: is a list: write one JSON object a line"):
            texts_of(table(tmp_path, "x.json", '[{"en": "A cat", "fr": "Un chat"}]'))

    @pytest.mark.parametrize(
        ("value", "received"),
        [
            ("null", "is missing or null: mend or remove it, or name another target_column"),
            ("3", "is int, not text: mend or remove it, or name another target_column"),
            ('["Un chat"]', "is list, not text: mend or remove it"),
            ('"Un\\u0000chat"', "holds a NUL character: look for binary data"),
            ('"Un \\ud83d chat"', "holds half of a surrogate pair: write it as UTF-8, or remove it"),
        ],
    )
    def test_a_cell_that_is_no_text_names_file_and_line(self, tmp_path, value, received):
        path = table(tmp_path, "x.jsonl", f'{{"en": "A cat", "fr": "Un chat"}}\n{{"en": "Cats", "fr": {value}}}\n')
        with raises(f"{path}, line 2: the target {received}"):
            texts_of(path)

    def test_unclear_columns_are_listed(self, tmp_path):
        path = table(tmp_path, "x.jsonl", '{"id": 1, "translation": {"de": "Eine Katze", "en": "A cat"}}\n')
        message = "which columns hold the text is not clear; the columns are id, translation.de, translation.en: "
        advice = 'set source_column and target_column (inside a struct: "translation.en")'
        with raises(message + advice):
            texts_of(path)


class TestParquet:
    def write(self, tmp_path, columns):
        path = tmp_path / "x.parquet"
        pq.write_table(pa.table(columns), path, row_group_size=2)
        return path

    def test_flat_columns(self, tmp_path):
        en, fr = zip(*CATS, strict=True)
        assert texts_of(self.write(tmp_path, {"id": [1, 2], "fr": fr, "en": en})) == CATS

    def test_a_struct(self, tmp_path):
        structs = [{"en": en, "fr": fr} for en, fr in CATS]
        assert texts_of(self.write(tmp_path, {"translation": structs, "score": [0.5, 0.5]})) == CATS

    def test_lists_of_languages_and_translations(self, tmp_path):
        structs = [{"language": ["fr", "en"], "translation": [fr, en]} for en, fr in CATS]
        assert texts_of(self.write(tmp_path, {"translation": structs})) == CATS

    def test_rows_count_on_over_batches(self, tmp_path):
        path = self.write(tmp_path, {"en": [f"Cat {n}" for n in range(3000)], "fr": [f"Chat {n}" for n in range(3000)]})
        last = list(read_pairs(Corpus(path=str(path)), source_language="en", target_language="fr"))[-1]
        assert last == Pair("Cat 2999", "Chat 2999", str(path), 3000)

    def test_null_names_file_and_row(self, tmp_path):
        path = self.write(tmp_path, {"en": ["A cat", None], "fr": ["Un chat", "Des chats"]})
        with raises(f"{path}, row 2: the source is missing or null: mend or remove it"):
            texts_of(path)

    def test_damage_is_reported(self, tmp_path):
        path = table(tmp_path, "x.parquet", "A cat")
        with raises(f"{path} is not sound Parquet (") as caught:
            texts_of(path)
        assert str(caught.value).endswith("): copy or download it again")


@pytest.mark.parametrize("name", ["x.xlsx", "x.parquet.gz", "x", "x.gz"])
def test_an_unknown_extension_lists_the_known(tmp_path, name):
    known = ".parquet, or .tsv, .csv, .jsonl, .json (also with .gz); two text files are source and target"
    with raises(f"{tmp_path / name} has an unknown extension: a table is {known}"):
        texts_of(table(tmp_path, name, ""))


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

    def test_an_unknown_split_is_reported_with_its_cause(self, folder):
        with raises(f'the data set {folder} cannot be read (ValueError: Unknown split "dev"') as caught:
            self.pairs(folder, split="dev")
        assert "check hub, configuration, split and revision" in str(caught.value)
        assert isinstance(caught.value.__cause__, ValueError)

    def test_named_columns_are_checked(self, folder):
        with raises(f"{folder}: no column anglais; the columns are "):
            self.pairs(folder, source_column="anglais")

    def test_an_unreachable_hub_is_reported_with_its_cause(self, monkeypatch):
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
