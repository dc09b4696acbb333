"""Trained on up to 20 words: what becomes of 21 to 60? By cell and by the direction in which the encoder reads.

Everything is done once for each seed, and bold in the table is what all seeds agree on. Every training is a run of its
own under --runs and resumes where it was; what is finished is not done again.
"""

import argparse
import itertools
import logging
from pathlib import Path

from report import publish

from seq2seq import Corpus, Seq2SeqError, load_config, phrases
from seq2seq.files import write_atomically

HERE = Path(__file__).parent
SEEN = (3, 20)
TESTS = [(3, 10), (11, 20), (21, 25), (26, 40), (41, 60)]
SENTENCES = 400  # of each test
CELLS = {"gru": [], "lstm": ["model.cell=lstm"], "rnn": ["model.cell=rnn", "training.learning_rate=1e-3"]}
DIRECTIONS = {
    "forward": ["model.direction=forward"],
    "reversed": ["model.direction=reversed"],
    "bidirectional": ["model.direction=bidirectional", "model.encoder_units=256"],
}
SLOTS = ["model.direction=forward", "model.encoder_units=128", "model.pooling=slots", "model.slots=4"]
ARMS = {f"{cell}-{way}": [*CELLS[cell], *DIRECTIONS[way]] for cell in CELLS for way in DIRECTIONS} | {
    "gru-slots": SLOTS
}
SEEDS = [1, 2, 3]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("runs/length_generalisation"), help="where to leave all runs")
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS), help="default: all")
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS, metavar="SEED", help="default: 1 2 3")
    parser.add_argument("--pairs", type=int, default=100_000, help="training pairs to generate")
    parser.add_argument("--sentences", type=int, default=SENTENCES, help="of each test")
    parser.add_argument("--publish", action="store_true", help="write table and picture into this folder's README")
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="settings that win over the file's")
    options = parser.parse_intermixed_args()
    logging.basicConfig(format="%(message)s")
    logging.getLogger("seq2seq").setLevel(logging.INFO)
    data = options.runs / "data"
    for name, size in (("train", options.pairs), ("dev", 500)):
        write(data / name, name, size, SEEN)
    for words in TESTS:
        write(data / f"test.{words[0]}-{words[1]}", "test", options.sentences, words)

    from seq2seq import Translator, train  # loads TensorFlow or JAX

    corpora = {s: [Corpus(source=f"{data / s}.en", target=f"{data / s}.fr")] for s in ("train", "dev")}
    for seed, arm in itertools.product(options.seeds, options.arms):
        run = options.runs / f"seed-{seed}" / arm
        print(f"\n== {arm}, seed {seed}")
        settings = [*ARMS[arm], f"training.seed={seed}", *options.overrides]
        if not train(load_config(HERE / "config.toml", settings, **corpora), run, resume=True).finished:
            raise SystemExit("Interrupted. Run the same command again to resume.")
        translator = Translator.load(run)
        for low, high in TESTS:
            hypotheses = run / f"test.{low}-{high}.fr"
            if not hypotheses.exists():
                lines = translator.translate(read(Path(f"{data / hypotheses.stem}.en")))
                write_atomically(hypotheses, "".join(f"{line}\n" for line in lines).encode())
    print(publish(options.runs, options.seeds, options.arms, TESTS, HERE if options.publish else None))


def write(stem: Path, split: str, count: int, words: tuple[int, int]) -> None:
    """Generate two text files, unless they are there already, and then they must be the same ones."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    pairs = list(phrases(split, count, min_words=words[0], max_words=words[1]))
    for language, lines in (("en", [p.english for p in pairs]), ("fr", [p.french for p in pairs])):
        path, text = Path(f"{stem}.{language}"), "".join(f"{line}\n" for line in lines)
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise SystemExit(f"error: {path} holds other sentences, made with other options: choose another --runs")
        write_atomically(path, text.encode())


def read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


if __name__ == "__main__":
    try:
        main()
    except Seq2SeqError as error:
        raise SystemExit(f"error: {error}") from error
