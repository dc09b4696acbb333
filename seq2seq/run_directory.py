"""The run directory: settings, vocabulary and weights, each in its place. JSON and arrays only, never pickles.

config.json  about.json  cleaning.json  metrics.jsonl  learning_curve.png
tokenizer/    source.model, target.model
encoded/      train.arrow, made again where it is missing
shortlist.npz which target pieces a source piece can lead to
parent.json   transfer.json  tradeoff.json  tradeoff.png, of a fine-tuned run
decoders/     other decoders that read the same summaries, each a run without training data
checkpoints/  last-00001200-0/  best-00000900-0/, each with arrays.npz, state.json and manifest.json
"""

import json
import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq.checkpoint import (
    FORMAT,
    Checkpoint,
    has_checkpoint,
    load_checkpoint,
    pack,
    save_checkpoint,
    set_weights,
    unpack,
)
from seq2seq.config import Config, load_config, parse_config
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.familiarity import Familiarity
from seq2seq.data.shortlist import Shortlist
from seq2seq.errors import CheckpointError
from seq2seq.files import write_and_flush, write_atomically
from seq2seq.tokenizer import Tokenizer

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq

_log = logging.getLogger("seq2seq")
_OWN = (
    "config.json",
    "about.json",
    "cleaning.json",
    "metrics.jsonl",
    "tokenizer",
    "encoded",
    "shortlist.npz",
    "parent.json",
    "transfer.json",
    "decoders",
    "checkpoints",
)
_NOT_WEIGHTS = ("optimizer/", "seeds/", "metrics/")  # what else a checkpoint of training holds


class RunDirectory:
    """A run on disk.

    Args:
        path: the directory; `create` makes it.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)

    @property
    def encoded(self) -> Path:
        """Where the training pairs lie as token ids."""
        return self.path / "encoded"

    @property
    def metrics(self) -> Path:
        """One JSON object a line: what was measured, when."""
        return self.path / "metrics.jsonl"

    def log(self) -> list[dict[str, Any]]:
        """What was measured, in order: a dictionary for each epoch."""
        if not self.metrics.exists():
            return []
        return [json.loads(line) for line in self.metrics.read_text(encoding="utf-8").split("\n") if line]

    @property
    def checkpoints(self) -> Path:
        """Where the weights are."""
        return self.path / "checkpoints"

    def create(self, config: Config, about: Mapping[str, Any], parent: Mapping[str, Any] | None = None) -> None:
        """Begin a run.

        Args:
            config: its settings.
            about: what it depends on.
            parent: where it comes from, if it is fine-tuned.

        Raises:
            CheckpointError: there is one already.
        """
        if (self.path / "config.json").exists():
            raise CheckpointError(
                f"{self.path} already holds a run: add --resume to go on with it, or choose another --run"
            )
        taken = [name for name in _OWN if (self.path / name).exists()]
        if taken:
            raise CheckpointError(f"{self.path} is not a run but has a {taken[0]} of its own: choose another --run")
        try:
            self.checkpoints.mkdir(parents=True)
            self.encoded.mkdir()
            write_atomically(self.path / "about.json", json.dumps({"format": FORMAT, **about}, indent=2).encode())
            if parent:
                write_atomically(self.path / "parent.json", (json.dumps(parent, indent=2) + "\n").encode())
            write_atomically(self.path / "config.json", config.to_json().encode())
        except OSError as error:
            raise CheckpointError(f"cannot make the run directory {self.path}: {error.strerror}") from error

    def discard(self) -> None:
        """Take back `create` and what was made since: the next attempt finds the place as it was."""
        for name in _OWN:
            if (self.path / name).is_dir():
                shutil.rmtree(self.path / name)
            else:
                (self.path / name).unlink(missing_ok=True)
        if not any(self.path.iterdir()):
            self.path.rmdir()

    def about(self) -> dict[str, Any]:
        """What the run depends on: versions, backend, precision, hardware.

        Raises:
            CheckpointError: it is missing or damaged, or a newer seq2seq wrote it.
        """
        try:
            about = dict(json.loads((self.path / "about.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise CheckpointError(f"{self.path / 'about.json'} is missing or damaged: {error}") from error
        if about.get("format") != FORMAT:
            raise CheckpointError(
                f"{self.path} has format {about.get('format')} (seq2seq {about.get('seq2seq')}), this reads {FORMAT}"
            )
        return about

    def config(self) -> Config:
        """The resolved settings that the run was made with.

        Raises:
            CheckpointError: this is not a run, or a newer seq2seq made it.
        """
        if not (self.path / "config.json").is_file():
            raise CheckpointError(f"{self.path} is not a run of seq2seq train: it has no config.json")
        self.about()
        return load_config(self.path / "config.json")

    def save_tokenizers(self, source: Tokenizer, target: Tokenizer) -> None:
        """Store the vocabularies."""
        part = self.path / ".tokenizer.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        for name, tokenizer in (("source.model", source), ("target.model", target)):
            write_and_flush(part / name, tokenizer.model)
        part.rename(self.path / "tokenizer")

    def tokenizers(self) -> tuple[Tokenizer, Tokenizer]:
        """The vocabularies, source and target."""
        folder = self.path / "tokenizer"
        return Tokenizer.load(folder / "source.model"), Tokenizer.load(folder / "target.model")

    def parent(self) -> dict[str, Any] | None:
        """Where a fine-tuned run comes from: path, step, settings; none for a run trained from nothing."""
        path = self.path / "parent.json"
        try:
            return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None
        except (OSError, ValueError, TypeError) as error:
            raise CheckpointError(f"{path} is damaged: {error}") from error

    def parent_config(self) -> Config | None:
        """The parent's settings."""
        parent = self.parent()
        return parse_config(parent["config"], origin=str(self.path / "parent.json")) if parent else None

    def targets(self) -> list[str]:
        """The languages that the run can translate into, its own first, each by its own start symbol or decoder."""
        others = sorted(path.name for path in (self.path / "decoders").glob("[!.]*"))
        return [*self._own_targets(), *others]

    def for_target(self, language: str) -> "RunDirectory":
        """The run, or the one beside it, whose decoder writes a language.

        Raises:
            CheckpointError: there is none; names those that there are.
        """
        if language not in self.targets():
            raise CheckpointError(f"{self.path} translates into {', '.join(self.targets())}: received {language!r}")
        return self if language in self._own_targets() else RunDirectory(self.path / "decoders" / language)

    def _own_targets(self) -> list[str]:
        own = self.config().data.target_language
        return list(dict.fromkeys([own, *self.about().get("targets", [])]))

    def copy_decoders(self, other: "RunDirectory") -> None:
        """Put all decoders of another run beside this one's: settings, vocabularies and the best weights, no more.

        What this run translates into itself is left out. They must read the same summaries.
        """
        for language in other.targets():
            place = self.path / "decoders" / language
            origin = other.for_target(language)
            if language in self._own_targets() or place.exists():
                continue
            part = place.with_name(f".{language}.part")
            shutil.rmtree(part, ignore_errors=True)
            (part / "checkpoints").mkdir(parents=True)
            for name in ("config.json", "about.json"):
                shutil.copy(origin.path / name, part / name)
            shutil.copytree(origin.path / "tokenizer", part / "tokenizer")
            best = origin.load("best" if origin.has("best") else "last")
            weights = {name: best.arrays[name] for name in best.arrays if not name.startswith(_NOT_WEIGHTS)}
            RunDirectory(part).save("best", best._replace(arrays=weights))
            part.rename(place)

    def save_shortlist(self, shortlist: Shortlist) -> None:
        """Store the candidates of each source piece."""
        arrays = {"likeliest": shortlist.likeliest, "frequent": shortlist.frequent}
        write_atomically(self.path / "shortlist.npz", pack(arrays))

    def has_shortlist(self) -> bool:
        """Whether one was learned."""
        return (self.path / "shortlist.npz").exists()

    def shortlist(self) -> Shortlist:
        """The candidates of each source piece.

        Raises:
            CheckpointError: the run has none.
        """
        path = self.path / "shortlist.npz"
        if not self.has_shortlist():
            raise CheckpointError(f"{self.path} has no shortlist.npz: translate without a short-list, or train again")
        arrays = unpack(path, path.read_bytes())
        try:
            return Shortlist(arrays["likeliest"], arrays["frequent"])
        except KeyError as error:
            raise CheckpointError(f"{path} is not a short-list: it has no {error}") from error

    def familiarity(self) -> Familiarity | None:
        """What the training sources look like; none where they are not at hand, or cannot be read."""
        path = self.encoded / "train.arrow"
        try:
            return Familiarity.from_training(EncodedPairs(path), self.tokenizers()[0]) if path.exists() else None
        except CheckpointError as error:
            _log.warning("%s (only the warnings of translations need it)", error)
            return None

    def save(self, kind: str, checkpoint: Checkpoint) -> None:
        """Store a checkpoint of a kind (``last``, ``best``, ``parent``) and forget the older ones of it."""
        save_checkpoint(self.checkpoints, kind, checkpoint)

    def load(self, kind: str) -> Checkpoint:
        """The newest complete checkpoint of a kind.

        Raises:
            CheckpointError: there is none, or it is corrupt; says which file.
        """
        if not self.has(kind):
            raise CheckpointError(f"{self.path} has no {kind!r} checkpoint yet: let seq2seq train run for longer")
        return load_checkpoint(self.checkpoints, kind)

    def has(self, kind: str) -> bool:
        """Whether there is a checkpoint of a kind."""
        return has_checkpoint(self.checkpoints, kind)

    def model(self, kind: str = "best", precision: str = "float32") -> "Seq2Seq":
        """The network with its trained weights: the best, or else the last ones."""
        from seq2seq.network import build_model

        config, (source, target) = self.config(), self.tokenizers()
        model = build_model(config.model, source.size, target.size, precision)
        set_weights(model, self.load(kind if self.has(kind) else "last").arrays, origin=str(self.path))
        return model
