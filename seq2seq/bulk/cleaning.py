"""Cleaning a shard of pairs, with the normalisers and filters of training."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any

from seq2seq.bulk.jobs import Report
from seq2seq.data.cleaning import Cleaner
from seq2seq.data.corpus import read_pairs
from seq2seq.data.lines import count_lines, existing
from seq2seq.settings.config import Cleaning, Corpus

_PAIRS = 4096  # between two reports


@dataclass(frozen=True)
class CleanJob:
    """Normalises pairs and drops those that a filter finds; a duplicate is one of a pair of the same shard.

    Args:
        cleaning: which normalisers, filters and limits to apply, as a dictionary.
    """

    cleaning: Mapping[str, Any]

    @property
    def description(self) -> dict[str, Any]:
        """See `Job.description`."""
        return {"clean": asdict(self)}

    @property
    def work(self) -> dict[str, Any]:
        """See `Job.work`."""
        return self.description

    def write(self, inputs: Sequence[str], files: Sequence[IO[str]]) -> Iterator[Report]:
        """See `Job.write`. The results are the counts of `Cleaner`."""
        lines, translations = (count_lines(existing(path)) for path in inputs)
        corpus = Corpus(source=inputs[0], target=inputs[1])
        cleaner = Cleaner(Cleaning(**self.cleaning))
        if lines == translations == 0:  # as many as some splitters leave at the end of a corpus
            yield {"counts": cleaner.counts}
            return
        pairs = read_pairs(corpus, source_language=None, target_language=None, drop=cleaner.drop)
        for pair in cleaner.clean(pairs):
            files[0].write(f"{pair.source}\n")
            files[1].write(f"{pair.target}\n")
            if cleaner.counts["kept"] % _PAIRS == 0:
                yield pair.line / lines
        yield {"counts": cleaner.counts}
