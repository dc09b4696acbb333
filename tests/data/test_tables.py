import csv
import io
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.columns import Columns
from seq2seq.data.corpus import Pair, read_pairs
from seq2seq.data.tables import read_text_table
from seq2seq.errors import DataError
from seq2seq.settings.config import Corpus

CATS = [("A cat", "Un chat"), ("Cats", "Des chats")]
WORDS = list(map("".join, itertools.product("abcdefgh", repeat=3)))
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff"))


class TestTsv:
    @pytest.mark.parametrize("name", ["x.tsv", "x.tsv.gz", "x.TSV.GZ", "x.Tsv", "x.tab", "x.txt", "x", "x.tsv.bz2"])
    def test_two_columns_need_no_header(self, tmp_path, name, texts_of, table):
        assert texts_of(table(tmp_path, name, "A cat\tUn chat\nCats\tDes chats\n")) == CATS

    def test_columns_that_are_empty_do_not_count(self, tmp_path, texts_of, table):
        assert texts_of(table(tmp_path, "x.tsv", "\tA cat\tUn chat\t\t\n\tCats\tDes chats\t\t\n")) == CATS

    def test_cells_in_quotes_are_read_as_csv(self, tmp_path, texts_of, table):
        content = '"en"\t"fr"\n"A cat"\t"Un chat"\n"Cats"\t"Des chats"\n'
        assert texts_of(table(tmp_path, "x.tsv", content)) == CATS

    @pytest.mark.parametrize("header", ["fr\tid\ten", "target\tid\tsource", "tgt\tid\tsrc"])
    def test_a_header_of_usual_names_is_found(self, tmp_path, header, texts_of, table):
        assert texts_of(table(tmp_path, "x.tsv", f"{header}\nUn chat\t1\tA cat\nDes chats\t2\tCats\n")) == CATS

    def test_a_header_inside_is_no_pair(self, tmp_path, texts_of, table):
        header = "en\tfr\n"
        content = f"{header}A cat\tUn chat\n{header}Cats\tDes chats\n"
        assert texts_of(table(tmp_path, "x.tsv", content)) == CATS

    def test_language_codes_in_a_row_are_no_header(self, tmp_path, texts_of, table, raises):
        rows = "".join(f"eng\t{en}\tfra\t{fr}\n" for en, fr in CATS)
        with raises(
            "x.tsv: has 4 columns, and nothing says which two hold the text; the first row is 0: 'eng', 1: 'A cat'"
        ):
            texts_of(table(tmp_path, "x.tsv", rows))

    def test_carriage_returns_as_line_ends_are_said(self, tmp_path, texts_of, table, raises):
        message = r"x.tsv: its lines end in carriage returns alone: convert them, for instance: tr '\r' '\n'"
        with raises(message):
            texts_of(table(tmp_path, "x.tsv", "en\tfr\rA cat\tUn chat\rCats\tDes chats\r"))

    def test_named_columns(self, tmp_path, texts_of, table):
        path = table(tmp_path, "x.tsv", "French\tEnglish\nUn chat\tA cat\nDes chats\tCats\n")
        assert texts_of(path, source_column="English", target_column="French") == CATS

    def test_one_numbered_column_that_is_the_other_too_is_refused(self, tmp_path):
        path = tmp_path / "pairs.tsv"
        path.write_text("a\tb\n", encoding="utf-8")
        with pytest.raises(DataError, match=r"source and target are both column 1: set the other column too"):
            list(read_pairs(Corpus(path=str(path), source_column="1"), source_language="en", target_language="fr"))

    def test_one_named_column_leaves_the_other_to_be_found(self, tmp_path, texts_of, table):
        path = table(tmp_path, "x.tsv", "fr\ten\tEnglish\nUn chat\t?\tA cat\nDes chats\t?\tCats\n")
        assert texts_of(path, source_column="English") == CATS

    def test_numbered_columns(self, tmp_path, texts_of, table):
        path = table(tmp_path, "x.tsv", "1\tUn chat\tA cat\n2\tDes chats\tCats\n")
        assert texts_of(path, source_column="2", target_column="1") == CATS

    def test_numbered_columns_skip_a_known_header(self, tmp_path, texts_of, table):
        path = table(tmp_path, "x.tsv", "fr\ten\nUn chat\tA cat\nDes chats\tCats\n")
        assert texts_of(path, source_column="1", target_column="0") == CATS

    def test_numbers_in_the_first_row_are_no_header(self, tmp_path, texts_of, table):
        path = table(tmp_path, "x.tsv", "0\t1\nA cat\tUn chat\n")
        assert texts_of(path, source_column="0", target_column="1") == [("0", "1"), CATS[0]]

    @pytest.mark.parametrize("word", ["null", "NA", "None", "nan", "", "#N/A", '"', '"quoted', "'", "\\N", "1", "true"])
    def test_words_are_text_whatever_they_say(self, tmp_path, word, texts_of, table):
        assert texts_of(table(tmp_path, "x.tsv", f"x\ty\n{word}\t{word}\n")) == [("x", "y"), (word, word)]

    def test_lines_count_from_one_with_the_header(self, tmp_path, table):
        path = table(tmp_path, "x.tsv", "en\tfr\nA cat\tUn chat\n")
        pairs = read_pairs(Corpus(path=str(path)), source_language="en", target_language="fr")
        assert list(pairs) == [Pair("A cat", "Un chat", str(path), 2)]

    @pytest.mark.parametrize("row", ["Dogs", "Dogs\tDes chiens\t?", "Dogs\tDes chiens\tDogs\tDes chiens"])
    def test_a_row_with_other_cells_than_the_others_is_dropped(self, tmp_path, row, dropped_of, table):
        path = table(tmp_path, "x.tsv", f"A cat\tUn chat\n{row}\nCats\tDes chats\n")
        assert dropped_of(path) == ([("cells", f"{path}, line 2")], CATS)

    def test_cells_that_are_empty_at_the_end_do_no_harm(self, tmp_path, texts_of, table):
        assert texts_of(table(tmp_path, "x.tsv", "A cat\tUn chat\nCats\tDes chats\t\t\n")) == CATS

    def test_unknown_names_list_the_columns(self, tmp_path, texts_of, table, raises):
        path = table(tmp_path, "x.tsv", "en\tfr\nA cat\tUn chat\n")
        message = "no column English; the columns are en, fr: set source_column and target_column"
        with raises(f"{path}: {message}"):
            texts_of(path, source_column="English")

    def test_an_empty_table_is_refused(self, tmp_path, texts_of, table, raises):
        path = table(tmp_path, "x.tsv", "")
        with raises(f"{path} is empty: check how it was made"):
            texts_of(path)

    def test_a_table_of_a_header_alone_is_refused(self, tmp_path, texts_of, table, raises):
        with raises("is empty: check how it was made"):
            texts_of(table(tmp_path, "x.tsv", "en\tfr\n"))


class TestCsv:
    def test_quoted_cells_hold_commas_quotes_and_line_feeds(self, tmp_path, table):
        path = table(tmp_path, "x.csv", 'en,fr\n"A ""cat"", here","Un\nchat"\n\nNA,null\n')
        pairs = list(read_pairs(Corpus(path=str(path)), source_language="en", target_language="fr"))
        assert pairs == [Pair('A "cat", here', "Un\nchat", str(path), 2), Pair("NA", "null", str(path), 5)]

    @pytest.mark.parametrize("rest", ["", "\n" * 100, '"x","y"\n' * 3])
    def test_an_unbalanced_quote_costs_its_own_row(self, tmp_path, rest, dropped_of, table):
        path = table(tmp_path, "x.csv", f'en,fr\nA cat,Un chat\n"Dogs,Des chiens\nCats,Des chats\n{rest}')
        dropped, texts = dropped_of(path)
        assert dropped == [("not_csv", f"{path}, line 3")]
        assert texts[:2] == CATS

    def test_a_cell_that_is_too_long_for_csv_costs_its_own_row(self, tmp_path, dropped_of, table):
        path = table(tmp_path, "x.csv", f"en,fr\nA cat,Un chat\nx,{'x' * 200_000}\nCats,Des chats\n")
        assert dropped_of(path) == ([("over_long", f"{path}, line 3")], CATS)

    def test_a_comma_too_many_costs_its_own_row(self, tmp_path, dropped_of, table):
        path = table(tmp_path, "x.csv", "en,fr\nA cat,Un chat\nYes, we do,Oui\nCats,Des chats\n")
        assert dropped_of(path) == ([("cells", f"{path}, line 3")], CATS)

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    @pytest.mark.parametrize("header", ["en{}fr", ""])
    def test_what_parts_the_cells_is_found(self, tmp_path, delimiter, header, texts_of, table):
        rows = [header.format(delimiter)] if header else []
        rows += [delimiter.join(pair) for pair in CATS]
        assert texts_of(table(tmp_path, "x.csv", "\n".join(rows))) == CATS

    def test_commas_in_sentences_part_no_cells_between_semicolons(self, tmp_path, texts_of, table):
        content = "A cat, here;Un chat, ici\nCats;Des chats\nNo, no, no;Non\n"
        assert texts_of(table(tmp_path, "x.csv", content))[0] == ("A cat, here", "Un chat, ici")

    def test_a_line_that_says_what_parts_the_cells_is_no_row(self, tmp_path, texts_of, table):
        assert texts_of(table(tmp_path, "x.csv", "sep=;\nen;fr\nA cat;Un chat\nCats;Des chats\n")) == CATS

    def test_one_column_is_refused(self, tmp_path, texts_of, table, raises):
        with raises("x.csv: has one column only: check what parts the cells (commas or semicolons or tabs or bars)"):
            texts_of(table(tmp_path, "x.csv", "A cat\nCats\n"))

    @given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
    def test_what_a_writer_writes_comes_back(self, rows):
        buffer = io.StringIO()
        rows += [(word, word) for word in itertools.islice(WORDS, 2 * len(rows))]  # so that the columns hold words
        csv.writer(buffer, lineterminator="\n").writerows([("en", "fr"), *rows])
        lines = iter(buffer.getvalue().removesuffix("\n").split("\n"))
        cells = read_text_table(Path("x.csv"), lines, Columns("en", "fr"))
        assert [texts for _, *texts in cells] == [list(row) for row in rows]


class TestJson:
    @pytest.mark.parametrize("name", ["x.jsonl", "x.json", "x.jsonl.gz"])
    def test_a_translation_object_is_found_by_languages(self, tmp_path, name, texts_of, table):
        rows = "".join(json.dumps({"id": "1", "translation": {"en": en, "fr": fr}}) + "\n" for en, fr in CATS)
        assert texts_of(table(tmp_path, name, rows)) == CATS

    def test_flat_columns_are_found_by_languages(self, tmp_path, texts_of, table):
        assert texts_of(table(tmp_path, "x.jsonl", '{"fr": "Un chat", "en": "A cat"}\n\n')) == CATS[:1]

    def test_dotted_columns(self, tmp_path, texts_of, table, raises):
        path = table(tmp_path, "x.jsonl", '{"a": {"b": {"c": "A cat"}, "b.d": "Un chat"}, "e.f": "no"}\n')
        with raises("no column a.b.c; the columns are a.b, a.b.d, e.f"):
            texts_of(path, source_column="a.b.c", target_column="a.b.d")
        path = table(tmp_path, "y.jsonl", '{"a": {"b": "A cat"}, "a.c": "Un chat"}\n')
        assert texts_of(path, source_column="a.b", target_column="a.c") == CATS[:1]

    def test_lists_of_languages_and_translations(self, tmp_path, texts_of, table):
        row = {"translation": {"language": ["de", "fr", "fr", "en"], "translation": ["?", "Un chat", "?", "A cat"]}}
        assert texts_of(table(tmp_path, "x.jsonl", json.dumps(row))) == CATS[:1]

    def test_line_separators_stay_inside_a_text(self, tmp_path, texts_of, table):
        rows = '{"en": "A\u2028cat\x85", "fr": "Un\\nchat"}\n'
        assert texts_of(table(tmp_path, "x.jsonl", rows)) == [("A\u2028cat\x85", "Un\nchat")]

    @pytest.mark.parametrize("line", ["{", "[" * 100_000, "1" * 5000, "[]", "null", '{"a": ' * 100_000])
    def test_what_is_not_json_is_dropped(self, tmp_path, line, dropped_of, table):
        rows = ['{"en": "A cat", "fr": "Un chat"}', line, '{"en": "Cats", "fr": "Des chats"}']
        path = table(tmp_path, "x.jsonl", "\n".join(rows))
        assert dropped_of(path) == ([("not_json", f"{path}, line 2")], CATS)

    def test_an_array_is_refused(self, tmp_path, texts_of, table, raises):
        message = (
            "1 of 1 lines cannot be used; the first: line 1 is a list: write one JSON object a line (from an array: jq"
        )
        with raises(f"x.json: {message}"):
            texts_of(table(tmp_path, "x.json", '[{"en": "A cat", "fr": "Un chat"}]'))

    @pytest.mark.parametrize(
        ("value", "reason", "received"),
        [
            ("null", "missing", "is missing or null: mend or remove it, or name another column"),
            ("3", "not_text", "is int, not text: mend or remove it, or name another column"),
            ('["Un chat"]', "not_text", "is list, not text: mend or remove it"),
            ('"Un\\u0000chat"', "nul", "holds a NUL character: look for binary data"),
            ('"Un \\ud83d chat"', "half_surrogate", "holds half of a surrogate pair: write it as UTF-8, or remove it"),
        ],
    )
    def test_a_cell_that_is_no_text_drops_its_row(
        self, tmp_path, value, reason, received, texts_of, dropped_of, table, raises
    ):
        rows = [f'{{"en": "{en}", "fr": "{fr}"}}' for en, fr in CATS]
        bad = f'{{"en": "Dogs", "fr": {value}}}'
        path = table(tmp_path, "x.jsonl", "\n".join([rows[0], bad, rows[1]]))
        assert dropped_of(path) == ([(reason, f"{path}, line 2")], CATS)
        path = table(tmp_path, "y.jsonl", "\n".join([rows[0], bad, bad]))
        with raises(f"{path}: 2 of 3 lines cannot be used; the first: line 2: the target {received}"):
            texts_of(path)

    def test_names_that_the_first_object_lacks_are_found(self, tmp_path, texts_of, table):
        content = '{"id": 1}\n{"en": "A cat", "fr": "Un chat"}\n{"en": "Cats", "fr": "Des chats"}\n'
        assert texts_of(table(tmp_path, "x.jsonl", content)) == CATS

    def test_unclear_columns_are_listed(self, tmp_path, texts_of, table, raises):
        path = table(tmp_path, "x.jsonl", '{"id": 1, "translation": {"de": "Eine Katze", "en": "A cat"}}\n')
        message = "which columns hold the text is not clear; the columns are id, translation.de, translation.en: "
        advice = 'set source_column and target_column (inside a struct: "translation.en")'
        with raises(message + advice):
            texts_of(path)


@pytest.mark.parametrize("name", ["x.xlsx", "x.parquet.gz", "x", "x.gz"])
def test_an_unknown_extension_lists_the_known(tmp_path, name, texts_of, table, raises):
    known = (
        ".parquet, or .tsv, .tab, .csv, .jsonl, .ndjson, .json (also compressed: .gz, .bz2, .xz); two text files are "
        "source and target"
    )
    with raises(f"{tmp_path / name} has an unknown extension: a table is {known}"):
        texts_of(table(tmp_path, name, ""))
