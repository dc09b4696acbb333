"""What is taken for a list of texts: to Python, one text is a sequence of letters. And a sample of a long one."""

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import islice

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


def random_sample(texts: Iterable[str], most: int, *, seed: int) -> list[str]:
    """Some of the texts, each with the same chance to be among them; all, in their order, if they are not too many.

    The reservoir of Li 1994, algorithm L (ACM Transactions on Mathematical Software 20, 481-493): it draws how many
    texts to skip.

    Args:
        texts: any number of texts; only the sample is in memory.
        most: the size of the sample.
        seed: another seed gives another sample.

    >>> random_sample((str(number) for number in range(1000)), 3, seed=1)
    ['453', '35', '49']
    """
    stream = iter(texts)
    sample = list(islice(stream, most))
    draw = random.Random(seed)
    threshold = 1.0
    while len(sample) == most:
        threshold *= math.exp(math.log(1 - draw.random()) / most)
        skipped = int(math.log(1 - draw.random()) / math.log1p(-threshold))
        text = next(islice(stream, skipped, None), None)
        if text is None:
            break
        sample[draw.randrange(most)] = text
    return sample
