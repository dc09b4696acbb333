"""Why the same weights at every step? The same network, trained with weights shared over time and in six other ways.

Every training leaves one file under --runs and is not done again. Without --data, nothing is downloaded.
"""

import argparse
import json
from pathlib import Path

from arms import ARMS
from corpora import prepare
from report import write_report
from tqdm.auto import tqdm

from seq2seq import Seq2SeqError, load_config
from seq2seq.files import write_atomically

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="where Multi30k is (multi30k_en_fr/prepare.py fetches it)")
    parser.add_argument("--runs", type=Path, default=Path("runs/sharing"), help="where to leave everything")
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=ARMS, help="by name, in quotes")
    parser.add_argument("--seeds", type=int, default=3, help="how many trainings of each arm")
    parser.add_argument("--sentences", type=int, default=32_000, help="training sentences, at most")
    parser.add_argument("--tests", type=int, default=500, help="sentences of dev and of each test set, at most")
    parser.add_argument("--report", action="store_true", help="train nothing: report what is finished")
    parser.add_argument("--publish", action="store_true", help="write table and picture into this folder's README")
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="settings that win over the file's")
    options = parser.parse_intermixed_args()
    config = load_config(HERE / "config.toml", options.overrides)

    task = prepare(options.runs / "data", config, options.data, options.sentences, options.tests)
    wanted = [(seed, arm) for seed in range(1, options.seeds + 1) for arm in options.arms]
    for seed, arm in tqdm([] if options.report else wanted, unit="training", disable=options.report):
        path = options.runs / f"{arm.replace(', ', '-').replace(' ', '_')}-{seed}.json"
        if not path.exists():
            from training import train_and_measure  # loads TensorFlow or JAX

            found = train_and_measure(arm, seed, task, config)
            write_atomically(path, json.dumps(found, indent=1, ensure_ascii=False).encode())
    print(write_report(options.runs, task, HERE if options.publish else options.runs))


if __name__ == "__main__":
    try:
        main()
    except Seq2SeqError as error:
        raise SystemExit(f"error: {error}") from error
