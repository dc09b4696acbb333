"""What can go wrong, in a few classes. Each also inherits the builtin that it refines.

Every message says what is wrong, what was received, and what to do.
"""


class Seq2SeqError(Exception):
    """Any error that seq2seq raises on purpose: the command line prints it without a traceback."""


class ConfigError(Seq2SeqError, ValueError):
    """Settings that contradict each other, or a key or value that seq2seq does not know."""


class DataError(Seq2SeqError, ValueError):
    """Text that cannot be used: names the file and, where there is one, the line."""


class CheckpointError(Seq2SeqError, ValueError):
    """A run directory that is missing, incomplete, corrupt, or made for something else."""


class DivergedError(Seq2SeqError, ArithmeticError):
    """Training whose loss is no longer a finite number."""


class ProcessError(Seq2SeqError, ConnectionError):
    """A process that takes part in a training has ended or cannot be reached."""


class MissingExtraError(Seq2SeqError, ImportError):
    """An optional package is not installed: the message says which extra brings it."""


def cut(text: str, most: int = 80) -> str:
    """A text for a message, cut where it is long: a key of a megabyte must not make a message of one.

    >>> cut("a" * 100, 5)
    'aaaaa ...'
    """
    return text if len(text) <= most else f"{text[:most]} ..."


def shown(value: object) -> str:
    """A received value as Python writes it, cut where it is long.

    >>> shown("a" * 100)[-12:]
    'aaaaaaaa ...'
    """
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of more than 4,300 digits; thousands of lists in one another
        return f"a very long {type(value).__name__}"
    return cut(text)
