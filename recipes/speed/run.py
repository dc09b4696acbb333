"""How fast is it, beside what people would use instead? On this machine, with the same data, sizes and batches.

Each contender works in a process of its own; they take turns, and the medians of the turns are compared.
"""

import argparse
import json
import logging
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from report import DEV_LOSS, write_report
from roofline import roofline
from task import SEED, write_task
from tqdm.auto import tqdm

from seq2seq import Seq2SeqError, hardware, load_config
from seq2seq.export.writing import export

HERE = Path(__file__).parent
MULTI30K = HERE.parent / "multi30k_en_fr"
TEST = "test_2016_flickr"


class Turn(NamedTuple):
    """One process: a contender, a precision, a job and its options."""

    group: str
    contender: str
    precision: str
    options: tuple[str, ...]


def prepare(folder: Path, data: Path | None, quick: bool) -> None:
    """A trained run of the task's sizes, and the task: its batches, in one order for everybody."""
    from seq2seq import phrases, train
    from seq2seq.data.batching import Batches, Shape, teacher_forcing
    from seq2seq.data.encoded import EncodedPairs
    from seq2seq.runs.directory import RunDirectory

    texts = folder / "data"
    texts.mkdir(parents=True, exist_ok=True)
    names = {"train": "train", "dev": "val", "test": TEST}
    for split, pairs in (("train", 2_000 if quick else 100_000), ("dev", 100), ("test", 200)):
        drawn = None if data else list(phrases(split, pairs, seed=SEED))
        for side in ("en", "fr"):
            text = (
                (data / f"{names[split]}.{side}").read_text(encoding="utf-8")
                if data
                else "".join(f"{p.english if side == 'en' else p.french}\n" for p in drawn or ())
            )
            (texts / f"{split}.{side}").write_text(text, encoding="utf-8")
    corpora = [
        f"data.{split}=[{{source={json.dumps(str(texts / split) + '.en')}, "
        f"target={json.dumps(str(texts / split) + '.fr')}}}]"
        for split in ("train", "dev")
    ]
    fewer = ["training.epochs=1"] if quick else []
    fewer += [] if data else ["tokenizer.vocabulary_size=2000"]
    config = load_config(HERE / "config.toml", [*corpora, *fewer])
    if not train(config, folder / "run", resume=True).finished:
        raise SystemExit("Interrupted. Run the same command again to resume.")
    run = RunDirectory(folder / "run")
    tokenizer, _ = run.tokenizers()
    batches = Batches(EncodedPairs(run.encoded / "train.arrow"), batch_tokens=config.training.batch_tokens, seed=SEED)
    english, french = ((texts / f"dev.{side}").read_text(encoding="utf-8").split("\n")[:-1] for side in ("en", "fr"))
    pairs = sorted(zip(tokenizer.encode(english), tokenizer.encode(french), strict=True), key=lambda p: len(p[1]))
    dev = [pairs[start : start + 64] for start in range(0, len(pairs), 64)]
    write_task(
        folder,
        pieces=tokenizer.size,
        train=list(batches.epoch(0)),
        dev=[teacher_forcing(d, Shape(len(d), *(max(len(p[s]) for p in d) + 1 for s in (0, 1)))) for d in dev],
        sources=(texts / "test.en").read_text(encoding="utf-8").split("\n")[:-1],
    )


def turns(options: argparse.Namespace) -> list[Turn]:
    """All that is to be measured, contenders next to each other."""
    torch = ["pytorch"] if available("torch") else []
    eole = ["eole"] if os.environ.get("EOLE") or shutil.which("eole") else []
    steps = ("train", "--steps", str(options.steps))
    list_ = [
        Turn("training", name, precision, steps)
        for name in ("toolkit", *torch, "keras_tutorial")
        for precision in ("float32", "bfloat16")
    ]
    stated = ("reach", "--steps", "10", "--loss", str(options.loss), "--seconds", "300")
    list_ += [turn._replace(group=DEV_LOSS, options=stated) for turn in list_]
    list_ += [Turn("training", name, "float32", steps) for name in eole]
    for beam in (1, 5):
        for rows, sentences in ((32, 0), (1, options.sentences)):
            search = ("translate", "--beam", str(beam), "--rows", str(rows), "--sentences", str(sentences))
            group = f"{'greedy' if beam == 1 else f'beam {beam}'}, {'one at a time' if rows == 1 else 'batched'}"
            list_ += [
                Turn(group, name, precision, search)
                for precision in ("float32", "int8")
                for name in ("toolkit_onnx", "toolkit_onnx_shortlist", *torch)
            ]
            list_ += [Turn(group, name, "float32", search) for name in ("toolkit", *eole)]
            if beam == rows == 1:
                few = (*search[:-1], str(min(20, options.sentences)))
                list_.append(Turn(group, "keras_tutorial", "float32", few))
    return list_


def half_of(group: str) -> str:
    """Which half of the benchmark a group of turns belongs to."""
    return "training" if group in ("training", DEV_LOSS) else "translating"


def available(package: str) -> bool:
    return subprocess.run([sys.executable, "-c", f"import {package}"], capture_output=True, check=False).returncode == 0


def take(turn: Turn, folder: Path) -> dict[str, Any]:
    """One process of the worker."""
    command = [sys.executable, str(HERE / "worker.py"), turn.contender, str(folder), *turn.options]
    command += ["--precision", turn.precision]
    if turn.contender == "eole":  # measured from outside
        command = [sys.executable, str(HERE / "contenders" / "eole.py"), str(folder), *turn.options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return dict(json.loads(done.stdout.strip().split("\n")[-1]))


def commands(folder: Path, repeats: int) -> dict[str, list[float]]:
    """Whole processes: help, and one sentence through a cold start."""
    program = shutil.which("seq2seq", path=str(Path(sys.executable).parent)) or "seq2seq"
    if not (folder / "export").exists():
        export(folder / "run", folder / "export", int8=True)
    lines = {
        "help": [program, "--help"],
        "cold translation": [program, "translate", str(folder / "run")],
        "cold translation of an export": [program, "translate", str(folder / "export")],
        "cold translation by Keras": [program, "translate", str(folder / "run"), "--engine", "keras"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in lines}
    for _ in range(repeats):
        for name, command in lines.items():
            begun = time.perf_counter()
            subprocess.run(command, input="A man is sleeping.\n", text=True, capture_output=True, check=True)
            seconds[name].append(time.perf_counter() - begun)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short turn each: to see that all works")
    parser.add_argument("--data", type=Path, help="where Multi30k is; the phrasebook without it")
    parser.add_argument("--run", type=Path, default=Path("runs/speed"), help="where to work")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--steps", type=int, default=60, help="training steps of a turn")
    parser.add_argument("--loss", type=float, default=4.5, help="the dev loss to reach, in nats a token")
    parser.add_argument("--sentences", type=int, default=200, help="sentences translated one at a time")
    parser.add_argument("--only", choices=["training", "translating"], help="measure only one of the two")
    parser.add_argument("--publish", action="store_true", help="write the table and the picture into the README")
    options = parser.parse_args()
    if options.quick:
        options.repeats, options.steps, options.sentences, options.loss = 1, 10, 10, 7.0
    logging.basicConfig(format="%(message)s")
    logging.getLogger("seq2seq").setLevel(logging.INFO)
    folder = options.run / ("quick" if options.quick else "full")
    if not (folder / "task.json").exists():
        prepare(folder, options.data, options.quick)

    todo = [turn for turn in turns(options) if options.only in (None, half_of(turn.group))]
    measured: list[dict[str, Any]] = [{**turn._asdict(), "turns": []} for turn in todo]
    with (
        tqdm(total=options.repeats * len(todo), unit="turn") as bar,
        (folder / "turns.jsonl").open("a", encoding="utf-8") as log,  # what was measured is never lost
    ):
        for _ in range(options.repeats):
            for turn, result in zip(todo, measured, strict=True):
                bar.set_description(f"{turn.contender}, {turn.precision}: {turn.group}")
                result["turns"].append(take(turn, folder))
                log.write(json.dumps({**turn._asdict(), **result["turns"][-1]}) + "\n")
                log.flush()
                bar.update()
    results = {
        "measured": [summary(result) for result in measured],
        "commands": {name: statistics.median(s) for name, s in commands(folder, options.repeats).items()},
        "roofline": roofline(folder),
        "repeats": options.repeats,
        "loss": options.loss,
    }
    place = HERE if options.publish else folder
    results["about"] = {
        half: hardware.describe() for half in ("training", "translating") if options.only in (None, half)
    }
    if options.only and (place / "results.json").exists():  # the other half stays as it was measured
        before = json.loads((place / "results.json").read_text(encoding="utf-8"))
        kept = [entry for entry in before["measured"] if half_of(entry["group"]) != options.only]
        results["measured"] += kept
        if options.only == "translating":
            results["roofline"] = before["roofline"]
        results["about"] = before["about"] | results["about"]
    print(write_report(results, folder, place))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def summary(result: dict[str, Any]) -> dict[str, Any]:
    """Median, lowest and highest of each figure, and the translations of the last turn."""
    *_, last = result["turns"]
    figures = {}
    for key, value in last.items():
        if isinstance(value, int | float):
            values = [turn[key] for turn in result["turns"]]
            figures[key] = [statistics.median(values), min(values), max(values)]
    return (
        {key: result[key] for key in ("group", "contender", "precision")}
        | figures
        | {key: value for key, value in last.items() if key == "results"}
    )


if __name__ == "__main__":
    try:
        main()
    except Seq2SeqError as error:
        raise SystemExit(f"error: {error}") from error
