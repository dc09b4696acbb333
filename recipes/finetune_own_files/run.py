"""Two text files in, a translator and a scored report out. Line 7 of one translates line 7 of the other.

A tenth of the pairs, at most 1,000 each time, is held out twice: one part chooses the best moment of the training, the
other is translated once, at the end, for the score.
"""

import argparse
import json
import logging
import shlex
from pathlib import Path

from seq2seq import Corpus, Seq2SeqError, load_config
from seq2seq.data.corpus import check_same_lengths
from seq2seq.data.lines import read_lines
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.shipped import find_run

HERE = Path(__file__).parent
EXAMPLE_PAIRS = 12_013  # that the results of the README were trained on


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="sentences to translate from, one a line")
    parser.add_argument("target", type=Path, help="their translations, line by line")
    parser.add_argument("--from", dest="source_language", default="en", metavar="TAG", help="BCP 47 (default: en)")
    parser.add_argument("--to", dest="target_language", required=True, metavar="TAG", help="such as es or pt-BR")
    parser.add_argument("--parent", default="en-fr", help="the run to begin from (default: en-fr, which ships)")
    parser.add_argument("--run", type=Path, default=Path("runs/own"), help="where to leave everything")
    parser.add_argument("--scratch", action="store_true", help="begin from nothing instead, with the parent's sizes")
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="settings that win over the file's")
    options = parser.parse_intermixed_args()
    logging.basicConfig(format="%(message)s")
    logging.getLogger("seq2seq").setLevel(logging.INFO)
    parent = find_run(options.parent)
    begun_from = "nothing" if options.scratch else options.parent
    if not parent.is_begun():
        raise SystemExit(
            f"error: there is no trained run in {options.parent}: leave out --parent to begin from en-fr, which ships, "
            "or name the folder of a run"
        )
    texts = hold_out(options.source, options.target, options.run)
    print(f"{what_to_expect(sum(1 for _ in read_lines(texts / 'train.source')), begun_from)}\n")

    print("loading Keras: this takes some seconds", flush=True)
    from seq2seq import Translator, evaluate, finetune, train  # loads TensorFlow or JAX

    corpora = {
        split: [Corpus(source=f"{texts / split}.source", target=f"{texts / split}.target")]
        for split in ("train", "dev")
    }
    settings = [f"data.source_language={options.source_language}", f"data.target_language={options.target_language}"]
    if options.scratch:
        model = parent.config().model
        settings += [f"model.{key}={json.dumps(value)}" for key, value in model.model_dump().items()]
        settings.append(f"tokenizer.shared={json.dumps(model.shared_embeddings)}")
    config = load_config(HERE / "config.toml", [*settings, *options.overrides], **corpora)
    begin = train if options.scratch else lambda *arguments, **more: finetune(options.parent, *arguments, **more)
    outcome = begin(config, options.run, resume=RunDirectory(options.run).is_begun())
    if not outcome.finished:
        raise SystemExit("Interrupted. Run the same command again to resume.")

    source, reference = (list(read_lines(texts / f"test.{side}")) for side in ("source", "target"))
    hypotheses = Translator.load(options.run).translate(source)
    evaluation = evaluate(hypotheses, reference, language=options.target_language)
    (options.run / "test.hypotheses").write_text("".join(f"{line}\n" for line in hypotheses), encoding="utf-8")
    results = {"seconds": {"training": outcome.position.seconds}, **evaluation.to_json()}
    (options.run / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    examples = list(zip(source, hypotheses, reference, strict=True))[:20]
    cleaning = json.loads((options.run / "cleaning.json").read_text(encoding="utf-8"))
    report = HERE.joinpath("report.md").read_text(encoding="utf-8")
    for name, text in {
        "RUN": str(options.run),
        "PARENT": begun_from,
        "LANGUAGES": f"{options.source_language} to {options.target_language}",
        "PAIRS": f"{cleaning['pairs'][0]:,}",
        "SCORES": evaluation.table(),
        "EXAMPLES": "\n".join(f"- {s}\n    - **{h or '(empty)'}**\n    - {r}" for s, h, r in examples),
    }.items():
        report = report.replace(f"{{{name}}}", text)
    (options.run / "report.md").write_text(report, encoding="utf-8")
    print(f"\n{evaluation.table()}\n\nthe report is {options.run / 'report.md'}; translate more with")
    print(f"  echo {shlex.quote(source[0])} | seq2seq translate {shlex.quote(str(options.run))}")


def hold_out(source: Path, target: Path, run: Path) -> Path:
    """Split the pairs: a tenth for dev, a tenth for test, and no sentence on two sides of the fence.

    A run that has begun goes on only with the text that it began with: the score of another text would be wrong.
    """
    parts = split(source, target)
    folder, begun = run / "data", (run / "config.json").exists()
    for name, lines in parts.items():
        path = folder / name
        if not begun or not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
        elif list(read_lines(path)) != lines:
            raise SystemExit(
                f"error: {run} was made from other sentences than {source} and {target} hold now. To train with those, "
                f"name another folder, such as\n  --run {shlex.quote(f'{run}-2')}"
            )
    return folder


def split(source: Path, target: Path) -> dict[str, list[str]]:
    """The lines of each file to write, by its name."""
    sides = list(read_lines(source)), list(read_lines(target))
    check_same_lengths(source, target, (len(sides[0]), len(sides[1])), (iter(sides[0]), iter(sides[1])))
    filled = [pair for pair in zip(*sides, strict=True) if all(map(str.strip, pair))]
    pairs = list(dict(filled).items())  # one translation for each different sentence
    print(
        f"{len(sides[0]):,} lines: {len(pairs):,} different sentences with a translation, {len(filled) - len(pairs):,} "
        f"repeated sentences (the last translation counts), {len(sides[0]) - len(filled):,} with an empty side"
    )
    held_out = min(1000, len(pairs) // 10)
    if not held_out:
        raise SystemExit(f"error: {len(pairs)} different sentences are too few: ten at least, better thousands")
    step = len(pairs) // held_out
    dev, test = pairs[::step][:held_out], pairs[1::step][:held_out]
    held = {*dev, *test}
    parts = {"train": [pair for pair in pairs if pair not in held], "dev": dev, "test": test}
    return {
        f"{name}.{side}": [pair[index] for pair in part]
        for name, part in parts.items()
        for index, side in enumerate(("source", "target"))
    }


def what_to_expect(pairs: int, parent: str) -> str:
    """What the worked example gave (results.json), beside the number of pairs that are there.

    Args:
        pairs: those to learn from.
        parent: what the translator begins from; the results of all parents count where this one was not measured.
    """
    results = json.loads(HERE.joinpath("results.json").read_text(encoding="utf-8"))
    results = [result for result in results if result["setting"] == f"from {parent}"] or [
        result for result in results if result["setting"] != "from nothing"
    ]
    scores = sorted(result["scores"][0]["value"] for result in results)
    minutes = sorted(result["training_minutes"] for result in results)
    example = (
        f"{EXAMPLE_PAIRS:,} short everyday sentences, English to Spanish, scored {_range(scores)} of 100 points (BLEU)"
    )
    few = " So few sentences give a curiosity, not a tool: most translations will be wrong." if pairs < 2000 else ""
    return (
        f"{pairs:,} pairs to learn from. For comparison: {example} after {_range(minutes)} minutes on two processor "
        "cores. Below 10 points only short sentences come out right, about 20 the sense comes through, from 40 on they "
        f"read well. Fewer pairs score less, and take less time.{few}"
    )


def _range(values: list[float]) -> str:
    low, high = f"{values[0]:.0f}", f"{values[-1]:.0f}"
    return low if low == high else f"{low} to {high}"


if __name__ == "__main__":
    try:
        main()
    except Seq2SeqError as error:
        raise SystemExit(f"error: {error}") from error
