"""The whole story on Multi30k: captions, vocabulary, training, scores on test_2016_flickr."""

import argparse
import json
import logging
import time
from dataclasses import asdict
from pathlib import Path

from prepare import prepare

from seq2seq import Corpus, Seq2SeqError, load_config, published_bleu

HERE = Path(__file__).parent
TEST = "test_2016_flickr"


def read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="where Multi30k is (default: downloaded to data/multi30k)")
    parser.add_argument("--run", type=Path, default=Path("runs/multi30k_en_fr"), help="where to leave the run")
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="settings that win over the file's")
    options = parser.parse_args()
    logging.basicConfig(format="%(message)s")
    logging.getLogger("seq2seq").setLevel(logging.INFO)
    data = options.data or Path("data/multi30k")
    prepare(data)
    corpora = {
        split: [Corpus(source=f"{data / name}.en", target=f"{data / name}.fr")]
        for split, name in (("train", "train"), ("dev", "val"))
    }
    config = load_config(HERE / "config.toml", options.overrides, **corpora)

    from seq2seq import Translator, evaluate, train  # loads TensorFlow or JAX

    outcome = train(config, options.run, resume=True)
    if not outcome.finished:
        raise SystemExit("Interrupted. Run the same command again to resume.")

    translator = Translator.load(options.run)
    source, reference = read(data / f"{TEST}.en"), read(data / f"{TEST}.fr")
    begun = time.monotonic()
    hypotheses = translator.translate(source)
    seconds = {"training": outcome.position.seconds, "translation": time.monotonic() - begun}
    evaluation, published = evaluate(hypotheses, reference), published_bleu(hypotheses, reference)
    (options.run / f"{TEST}.fr").write_text("".join(f"{line}\n" for line in hypotheses), encoding="utf-8")
    for english, hypothesis, truth in list(zip(source, hypotheses, reference, strict=True))[:10]:
        print(f"  {english}\n    hypothesis  {hypothesis}\n    reference   {truth}")
    print(f"\n{TEST}, beam {config.translation.beam_size}:\n{evaluation.table()}")
    print(
        f"{published.name}  {published.value:.2f}  {published.low:.2f} to {published.high:.2f}  {published.signature}"
    )
    print(f"training {seconds['training'] / 60:.1f} minutes, translation {seconds['translation']:.1f} seconds")
    results = {"seconds": seconds, **evaluation.to_json()}
    results["scores"].append(asdict(published))
    (options.run / "results.json").write_text(json.dumps(results, indent=2, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except Seq2SeqError as error:
        raise SystemExit(f"error: {error}") from error
