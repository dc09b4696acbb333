"""Two files of text that belong together, line by line: a test set, or sources and what is to be scored."""

import logging

_log = logging.getLogger("seq2seq")


def read_parallel(first: str, second: str) -> tuple[list[str], list[str]]:
    """The lines of two files that belong together.

    Args:
        first, second: the names of the files, such as those of sources and of their translations.

    Raises:
        DataError: a file cannot be read, or one has more lines than the other.
    """
    from seq2seq.data.corpus import check_same_lengths  # here, so that --help does not wait for it
    from seq2seq.data.lines import read_lines

    lines = list(read_lines(first)), list(read_lines(second))
    check_same_lengths(first, second, (len(lines[0]), len(lines[1])), (iter(lines[0]), iter(lines[1])))
    if lines[0] == lines[1] and any(lines[0]):
        _log.warning("warning: %s and %s hold the same text: the second should be the translation", first, second)
    return lines
