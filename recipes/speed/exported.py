"""Do exports translate like their run? Texts, scores and sizes, in float32 and int8, beside the network on Keras.

python recipes/speed/exported.py RUN --source TEST.en --reference TEST.fr
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from seq2seq import Translator, evaluate
from seq2seq.export.writing import export
from seq2seq.settings.config import Translation

HERE = Path(__file__).parent
ENGINES = ("keras", "float32", "int8")
BEGIN, END = "<!-- results: made by exported.py -->", "<!-- end of exported -->"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--source", type=Path, required=True, help="the test set, one sentence a line")
    parser.add_argument("--reference", type=Path, required=True, help="its translation")
    parser.add_argument(
        "--publish", metavar="NAME", help="put the table into the README, under the name of the test set"
    )
    options = parser.parse_args()
    files = (options.source, options.reference)
    sources, references = (path.read_text(encoding="utf-8").split("\n")[:-1] for path in files)
    with tempfile.TemporaryDirectory() as folder:
        places = {"keras": options.run}
        for kind in ENGINES[1:]:
            places[kind] = export(options.run, Path(folder) / kind, int8=kind == "int8")
        figures = compared(places, sources, references)
    print(table({options.run.name: figures}))
    for row in figures:
        others = row.pop("others")
        if row["engine"] == "float32":
            for other in others[:10]:
                print(f"beam {row['beam']}: {json.dumps(other, ensure_ascii=False)}")
    if options.publish:
        publish(options.publish, figures)


def publish(name: str, figures: list[dict[str, Any]]) -> None:
    """Put the figures of a test set into exported.json, and the table of all into the README."""
    path, readme = HERE / "exported.json", HERE / "README.md"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known[name] = figures
    path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    readme.write_text(f"{before}{BEGIN}\n{table(known)}\n{END}{after}", encoding="utf-8")


def compared(places: dict[str, Path], sources: list[str], references: list[str]) -> list[dict[str, Any]]:
    """The figures of each engine and search."""
    figures = []
    steps = tqdm([(beam, engine) for beam in (1, 5) for engine in ENGINES], unit="search")
    for beam, engine in steps:
        steps.set_description(f"{engine}, beam {beam}")
        place = places[engine]
        search = Translation(beam_size=beam)
        translator = Translator.load(place, search, engine="keras" if engine == "keras" else "onnx")
        found = [best for [best] in translator.hypotheses(sources)]
        texts = [best.text for best in found]
        scores = np.array([log_prob for log_prob, _ in translator.score(sources, references)])
        if engine == "keras":
            baseline, known = texts, scores
        result = evaluate(texts, references, baseline=None if engine == "keras" else baseline, metrics=["BLEU"])
        [bleu] = result.scores
        figures.append(
            {
                "engine": engine,
                "beam": beam,
                "sentences": len(sources),
                "same": sum(ours == theirs for ours, theirs in zip(texts, baseline, strict=True)),
                "largest_difference": float(np.abs(scores - known).max()),
                "bleu": bleu.value,
                "low": bleu.low,
                "high": bleu.high,
                "p": result.comparisons[0].p_value if result.comparisons else None,
                "signature": bleu.signature,
                "megabytes": sum(file.stat().st_size for file in place.rglob("*.onnx")) / 1e6,
                "others": [
                    {"source": source, "keras": theirs, engine: ours}
                    for source, theirs, ours in zip(sources, baseline, texts, strict=True)
                    if ours != theirs
                ],
            }
        )
    return figures


def table(known: dict[str, list[dict[str, Any]]]) -> str:
    """Markdown: a row for each test set, engine and search."""
    lines = [
        "| test set | engine | beam | same text as Keras | scores differ by, nats | BLEU | p | graphs, MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, figures in known.items():
        for row in figures:
            bleu = f"{row['bleu']:.1f} ({row['low']:.1f} to {row['high']:.1f})"
            p = "" if row["p"] is None else f"{row['p']:.2f}"
            size = f"{row['megabytes']:.1f}" if row["engine"] != "keras" else ""
            same = f"{row['same']:,} of {row['sentences']:,}"
            cells = (name, row["engine"], row["beam"], same, f"{row['largest_difference']:.1g}", bleu, p, size)
            lines.append(f"| {' | '.join(map(str, cells))} |")
    signatures = sorted({row["signature"] for figures in known.values() for row in figures})
    return "\n".join([*lines, "", *(f"`{signature}`" for signature in signatures)])


if __name__ == "__main__":
    main()
