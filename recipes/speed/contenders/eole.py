"""The command `eole`: its RNNs without attention, of the task's sizes, measured from outside.

It is installed in an environment of its own: `eole` in the path, or what the variable EOLE says. Its output layer
has a matrix of its own, from the decoder's 512 units, as it can be tied to no embedding of 256; and it packs nothing.
Without attention eole 0.6.4 ends at its first step, as its loss takes a `view` of what is not contiguous: FIX mends it.
"""

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from task import CLIP_NORM, LEARNING_RATE, SEED, SIZES, Task, open_task, tokens

TRAINED = 400  # steps of the model that translates
FIX = """
from eole.utils.loss import LossCompute
LossCompute._bottle = lambda self, values: values.reshape(-1, values.size(2))
"""
STEP = re.compile(r"Step +(\d+)/.*bsz: *\d+/ *(\d+)/")
SECONDS = re.compile(r"(?:Step 0 time|Subsequent prediction time).*\(s\): *([0-9.]+)")


def eole(folder: Path, *arguments: str) -> Iterator[tuple[float, str]]:
    """Run the command: each line that it prints, and the seconds since its start."""
    program = os.environ.get("EOLE") or shutil.which("eole")
    if not program:
        raise SystemExit("there is no command eole: install it, or say with the variable EOLE where it is")
    (folder / "sitecustomize.py").write_text(FIX, encoding="utf-8")
    environment = {"OMP_NUM_THREADS": str(len(os.sched_getaffinity(0))), **os.environ}
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment |= {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1", "CUDA_VISIBLE_DEVICES": ""}
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "encoding": "utf-8"}
    begun, lines = time.perf_counter(), []
    with subprocess.Popen([program, *arguments], cwd=folder, env=environment, **pipe) as process:
        for line in process.stdout:
            lines.append(line)
            yield time.perf_counter() - begun, line
    if process.returncode:
        raise SystemExit(f"eole {' '.join(arguments)} failed:\n{''.join(lines)[-3000:]}")


def prepare(task: Task) -> Path:
    """Its folder, with the vocabulary and the texts as pieces between spaces."""
    folder, vocabulary = task.folder.resolve() / "eole", task.vocabulary()
    folder.mkdir(exist_ok=True)
    pieces = [vocabulary.id_to_piece(index) for index in range(task.pieces)]
    (folder / "pieces.txt").write_text("".join(f"{piece}\n" for piece in pieces), encoding="utf-8")
    for side in ("en", "fr"):
        text = (task.folder / "data" / f"train.{side}").read_text(encoding="utf-8")
        rows = vocabulary.encode(text.split("\n")[:-1], out_type=str)
        (folder / f"train.{side}").write_text("".join(f"{' '.join(row)}\n" for row in rows), encoding="utf-8")
    return folder


def batch_size(task: Task, folder: Path) -> int:
    """In eole's measure, sentences times the longest: so that a batch has as many true tokens as the task's."""
    sides = [(folder / f"train.{side}").read_text(encoding="utf-8").split("\n")[:-1] for side in ("en", "fr")]
    lengths = sorted((len(source.split()), len(target.split()) + 2) for source, target in zip(*sides, strict=True))
    goal, true = tokens(task.train) / len(task.train), sum(target - 1 for _, target in lengths)
    size = goal
    for _ in range(5):
        batches, rows, longest = 1, 0, 0
        for pair in lengths:
            rows, longest = rows + 1, max(longest, *pair)
            if rows * longest > size:
                batches, rows, longest = batches + 1, 1, max(pair)
        size *= goal * batches / true
    return round(size)


def settings(task: Task, folder: Path, steps: int, keep: bool) -> dict[str, Any]:
    """Its configuration, for training."""
    recurrent = {"rnn_type": "GRU", "layers": 1, "hidden_size": SIZES["decoder_units"]}
    return {
        "seed": SEED,
        "report_every": 1,
        "src_vocab": "pieces.txt",
        "share_vocab": True,
        "pad_token": "<pad>",
        "vocab_size_multiple": 1,
        "data": {"train": {"path_src": "train.en", "path_tgt": "train.fr"}},
        "model": {
            "architecture": "custom",
            "share_embeddings": True,
            "input_feed": 0,
            "embeddings": {"word_vec_size": SIZES["embedding"], "position_encoding_type": None},
            "encoder": {"encoder_type": "brnn", **recurrent},
            "decoder": {"decoder_type": "rnn", "global_attention": None, **recurrent},
        },
        "training": {
            "model_path": "kept" if keep else "measured",
            "keep_checkpoint": 1 if keep else 0,
            "train_steps": steps,
            "valid_steps": steps + 1,
            "save_checkpoint_steps": steps + 1,
            "batch_type": "tokens",
            "batch_size": batch_size(task, folder),
            "bucket_size": sum(1 for _ in (folder / "train.en").open(encoding="utf-8")),
            "num_workers": 0,
            "normalization": "tokens",
            "optim": "adam",
            "learning_rate": LEARNING_RATE,
            "max_grad_norm": CLIP_NORM,
            "dropout": [0.0],
            "attention_dropout": [0.0],
            "compute_dtype": "fp32",
        },
    }


def reports(task: Task, folder: Path, steps: int, keep: bool = False) -> list[tuple[float, int]]:
    """Train: for each step, the seconds since the start and the true target tokens."""
    name = "kept.json" if keep else "measured.json"
    (folder / name).write_text(json.dumps(settings(task, folder, steps, keep)), encoding="utf-8")
    found = ((seconds, STEP.search(line)) for seconds, line in eole(folder, "train", "-config", name))
    return [(seconds, int(step[2])) for seconds, step in found if step]


def train(task: Task, options: argparse.Namespace) -> dict[str, Any]:
    """Tokens a second after the warm-up, the start-up to the first step, memory."""
    steps = reports(task, prepare(task), options.warmup + options.steps)
    (begun, _), *measured = steps[options.warmup - 1 :]
    return {
        "tokens_per_second": sum(count for _, count in measured) / (measured[-1][0] - begun),
        "first_step_seconds": steps[0][0],
        "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "steps": len(steps),
    }


def translate(task: Task, options: argparse.Namespace) -> dict[str, Any]:
    """Seconds for the sentences, by its own clock, which begins when the model is loaded."""
    folder = task.folder.resolve() / "eole"
    if not (folder / "kept" / "config.json").exists():
        reports(task, prepare(task), TRAINED, keep=True)
    sources = task.sources[: options.sentences] if options.sentences else task.sources
    vocabulary = task.vocabulary()
    rows = [f"{' '.join(row)}\n" for row in vocabulary.encode(sources, out_type=str)]
    (folder / "sources.txt").write_text("".join(rows), encoding="utf-8")
    search = {"beam_size": options.beam, "length_penalty": "none", "batch_size": options.rows, "report_time": True}
    files = {"model_path": "./kept", "src": "sources.txt", "output": "translations.txt"}
    (folder / "search.json").write_text(json.dumps(search | files), encoding="utf-8")
    found = [SECONDS.search(line) for _, line in eole(folder, "predict", "-config", "search.json")]
    seconds = sum(float(part[1]) for part in found if part)
    written = (folder / "translations.txt").read_text(encoding="utf-8").split("\n")[: len(sources)]
    results = [vocabulary.decode(row.split(" ")) for row in written]
    return {"seconds": seconds, "sentences_per_second": len(sources) / seconds, "results": results}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", type=Path)
    parser.add_argument("job", choices=["train", "translate"])
    parser.add_argument("--warmup", type=int, default=10, help="steps that are not measured")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--beam", type=int, default=1)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--sentences", type=int, default=0, help="translate only the first so many; 0 for all")
    options = parser.parse_args()
    task = open_task(options.task)
    print(json.dumps({"train": train, "translate": translate}[options.job](task, options)))


if __name__ == "__main__":
    main()
