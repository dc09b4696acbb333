"""English to German and to Czech: fine-tuned from an English-French run, beside the same training from nothing.

Every training is a run of its own under --runs and resumes where it was; what is finished is not done again.
"""

import argparse
import json
import logging
from pathlib import Path
from typing import NamedTuple

from prepare import prepare
from report import write_report

from seq2seq import Corpus, Seq2SeqError, load_config
from seq2seq.runs.directory import RunDirectory

HERE = Path(__file__).parent


class Plan(NamedTuple):
    """For so many pairs: pieces of the new vocabulary, epochs, and epochs between two looks at the dev set."""

    pieces: int
    epochs: int
    every: int


PLANS = {500: Plan(1000, 60, 6), 2_000: Plan(2000, 40, 4), 8_000: Plan(4000, 20, 2), 29_000: Plan(4000, 12, 1)}
FROZEN = ["finetune.rates.encoder=0.0", "finetune.rates.source_embedding=0.0"]
ARMS = {  # what each changes
    "scratch": ["tokenizer.shared=false"],
    "finetuned": [],
    "frozen encoder": FROZEN,
    "frozen encoder computing": [*FROZEN, "finetune.store_summaries=false"],
    "watched": ["finetune.target_vocabulary=extend", "finetune.watch_parent=true"],
    "replayed": ["finetune.target_vocabulary=extend", "finetune.replay=0.2", "finetune.interpolate=true"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data/multi30k"), help="where Multi30k is, or shall be")
    parser.add_argument("--parent", type=Path, default=Path("runs/multi30k_en_fr"), help="the English-French run")
    parser.add_argument("--runs", type=Path, default=Path("runs/finetune_multi30k"), help="where to leave all runs")
    parser.add_argument("--languages", nargs="+", default=["de", "cs"], choices=["de", "cs"])
    parser.add_argument("--sizes", nargs="+", type=int, default=list(PLANS), choices=list(PLANS), help="pairs")
    parser.add_argument("--arms", nargs="+", default=["scratch", "finetuned"], choices=list(ARMS))
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    parser.add_argument("--publish", action="store_true", help="write table and picture into this folder's README")
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="settings that win over the file's")
    options = parser.parse_intermixed_args()
    logging.basicConfig(format="%(message)s")
    logging.getLogger("seq2seq").setLevel(logging.INFO)
    prepare(options.data)
    for seed in range(1, options.seeds + 1):
        for size in options.sizes:
            for language in options.languages:
                for arm in options.arms:
                    one(options, language, size, arm, seed)
    print(write_report(options.runs, options.data, HERE if options.publish else options.runs))


def one(options: argparse.Namespace, language: str, size: int, arm: str, seed: int) -> None:
    """One training and its translations of the dev set and, at the end, of the test set."""
    from seq2seq import Translator, finetune, train  # loads TensorFlow or JAX

    run = options.runs / f"{language}-{size}-{arm.replace(' ', '_')}-{seed}"
    plan = PLANS[size]
    settings = [
        *("data.source_language=en", f"data.target_language={language}", f"tokenizer.vocabulary_size={plan.pieces}"),
        *(f"training.epochs={plan.epochs}", f"training.evaluate_every_epochs={plan.every}", f"training.seed={seed}"),
        *ARMS[arm],
    ]
    if arm == "scratch":  # the same network
        model = RunDirectory(options.parent).config().model.model_dump()
        settings += [f"model.{key}={json.dumps(value)}" for key, value in model.items()]
    corpora = {
        "train": [corpus(options.data / "train", language, options.runs / "data", size)],
        "dev": [corpus(options.data / "val", language, options.runs / "data")],
    }
    config = load_config(HERE / "config.toml", [*settings, *options.overrides], **corpora)
    print(f"\n== {run.name}")
    outcome = (
        train(config, run, resume=True) if arm == "scratch" else finetune(options.parent, config, run, resume=True)
    )
    if not outcome.finished:
        raise SystemExit("Interrupted. Run the same command again to resume.")
    for name in ("val", "test_2016_flickr"):
        if not (run / f"{name}.{language}").exists():
            english = (options.data / f"{name}.en").read_text(encoding="utf-8").split("\n")[:-1]
            lines = Translator.load(run).translate(english)
            (run / f"{name}.{language}").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def corpus(texts: Path, language: str, folder: Path, first: int | None = None) -> Corpus:
    """Two text files, or the first pairs of them copied to a folder."""
    paths = {side: texts.with_name(f"{texts.name}.{side}") for side in ("en", language)}
    if first:
        folder.mkdir(parents=True, exist_ok=True)
        for side, path in paths.items():
            lines = path.read_text(encoding="utf-8").split("\n")[:first]
            paths[side] = folder / f"{texts.name}.{first}.{side}"
            paths[side].write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return Corpus(source=str(paths["en"]), target=str(paths[language]))


if __name__ == "__main__":
    try:
        main()
    except Seq2SeqError as error:
        raise SystemExit(f"error: {error}") from error
