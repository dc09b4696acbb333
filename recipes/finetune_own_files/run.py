"""Two text files in, a translator and a scored report out. Line 7 of one translates line 7 of the other.

A tenth of the pairs, at most 1,000 each time, is held out twice: one part chooses the best moment of the training, the
other is translated once, at the end, for the score.
"""

import argparse
import json
import logging
from pathlib import Path

from seq2seq import Seq2SeqError, load_config

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="sentences to translate from, one a line")
    parser.add_argument("target", type=Path, help="their translations, line by line")
    parser.add_argument("--from", dest="source_language", default="en", metavar="TAG", help="BCP 47 (default: en)")
    parser.add_argument("--to", dest="target_language", required=True, metavar="TAG", help="such as es or pt-BR")
    parser.add_argument("--parent", type=Path, default=Path("runs/phrasebook_en_fr"), help="the run to begin from")
    parser.add_argument("--run", type=Path, default=Path("runs/own"), help="where to leave everything")
    parser.add_argument("--scratch", action="store_true", help="begin from nothing instead, with the parent's sizes")
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="settings that win over the file's")
    options = parser.parse_intermixed_args()
    logging.basicConfig(format="%(message)s")
    logging.getLogger("seq2seq").setLevel(logging.INFO)
    if not (options.parent / "config.json").exists():
        raise SystemExit(
            f"error: there is no trained run in {options.parent}: make one in about 3 minutes with\n"
            "  python recipes/phrasebook_en_fr/run.py\nor name another one with --parent"
        )
    texts = hold_out(options.source, options.target, options.run / "data")

    from seq2seq import Translator, evaluate, finetune, train  # loads TensorFlow or JAX
    from seq2seq.run_directory import RunDirectory

    settings = [
        f"data.{split}=[{{source={json.dumps(str(texts / split) + '.source')}, "
        f"target={json.dumps(str(texts / split) + '.target')}}}]"
        for split in ("train", "dev")
    ]
    settings += [f"data.source_language={options.source_language}", f"data.target_language={options.target_language}"]
    if options.scratch:
        model = RunDirectory(options.parent).config().model.model_dump()
        settings += [f"model.{key}={json.dumps(value)}" for key, value in model.items()] + ["tokenizer.shared=false"]
    config = load_config(HERE / "config.toml", [*settings, *options.overrides])
    begin = train if options.scratch else lambda *arguments, **more: finetune(options.parent, *arguments, **more)
    outcome = begin(config, options.run, resume=True)
    if not outcome.finished:
        raise SystemExit("the same command goes on where it was")

    source, reference = (read(texts / f"test.{side}") for side in ("source", "target"))
    hypotheses = Translator.load(options.run).translate(source)
    evaluation = evaluate(hypotheses, reference)
    (options.run / "test.hypotheses").write_text("".join(f"{line}\n" for line in hypotheses), encoding="utf-8")
    results = {"seconds": {"training": outcome.position.seconds}, **evaluation.to_json()}
    (options.run / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    examples = list(zip(source, hypotheses, reference, strict=True))[:20]
    report = HERE.joinpath("report.md").read_text(encoding="utf-8")
    for name, text in {
        "RUN": str(options.run),
        "PARENT": "nothing" if options.scratch else str(options.parent),
        "LANGUAGES": f"{options.source_language} to {options.target_language}",
        "PAIRS": f"{len(read(texts / 'train.source')):,}",
        "SCORES": evaluation.table(),
        "EXAMPLES": "\n".join(f"- {s}\n    - **{h}**\n    - {r}" for s, h, r in examples),
    }.items():
        report = report.replace(f"{{{name}}}", text)
    (options.run / "report.md").write_text(report, encoding="utf-8")
    print(f"\n{evaluation.table()}\n\nthe report is {options.run / 'report.md'}; translate more with")
    print(f"  echo '{source[0]}' | seq2seq translate {options.run}")


def hold_out(source: Path, target: Path, folder: Path) -> Path:
    """Split the pairs, once: a tenth for dev, a tenth for test, and no sentence on two sides of the fence."""
    if not (folder / "test.target").exists():
        sides = read(source), read(target)
        if len(sides[0]) != len(sides[1]):
            raise SystemExit(f"error: {source} has {len(sides[0]):,} lines, {target} {len(sides[1]):,}: one is missing")
        pairs = list(dict(zip(*sides, strict=True)).items())  # one translation for each different sentence
        each = min(1000, len(pairs) // 10)
        if not each:
            raise SystemExit(f"error: {len(pairs)} different sentences are too few: ten at least, better thousands")
        step = len(pairs) // each
        held = {"dev": pairs[::step][:each], "test": pairs[1::step][:each]}
        away = {pair for part in held.values() for pair in part}
        folder.mkdir(parents=True, exist_ok=True)
        for split, part in {"train": [pair for pair in pairs if pair not in away], **held}.items():
            for side, name in enumerate(("source", "target")):
                (folder / f"{split}.{name}").write_text("".join(f"{p[side]}\n" for p in part), encoding="utf-8")
    return folder


def read(path: Path) -> list[str]:
    """The lines of a text file."""
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"error: {path} cannot be read as UTF-8 text: {error}") from error


if __name__ == "__main__":
    try:
        main()
    except Seq2SeqError as error:
        raise SystemExit(f"error: {error}") from error
