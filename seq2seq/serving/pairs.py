"""The translators that a server offers, by the languages that they read and write."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from seq2seq.ensemble import open_runs
from seq2seq.errors import ConfigError
from seq2seq.runs.directory import RunDirectory
from seq2seq.serving.explanation import Explaining
from seq2seq.serving.neighbours import Neighbours
from seq2seq.serving.refusals import BadRequest
from seq2seq.serving.tasks import Encoding, Scoring, Translating, Walking
from seq2seq.translator import Translator

AUTO = "auto"


class ServedPair:
    """One translator, the tasks that it does, and the run that it comes from.

    Args:
        translator: reads one language and writes one.
        run: where its training is described.
    """

    def __init__(self, translator: Translator, run: RunDirectory):
        self.translator = translator
        self.run = run
        self.source = translator.source_language or "und"  # the tag of an undetermined language
        self.target = translator.target_language or "und"
        self.training_text = run.training_text()
        self.scoring = Scoring(translator)
        self.encoding = Encoding(translator)
        self.walking = Walking(translator)
        self.neighbours = Neighbours(self.encoding, self.source)
        self._translating: dict[int, Translating] = {}
        self._explaining: dict[int, Explaining] = {}

    @property
    def longest_source(self) -> int:
        """Tokens of the longest source in training; 0 where it is unknown."""
        return self.training_text.get("longest_source", 0)

    def translating(self, n_best: int) -> Translating:
        """The task that gives n translations; always the same object, so that requests share batches."""
        if n_best not in self._translating:
            self._translating[n_best] = Translating(self.translator, n_best)
        return self._translating[n_best]

    def explaining(self, n_best: int) -> Explaining:
        """The task that explains translations."""
        if n_best not in self._explaining:
            self._explaining[n_best] = Explaining(self.translator, n_best)
        return self._explaining[n_best]


class Catalogue:
    """All pairs of languages that are served.

    Args:
        pairs: one or more, each of other languages.

    Raises:
        ConfigError: two of them read and write the same languages.
    """

    def __init__(self, pairs: Sequence[ServedPair]):
        self.pairs = list(pairs)
        self._by_languages: dict[tuple[str, str], ServedPair] = {}
        for pair in pairs:
            languages = pair.source.lower(), pair.target.lower()
            if other := self._by_languages.get(languages):
                raise ConfigError(
                    f"{other.run.path} and {pair.run.path} both translate {pair.source} to {pair.target}: serve one"
                )
            self._by_languages[languages] = pair

    @property
    def sources(self) -> list[str]:
        """The languages that are read."""
        return list(dict.fromkeys(pair.source for pair in self.pairs))

    def targets(self, source: str) -> list[str]:
        """The languages that one can be translated into."""
        return [pair.target for pair in self.pairs if pair.source == source]

    def find(self, source: str, target: str) -> ServedPair:
        """The translator for two languages.

        Args:
            source: a language, or ``auto`` if only one source is served for the target.
            target: a language; empty text for any.

        Raises:
            BadRequest: there is none; says which there are.
        """
        pairs = [
            pair
            for pair in self.pairs
            if source.lower() in (pair.source.lower(), AUTO) and target.lower() in (pair.target.lower(), "")
        ]
        if not pairs:
            known = ", ".join(f"{pair.source} to {pair.target}" for pair in self.pairs)
            raise BadRequest(f"the languages {source[:40]!r} to {target[:40]!r} are not served: choose of {known}")
        if len({pair.source for pair in pairs}) > 1:
            raise BadRequest("several source languages are served: set source instead of auto")
        return pairs[0]


def open_pairs(paths: Sequence[str | Path]) -> list[ServedPair]:
    """The translators of some runs: of each run, one for each language that it writes.

    Raises:
        CheckpointError: a run cannot be opened.
    """
    return [pair for path in paths for pair in _pairs_of(path)]


def _pairs_of(path: str | Path) -> list[ServedPair]:
    run, *_ = open_runs([path])
    own = run.own_targets()
    first = Translator.load(path, target_language=own[0])
    # Other start symbols share the network; a decoder beside the run is another network.
    translators = [first, *(replace(first, target_language=language) for language in own[1:])]
    translators += [
        Translator.load(path, target_language=language) for language in run.targets() if language not in own
    ]
    return [ServedPair(translator, run.for_target(translator.target_language)) for translator in translators]


@lru_cache(maxsize=1000)
def language_name(tag: str) -> str:
    """The English name of a language.

    >>> language_name("fr")
    'French'
    """
    import langcodes

    return str(langcodes.get(tag).display_name())
