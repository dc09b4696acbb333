"""What is taken for a list of texts: to Python, one text is a sequence of letters."""

from collections.abc import Iterable, Iterator, Mapping, Set

from seq2seq.errors import DataError


def check_texts(sentences: Iterable[str], call: str) -> list[str]:
    """The sentences as a list, each of them text.

    Args:
        sentences: any iterable but one text.
        call: the method that they were given to, for the message.

    Raises:
        DataError: one text, bytes, or no list; or an item that is not text: says which.

    >>> check_texts(["A cat.", "A dog."], "translate")
    ['A cat.', 'A dog.']
    """
    return list(checked_texts(sentences, call))


def checked_texts(sentences: Iterable[str], call: str) -> Iterator[str]:
    """The sentences one by one, as `check_texts`; what is no list is refused at once, an item when it is reached."""
    if isinstance(sentences, str | bytes | bytearray):
        raise DataError(
            f'{call} takes a list of sentences, received one {type(sentences).__name__}: write {call}(["..."])'
        )
    if not isinstance(sentences, Iterable) or isinstance(sentences, Mapping | Set):
        raise DataError(
            f'{call} takes a list of sentences, received {type(sentences).__name__}: write {call}(["...", "..."])'
        )
    return (_text(text, index, call) for index, text in enumerate(sentences))


def _text(text: object, index: int, call: str) -> str:
    if not isinstance(text, str):
        raise DataError(
            f"{call}: item {index} is no text, received {repr(text)[:40]} ({type(text).__name__}): "
            'give text, decoded where it is bytes, and "" where there is none'
        )
    return text
