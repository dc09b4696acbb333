"""Which two columns of a table hold the text: found by their headers, and looked at before they are believed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from seq2seq.data.header_words import NO_TEXT, SIDES, TEXT, language_words, languages_of
from seq2seq.errors import DataError

_LANGUAGE_RANK = 5  # of a column that is called by its language
_SAMPLE_ROWS = 20  # with fewer rows, only one value again and again is suspicious
_LABEL_BYTES = 20  # of a language code, the name of a split, a topic
_MOST_TOKENS = 4  # words of a column name: what has more is a sentence, so the table has no header
_LOOKED_AT = 200  # characters of a cell
_WORD = re.compile(r"(?<![\w-])[^\W\d_]+(?![\w-])|[^\W\d_\u0000-\u02ff]")
_URL = re.compile(r"\s*(?:https?:|www\.|file:|[\w.+-]+@[\w-]+\.)\S*\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Columns:
    """Which two columns hold the text: as named, or else found by language codes or usual names."""

    source: str | None = None
    target: str | None = None
    source_language: str | None = None
    target_language: str | None = None

    def find(self, names: Sequence[str], table: str) -> tuple[str, str]:
        """The two among a table's columns.

        Raises:
            DataError: a named column is not there, an unnamed one is not clear, or both are the same column.
        """
        given = (self.source, self.target)
        absent = [column for column in given if column is not None and not offered(column, names)]
        listed = f"the columns are {', '.join(names)[:500]}"
        advice = 'set source_column and target_column (inside a struct: "translation.en")'
        if absent:
            raise DataError(f"{table}: no column {' and no '.join(absent)}; {listed}: {advice}")
        chosen = [column if column is not None else self._best(side, names) for side, column in enumerate(given)]
        if len(names) == 2 and chosen.count(None) == 1:
            rest = next((name for name in names if name not in chosen), None)
            if rest is not None and not languages_of(_words(rest)):
                chosen = [column or rest for column in chosen]
        source, target = chosen
        if source is None or target is None:
            raise DataError(f"{table}: which columns hold the text is not clear; {listed}: {advice}")
        if source == target:
            raise DataError(f"{table}: source and target are both column {source}; {listed}: {advice}")
        return source, target

    def is_header(self, row: Sequence[str]) -> bool:
        """Whether the first row of a table names its columns: by the words in it, not by what comes after."""
        folded = {_folded(cell) for cell in row if cell.strip()}
        if len(folded) < 2 or len(folded) < len(row) - 1:
            return False
        if any(_folded(name) in folded for name in (self.source, self.target) if name and not name.isdecimal()):
            return True
        headings = [cell for cell in row if _is_header_cell(cell)]
        if len(headings) >= len(folded) or all(self._best(side, headings) for side in (0, 1)):
            return True
        # "English" beside a name that is not known here, such as "Khasi".
        ranks = [max(self._rank(0, cell), self._rank(1, cell)) for cell in row]
        return max(ranks) >= _LANGUAGE_RANK and all(_is_short_name(cell) for cell in row)

    def _best(self, side: int, names: Sequence[str]) -> str | None:
        """The column that fits one side best; none if no column does, or several do."""
        ranks = {name: self._rank(side, name) for name in names}
        code = self._codes()[side]
        if code and offered(f"translation.{code}", names):  # as the hub's data sets of translations have them
            ranks |= {f"translation.{code}": 9}
        best = max(ranks.values(), default=0)
        best_names = [name for name, rank in ranks.items() if rank == best]
        return best_names[0] if best and len(best_names) == 1 else None

    def _codes(self) -> tuple[str | None, str | None]:
        return self.source_language, self.target_language

    def _rank(self, side: int, name: str) -> int:
        """How well a column's name fits one side; 0 is not at all."""
        mine, other = self._codes()[side], self._codes()[1 - side]
        if mine and _folded(name) == mine.casefold():
            return 8
        words = _words(name)
        strong, weak = SIDES[side]
        if words & (NO_TEXT - (language_words(mine) if mine else set())):
            return 0
        if mine and words & language_words(mine):
            return _LANGUAGE_RANK + (len(words) == 1)
        if languages_of(words) or (other and words & language_words(other)):
            return 0  # of another language
        if words & (SIDES[1 - side][0]):
            return 0
        return 4 if words & strong else 2 if words & weak and not words & SIDES[1 - side][1] else 0


def look(columns: Columns, names: tuple[str, str], sample: Sequence[tuple[Any, Any]], table: str) -> None:
    """See that the chosen columns hold text, by their first rows.

    Args:
        columns: what the settings say.
        names: the names of the chosen columns.
        sample: the cells of the two, of the first rows.
        table: what to call the table.

    Raises:
        DataError: a column does not seem to hold text; shows its first cells.
    """
    given = (columns.source, columns.target)
    for side, name in enumerate(("source", "target")):
        cells = [row[side] for row in sample if isinstance(row[side], str) and row[side].strip()]
        wrong = no_text(cells)
        if wrong:
            problem = f"{table}: column {names[side]} was taken for the {name}, but {wrong} ({_shown(cells[:3])})"
            advice = "set source_column and target_column to the two that hold sentences"
            if given[side] is not None:
                advice = f"set {name}_column to one that does (numbers count from 0), or save it as a text file"
            raise DataError(f"{problem}: {advice}")


def unnamed(row: Sequence[str], table: str) -> DataError:
    """The error for a table whose columns nobody can tell apart."""
    shown = ", ".join(f"{number}: {_cut(cell)!r}" for number, cell in enumerate(row[:12]))
    problem = f"{table}: has {len(row)} columns, and nothing says which two hold the text"
    advice = 'set source_column and target_column to a number, such as "0"'
    return DataError(f"{problem}; the first row is {shown}: {advice}")


def clean_name(cell: str) -> str:
    """A header's cell without what programs leave around it: a byte order mark, quotes, spaces."""
    return cell.strip("\ufeff \t\"'")


def offered(column: str, names: Sequence[str]) -> bool:
    """Whether a table has a column; one of languages and their translations may have any language."""
    variable = {"translation.language", "translation.translation"} <= set(names)
    return column in names or (variable and column.startswith("translation."))


def with_names(columns: Columns, names: Sequence[str]) -> Columns:
    """The columns, called as the table calls them where only case and spaces differ."""
    folded = {_folded(name): name for name in reversed(names)}
    given = (columns.source, columns.target)
    source, target = (name if name is None or name in names else folded.get(_folded(name), name) for name in given)
    return replace(columns, source=source, target=target)


def no_text(cells: Sequence[str]) -> str | None:
    """What is wrong with a column, if its cells are no sentences."""
    if not cells:
        return None
    if 2 * sum(map(_has_words, cells)) < len(cells):
        return "hardly any of its first rows has words"
    spaceless = sum(" " not in cell.strip() and len(cell.encode("utf-8", "replace")) <= _LABEL_BYTES for cell in cells)
    few = len(set(cells)) <= (len(cells) // 10 if len(cells) >= _SAMPLE_ROWS else len(cells) // 5)
    if few and 10 * spaceless > 9 * len(cells):
        return "it holds the same few values again and again"
    return None


def _has_words(cell: str) -> bool:
    """Whether a cell holds a word, not only numbers, dates, ids with digits or hyphens in them, or an address."""
    return bool(_WORD.search(cell[:_LOOKED_AT])) and not _URL.match(cell[:_LOOKED_AT])


def _is_header_cell(cell: str) -> bool:
    name = clean_name(cell)
    words = _words(name)
    if not words or not _is_short_name(cell):
        return False
    if re.fullmatch(r"[a-z]+(?:_[a-z0-9]+)+|(?:[Cc]ol(?:umn)?|Unnamed:) ?\d+", name):
        return True
    known = TEXT | NO_TEXT | SIDES[0][0] | SIDES[0][1] | SIDES[1][0] | SIDES[1][1]
    unknown = {word for word in words - known if not languages_of({word})}
    return unknown < words and all(len(word) == 1 or word.isdecimal() for word in unknown)  # "Phrase A", "text 2"


def _is_short_name(cell: str) -> bool:
    name = clean_name(cell)
    return not name or (len(_words(name)) <= _MOST_TOKENS and name[-1] not in ".!?…。¿¡,;:")


def _words(name: str) -> set[str]:
    """The words of a header: "French (France)" is french; "en_US" en; "targetText" target and text."""
    name = re.sub(r"\([^)]*\)", " ", clean_name(name))
    name = re.sub(r"^([a-z]{2,3})[-_][A-Z]{2}$", r"\1", name)
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return set(re.findall(r"[^\W\d_]+|\d+", name.casefold()))  # "sentence1" is sentence and 1


def _folded(name: str) -> str:
    return clean_name(name).casefold()


def _cut(cell: str) -> str:
    return cell if len(cell) <= 40 else f"{cell[:37]}..."


def _shown(cells: Sequence[str]) -> str:
    return ", ".join(repr(_cut(cell)) for cell in cells)
