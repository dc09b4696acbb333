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


class MissingExtraError(Seq2SeqError, ImportError):
    """An optional package is not installed: the message says which extra brings it."""
