"""The run directory: settings, vocabulary and weights, each in its place. JSON and arrays only, never pickles.

manifest.json of the files that belong together: see runs/manifest.py
config.json  about.json  cleaning.json  metrics.jsonl  learning_curve.png
dev.json      the dev set as text; parent_dev.json: the parent's, where it is measured too
tokenizer/    source.model, target.model
encoded/      train.arrow, made again where it is missing
shortlist.npz which target pieces a source piece can lead to
familiarity.npz what the training sources look like, where they are not there
parent.json   transfer.json  tradeoff.json  tradeoff.png, of a fine-tuned run
decoders/     other decoders that read the same summaries, each a run without training data
graphs/       encode.onnx, start.onnx, step.onnx, of an export, instead of checkpoints
checkpoints/  last-00001200-0/  best-00000900-0/, each with arrays.npz, state.json and manifest.json; while training
              goes on also recent0-00000900-0/ and so on, if the weights of the last dev evaluations are to be averaged
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq.arguments import path_of
from seq2seq.data.shortlist import Shortlist
from seq2seq.errors import CheckpointError, shown
from seq2seq.runs import made_for
from seq2seq.runs.checkpoint import (
    Checkpoint,
    has_checkpoint,
    load_checkpoint,
    only_weights,
    save_checkpoint,
    set_weights,
)
from seq2seq.runs.dev_sets import DEV, PARENT_DEV, read_dev, write_dev
from seq2seq.runs.folder import (
    PARTS,
    begin,
    make_folders,
    make_ready,
    owned_folder,
    refuse_other_files,
    sweep,
    take_back,
    why_no_run,
)
from seq2seq.runs.metrics_log import read_log
from seq2seq.runs.pair_files import read_pairs, write_pairs
from seq2seq.runs.reading import exists, true_place
from seq2seq.runs.records import first_records, is_tag, read_about, read_config, read_parent, settings_of, write_config
from seq2seq.runs.shortlist_file import read_shortlist, write_shortlist
from seq2seq.runs.vocabulary_files import read_tokenizers, write_tokenizers
from seq2seq.settings.config import Config
from seq2seq.tokenizer import Tokenizer

if TYPE_CHECKING:
    from seq2seq.data.corpus import Pair
    from seq2seq.data.encoded import EncodedPairs
    from seq2seq.model import Seq2Seq


class RunDirectory:
    """A run on disk.

    Args:
        path: the directory; `create` makes it.

    Raises:
        ConfigError: no path; or an empty text, which would be the current folder.
    """

    def __init__(self, path: str | Path):
        self.path = path_of(path, "the directory of a run")
        self._made: list[Path] = []  # folders that were not there before

    @property
    def encoded(self) -> Path:
        """Where the training pairs lie as token ids."""
        return self.path / "encoded"

    @property
    def metrics(self) -> Path:
        """One JSON object a line: what was measured, when."""
        return self.path / "metrics.jsonl"

    def log(self) -> list[dict[str, Any]]:
        """What was measured, in order: a dictionary for each epoch.

        Raises:
            CheckpointError: a line is damaged; names it.
        """
        return read_log(self.metrics, self.path) if exists(self.metrics) else []

    @property
    def checkpoints(self) -> Path:
        """Where the weights are."""
        return self.path / "checkpoints"

    def is_begun(self) -> bool:
        """Whether there is a run: its settings are what is written last when it is made."""
        return exists(self.path / "config.json")

    def create(self, config: Config, about: Mapping[str, Any], parent: Mapping[str, Any] | None = None) -> None:
        """Begin a run, in one step: until config.json is there, another attempt begins anew.

        Args:
            config: the settings of the new run.
            about: what it depends on.
            parent: the run that a fine-tuned run comes from.

        Raises:
            CheckpointError: the folder holds a run already, or something else.
        """
        if self.is_begun():
            raise CheckpointError(f"{self.path} already holds a run: add --resume to go on, or choose another --run")
        refuse_other_files(self.path, PARTS)
        try:
            self._made += make_folders(self.path)
            begin(self.path, first_records(config, about, parent))
        except BaseException as error:
            self.discard()
            if isinstance(error, OSError):
                raise CheckpointError(f"cannot make the run directory {self.path}: {error.strerror}") from error
            raise

    @contextmanager
    def owned(self, doing: str) -> Iterator[None]:
        """Be the only process that writes into the run; the folder is made for it, and goes again if no run is begun.

        Raises:
            CheckpointError: another process owns it.
        """
        with owned_folder(self.path, doing, self._made):
            yield

    def discard(self) -> None:
        """Take back `create` and what was made since: the next attempt finds the place as it was."""
        sweep(self.path, PARTS)
        take_back(self.path, PARTS, self._made)

    def make_ready(self) -> None:
        """Prepare a run that was begun for more work: parts of files go, and an old run gets its manifest."""
        make_ready(self.path)

    def about(self) -> dict[str, Any]:
        """What the run depends on: versions, backend, precision, hardware.

        Raises:
            CheckpointError: it is missing or damaged, or a newer seq2seq wrote it.
        """
        return read_about(self.path)

    def config(self) -> Config:
        """The resolved settings that the run was made with.

        Raises:
            CheckpointError: this is not a run, its settings were changed, or a newer seq2seq made it.
        """
        if not self.is_begun():
            raise CheckpointError(f"{self.path} is not a run{why_no_run(self.path)}")
        self.about()
        return read_config(self.path)

    def replace_config(self, config: Config) -> None:
        """Change the settings, of which no weight depends on those that differ."""
        write_config(self.path, config)

    def save_tokenizers(self, source: Tokenizer, target: Tokenizer) -> None:
        """Store the vocabularies."""
        write_tokenizers(self.path, source, target)

    def tokenizers(self) -> tuple[Tokenizer, Tokenizer]:
        """The vocabularies, source and target."""
        return read_tokenizers(self.path)

    def save_pairs(self, encoded: Path, reports: Mapping[str, Mapping[str, Any]]) -> None:
        """Make a file of encoded pairs the run's training pairs, and keep what was counted on the way.

        Args:
            encoded: the file, in the folder `encoded`; it is renamed, which ends the stage.
            reports: what was counted, by the name of the JSON file to keep it in.
        """
        write_pairs(self.path, encoded, reports)

    def has_pairs(self) -> bool:
        """Whether the training pairs are there, encoded."""
        return exists(self.encoded / "train.arrow")

    def pairs(self) -> "EncodedPairs":
        """The training pairs.

        Raises:
            CheckpointError: they are missing, damaged, or those of another run.
        """
        pieces, limits = self._pieces(), self.config().data
        return read_pairs(self.path, pieces, (limits.max_source_tokens, limits.max_target_tokens))

    def _pieces(self) -> tuple[int, int]:
        source, target = self.tokenizers()
        return source.size, target.size

    def save_dev(self, pairs: "Sequence[Pair]", *, of_parent: bool = False) -> None:
        """Keep the dev set, or the parent's, as text: normalised pairs."""
        write_dev(self.path, PARENT_DEV if of_parent else DEV, pairs)

    def dev(self, *, of_parent: bool = False) -> "list[Pair] | None":
        """The dev set, or the parent's, that the run keeps; none in a run of a version that kept none.

        Raises:
            CheckpointError: it is damaged.
        """
        return read_dev(self.path, PARENT_DEV if of_parent else DEV)

    def parent(self) -> dict[str, Any] | None:
        """Where a fine-tuned run comes from: path, step, settings; none for a run trained from nothing.

        Raises:
            CheckpointError: the file is damaged, or the manifest lists it and it is gone.
        """
        return read_parent(self.path)

    def parent_config(self) -> Config | None:
        """The parent's settings."""
        parent = self.parent()
        return settings_of(parent["config"], self.path / "parent.json") if parent else None

    def targets(self) -> list[str]:
        """The languages that the run can translate into, its own first, each by its own start symbol or decoder."""
        others = sorted(path.name for path in (self.path / "decoders").glob("[!.]*") if is_tag(path.name))
        return [*self.own_targets(), *others]

    def for_target(self, language: str) -> "RunDirectory":
        """The run, or the one beside it, whose decoder writes a language.

        Raises:
            CheckpointError: there is none; names those that there are.
        """
        if language not in self.targets():
            known = ", ".join(self.targets())
            raise CheckpointError(f"{self.path} translates into {known}: received {shown(language)}")
        if language in self.own_targets():
            return self
        place = self.path / "decoders" / language
        true_place(place, self.path)
        return RunDirectory(place)

    def own_targets(self) -> list[str]:
        """The languages that the run's own decoder writes."""
        return list(dict.fromkeys([self.config().data.target_language, *self.about().get("targets", [])]))

    def save_shortlist(self, shortlist: Shortlist) -> None:
        """Store the candidates of each source piece."""
        write_shortlist(self.path, shortlist)

    def has_shortlist(self) -> bool:
        """Whether one was learned."""
        return exists(self.path / "shortlist.npz")

    def shortlist(self) -> Shortlist:
        """The candidates of each source piece.

        Raises:
            CheckpointError: the run has none, or it is damaged or another run's.
        """
        return read_shortlist(self.path, self._pieces())

    def save(self, kind: str, checkpoint: Checkpoint) -> None:
        """Store a checkpoint of a kind (``last``, ``best``, ``parent``) and forget the older ones of it."""
        save_checkpoint(self.checkpoints, kind, checkpoint._replace(made_for=self._what_weights_need()))

    def load(self, kind: str) -> Checkpoint:
        """The newest complete checkpoint of a kind.

        Raises:
            CheckpointError: there is none, it is corrupt, or it was made for another run; says which file.
        """
        self.refuse_export()
        if not self.has(kind):
            raise CheckpointError(f"{self.path} has no {kind!r} checkpoint yet: let seq2seq train run for longer")
        checkpoint = load_checkpoint(self.checkpoints, kind)
        made_for.see_that_it_fits(checkpoint, self._what_weights_need(), self.checkpoints)
        if exists(self.path / "tokenizer"):
            made_for.see_that_shapes_fit(checkpoint.arrays, self.config().model, self._pieces(), self.path)
        return checkpoint

    def _what_weights_need(self) -> dict[str, Any]:
        return made_for.what_weights_need(self.path, self.config().model)

    def has(self, kind: str) -> bool:
        """Whether there is a checkpoint of a kind."""
        return has_checkpoint(self.checkpoints, kind)

    def model(self, kind: str = "best", precision: str = "float32") -> "Seq2Seq":
        """The network with its trained weights: the best, or else the last ones."""
        from seq2seq.model_from_settings import build_model

        settings = self.config().model
        checkpoint = self.load(kind if self.has(kind) else "last")  # before a network of any size is built
        model = build_model(settings, *self._pieces(), precision=precision)
        set_weights(model, checkpoint.arrays, origin=str(self.path))
        return model

    def best(self) -> Checkpoint:
        """The trained weights, as float32 and without what only training needs: the best, or else the last ones.

        Raises:
            CheckpointError: there are none, they are damaged, or not of this run.
        """
        checkpoint = self.load("best" if self.has("best") else "last")
        return checkpoint._replace(arrays=only_weights(checkpoint.arrays, origin=str(self.path)))

    @property
    def graphs(self) -> Path:
        """Where the graphs of an export are, a run that only translates."""
        return self.path / "graphs"

    def is_export(self) -> bool:
        """Whether this is an export: it has graphs instead of checkpoints."""
        return exists(self.graphs)

    def refuse_export(self) -> None:
        """See that this is a run with checkpoints.

        Raises:
            CheckpointError: it is an export.
        """
        if self.is_export():
            raise CheckpointError(
                f"{self.path} is an export, which only translates: give the run that it was made from"
            )
