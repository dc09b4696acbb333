"""How good the translator is: scores by domain and length, and pages to judge by eye."""

import json
import re
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from prepare import LISTS, TESTS
from templates import read

from seq2seq import evaluate

if TYPE_CHECKING:
    from seq2seq import Translator  # loads TensorFlow or JAX

LENGTHS = ((1, 6), (7, 12), (13, 20), (21, 30), (31, None))  # English words, both ends included
FEWEST = 30  # sentences that are worth a score
TO_READ = 25  # translations of each test set to judge by eye
NAMES = "names_and_numbers"


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def score_domains(translator: "Translator", tests: Path, run: Path) -> dict[str, dict[str, Any]]:
    """BLEU and chrF2 of each test set, in all and by length; the translations stay in the run as `DOMAIN.fr`."""
    domains = {}
    for name in TESTS:
        source, reference = lines_of(tests / f"{name}.en"), lines_of(tests / f"{name}.fr")
        begun = time.monotonic()
        hypotheses = translator.translate(source)
        seconds = time.monotonic() - begun
        (run / f"{name}.fr").write_text("".join(f"{line}\n" for line in hypotheses), encoding="utf-8")
        scored = evaluate(hypotheses, reference, metrics=("BLEU", "chrF2")).to_json()
        lengths = by_length(source, hypotheses, reference)
        domains[name] = {"seconds": seconds, "by_length": lengths, **scored}
    return domains


def by_length(source: list[str], hypotheses: list[str], reference: list[str]) -> dict[str, dict[str, float]]:
    """The scores of the sentences of some lengths, where there are enough of them."""
    scores = {}
    for shortest, longest in LENGTHS:
        chosen = [
            index
            for index, text in enumerate(source)
            if shortest <= len(text.split()) and (longest is None or len(text.split()) <= longest)
        ]
        if len(chosen) < FEWEST:
            continue
        parts = [[texts[index] for index in chosen] for texts in (hypotheses, reference)]
        scored = evaluate(*parts, metrics=("BLEU", "chrF2"), resamples=0)
        name = f"{shortest}-{longest}" if longest else f"{shortest} and more"
        scores[name] = {"sentences": len(chosen), **{score.name: round(score.value, 1) for score in scored.scores}}
    return scores


def translate_lists(translator: "Translator") -> dict[str, list[dict[str, Any]]]:
    """Translations of the recipe's own sentences, and whether their names and numbers came through."""
    lists = {}
    for name in LISTS:
        rows = read(name)
        translations = translator.translate([english for english, *_ in rows])
        lists[name.removesuffix(".tsv")] = [
            {
                "english": english,
                "translation": translation,
                "accepted": accepted,
                "came_through": came_through(needed, translation),
            }
            for (english, needed, *accepted), translation in zip(rows, translations, strict=True)
        ]
    return lists


def came_through(needed: str, translation: str) -> bool:
    """Whether all names and numbers are there.

    >>> came_through("Anna;17|dix-sept", "Anna aura dix-sept ans."), came_through("Anna;17|dix-sept", "Anna a 175 ans.")
    (True, False)

    Args:
        needed: what the translation must hold, parted by semicolons; bars part what will do as well.
        translation: the text.
    """
    for choices in filter(None, needed.split(";")):
        if not any(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", translation) for text in choices.split("|")):
            return False
    return True


def write_pages(lists: dict[str, list[dict[str, Any]]], tests: Path, run: Path) -> None:
    """`sentences.md`, the recipe's own sentences, and `to_read.md`, some of each test set, to judge by eye."""
    text = []
    for name, rows in lists.items():
        text += [f"# {name.replace('_', ' ')}", ""]
        for number, row in enumerate(rows, 1):
            mark = "" if row["came_through"] else " (a name or a number is missing)"
            text.append(f"{number}. {row['english']}\n    - **{row['translation'] or '(empty)'}**{mark}")
            text += [f"    - {accepted}" for accepted in row["accepted"]]
        text.append("")
    (run / "sentences.md").write_text("\n".join(text), encoding="utf-8")
    text = []
    for name in TESTS:
        columns = lines_of(tests / f"{name}.en"), lines_of(run / f"{name}.fr"), lines_of(tests / f"{name}.fr")
        rows = list(zip(*columns, strict=True))
        text += [f"# {name}", ""]
        for number, (english, translation, reference) in enumerate(Random(1).sample(rows, min(TO_READ, len(rows))), 1):
            text.append(f"{number}. {english}\n    - **{translation or '(empty)'}**\n    - {reference}")
        text.append("")
    (run / "to_read.md").write_text("\n".join(text), encoding="utf-8")


def summary(results: dict[str, Any]) -> str:
    """A few lines to print: the scores, and how many names came through."""
    lines = []
    for name, domain in results["domains"].items():
        scores = (f"{s['name']} {s['value']:.1f} ({s['low']:.1f} to {s['high']:.1f})" for s in domain["scores"])
        lines.append(f"{name:<14}{', '.join(scores)}, {domain['sentences']:,} sentences")
    rows = results["lists"][NAMES]
    complete = sum(row["came_through"] for row in rows)
    lines.append(f"names and numbers came through in {complete} of {len(rows)} sentences")
    return "\n".join(lines)


def save(results: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
