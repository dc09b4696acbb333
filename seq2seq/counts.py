"""What was out of the ordinary in texts and their translations, counted for one warning of each kind at the end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_REMEMBERED = 4000  # different sources whose translations are compared, and different translations of them
_ENOUGH = 10  # different sources from which on equal translations say something
_NEARLY_ALL = 0.5  # share of different sources with the same translation, from which it is reported
_LOOP = 16, 4  # pieces of a translation that repeats itself: at least so many, each of them so often on average
_STRANGE = 0.02  # share of sentences: fewer are met with in any text
_SHOWN = 40  # characters


@dataclass
class Counts:
    """How often each thing happened in the calls that were given these counts: in one call, or in one text's several.

    Attributes:
        sentences, targets: sources, the empty ones included; and given targets.
        empty, shortened: sources without text, and sources that were cut at the longest one.
        cut: hypotheses at their length limit.
        long_targets: given targets that were cut at the longest one.
        several: sources that hold several sentences.
        strange: sources that consist of pieces which training hardly had.
        longer: sources longer than any in training.
        looping: hypotheses that repeat a few pieces over and over.
    """

    sentences: int = 0
    empty: int = 0
    shortened: int = 0
    cut: int = 0
    targets: int = 0
    long_targets: int = 0
    several: int = 0
    strange: int = 0
    longer: int = 0
    looping: int = 0
    _sources: set[int] = field(default_factory=set)
    _same: Counter[frozenset[int]] = field(default_factory=Counter)
    _examples: dict[frozenset[int], str] = field(default_factory=dict)

    def add_translation(self, source: Sequence[int], hypothesis: Sequence[int], text: str) -> None:
        """Look at one translation: whether it repeats itself, and what other sources were translated to.

        Args:
            source, hypothesis: the ids of the source's pieces and of the translation's.
            text: the translation, detokenised, on one line.
        """
        self.looping += _loops(hypothesis) and not _loops(source)
        key = hash(tuple(source))
        kind = frozenset(hypothesis)  # so that rows of dots are alike at any length
        if not source or key in self._sources or len(self._sources) >= _REMEMBERED:
            return
        self._sources.add(key)
        self._same[kind] += 1
        self._examples.setdefault(kind, text[:_SHOWN])

    def warnings(self, max_source_tokens: int, max_target_tokens: int, single: bool, known: bool) -> list[str]:
        """A sentence for each thing that happened.

        Args:
            max_source_tokens, max_target_tokens: the longest texts that are read.
            single: training had hardly any line with several sentences.
            known: whether anything is known of the training text.
        """
        of = f"of {self.sentences:,}"
        lost = "what follows the first may be lost (--split-sentences translates them one by one)"
        why = "and training had hardly any such line" if single else "which training may not have had"
        what = "words that training hardly had" if known else "characters that the vocabulary lacks"
        texts = {
            f"{self.empty:,} {of} lines were empty or unreadable: so is their translation": self.empty,
            f"{self.shortened:,} {of} sentences were longer than {max_source_tokens} tokens: "
            "the rest of them was not read": self.shortened,
            f"{self.longer:,} {of} sentences were longer than any in training: look at their ends": self.longer,
            f"{self.several:,} {of} lines hold several sentences, {why}: {lost}": self.several * (single or not known),
            f"{self.strange:,} {of} sentences consist of {what}: their translations are guesses": self.strange
            * (self.strange >= _STRANGE * self.sentences),
            f"{self.long_targets:,} of {self.targets:,} targets were longer than {max_target_tokens:,} tokens: "
            "the rest of them was not scored": self.long_targets,
            f"{self.cut:,} {of} translations reached their length limit before they ended": self.cut,
            f"{self.looping:,} {of} translations repeat the same few words over and over": self.looping,
        }
        return [*(text for text, count in texts.items() if count), *self.alike()]

    def plain(self) -> dict[str, int]:
        """The numbers alone, by name."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def add(self, numbers: Mapping[str, int]) -> None:
        """Add the numbers of another text, as `plain` gives them.

        >>> counts = Counts(sentences=2)
        >>> counts.add(Counts(sentences=3, empty=1).plain())
        >>> counts.sentences, counts.empty
        (5, 1)
        """
        for name, number in numbers.items():
            setattr(self, name, getattr(self, name) + number)

    def alike(self) -> list[str]:
        """A warning where most sources were translated alike."""
        different = len(self._sources)
        if different < _ENOUGH:
            return []
        kind, count = self._same.most_common(1)[0]
        if count < _NEARLY_ALL * different:
            return []
        text = (
            f"{count:,} of {different:,} different sentences got nearly the same translation "
            f"({self._examples[kind]!r}): the network has hardly learned to read its source"
        )
        return [text]


def _loops(ids: Sequence[int]) -> bool:
    """Whether a few pieces are written over and over."""
    least, times = _LOOP
    return len(ids) >= max(least, times * len(set(ids)))
