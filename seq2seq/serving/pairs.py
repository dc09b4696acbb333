"""The translators that a server offers, by the languages that they read and write."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from seq2seq.ensemble import open_runs
from seq2seq.errors import ConfigError
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.training_text import figures_of
from seq2seq.serving.explanation import Explaining
from seq2seq.serving.neighbours import Neighbours
from seq2seq.serving.refusals import BadRequest
from seq2seq.serving.tasks import Encoding, Scoring, Translating, Walking
from seq2seq.translator import Translator

AUTO = "auto"
_log = logging.getLogger("seq2seq")


class ServedPair:
    """One translator, the tasks that it does, and the run that it comes from.

    Args:
        translator: reads one language and writes one.
        run: where its training is described.
    """

    def __init__(self, translator: Translator, run: RunDirectory):
        self.translator = translator
        self.run = run
        self.source = translator.source_language
        self.target = translator.target_language
        self.training_text = figures_of(run)
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
    """

    def __init__(self, pairs: Sequence[ServedPair]):
        self.pairs = list(pairs)

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


def open_pairs(paths: Sequence[str | Path], engine: str = "onnx") -> list[ServedPair]:
    """The translators of some runs: of each run, one for each language that it writes.

    A pair of languages that several runs translate is left to the run that is named first.

    Args:
        paths: the folders of runs or exports, or names of models that ship.
        engine: what computes the networks, see `Translator.load`.

    Raises:
        CheckpointError: a run cannot be opened.
        ConfigError: earlier runs translate everything that a run translates.
    """
    pairs: dict[tuple[str, str], ServedPair] = {}
    for path in paths:
        run, *_ = open_runs([path])
        source = run.config().data.source_language
        offered = run.targets()
        targets = [target for target in offered if (source, target) not in pairs]
        for target in set(offered) - set(targets):
            first = pairs[source, target].run.path
            _log.info("note: %s and %s both translate %s to %s: the first one does it", first, path, source, target)
        if not targets:
            raise ConfigError(f"{path} translates nothing that an earlier run does not: leave one of them out")
        for pair in _pairs_of(path, run, targets, engine):
            pairs[pair.source, pair.target] = pair
    return list(pairs.values())


def _pairs_of(path: str | Path, run: RunDirectory, targets: Sequence[str], engine: str) -> list[ServedPair]:
    """The translators of one run into some languages. Those that differ by a start symbol share the network."""
    own_targets = run.own_targets()
    pairs: list[ServedPair] = []
    shared: Translator | None = None
    for target in targets:
        if target in own_targets and shared:
            translator = replace(shared, target_language=target)
        else:
            translator = Translator.load(path, target_language=target, engine=engine)
        if target in own_targets:
            shared = translator
        pairs.append(ServedPair(translator, run.for_target(target)))
    return pairs


@lru_cache(maxsize=1000)
def language_name(tag: str) -> str:
    """The English name of a language.

    >>> language_name("fr")
    'French'
    """
    import langcodes

    return str(langcodes.get(tag).display_name())
