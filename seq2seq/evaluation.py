"""BLEU, chrF and TER as sacreBLEU computes them, each with its signature, an interval, and tests against a baseline.

References: Papineni et al. (2002) for BLEU, Popović (2015) for chrF, Snover et al. (2006) for TER, Koehn (2004) for the
bootstrap, Post (2018, arXiv:1804.08771) for sacreBLEU.
"""

import math
import operator
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from seq2seq import oddities, resampling
from seq2seq.arguments import check_count, check_flags, check_kind, check_optional
from seq2seq.bleu_tokens import bleu_tokenizer
from seq2seq.errors import ConfigError, DataError, shown
from seq2seq.sacrebleu_metrics import bleu_metric, ter_metric
from seq2seq.text_lists import check_texts

if TYPE_CHECKING:
    import numpy as np

METRICS = ("BLEU", "chrF2", "TER")
_MOST_RESAMPLES = 1_000_000  # more only cost time
_PERCENTAGES = ("BLEU", "chrF2")  # end at 100; TER counts edits and may exceed it
_PUBLISHED = str.maketrans(
    {"…": "..."} | dict.fromkeys("‘’‚", "'") | dict.fromkeys("“”„«»", '"') | dict.fromkeys("–—", "-")
)
_DOTS = re.compile(r"\.(?: *\.)+")
_ELISION = re.compile(r"([^\W\d_])'(?=[^\W\d_])")


@dataclass(frozen=True)
class Score:
    """One figure, from 0 to 100 (TER can exceed 100, and less is better), with its 95 % bootstrap interval.

    ``low`` and ``high`` are None where no resamples were asked for.
    """

    name: str
    value: float
    signature: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Comparison:
    """A system against a baseline on the same sentences.

    ``p_value`` is from the paired bootstrap (Koehn 2004): how often resampling the sentences moves the difference,
    around its mean, by more than the one observed. It is liberal: of systems that are in truth alike, about one pair in
    ten comes out below 0.05, so ask for less than that, or for several seeds.
    """

    metric: str
    system: float
    baseline: float
    difference: float
    p_value: float
    signature: str


@dataclass(frozen=True)
class Evaluation:
    """What :func:`evaluate` found.

    Attributes:
        scores: one for each metric, in the order asked for.
        length_ratio: BLEU's tokens in the hypotheses for each one in the references.
        sentences: how many were scored.
        comparisons: one for each score, where there was a baseline.
        notes: what looks wrong with the data.
    """

    scores: tuple[Score, ...]
    length_ratio: float
    sentences: int
    comparisons: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = ()

    def table(self) -> str:
        """The figures as aligned text."""
        rows = [("metric", "score", "95 % interval", "signature")]
        rows += [(score.name, f"{score.value:.2f}", _interval(score), score.signature) for score in self.scores]
        blocks = [_align(rows), f"{oddities.sentences(self.sentences)}, length ratio {self.length_ratio:.3f}"]
        if self.comparisons:
            paired = [("metric", "system", "baseline", "difference", "p-value")]
            for comparison in self.comparisons:
                figures = (
                    f"{comparison.system:.2f}",
                    f"{comparison.baseline:.2f}",
                    f"{comparison.difference:+.2f}",
                    f"{comparison.p_value:.4f}",
                )
                paired.append((comparison.metric, *figures))
            blocks.append(_align(paired))
        return "\n".join([*blocks, *(f"note: {note}" for note in self.notes)])

    def to_json(self) -> dict[str, Any]:
        """The figures as plain dictionaries, lists, strings and numbers, ready for ``json.dump``."""
        return {
            "scores": [asdict(score) for score in self.scores],
            "length_ratio": self.length_ratio,
            "sentences": self.sentences,
            "comparisons": [asdict(comparison) for comparison in self.comparisons],
            "notes": list(self.notes),
        }


def evaluate(
    hypotheses: Sequence[str],
    references: Sequence[str],
    *,
    baseline: Sequence[str] | None = None,
    lowercase: bool = False,
    tokenize: str | None = None,
    resamples: int = 1000,
    metrics: Sequence[str] = METRICS,
    language: str = "",
) -> Evaluation:
    """Scores translations, detokenised, against one reference each.

    Resampling is seeded as sacreBLEU seeds it: with SACREBLEU_SEED, or 12345. A progress bar shows on what takes long.

    Args:
        hypotheses: the translations to score, one text for each source.
        references: the human ones, in the same order.
        baseline: another system's translations, to test the difference.
        lowercase: ignore case in BLEU and chrF; TER always does, as sacreBLEU and tercom do.
        tokenize: sacreBLEU's tokenizer for BLEU; that of the language where not given. chrF and TER do without.
        resamples: bootstrap samples for intervals, and trials for tests; 0 computes neither.
        metrics: which of `METRICS`; TER takes most of the time.
        language: of the references (BCP 47): decides how BLEU parts text without spaces into words, and that TER counts
            their characters.

    Raises:
        DataError: nothing to score, different numbers of lines, or something that is no list of texts.
        ConfigError: an unknown tokenizer, metric or language, or a number of resamples that cannot do.

    >>> evaluation = evaluate(["un chat dort sur le lit"], ["un chat dort sur le lit"], resamples=0)
    >>> [(score.name, round(score.value, 2)) for score in evaluation.scores]
    [('BLEU', 100.0), ('chrF2', 100.0), ('TER', 0.0)]
    """
    from sacrebleu.metrics import CHRF

    _check_options(tokenize, language, lowercase, resamples, metrics)
    if baseline is not None and resamples == 0:
        raise ConfigError("resamples is at least 1 with a baseline, received 0: without them there is no test")
    references, hypotheses, baseline = _checked(references, hypotheses, baseline)
    words, missing = bleu_tokenizer(language) if tokenize is None else (tokenize, "")
    known = {"BLEU": bleu_metric(lowercase, words), "chrF2": CHRF(lowercase=lowercase), "TER": ter_metric(language)}
    asked = {name: known[name] for name in dict.fromkeys(metrics)}
    measured = _measure(asked, references, hypotheses, baseline, resamples)
    bleu = measured["BLEU"][2] if "BLEU" in measured else _plain_bleu(known["BLEU"], hypotheses, references)
    notes = oddities.notes(hypotheses, references, lowercase=lowercase, words=words, bleu=bleu.score, ratio=bleu.ratio)
    alike = oddities.monotony(baseline, references) if baseline is not None else ""
    if alike:
        notes.append(f"of the baseline, {alike}")
    return Evaluation(
        scores=tuple(measured[name][0] for name in metrics),
        length_ratio=float(bleu.ratio),
        sentences=len(references),
        comparisons=tuple(comparison for name in metrics if (comparison := measured[name][1])),
        notes=tuple(note for note in (missing, *notes) if note),
    )


def published_bleu(hypotheses: Sequence[str], references: Sequence[str], *, resamples: int = 1000) -> Score:
    """BLEU as most papers on Multi30k give it: lowercased, punctuation normalised, elisions apart, tokenised.

    Both sides go through :func:`published_form`, which stands in for the three Moses scripts that those papers use.
    The figure is some points above detokenised, cased BLEU: publish both, each with its signature.

    Raises:
        DataError: nothing to score, or different numbers of lines.

    >>> published_bleu(["L'été, un chat dort."], ["l’été , un chat dort ."], resamples=0).value
    100.00000000000004
    """
    check_count(resamples, "resamples", most=_MOST_RESAMPLES)
    references, hypotheses, _ = _checked(references, hypotheses, None)
    truth, ours = ([published_form(text) for text in texts] for texts in (references, hypotheses))
    score, _, _ = _measure({"BLEU": bleu_metric(True, "none")}, truth, ours, None, resamples)["BLEU"]
    signature = score.signature.replace("tok:none", "tok:13a+elisions|punct:normalised")
    return Score("BLEU, as published", score.value, signature, score.low, score.high)


def published_form(text: str) -> str:
    r"""The text lowercased, with plain quotes and dashes, in sacreBLEU's 13a tokens, parted after an elision.

    >>> published_form("L’homme dit « Non… »")
    'l\' homme dit " non ... "'
    """
    from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

    tokens = str(Tokenizer13a()(text.lower().translate(_PUBLISHED)))
    return _DOTS.sub("...", _ELISION.sub(r"\1' ", tokens))


def _check_options(tokenize: Any, language: Any, lowercase: Any, resamples: Any, metrics: Any) -> None:
    check_optional(tokenize, str, "tokenize", 'name one of sacreBLEU\'s tokenizers, such as "13a"')
    check_kind(language, str, "language", 'write a language tag, such as "fr"')
    check_flags(lowercase=lowercase)
    check_count(resamples, "resamples", most=_MOST_RESAMPLES)
    is_list = isinstance(metrics, Sequence) and not isinstance(metrics, str)
    if not is_list or not metrics or not all(name in METRICS for name in metrics):
        raise ConfigError(f"metrics are some of {list(METRICS)}, received {shown(metrics)}")


def _checked(
    references: Iterable[str], hypotheses: Iterable[str], baseline: Iterable[str] | None
) -> tuple[list[str], list[str], list[str] | None]:
    """The three as lists of text, as many in each."""
    references, hypotheses = check_texts(references, "evaluate"), check_texts(hypotheses, "evaluate")
    baseline = None if baseline is None else check_texts(baseline, "evaluate")
    for name, texts in (("hypotheses", hypotheses), ("baseline translations", baseline)):
        if texts is not None and len(texts) != len(references):
            counts = f"{len(texts):,} {name} and {len(references):,} references"
            raise DataError(f"{counts} do not match: give one for each reference, an empty one where nothing came out")
    if not references:
        raise DataError("there is nothing to score: got 0 hypotheses and 0 references; check the files")
    return references, hypotheses, baseline


def _plain_bleu(metric: Any, hypotheses: Sequence[str], references: Sequence[str]) -> Any:
    return metric._compute_score_from_stats(resampling.total(resampling.statistics(metric, hypotheses, references)))


def _measure(
    metrics: Mapping[str, Any],
    references: Sequence[str],
    hypotheses: Sequence[str],
    baseline: Sequence[str] | None,
    resamples: int,
) -> dict[str, tuple[Score, Comparison | None, Any]]:
    """For each metric a score, the comparison if there is a baseline, and sacreBLEU's own record of the score."""
    systems = [hypotheses] if baseline is None else [hypotheses, baseline]
    counted = [
        (metric, resampling.statistics(metric, texts, references)) for metric in metrics.values() for texts in systems
    ]
    drawn = resampling.resampled_scores(counted, resamples) if resamples else []
    differing = 0 if baseline is None else sum(map(operator.ne, hypotheses, baseline))
    measured = {}
    for number, (name, metric) in enumerate(metrics.items()):
        part = slice(number * len(systems), (number + 1) * len(systems))
        records = [metric._compute_score_from_stats(resampling.total(counts)) for _, counts in counted[part]]
        score = _score(name, metric, records[0], drawn[part])
        comparison = None if baseline is None else _compare(score, records[1], drawn[part], differing)
        measured[name] = score, comparison, records[0]
    return measured


def _score(name: str, metric: Any, record: Any, drawn: "Sequence[np.ndarray]") -> Score:
    """A figure with its interval, where there are scores of resamples."""
    from sacrebleu.significance import estimate_ci

    signature = metric.get_signature()
    if not drawn:
        return Score(name, float(record.score), str(signature))
    signature.update("seed", str(resampling.seed()).lower())
    signature.update("bs", len(drawn[0]))
    mean, half = (float(figure) for figure in estimate_ci(drawn[0]))
    highest = 100.0 if name in _PERCENTAGES else math.inf
    low, high = (min(max(end, 0.0), highest) for end in (mean - half, mean + half))
    return Score(name, float(record.score), str(signature), low, high)


def _compare(score: Score, baseline: Any, drawn: "Sequence[np.ndarray]", differing: int) -> Comparison:
    """The system against the baseline, of whose translations some differ."""
    observed = score.value - float(baseline.score)
    # sacreBLEU leaves ties out of its count, so that equal systems would differ with p = 1 / (resamples + 1). With few
    # sentences that differ, no test can show more than two ways among 2^differing: the one observed and its mirror.
    least = 2.0 ** (1 - differing) if observed and differing else 1.0
    p_value = max(resampling.p_value(drawn[0] - drawn[1], abs(observed)), least)
    return Comparison(score.name, score.value, float(baseline.score), observed, p_value, score.signature)


def _interval(score: Score) -> str:
    return "" if score.low is None or score.high is None else f"{score.low:.2f} to {score.high:.2f}"


def _align(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
