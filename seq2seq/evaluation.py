"""BLEU, chrF and TER as sacreBLEU computes them, each with its signature, an interval, and tests against a baseline.

References: Papineni et al. (2002) for BLEU, Popović (2015) for chrF, Snover et al. (2006) for TER, Koehn (2004) for the
bootstrap, Post (2018, arXiv:1804.08771) for sacreBLEU.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from seq2seq.errors import ConfigError, DataError

METRICS = ("BLEU", "chrF2", "TER")
_FEW_SENTENCES = 100
_EMPTY_SHARE = 0.1
_TYPOGRAPHIC, _PLAIN = "‘’“”", "'\""
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
        blocks = [_align(rows), f"{_sentences(self.sentences)}, length ratio {self.length_ratio:.3f}"]
        if self.comparisons:
            paired = [("metric", "system", "baseline", "difference", "p-value")]
            for each in self.comparisons:
                figures = (
                    f"{each.system:.2f}",
                    f"{each.baseline:.2f}",
                    f"{each.difference:+.2f}",
                    f"{each.p_value:.4f}",
                )
                paired.append((each.metric, *figures))
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
    tokenize: str = "13a",
    resamples: int = 1000,
    metrics: Sequence[str] = METRICS,
) -> Evaluation:
    """Scores translations, detokenised, against one reference each.

    Resampling is seeded as sacreBLEU seeds it: with SACREBLEU_SEED, or 12345. It takes about 80 kB of memory a sentence
    for 1,000 resamples.

    Args:
        hypotheses: the system's translations.
        references: the human ones, in the same order.
        baseline: another system's translations, to test the difference.
        lowercase: ignore case in BLEU and chrF; TER always does, as sacreBLEU and tercom do.
        tokenize: sacreBLEU's tokenizer for BLEU; chrF and TER do without.
        resamples: bootstrap samples for intervals, and trials for tests; 0 computes neither.
        metrics: which of `METRICS`; TER takes most of the time.

    Raises:
        DataError: nothing to score, or different numbers of lines.
        ConfigError: an unknown tokenizer or metric, or a number of resamples that cannot do.

    >>> evaluation = evaluate(["un chat dort sur le lit"], ["un chat dort sur le lit"], resamples=0)
    >>> [(score.name, round(score.value, 2)) for score in evaluation.scores]
    [('BLEU', 100.0), ('chrF2', 100.0), ('TER', 0.0)]
    """
    from sacrebleu.metrics import CHRF, TER

    _check_lengths(references, hypotheses, baseline)
    if resamples < 0 or (baseline is not None and resamples == 0):
        raise ConfigError(f"resamples is at least 0, and at least 1 with a baseline: got {resamples}")
    bleu = _bleu(lowercase, tokenize)
    known = {"BLEU": bleu, "chrF2": CHRF(lowercase=lowercase), "TER": TER()}
    if not metrics or set(metrics) - set(known):
        raise ConfigError(f"metrics are some of {', '.join(METRICS)}: got {', '.join(metrics) or 'none'}")
    ratio = float(bleu.corpus_score(hypotheses, [references]).ratio)
    scores, comparisons = _measure({name: known[name] for name in metrics}, hypotheses, references, baseline, resamples)
    return Evaluation(scores, ratio, len(references), comparisons, _notes(hypotheses, references, lowercase))


def published_bleu(hypotheses: Sequence[str], references: Sequence[str], *, resamples: int = 1000) -> Score:
    """BLEU as most papers on Multi30k give it: lowercased, punctuation normalised, elisions apart, tokenised.

    Both sides go through :func:`published_form`, which stands in for the three Moses scripts that those papers use.
    The figure is some points above detokenised, cased BLEU: publish both, each with its signature.

    Raises:
        DataError: nothing to score, or different numbers of lines.

    >>> published_bleu(["L'été, un chat dort."], ["l’été , un chat dort ."], resamples=0).value
    100.00000000000004
    """
    _check_lengths(references, hypotheses, None)
    formed = [[published_form(text) for text in texts] for texts in (hypotheses, references)]
    (score,), _ = _measure({"BLEU": _bleu(True, "none")}, formed[0], formed[1], None, resamples)
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


def _check_lengths(references: Sequence[str], hypotheses: Sequence[str], baseline: Sequence[str] | None) -> None:
    for name, texts in (("hypotheses", hypotheses), ("baseline translations", baseline)):
        if texts is not None and len(texts) != len(references):
            counts = f"{len(texts):,} {name} and {len(references):,} references"
            raise DataError(f"{counts} do not match: give one for each reference, an empty one where nothing came out")
    if not references:
        raise DataError("there is nothing to score: got 0 hypotheses and 0 references; check the files")


def _bleu(lowercase: bool, tokenize: str) -> Any:
    from sacrebleu.metrics import BLEU

    if tokenize not in BLEU.TOKENIZERS:
        raise ConfigError(f"sacreBLEU has no tokenizer {tokenize!r}: it has {', '.join(BLEU.TOKENIZERS)}")
    try:
        # force=True silences a warning about tokenised text, which the notes give; it changes no figure.
        return BLEU(lowercase=lowercase, tokenize=tokenize, force=True)
    except (ImportError, RuntimeError) as error:
        raise ConfigError(f"sacreBLEU's tokenizer {tokenize!r} does not load: {error}") from error


def _measure(
    metrics: dict[str, Any],
    hypotheses: Sequence[str],
    references: Sequence[str],
    baseline: Sequence[str] | None,
    resamples: int,
) -> tuple[tuple[Score, ...], tuple[Comparison, ...]]:
    """All scores, and the comparisons if there is a baseline."""
    from sacrebleu.significance import PairedTest

    if resamples == 0:
        values = {name: metric.corpus_score(hypotheses, [references]).score for name, metric in metrics.items()}
        signatures = {name: str(metric.get_signature()) for name, metric in metrics.items()}
        return tuple(Score(name, values[name], signatures[name]) for name in metrics), ()
    systems = [("system", hypotheses)] + ([("baseline", baseline)] if baseline is not None else [])
    signatures, results = PairedTest(systems, metrics, [references], test_type="bs", n_samples=resamples)()
    signatures = {name: str(signature) for name, signature in signatures.items()}
    scores = tuple(_score(name, results[name][0], signatures[name]) for name in metrics)
    if baseline is None:
        return scores, ()
    differing = sum(ours != theirs for ours, theirs in zip(hypotheses, baseline, strict=True))
    return scores, tuple(_comparison(name, results[name], signatures[name], differing) for name in metrics)


def _score(name: str, result: Any, signature: str) -> Score:
    low, high = float(result.mean - result.ci), float(result.mean + result.ci)
    highest = math.inf if name == "TER" else 100.0  # the interval is symmetric and can pass either end
    return Score(name, float(result.score), signature, max(low, 0.0), min(high, highest))


def _comparison(name: str, results: Sequence[Any], signature: str, differing: int) -> Comparison:
    system, baseline = results
    difference = float(system.score - baseline.score)
    # sacreBLEU leaves ties out of its count, so that equal systems would differ with p = 1 / (resamples + 1). With few
    # sentences that differ, no test can show more than two ways among 2^differing: the one observed and its mirror.
    least = 2.0 ** (1 - differing) if difference and differing else 1.0
    return Comparison(
        name, float(system.score), float(baseline.score), difference, max(float(baseline.p_value), least), signature
    )


def _notes(hypotheses: Sequence[str], references: Sequence[str], lowercase: bool) -> tuple[str, ...]:
    """What looks wrong with the data, in words."""
    total = len(hypotheses)
    tokenised = sum(text.endswith(" .") for text in hypotheses)
    empty = sum(not text.strip() for text in hypotheses)
    notes = []
    if total < _FEW_SENTENCES:
        notes.append(f"only {_sentences(total)}: intervals and p-values mean little under {_FEW_SENTENCES}")
    if 2 * tokenised > total and 2 * sum(text.endswith(" .") for text in references) <= total:
        notes.append(f'{tokenised:,} of {total:,} hypotheses end in " .": detokenise them before scoring')
    if empty > _EMPTY_SHARE * total:
        notes.append(f"{empty:,} of {total:,} hypotheses are empty")
    if total > 1 and empty < total and len(set(hypotheses)) == 1:
        notes.append(f"all {total:,} hypotheses are the same")
    if not lowercase and not _capitals(hypotheses) and _capitals(references) and empty < total:
        notes.append("the references have capital letters and the hypotheses none: compare lowercased scores")
    styles = [_quote_style(texts) for texts in (hypotheses, references)]
    if None not in styles and styles[0] != styles[1]:
        notes.append(
            f"quotes and apostrophes are mostly {styles[0]} in the hypotheses and {styles[1]} in the references, "
            "which alone can cost many points of BLEU: normalise both alike"
        )
    return tuple(notes)


def _capitals(texts: Sequence[str]) -> bool:
    return any(text != text.lower() for text in texts)


def _quote_style(texts: Sequence[str]) -> str | None:
    """Which quotes and apostrophes prevail, if there are any."""
    typographic, plain = (sum(text.count(mark) for text in texts for mark in marks) for marks in (_TYPOGRAPHIC, _PLAIN))
    if typographic == plain == 0:
        return None
    return "typographic (’)" if typographic > plain else "plain (')"


def _sentences(count: int) -> str:
    return "1 sentence" if count == 1 else f"{count:,} sentences"


def _interval(score: Score) -> str:
    return "" if score.low is None or score.high is None else f"{score.low:.2f} to {score.high:.2f}"


def _align(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
