"""What a fine-tuned run takes from its parent, the trained run that it goes on from."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seq2seq.data.corpus import Pair
from seq2seq.errors import CheckpointError
from seq2seq.runs.checkpoint import Arrays, Checkpoint
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.shipped import find_run
from seq2seq.runs.trained import is_small
from seq2seq.settings.config import Config
from seq2seq.tokenizer import Tokenizer

Tokenizers = tuple[Tokenizer, Tokenizer]
_MOMENTS = "optimizer/"  # how their names begin in a checkpoint


class Replay(NamedTuple):
    """The parent's training pairs.

    Attributes:
        corpora: an iterator over the pairs of each corpus, as text.
        weights: how often a pair of each corpus is seen in an epoch.
        starts: the id of each corpus' start symbol in the parent's target vocabulary.
    """

    corpora: list[Iterator[Pair]]
    weights: list[float]
    starts: list[int]


class Parent:
    """A trained run that is only read. Each part is loaded once, when it is first asked for.

    So the weights that a run inherits are those that it noted when it was begun, even if somebody trains in the parent
    meanwhile; and a run that is resumed needs its parent no more.

    Args:
        path: the parent's run directory, or the name of a model that ships.

    Raises:
        ConfigError: the path is empty, or no path.
    """

    def __init__(self, path: str | Path):
        self.run = find_run(path)

    @property
    def path(self) -> Path:
        """The parent's directory."""
        return self.run.path

    @cached_property
    def config(self) -> Config:
        """Its settings."""
        return self.run.config()

    @cached_property
    def tokenizers(self) -> Tokenizers:
        """Its vocabularies, source and target."""
        return self.run.tokenizers()

    @cached_property
    def weights(self) -> Checkpoint:
        """Its best weights, or else its last ones."""
        return self.run.load(self._kind)

    @cached_property
    def moments(self) -> Arrays:
        """The moments of its optimiser by the names of their weights; empty where no checkpoint has them."""
        arrays = self.run.load("last").arrays if self.run.has("last") else {}
        return {name.removeprefix(_MOMENTS): array for name, array in arrays.items() if name.startswith(_MOMENTS)}

    @property
    def updates(self) -> int:
        """How many updates its moments have seen.

        Raises:
            CheckpointError: the checkpoint has something else there.
        """
        iteration = self.moments.get("iteration", np.array(0))
        if iteration.ndim or iteration.dtype.kind not in "iu":
            raise CheckpointError(f"{self.path}: optimizer/iteration is not a number of updates: copy the run again")
        return int(iteration)

    @cached_property
    def languages(self) -> list[str]:
        """The languages that its decoder writes."""
        return list(self.run.about().get("targets", [self.config.data.target_language]))

    def description(self) -> dict[str, Any]:
        """What a fine-tuned run remembers of it."""
        return {
            "path": str(self.path),
            "seq2seq": self.run.about().get("seq2seq"),
            "checkpoint": self._kind,
            "step": self.weights.step,
            "updates": self.updates,
            "config": self.config.model_dump(),
        }

    def dev(self) -> list[Pair]:
        """Its dev set, as it keeps it: its corpora may be elsewhere.

        Raises:
            CheckpointError: it was made by a version that kept none; says how to add it.
        """
        if not self.run.is_begun():
            raise CheckpointError(
                f"{self.path} is no run, and its dev set is not kept here either: put the parent back there, for "
                "finetune.replay and finetune.watch_parent measure it"
            )
        pairs = self.run.dev()
        if is_small(self.run):
            raise CheckpointError(
                f"{self.path} is a small run and keeps no sentences, which finetune.replay and finetune.watch_parent "
                "need: leave them out, or fine-tune the run that it was made from"
            )
        if pairs is None and self.config.data.dev:
            command = f"seq2seq train {self.path / 'config.json'} --run {self.path} --resume"
            raise CheckpointError(
                f"{self.path} does not keep its dev set, which finetune.replay and finetune.watch_parent measure: an "
                f"older seq2seq made it. To add it, run where its corpora are: {command}"
            )
        return pairs or []

    def replay(self) -> Replay:
        """Its training pairs, to be trained on again."""
        pairs = self.run.pairs()
        source, target = self.tokenizers

        def corpus(number: int) -> Iterator[Pair]:
            for index in np.flatnonzero(pairs.corpora == number):
                ids = pairs[int(index)]
                yield Pair(source.decode(ids[0]), target.decode(ids[1]), str(self.path), int(index) + 1)

        corpora = [corpus(number) for number in range(len(pairs.weights))]
        return Replay(corpora, pairs.weights, [int(start) for start in pairs.starts])

    def see_that_it_is_as_noted(self, run: RunDirectory) -> None:
        """See that the parent has the weights that a run was begun for: the run may have been stopped in between.

        Raises:
            CheckpointError: the parent has other weights now.
        """
        noted = run.parent() or {}
        current = self.description()
        if any(noted.get(key) != current[key] for key in ("step", "updates", "checkpoint")):
            raise CheckpointError(
                f"{self.path} was trained further, to step {current['step']:,}, since {run.path} was begun from its "
                f"step {noted.get('step', 0):,}: wait until its training ends, and begin again in a new --run"
            )

    def release(self) -> None:
        """Let go of the weights and moments, which take as much memory as the network and its optimiser."""
        for name in ("weights", "moments"):
            self.__dict__.pop(name, None)

    @cached_property
    def _kind(self) -> str:
        return "best" if self.run.has("best") else "last"
