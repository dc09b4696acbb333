"""Does the decoder use h(T) at all? The loss with the true summary, beside the losses with wrong ones."""

from collections.abc import Mapping

import numpy as np

from seq2seq.analysis.drawing import blank, picture
from seq2seq.analysis.section import Analysis, Figures, Picture, Section, Table, comparison_table
from seq2seq.analysis.statistics import against_first, estimate
from seq2seq.analysis.subject import Subject

_UNUSED = 0.1  # nats a token: a decoder that gains less from its source is close to a language model
_SEED = 1
SUMMARIES = ("true", "another's", "mean", "zeros")


def measure(subject: Subject) -> Figures:
    """Nats per token of every sentence's reference, with each kind of summary in the place of h(T)."""
    true = subject.summaries
    order = np.random.default_rng(_SEED).permutation(len(true))
    kinds = dict(
        zip(
            SUMMARIES,
            (true, true[_another(order)], np.broadcast_to(true.mean(axis=0), true.shape), np.zeros_like(true)),
            strict=True,
        )
    )
    tokens = np.array([len(ids) + 1 for ids in subject.target_ids])
    losses = {
        kind: np.nansum(subject.token_losses(subject.source_ids, subject.target_ids, summary)[0], axis=1) / tokens
        for kind, summary in kinds.items()
    }
    return {
        "nats_per_token": {kind: estimate(values, tokens)._asdict() for kind, values in losses.items()},
        "gap": estimate(losses["another's"] - losses["true"], tokens)._asdict(),
        "gap_by_sentence": [round(float(gap), 4) for gap in losses["another's"] - losses["true"]],
        "attention": subject.model.decoder.attention is not None,
    }


def _another(order: np.ndarray) -> np.ndarray:
    """For each sentence another one: the next in a drawn order."""
    another = np.empty_like(order)
    another[order] = np.roll(order, -1)
    return another


def present(results: Mapping[str, Figures]) -> Section:
    """A table of losses, and a bar for each."""
    section = Section()
    for run, figures in results.items():
        gap = figures["gap"]
        if gap["mean"] < _UNUSED and not figures["attention"]:
            section.warnings.append(
                f"{run}: the decoder hardly uses h(T). Another sentence's summary costs it {gap['mean']:.3f} nats a "
                "token more than the true one, so it writes nearly the same for every input. Look at whether the "
                "sources belong to the targets, train for longer, or lower model.word_dropout and the dropouts."
            )
        else:
            times = float(f"{np.exp(gap['mean']):.2g}")
            section.findings.append(
                f"{run}: the wrong summary costs {gap['mean']:.2f} nats a token ({gap['low']:.2f} to "
                f"{gap['high']:.2f}): the true next token is {times:,g} times likelier with the right one."
            )
        if figures["attention"]:
            section.findings.append(
                f"{run} has attention: its decoder still sees all states, only h(T) was changed. A small gap says that "
                "it lives on attention, and needs no cure."
            )
    rows = [
        [run, *(f"{figures['nats_per_token'][kind]['mean']:.3f}" for kind in SUMMARIES)]
        for run, figures in results.items()
    ]
    section.tables.append(Table("Nats per target token, by what stands for h(T)", ["run", *SUMMARIES], rows))
    if len(results) > 1:
        gaps = {run: figures["gap_by_sentence"] for run, figures in results.items()}
        values = {run: estimate(gap) for run, gap in gaps.items()}
        section.tables.append(
            comparison_table("What the right summary gains", "nats a token", values, against_first(gaps))
        )
    section.pictures.append(_draw(results))
    return section


def _draw(results: Mapping[str, Figures]) -> Picture:
    """A bar for each summary and run, with its interval."""
    figure, axes = blank()
    width = 0.8 / len(results)
    for index, (run, figures) in enumerate(results.items()):
        losses = [figures["nats_per_token"][kind] for kind in SUMMARIES]
        heights = np.array([loss["mean"] for loss in losses])
        bars = np.array([[loss["mean"] - loss["low"], loss["high"] - loss["mean"]] for loss in losses]).T
        places = np.arange(len(SUMMARIES)) + (index - (len(results) - 1) / 2) * width
        axes.bar(places, heights, width, yerr=bars, capsize=3, label=run)
    axes.set_xticks(range(len(SUMMARIES)), [f"{kind} summary" if kind != "zeros" else kind for kind in SUMMARIES])
    axes.set_ylabel("nats per target token")
    if len(results) > 1:
        axes.legend(fontsize="small")
    caption = "Loss of the reference translation under teacher forcing, by what the decoder is given as h(T)."
    return picture("usage", caption, figure)


ANALYSIS = Analysis(
    "usage",
    "Is the summary used?",
    "Does the decoder use h(T) at all?",
    "A decoder that ignores its source is a language model: it writes fluent sentences, much the same ones for every "
    "input, and its training loss looks healthy. So we give it the wrong summary. If the true translation then becomes "
    "no less likely, h(T) was not used. One nat is a factor of 2.7 in the probability of a token.",
    "The oldest control of all; as a check of latent variables, Bowman et al. 2016 (arXiv:1511.06349), section 4.",
    measure,
    present,
    seconds=4.5,
)
