"""Does French text without English help a translator into French? A reverse run translates it backwards first.

All stages leave their results under --runs and are not done again once they are finished.
"""

import argparse
import logging
from pathlib import Path

from prepare import prepare
from report import write_report

from seq2seq import Corpus, Seq2SeqError, load_config
from seq2seq.cli import main as seq2seq

HERE = Path(__file__).parent
TAG = "§ "  # in front of sources that a machine wrote; the captions never use the sign
SHARD_LINES = 1000
WEIGHT = 2.0  # how often the human pairs of the mix are seen in an epoch
REVERSE = ["data.source_language=fr", "data.target_language=en", "training.epochs=24"]
PARALLEL = ["training.epochs=32"]  # no better after 20
MIXED = ["training.epochs=14", "training.evaluate_every_epochs=1"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data/multi30k"), help="where Multi30k is, or shall be")
    parser.add_argument("--runs", type=Path, default=Path("runs/back_translation"), help="where to leave all results")
    parser.add_argument("--pairs", type=int, default=5000, help="of captions with their translations")
    parser.add_argument("--monolingual", type=int, default=15_000, help="French captions without English")
    parser.add_argument("--publish", action="store_true", help="write the table into this folder's README")
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="settings that win over the file's")
    options = parser.parse_intermixed_args()
    logging.basicConfig(format="%(message)s")
    logging.getLogger("seq2seq").setLevel(logging.INFO)
    prepare(options.data)
    texts = options.runs / "data"
    divide(options.data, texts, options.pairs, options.monolingual)

    human = Corpus(source=f"{texts / 'pairs.en'}", target=f"{texts / 'pairs.fr'}")
    backwards = Corpus(source=human.target, target=human.source)
    learn(options, "reverse", REVERSE, [backwards], ("fr", "en"))
    shards, translated = f"{texts / 'monolingual'}", f"{options.runs / 'translated'}"
    status = seq2seq(["bulk", f"{options.runs / 'reverse'}", "--input", shards, "--output", translated])
    if status:
        raise SystemExit(status)
    made = tag(texts / "monolingual", options.runs / "translated", options.runs / "mixed_data")

    learn(options, "parallel", PARALLEL, [human], ("en", "fr"))
    learn(options, "mixed", MIXED, [human.model_copy(update={"weight": WEIGHT}), made], ("en", "fr"))
    print(write_report(options.runs, options.data, HERE if options.publish else options.runs))


def divide(data: Path, folder: Path, pairs: int, monolingual: int) -> None:
    """The first captions in both languages; of the next ones only the French, in shards."""
    english, french = (read(data / f"train.{side}") for side in ("en", "fr"))
    write(folder / "pairs.en", english[:pairs])
    write(folder / "pairs.fr", french[:pairs])
    rest = french[pairs : pairs + monolingual]
    for start in range(0, len(rest), SHARD_LINES):
        write(folder / "monolingual" / f"part{start // SHARD_LINES:02}.fr", rest[start : start + SHARD_LINES])


def tag(monolingual: Path, translated: Path, folder: Path) -> Corpus:
    """The French text with its machine-written English, which gets the tag."""
    names = sorted(path.name for path in monolingual.iterdir())
    write(folder / "made.en", [f"{TAG}{line}" for name in names for line in read(translated / name)])
    write(folder / "made.fr", [line for name in names for line in read(monolingual / name)])
    return Corpus(source=f"{folder / 'made.en'}", target=f"{folder / 'made.fr'}")


def learn(
    options: argparse.Namespace, name: str, settings: list[str], corpora: list[Corpus], sides: tuple[str, str]
) -> None:
    """One training and its translations of the dev set and, at the end, of the test set."""
    from seq2seq import Translator, train  # loads TensorFlow or JAX

    source, target = sides
    dev = Corpus(source=f"{options.data / 'val'}.{source}", target=f"{options.data / 'val'}.{target}")
    config = load_config(HERE / "config.toml", [*settings, *options.overrides], train=corpora, dev=[dev])
    run = options.runs / name
    print(f"\n== {name}")
    if not train(config, run, resume=True).finished:
        raise SystemExit("Interrupted. Run the same command again to resume.")
    for test in ("val", "test_2016_flickr"):
        if not (run / f"{test}.{target}").exists():
            lines = Translator.load(run).translate(read(options.data / f"{test}.{source}"))
            write(run / f"{test}.{target}", lines)


def read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def write(path: Path, lines: list[str]) -> None:
    """Write lines; the same ones again change nothing, so that a shard is not translated again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except Seq2SeqError as error:
        raise SystemExit(f"error: {error}") from error
