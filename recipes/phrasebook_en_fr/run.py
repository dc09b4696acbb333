"""The whole story on the embedded phrasebook: sentences, vocabulary, training, scores."""

import argparse
import json
import logging
import shlex
import time
from pathlib import Path

from seq2seq import Corpus, Seq2SeqError, load_config, phrases

HERE = Path(__file__).parent
SETTINGS = {"quick": ("config.toml", 120_000), "longer": ("config_longer.toml", 300_000)}
WORDS = {"min_words": 3, "max_words": 12}
UNSEEN_LENGTHS = ((13, 20), (21, 30), (31, 40), (41, 50), (51, 60))


def write_split(folder: Path, split: str, count: int) -> None:
    """Generate a split, unless the folder has it."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"english": folder / f"{split}.en", "french": folder / f"{split}.fr"}
    if all(path.exists() and len(read(path)) == count for path in files.values()):
        return
    pairs = list(phrases(split, count, **WORDS))
    for language, path in files.items():
        part = path.with_name(f".{path.name}.part")
        part.write_text("".join(f"{getattr(pair, language)}\n" for pair in pairs), encoding="utf-8")
        part.replace(path)


def read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, help="where to leave the run (default: runs/phrasebook_en_fr[_longer])")
    parser.add_argument("--longer", action="store_true", help="more sentences and more time, and the score by length")
    parser.add_argument("--pairs", type=int, help="training pairs to generate")
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="settings that win over the file's")
    options = parser.parse_args()
    logging.basicConfig(format="%(message)s")
    logging.getLogger("seq2seq").setLevel(logging.INFO)
    file, count = SETTINGS["longer" if options.longer else "quick"]
    run = options.run or Path("runs/phrasebook_en_fr_longer" if options.longer else "runs/phrasebook_en_fr")

    begun = time.monotonic()
    data = run / "data"
    for split, size in (("train", options.pairs or count), ("dev", 500), ("test", 1000)):
        write_split(data, split, size)
    corpora = {s: [Corpus(source=f"{data / s}.en", target=f"{data / s}.fr")] for s in ("train", "dev")}
    config = load_config(HERE / file, options.overrides, **corpora)

    from seq2seq import Translator, evaluate, train  # loads TensorFlow or JAX

    outcome = train(config, run, resume=True)
    if not outcome.finished:
        raise SystemExit("Interrupted. Run the same command again to resume.")
    elapsed, begun = time.monotonic() - begun, time.monotonic()

    translator = Translator.load(run)
    source, reference = read(data / "test.en"), read(data / "test.fr")
    hypotheses = translator.translate(source)
    evaluation = evaluate(hypotheses, reference)
    for english, hypothesis, truth in list(zip(source, hypotheses, reference, strict=True))[:10]:
        print(f"  {english}\n    hypothesis  {hypothesis}\n    reference   {truth}")
    print(f"\n{len(source):,} sentences that training never saw:\n{evaluation.table()}")
    by_length = {}
    for shortest, longest in UNSEEN_LENGTHS if options.longer else ():
        long = list(phrases("test", 200, min_words=shortest, max_words=longest))
        scores = evaluate(translator.translate([p.english for p in long]), [p.french for p in long]).scores
        by_length[f"{shortest}-{longest}"] = {score.name: round(score.value, 1) for score in scores}
        print(f"  {shortest}-{longest} words: " + ", ".join(f"{score.name} {score.value:.1f}" for score in scores))
    trained = outcome.position.seconds
    seconds = {"data": max(elapsed - trained, 0.0), "training": trained, "evaluation": time.monotonic() - begun}
    speed = json.loads(read(run / "metrics.jsonl")[-1])["tokens_per_second"]
    print("\nseconds: " + ", ".join(f"{name} {value:.0f}" for name, value in seconds.items()), end="")
    print(f"; training {speed:,.0f} target tokens/s")
    print(f"\nI am a man. -> {translator.translate(['I am a man.'])[0]}")
    print("\ntranslate more with (after make, run `. .venv/bin/activate` first)")
    print(f"  echo 'Where is the musician?' | seq2seq translate {shlex.quote(str(run))}")
    results = {"seconds": seconds, "by_length": by_length, **evaluation.to_json()}
    (run / "results.json").write_text(json.dumps(results, indent=2, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except Seq2SeqError as error:
        raise SystemExit(f"error: {error}") from error
