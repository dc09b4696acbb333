"""Translating a shard: as `seq2seq translate` does, line by line, with a place for every line."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import IO, Any

from seq2seq.bulk.jobs import Report
from seq2seq.counts import Counts
from seq2seq.data.lines import count_lines, existing, fault_of, loose_lines
from seq2seq.engine.sampling import Sampling
from seq2seq.ensemble import open_runs
from seq2seq.errors import CheckpointError
from seq2seq.hypothesis import Hypothesis
from seq2seq.runs.identity import identity_of
from seq2seq.settings.config import parse_config
from seq2seq.translator import Translator

_LINES = 4096  # translated together; so many are in the memory at a time
_SEED_BYTES = 8


@dataclass(frozen=True)
class TranslateJob:
    """Translates text line by line; a line that is empty, or is no text, has an empty translation.

    Args:
        run: the path of a run or an export, or the name of a model that ships.
        identity: of the run, as `identity_of` gives it: a worker refuses a run that has changed.
        search: the settings of the search, as a dictionary.
        target_language: the language to write, of a run that knows several; the run's own where not given.
        split_sentences: translate the sentences of a line one by one.
        n_best: translations of each line.
        rows: write rows of line number, score and text instead of the text alone.
        sampling: how to draw instead of searching, as a dictionary; the seed of a shard also depends on its name.
        threads: how many batches a worker translates at the same time; where not given, one for each core.
    """

    run: str
    identity: str
    search: Mapping[str, Any]
    target_language: str | None = None
    split_sentences: bool = False
    n_best: int = 1
    rows: bool = False
    sampling: Mapping[str, Any] | None = None
    threads: int | None = None

    @property
    def description(self) -> dict[str, Any]:
        """See `Job.description`."""
        return {"translate": {name: value for name, value in asdict(self).items() if name != "threads"}}

    @property
    def work(self) -> dict[str, Any]:
        """See `Job.work`. Where the run lies, and what is translated at the same time, decide nothing (law 2)."""
        search = {name: value for name, value in self.search.items() if name != "batch_sentences"}
        decides = {name: value for name, value in asdict(self).items() if name not in ("run", "threads")}
        return {"translate": decides | {"search": search}}

    def write(self, inputs: Sequence[str], files: Sequence[IO[str]]) -> Iterator[Report]:
        """See `Job.write`. The results are the counts of `Counts`, with the lines that are no text."""
        path = existing(inputs[0])
        lines = count_lines(path)  # which finds out, too, whether a compressed file can be read to its end
        translator = self._translator
        sampling = self._sampling_of(path)
        counts = Counts()
        number = 0
        unreadable = 0
        texts = loose_lines(path)
        while part := list(islice(texts, _LINES)):
            readable = [str(text) if fault_of(text) is None else "" for text in part]
            unreadable += sum(fault_of(text) is not None for text in part)
            translations = translator.hypotheses(readable, n_best=self.n_best, sampling=sampling, counts=counts)
            for hypotheses in translations:
                number += 1
                files[0].writelines(self._line(number, hypothesis) for hypothesis in hypotheses)
            yield number / lines
        yield {"lines": number, "unreadable": unreadable, "counts": counts.plain(), "alike": counts.alike()}

    def _line(self, number: int, hypothesis: Hypothesis) -> str:
        text = hypothesis.text
        return f"{number}\t{hypothesis.score:.4f}\t{text}\n" if self.rows else f"{text}\n"

    @cached_property
    def _translator(self) -> Translator:
        """The run, opened once for all shards of a worker.

        Raises:
            CheckpointError: it is not the run that the job was made for.
        """
        translator = Translator.load(
            self.run,
            parse_config({"translation": dict(self.search)}).translation,
            self.target_language,
            split_sentences=self.split_sentences,
            threads=self.threads,
        )
        [directory] = open_runs(self.run, self.target_language)
        if identity_of(directory) != self.identity:
            raise CheckpointError(
                f"{self.run} has changed since the work began: wait for its training, and begin again"
            )
        return translator

    def _sampling_of(self, path: Path) -> Sampling | None:
        """How to draw: with a seed for each shard, or line 7 of all shards would meet the same random numbers."""
        if self.sampling is None:
            return None
        sampling = Sampling(**self.sampling)
        text = f"{sampling.seed} {path.name}".encode("utf-8", "surrogateescape")
        return replace(sampling, seed=int.from_bytes(hashlib.sha256(text).digest()[:_SEED_BYTES]))
