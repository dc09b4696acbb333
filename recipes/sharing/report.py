"""From all finished trainings to two tables, a list of findings, a picture, and the README's section."""

import json
import statistics
import sys
from pathlib import Path
from typing import Any

from arms import ARMS, CLOCKED
from corpora import BUCKETS, SEEN, Task

sys.path.append(str(Path(__file__).parents[1] / "shared"))  # for what the recipes share
from plumbing import replace_results

BASELINE = "shared"
COLOURS = dict(zip(ARMS, ("black", "C3", "C1", "C2", "C0", "C4", "C7"), strict=True))
NAMES = {"BLEU": "BLEU", "exact": "exact matches, %"}
KINDS = {
    "Weights that change with the clock": tuple(CLOCKED),
    "Weights that change with what is read": ("hyper-network",),
    "As many weights, shared": ("shared, wider",),
}
Result = dict[str, Any]
Pairing = tuple[Result, Result]  # a training, and the one of the same seed that shares


def write_report(runs: Path, task: Task, folder: Path) -> str:
    """Write results.json and sharing.png, put the section into the README where there is one, and return it."""
    trainings = [json.loads(path.read_text(encoding="utf-8")) for path in runs.glob("*-[0-9]*.json")]
    if not trainings:
        raise SystemExit(f"{runs} has no finished training to report")
    trainings.sort(key=lambda training: (training["seed"], ARMS.index(training["arm"])))
    results = {
        "reach": task.reach(),
        "steps": task.steps,
        "tests": {bucket: len(task.texts[bucket]) for bucket in BUCKETS},
    }
    results["trainings"] = [scored(training, trainings, task) for training in trainings]
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    draw(results, folder / "sharing.png")
    text = section(results)
    replace_results(folder / "README.md", text)
    return text


def scored(training: Result, trainings: list[Result], task: Task) -> Result:
    """The figures of a training, without its translations: scores, and their p against sharing with the same seed."""
    base = next((t for t in trainings if t["arm"] == BASELINE and t["seed"] == training["seed"]), None)
    scores = {}
    for bucket, hypotheses in training["translations"].items():
        references = [pair[1] for pair in task.texts[bucket]]
        other = base["translations"][bucket] if base and base is not training else None
        scores[bucket] = compared(hypotheses, references, other)
    return {key: value for key, value in training.items() if key != "translations"} | {"scores": scores}


def compared(hypotheses: list[str], references: list[str], baseline: list[str] | None) -> Result:
    """BLEU and exact matches with intervals and, with a baseline, p of the difference (paired bootstrap)."""
    from seq2seq import evaluate
    from seq2seq.analysis.statistics import estimate, p_value

    evaluation = evaluate(hypotheses, references, baseline=baseline, metrics=["BLEU"])
    bleu = evaluation.scores[0]
    exact = [
        [float(ours == truth) for ours, truth in zip(texts, references, strict=True)]
        for texts in (hypotheses, baseline or hypotheses)
    ]
    share = estimate(exact[0])
    p_values = {"BLEU": evaluation.comparisons[0].p_value, "exact": p_value(*exact)} if baseline else None
    return {
        "BLEU": [bleu.value, bleu.low, bleu.high],
        "exact": [100 * value for value in share],
        "p": p_values,
        "signature": bleu.signature,
    }


def groups(results: Result) -> dict[str, list[Result]]:
    """The trainings of each arm, in the order of the arms."""
    found = {arm: [training for training in results["trainings"] if training["arm"] == arm] for arm in ARMS}
    return {arm: trainings for arm, trainings in found.items() if trainings}


def section(results: Result) -> str:
    """Markdown: what each arm is and how it trained; scores by length; what is found; what it was measured on."""
    if not results["trainings"]:
        return "Not measured yet."
    signatures = sorted({s["signature"] for t in results["trainings"] for s in t["scores"].values()})
    abouts = [t["about"] for t in results["trainings"]]
    keys = ("hardware", "device", "backend", "keras")
    hardware = sorted({", ".join(f"{key} {about[key]}" for key in keys) for about in abouts})
    sizes = ", ".join(f"{count} of {words} words" for words, count in results["tests"].items())
    return "\n".join(
        [
            *training_table(results),
            "",
            "Steps with weights of their own: {} of the encoder, {} of the decoder.".format(*results["steps"]),
            *("", f"BLEU, by English words of the test sentence ({sizes}):", "", *score_table(results, "BLEU")),
            *("", "Exact matches, %:", "", *score_table(results, "exact")),
            *("", "Better or worse than *shared*: in BLEU, in every seed, every p < 0.05; else undecided.", ""),
            *findings(results),
            *("", f"BLEU: {', '.join(f'`{signature}`' for signature in signatures)}.", ""),
            f"Measured on: {'; '.join(hardware)}.",
        ]
    )


def training_table(results: Result) -> list[str]:
    lines = [
        "| arm | units | weights | recurrent ones | train loss | dev loss | gap | CPU ms an update | minutes | seeds |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for arm, trainings in groups(results).items():
        first = trainings[0]
        losses = [[t["losses"]["train"], t["losses"]["dev"]] for t in trainings]
        columns = [[each[0] for each in losses], [each[1] for each in losses], [each[1] - each[0] for each in losses]]
        milliseconds = statistics.median(1000 * t["cpu_seconds"] / t["updates"] for t in trainings)
        minutes = statistics.median(t["seconds"] / 60 for t in trainings)
        counts = [f"{first['units'][0]}", f"{first['parameters']:,}", f"{first['recurrent_parameters']:,}"]
        cells = [arm, *counts, *(spread(column, ".2f") for column in columns), f"{milliseconds:.0f}", f"{minutes:.1f}"]
        lines.append(f"| {' | '.join([*cells, str(len(trainings))])} |")
    return lines


def score_table(results: Result, metric: str) -> list[str]:
    """The mean over seeds, the range, and p against sharing, one for each seed."""
    lines = [f"| arm | {' | '.join(BUCKETS)} |", "|---" * (1 + len(BUCKETS)) + "|"]
    for arm, trainings in groups(results).items():
        cells = []
        for bucket in BUCKETS:
            scores = [t["scores"][bucket] for t in trainings]
            p_values = [f"{s['p'][metric]:.3f}" for s in scores if s["p"]]
            tested = f"; p {', '.join(p_values)}" if p_values else ""
            cells.append(spread([s[metric][0] for s in scores], ".1f") + tested)
        lines.append(f"| {arm} | {' | '.join(cells)} |")
    return lines


def findings(results: Result) -> list[str]:
    """Sentences: each kind of change over all lengths; each arm, length by length; how far the matrices moved."""
    by_arm = groups(results)
    base = {training["seed"]: training for training in by_arm.pop(BASELINE, [])}
    pairs = {arm: [(t, base[t["seed"]]) for t in trainings if t["seed"] in base] for arm, trainings in by_arm.items()}
    pairs = {arm: both for arm, both in pairs.items() if both}
    lines = [summary(kind, [pairs[arm] for arm in arms if arm in pairs]) for kind, arms in KINDS.items()]
    for arm, both in pairs.items():
        said = [f"{bucket} words {difference(bucket, both)}" for bucket in BUCKETS]
        lines.append(f"*{arm}* less *{BASELINE}*, BLEU: {'; '.join(said)}.")
    for arm, trainings in by_arm.items():
        moved = [statistics.mean(map(statistics.mean, t["change"])) for t in trainings if "change" in t]
        if any(moved):
            lines.append(f"The matrices of *{arm}* change by {statistics.mean(moved):.0%} of their norm at each step.")
    return [f"- {line}" for line in lines if line]


def summary(kind: str, arms: list[list[Pairing]]) -> str:
    """In how many comparisons of a kind of change with sharing the seeds agree, and on what."""
    said = []
    for name, buckets in (("seen lengths", [SEEN]), ("unseen ones", [b for b in BUCKETS if b != SEEN])):
        found = [agreed(bucket, pairs) for pairs in arms for bucket in buckets]
        said.append(f"at {name} better in {found.count(1)} and worse in {found.count(-1)} of {len(found)} comparisons")
    return f"{kind}: {', '.join(said)}." if arms else ""


def agreed(bucket: str, pairs: list[Pairing]) -> int:
    """1 or -1 where several seeds all have p < 0.05 and the same sign, else 0."""
    differences = [ours["scores"][bucket]["BLEU"][0] - theirs["scores"][bucket]["BLEU"][0] for ours, theirs in pairs]
    if len(pairs) < 2 or any(ours["scores"][bucket]["p"]["BLEU"] >= 0.05 for ours, _ in pairs):
        return 0
    return int(min(differences) > 0) - int(max(differences) < 0)


def difference(bucket: str, pairs: list[Pairing]) -> str:
    """The mean over seeds, and what they agree on."""
    differences = [ours["scores"][bucket]["BLEU"][0] - theirs["scores"][bucket]["BLEU"][0] for ours, theirs in pairs]
    verdict = {1: "better", -1: "worse", 0: "undecided"}[agreed(bucket, pairs)]
    return f"{statistics.mean(differences):+.1f} ({verdict})"


def spread(values: list[float], form: str) -> str:
    if len(values) == 1:
        return f"{values[0]:{form}}"
    return f"{statistics.mean(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def draw(results: Result, path: Path) -> None:
    """BLEU and exact matches by length; how far the weights move from step to step; how many sentences reach a step."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 7.6), layout="constrained")
    (bleu, exact), (moves, reach) = figure.subplots(2, 2)
    for axis, metric in ((bleu, "BLEU"), (exact, "exact")):
        _draw_scores(axis, groups(results), metric)
    bleu.legend(fontsize=8)
    for training in results["trainings"]:
        for side, line in zip(training.get("change") or (), ("-", "--"), strict=False):
            if any(side):
                moves.plot(range(1, 1 + len(side)), side, line, color=COLOURS[training["arm"]], linewidth=1)
    for counts, line, name in zip(results["reach"], ("-", "--"), ("encoder", "decoder"), strict=True):
        reach.semilogy(range(1, 1 + len(counts)), counts, line, color="black", label=name)
        moves.plot([], [], line, color="black", label=name)
    moves.set_ylabel("‖W(t+1) − W(t)‖ / ‖W(t)‖")
    reach.set_ylabel("training sentences that reach step t")
    for axis in (moves, reach):
        axis.set_xlabel("step t, in tokens, the first is 1")
        axis.set_xlim(0.5, max(map(len, results["reach"])) + 0.5)
        axis.legend(fontsize=8)
    for axis in (bleu, exact, moves, reach):
        axis.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def _draw_scores(axis: Any, by_arm: dict[str, list[Result]], metric: str) -> None:
    """A mark for each seed; a bar from the mean of the intervals' lower ends to that of the upper ones."""
    for index, (arm, trainings) in enumerate(by_arm.items()):
        for place, bucket in enumerate(BUCKETS):
            x = place + 0.11 * (index - (len(by_arm) - 1) / 2)
            values, low, high = zip(*(t["scores"][bucket][metric] for t in trainings), strict=True)
            axis.plot([x, x], [statistics.mean(low), statistics.mean(high)], color=COLOURS[arm], linewidth=4, alpha=0.3)
            axis.plot([x] * len(values), values, ".", color=COLOURS[arm], label=None if place else arm)
    axis.set_xticks(range(len(BUCKETS)), [f"{b}, {'seen' if b == SEEN else 'unseen'}" for b in BUCKETS])
    axis.set_xlabel("English words of the test sentence")
    axis.set_ylabel(NAMES[metric])
