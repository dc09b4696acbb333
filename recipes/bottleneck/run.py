"""How much fits through one vector? Cells, reading directions, widths and slots of h(T), beside attention, by length.

Everything is done once for each seed, and bold in the table is what all seeds agree on. Every training is a run of its
own under --runs and resumes where it was; what is finished is not done again.
"""

import argparse
import logging
from pathlib import Path

from report import publish

from seq2seq import Corpus, Seq2SeqError, load_config, phrases
from seq2seq.files import write_atomically

HERE = Path(__file__).parent
WORDS = {"min_words": 3, "max_words": 15}  # so that no length is unseen
SIZES = {"train": 100_000, "dev": 500, "test": 1000}
ARMS = {  # what each changes
    "rnn-256": ["model.cell=rnn"],
    "rnn-256-reversed": ["model.cell=rnn", "model.direction=reversed"],
    "lstm-256": ["model.cell=lstm"],
    "lstm-256-reversed": ["model.cell=lstm", "model.direction=reversed"],
    "gru-256": [],
    "gru-256-reversed": ["model.direction=reversed"],
    "gru-64": ["model.encoder_units=64"],
    "gru-128": ["model.encoder_units=128"],
    "gru-512": ["model.encoder_units=512"],
    "gru-128-slots": ["model.encoder_units=128", "model.pooling=slots", "model.slots=4"],
    "gru-256-attention": ["model.attention=true"],
}
LAWS = {  # on real text
    "laws-gru-512": ["model.encoder_units=512"],
    "laws-gru-512-reversed": ["model.encoder_units=512", "model.direction=reversed"],
    "laws-gru-128-slots": ["model.encoder_units=128", "model.pooling=slots", "model.slots=4"],
    "laws-gru-512-attention": ["model.encoder_units=512", "model.attention=true"],
}
LAWS_WORDS = 60  # of a test pair: nearly always within the longest pieces below, so that it is read to its end
LONGER = [
    "data.max_source_tokens=90",
    "data.max_target_tokens=110",
    "tokenizer.vocabulary_size=4000",
    "training.epochs=1",
]
GROUPS = {  # which runs one report compares; the first is what the others are tested against
    "cells": ["gru-256", "lstm-256", "rnn-256", "gru-256-reversed", "lstm-256-reversed", "rnn-256-reversed"],
    "widths": ["gru-256", "gru-64", "gru-128", "gru-512"],
    "slots": ["gru-512", "gru-128-slots"],
    "attention": ["gru-256", "gru-256-attention"],
    "laws": list(LAWS),
}
SEEDS = [1, 2, 3]
ONLY = ("usage", "lengths", "positions", "gradients", "capacity")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("runs/bottleneck"), help="where to leave all runs")
    parser.add_argument(
        "--laws", type=Path, help="folder with train.en-fr.en, train.en-fr.fr, dev.en-fr.en, dev.en-fr.fr"
    )
    parser.add_argument("--arms", nargs="+", choices=[*ARMS, *LAWS], help="default: all")
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS, metavar="SEED", help="default: 1 2 3")
    parser.add_argument("--pairs", type=int, default=SIZES["train"], help="training pairs of the phrasebook")
    parser.add_argument("--publish", action="store_true", help="write table and pictures into this folder's README")
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="settings that win over the file's")
    options = parser.parse_intermixed_args()
    logging.basicConfig(format="%(message)s")
    logging.getLogger("seq2seq").setLevel(logging.INFO)
    if not options.laws and set(options.arms or ()) & set(LAWS):
        raise SystemExit("error: the laws' arms need --laws DIR")
    data = options.runs / "data"
    for split, size in (SIZES | {"train": options.pairs}).items():
        write(data / f"phrasebook.{split}", [(p.english, p.french) for p in phrases(split, size, **WORDS)])
    if options.laws:
        split_laws(options.laws, data)

    from seq2seq import train  # loads TensorFlow or JAX
    from seq2seq.analysis.examination import analyze

    chosen = options.arms or [*ARMS, *(LAWS if options.laws else ())]
    for seed in options.seeds:
        runs = options.runs / f"seed-{seed}"
        for arm in chosen:
            corpus, settings = ("laws", [*LONGER, *LAWS[arm]]) if arm in LAWS else ("phrasebook", ARMS[arm])
            corpora = {split: [files(data / f"{corpus}.{split}")] for split in ("train", "dev")}
            print(f"\n== {arm}, seed {seed}")
            settings = [*settings, f"training.seed={seed}", *options.overrides]
            if not train(load_config(HERE / "config.toml", settings, **corpora), runs / arm, resume=True).finished:
                raise SystemExit("Interrupted. Run the same command again to resume.")
        for group, members in GROUPS.items():
            examined = [runs / arm for arm in members if arm in chosen]
            if examined:
                test = data / ("laws.test" if group == "laws" else "phrasebook.test")
                sides = (read(Path(f"{test}.{language}")) for language in ("en", "fr"))
                report = analyze(examined, *sides, runs / group, only=ONLY, most=SIZES["test"])
                print(f"\n== {group}, seed {seed}: {report}")
    print(publish(options.runs, options.seeds, chosen, GROUPS, HERE if options.publish else None))


def split_laws(laws: Path, data: Path) -> None:
    """The training set as it is; of the other file, the first 500 pairs to watch training, the others to test."""
    corpora = {
        name: [read(laws / f"{name}.en-fr.{language}") for language in ("en", "fr")] for name in ("train", "dev")
    }
    held_out = [pair for pair in zip(*corpora["dev"], strict=True) if max(len(t.split()) for t in pair) <= LAWS_WORDS]
    write(data / "laws.train", list(zip(*corpora["train"], strict=True)))
    write(data / "laws.dev", held_out[:500])
    write(data / "laws.test", held_out[500:])


def write(stem: Path, pairs: list[tuple[str, str]]) -> None:
    """Two text files, unless they are there already, and then they must be the same ones."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    for language, lines in zip(("en", "fr"), zip(*pairs, strict=True), strict=True):
        path = Path(f"{stem}.{language}")
        text = "".join(f"{line}\n" for line in lines)
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise SystemExit(f"error: {path} holds other sentences, made with other options: choose another --runs")
        write_atomically(path, text.encode())


def read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def files(stem: Path) -> Corpus:
    """Two text files that differ in the language behind the dot."""
    return Corpus(source=f"{stem}.en", target=f"{stem}.fr")


if __name__ == "__main__":
    try:
        main()
    except (Seq2SeqError, OSError) as error:
        raise SystemExit(f"error: {error}") from error
