"""How far one vector can go: a plain GRU, then one method a row, each beside the row that it builds on.

Every training is a run of its own under --runs and resumes where it was; what is finished is not done again. Choices
are made on val alone; the test set is translated only with --test. Rows that are published and not trained now stay.
"""

import argparse
import logging
from pathlib import Path
from typing import NamedTuple

from ladder_report import System, publish
from prepare import prepare

from seq2seq import Corpus, Seq2SeqError, load_config
from seq2seq.cli import main as seq2seq
from seq2seq.files import write_atomically

HERE = Path(__file__).parent
TEST = "test_2016_flickr"
TWO_LAYERS = ("model.encoder_layers=2", "model.decoder_layers=2")


class Row(NamedTuple):
    """One training of the ladder.

    Attributes:
        name: of the run and in the table.
        method: what is added to the rows above that are kept, in words.
        settings: what is added, as settings.
        kept: the rows below have the method too, for it helped on val.
        recalled: the share of the training sentences that the decoder also learns to write back in English.
    """

    name: str
    method: str
    settings: tuple[str, ...] = ()
    kept: bool = False
    recalled: float = 0.0


ROWS = (
    Row("plain", "a plain GRU", kept=True),
    Row("reversed", "reads the source from right to left", ("model.direction=reversed",)),
    Row("every_step", "h(T) at every step of the decoder", ("model.summary_every_step=true",), kept=True),
    Row("bidirectional", "reads both ways", ("model.direction=bidirectional",), kept=True),
    Row("tied", "output layer = target embedding", ("model.tied_embeddings=true",), kept=True),
    Row("smoothing", "label smoothing 0.1", ("training.label_smoothing=0.1",), kept=True),
    Row("dropout", "dropout 0.3", ("model.input_dropout=0.3", "model.output_dropout=0.3"), kept=True),
    Row("word_dropout", "words dropped, 0.1", ("model.word_dropout=0.1",)),
    Row("averaging", "moving average of the weights", ("training.averaging=0.999",)),
    Row("sampling", "other pieces in each epoch", ("tokenizer.sampling=0.5",)),
    Row("weight_drop", "recurrent weights dropped, 0.2", ("model.weight_drop=0.2",)),
    Row("variational", "the same dropout at every step", ("model.variational_dropout=true",)),
    Row("layer_norm", "layer-normalised cells", ("model.layer_norm=true",)),
    Row("deep", "two layers", TWO_LAYERS),
    Row("residual", "two layers, residual", (*TWO_LAYERS, "model.residual=true")),
    Row("max", "h(T) is the maximum of all states", ("model.pooling=max",)),
    Row("slots", "h(T) is four weighted means", ("model.pooling=slots", "model.slots=4")),
    Row("recall", "a tenth of the sentences is also written back in English", recalled=0.1),
    Row("curriculum", "short sentences first", ("training.curriculum_epochs=3",)),
    Row("scheduled", "the decoder reads its own guesses, up to 0.2", ("training.scheduled_sampling=0.2",)),
    Row("r_drop", "two passes alike (R-Drop), half the epochs", ("training.r_drop=1.0", "training.epochs=4")),
)
LONGER = "training.epochs=24"  # of the last rows
HALF = "training.epochs=12"  # of the student: it has two translations of each sentence, so it reads as many pairs
BEST = {"best-1": 1, "best-2": 2, "best-3": 3}  # all that is kept, by the name of the row and its seed
LAST = (*BEST, "ensemble", "decoder", "student", "attention", "unconstrained")
NAMES = (*(row.name for row in ROWS), *LAST)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="where Multi30k is (default: downloaded to data/multi30k)")
    parser.add_argument("--runs", type=Path, default=Path("runs/ladder"), help="where to leave all runs")
    parser.add_argument("--rows", nargs="+", choices=NAMES, default=NAMES, metavar="ROW", help="default: all")
    parser.add_argument("--test", action="store_true", help=f"score {TEST} too")
    parser.add_argument("--publish", action="store_true", help="write the table into this folder's README")
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="settings that win over the file's")
    options = parser.parse_intermixed_args()
    logging.basicConfig(format="%(message)s")
    logging.getLogger("seq2seq").setLevel(logging.INFO)
    data = options.data or Path("data/multi30k")
    prepare(data)
    systems = [learn_row(row, data, options) for row in ROWS if row.name in options.rows]
    systems += [learn_last(name, data, options) for name in LAST if name in options.rows]
    sets = ["val", TEST] if options.test else ["val"]
    for system in systems:
        translate(system, data, options.runs, sets)
    print(publish(options.runs, systems, data, sets, NAMES, HERE if options.publish else None))


def learn_row(row: Row, data: Path, options: argparse.Namespace) -> System:
    """Train a row, with the methods of all rows above it that are kept."""
    above = [each for each in ROWS[: ROWS.index(row)] if each.kept]
    corpora = human(data, sum(each.recalled for each in [*above, row]))
    learn(row.name, settings_of([*above, row]), corpora, data, options)
    return System(row.name, row.method, (row.name,), above[-1].name if above else None, row.kept)


def learn_last(name: str, data: Path, options: argparse.Namespace) -> System:
    """Train one of the last rows, which have all that is kept and more epochs, and the rows that it needs."""
    kept = [row for row in ROWS if row.kept]
    best = [*settings_of(kept), LONGER]
    pairs = human(data, sum(row.recalled for row in kept))
    method, runs, beside = "all that is kept, one vector", (name,), next(iter(BEST))
    if name in BEST:
        learn(name, [*best, f"training.seed={BEST[name]}"], pairs, data, options)
        return System(name, method, runs)
    if name == "ensemble":
        method, runs = "the three together", tuple(BEST)
        for each in BEST:
            learn_last(each, data, options)
    elif name == "decoder":
        method = f"{beside}, then its decoder alone, on stored summaries"
        learn_last(beside, data, options)
        go_on(name, options.runs / beside, pairs, data, options)
    elif name == "student":
        method = f"{method}, taught by attention"
        learn_last("attention", data, options)
        learn(name, [*best, HALF], [*pairs, taught(options.runs / "attention", data, options.runs)], data, options)
    elif name == "attention":
        method = "the same with attention"
        learn(name, [*best, "model.attention=true"], pairs, data, options)
    else:
        method = "en-fr, which read other text before (apart from the others)"
        go_on(name, "en-fr", human(data), data, options)
    return System(name, method, runs, beside)


def settings_of(rows: list[Row]) -> list[str]:
    """The settings of several rows."""
    recall = ["data.cleaning.copies=false"] if any(row.recalled for row in rows) else []
    return [setting for row in rows for setting in row.settings] + recall


def human(data: Path, recalled: float = 0.0) -> list[Corpus]:
    """The pairs that people wrote, and a share of the English sentences as their own targets (as in SONAR, 2023)."""
    english, french = (f"{data / 'train'}.{side}" for side in ("en", "fr"))
    corpora = [Corpus(source=english, target=french)]
    if recalled:
        corpora.append(Corpus(source=english, target=english, target_language="en", weight=recalled))
    return corpora


def taught(teacher: Path, data: Path, runs: Path) -> Corpus:
    """The training text with a teacher's translations (Kim and Rush 2016, arXiv:1606.07947)."""
    shards, translated = runs / "teaching", runs / "taught"
    write(shards / "train.en", read(data / "train.en"))
    status = seq2seq(["bulk", str(teacher), "--input", str(shards), "--output", str(translated)])
    if status:
        raise SystemExit(status)
    return Corpus(source=f"{shards / 'train.en'}", target=f"{translated / 'train.en'}")


def learn(name: str, settings: list[str], train_on: list[Corpus], data: Path, options: argparse.Namespace) -> None:
    """One training, or what is left of it."""
    from seq2seq import train  # loads TensorFlow or JAX

    print(f"\n== {name}")
    settings = [*settings, *options.overrides]
    config = load_config(HERE / "ladder.toml", settings, train=train_on, dev=[dev_of(data)])
    check(train(config, options.runs / name, resume=True).finished)


def go_on(name: str, parent: Path | str, train_on: list[Corpus], data: Path, options: argparse.Namespace) -> None:
    """A training that begins from a finished run; ladder_NAME.toml says what learns, and how fast."""
    from seq2seq import finetune

    print(f"\n== {name}")
    settings = [override for override in options.overrides if override.startswith("training.")]
    config = load_config(HERE / f"ladder_{name}.toml", settings, train=train_on, dev=[dev_of(data)])
    check(finetune(parent, config, options.runs / name, resume=True).finished)


def check(finished: bool) -> None:
    """Stop where a training was interrupted."""
    if not finished:
        raise SystemExit("Interrupted. Run the same command again to resume.")


def dev_of(data: Path) -> Corpus:
    """The pairs that choose the best weights."""
    return Corpus(source=f"{data / 'val'}.en", target=f"{data / 'val'}.fr")


def translate(system: System, data: Path, runs: Path, sets: list[str]) -> None:
    """A system's translations of each set, unless they are there and no run was begun after them."""
    from seq2seq import Translator

    for name in sets:
        path = runs / "translations" / f"{system.name}.{name}.fr"
        members = [runs / member for member in system.runs]
        begun = max((member / "config.json").stat().st_mtime for member in members)
        if not path.exists() or path.stat().st_mtime < begun:
            write(path, Translator.load(members).translate(read(data / f"{name}.en")))


def read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, "".join(f"{line}\n" for line in lines).encode())


if __name__ == "__main__":
    try:
        main()
    except (Seq2SeqError, OSError) as error:
        raise SystemExit(f"error: {error}") from error
