"""The whole story of a translator for sentences of one's own: texts, vocabulary, training, scores, pages to read."""

import argparse
import logging
import os
from pathlib import Path

from prepare import prepare
from scoring import save, score_domains, summary, translate_lists, write_pages

from seq2seq import Seq2SeqError, load_config
from seq2seq.hardware import describe
from seq2seq.runs.directory import RunDirectory

HERE = Path(__file__).parent
TEXTS = Path("data/general_en_fr")  # as the settings name them


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    corpora = Path(os.environ.get("SEQ2SEQ_DATA", "data"))
    parser.add_argument("--data", type=Path, default=corpora, help="the corpora (default: SEQ2SEQ_DATA, or data)")
    parser.add_argument("--run", type=Path, default=Path("runs/general_en_fr"), help="where to leave the run")
    parser.add_argument("--gpu", action="store_true", help="the setting of config_gpu.toml: larger, and for a GPU")
    parser.add_argument("--scale", type=float, default=1.0, help="share of generated and dev sentences, for a trial")
    text = "only score the run, as it is: for a training that was stopped early"
    parser.add_argument("--score", action="store_true", help=text)
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="settings that win over the file's")
    options = parser.parse_args()
    logging.basicConfig(format="%(message)s")
    logging.getLogger("seq2seq").setLevel(logging.INFO)
    prepare(options.data, TEXTS, options.scale)
    config = load_config(HERE / ("config_gpu.toml" if options.gpu else "config.toml"), options.overrides)

    from seq2seq import Translator, train  # loads TensorFlow or JAX

    if not options.score and not train(config, options.run, resume=True).finished:
        raise SystemExit("Interrupted. Run the same command again to resume; with --score, the run is scored as it is.")
    log = RunDirectory(options.run).log()
    if not log:
        raise SystemExit(f"{options.run} has no epoch that is finished: leave out --score to train it")

    seconds = log[-1]["seconds"]
    translator = Translator.load(options.run)
    results = {
        "seconds": {"training": seconds},
        "translated_on": "{hardware}, {device}, {backend}".format(**describe()),
        "beam": translator.search.beam_size,
        "domains": score_domains(translator, TEXTS / "test", options.run),
        "lists": translate_lists(translator),
    }
    save(results, options.run / "results.json")
    write_pages(results["lists"], TEXTS / "test", options.run)
    print(summary(results))
    print(f"training {seconds / 60:.1f} minutes")
    print(f"to judge by eye: {options.run / 'sentences.md'} and {options.run / 'to_read.md'}")


if __name__ == "__main__":
    try:
        main()
    except Seq2SeqError as error:
        raise SystemExit(f"error: {error}") from error
