"""What training says in the log: the words for its figures, and how it ended."""

import math
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from seq2seq import hardware
from seq2seq.data.batching import Batches
from seq2seq.expectations import expectation
from seq2seq.settings.config import Config, Training
from seq2seq.training.judgement import TELLING_BLEU
from seq2seq.training.schedules import capped_warmup
from seq2seq.training.state import Position

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq

_FEW_SENTENCES = 100  # of the dev set: with fewer, its BLEU moves by chance

_MEANINGS = (  # rules of thumb for BLEU, each up to a score
    (TELLING_BLEU, "so near 0 that it cannot tell good from bad: hardly four words in a row are right"),
    (5.0, "some words are right, sentences hardly ever"),
    (15.0, "short sentences may be right, longer ones are not"),
    (30.0, "the sense often comes through, with many mistakes"),
    (50.0, "mostly understandable"),
    (100.0, "close to the reference: usual for text of one kind only"),
)
_STILL_FALLING = 0.002  # of the dev loss, in the last quarter of the evaluations, where the rate is low
_RISING = 0.02  # of the dev loss, from its lowest value to the end


def sizes(model: "Seq2Seq", pairs: int, batches: Batches, precision: str) -> str:
    """How much there is to train on, and what is trained.

    Args:
        model: the network to train.
        pairs: how many training pairs there are.
        batches: how many batches an epoch has.
        precision: the type of the matrix products.
    """
    padding = batches.padding()
    return (
        f"{pairs:,} pairs, {padding.tokens:,} target tokens an epoch in {len(batches.plan(0))} batches "
        f"({100 * padding.waste:.1f} % padding); {model.count_params():,} weights, {precision} products on "
        f"{keras.backend.backend()}, {hardware.device()}"
    )


def beginning(config: Config, pairs: int, total: int, dev_sentences: int) -> list[str]:
    """What to know before the first update.

    Args:
        config: the settings of the run.
        pairs: how many training pairs there are.
        total: updates of the whole training.
        dev_sentences: how many pairs the dev set has.
    """
    lines = [expectation(pairs, fine_tuned=bool(config.finetune.parent)), *warmup(config.training, total)]
    if config.finetune.embeddings_first_steps >= total:
        lines.append(
            f"warning: encoder and decoder never learn: finetune.embeddings_first_steps="
            f"{config.finetune.embeddings_first_steps:,} and there are {total:,} updates in all"
        )
    if not dev_sentences:
        lines.append("no dev set (data.dev): the last weights will be kept, and nothing will say how good they are")
    elif dev_sentences < _FEW_SENTENCES:
        size = f"{dev_sentences} sentence{'s' * (dev_sentences > 1)}"
        lines.append(f"the dev set has only {size}: its loss and BLEU move by chance; hundreds are better")
    return lines


def standing(run: Path, position: Position, *, ended: bool, measured: int) -> list[str]:
    """Where a training stands that does not simply begin.

    Args:
        run: the run's directory.
        position: where the training stands.
        ended: nothing is left to do.
        measured: epochs of which the run has figures.
    """
    if ended:
        return [finished_already(run, position.epoch)]
    if position.step:
        return [f"resuming at epoch {position.epoch + 1}, batch {position.batch}"]
    if measured:
        lost = "no checkpoint to go on from: training begins at epoch 1 again"
        return [f"warning: {run} has figures of {measured} epochs, but {lost}"]
    return []


def warmup(settings: Training, total: int) -> list[str]:
    """That the warm-up is shorter than the settings say, where it is; a resumed run may have begun with a longer one.

    Args:
        settings: the `[training]` section of the run's settings.
        total: updates of the whole training.
    """
    steps = capped_warmup(settings.warmup_steps, total)
    if steps == settings.warmup_steps:
        return []
    limit = f"training.warmup_steps={settings.warmup_steps:,} is more than a fifth of them, which is the limit"
    return [f"the warm-up of the learning rate takes {steps:,} of {total:,} updates: {limit}"]


def finished_already(run: Path, epochs: int) -> str:
    """What is said where nothing is left to train."""
    return (
        f"{run} is finished already ({epochs} epochs). To train it further: "
        f"seq2seq finetune {quoted_path(run)} CONFIG.toml --run NEW_RUN"
    )


def epoch_line(record: Mapping[str, Any]) -> str:
    """The figures of an epoch in words."""
    parts = [f"loss {record['loss']:.3f}"]
    for prefix, name in (("", "dev"), ("parent_", "the parent's dev")):
        if f"{prefix}dev_loss" in record:
            parts.append(f"{name} loss {record[f'{prefix}dev_loss']:.3f}")
            parts.append(f"{name} BLEU {_bleu(record[f'{prefix}dev_bleu'])}")
    return f"epoch {record['epoch']}: {', '.join(parts)}, {record['tokens_per_second']:,.0f} target tokens a second"


def _bleu(bleu: float) -> str:
    return f"{bleu:.1f}" if bleu >= TELLING_BLEU else f"under {TELLING_BLEU:.0f} (too low to tell anything)"


def ending(
    records: Sequence[Mapping[str, Any]], position: Position, settings: Training, *, vocabulary: int
) -> list[str]:
    """How a finished training went, a line for each thing to know.

    Args:
        records: what was measured, an epoch each.
        position: the epoch, step and time at which training ended.
        settings: the `[training]` section of the run's settings.
        vocabulary: how many pieces the target vocabulary has.
    """
    done = position.epoch
    minutes = position.seconds / 60
    epochs = settings.epochs
    time = f"{minutes:.0f} minutes" if minutes >= 2 else f"{position.seconds:.0f} seconds"
    lines = [f"trained {done} of {epochs} epochs in {time}"]
    if done < epochs:
        lines[0] += (
            f": stopped early, since {settings.patience} dev evaluations brought neither a lower loss nor more BLEU"
        )
    looks = [record for record in records if "dev_loss" in record]
    best = next((record for record in looks if record["step"] == position.best_step), None)
    if best is None:
        return [*lines, "the last weights are kept, and nothing says how good they are: name a dev set (data.dev)"]
    choices = min(math.exp(min(best["dev_loss"], 50.0)), vocabulary)  # more where it is surer of wrong pieces
    lines.append(
        f"the best weights are those of epoch {best['epoch']}: dev loss {best['dev_loss']:.3f} nats a token (as unsure "
        f"as a free choice among {choices:,.0f} of {vocabulary:,} pieces), dev BLEU {best['dev_bleu']:.1f} of 100 "
        f"({meaning(best['dev_bleu'])})"
    )
    if best.get("dev_warning"):
        lines.append(f"warning: with these weights {best['dev_warning']}")
    return [*lines, *_course(looks, stopped_early=done < epochs, epochs=epochs)]


def meaning(bleu: float) -> str:
    """A dev BLEU in words: a rule of thumb."""
    return next((text for least, text in _MEANINGS if bleu < least), _MEANINGS[-1][1])


def _course(looks: Sequence[Mapping[str, Any]], *, stopped_early: bool, epochs: int) -> list[str]:
    """What to do next, where the dev loss was rising at the end, or still falling."""
    losses = [record["dev_loss"] for record in looks]
    lowest = min(losses)
    before = min(losses[: max(1, len(losses) * 3 // 4)])
    text = ""
    if losses[-1] > (1 + _RISING) * lowest:
        text = (
            f"the dev loss has risen since epoch {looks[losses.index(lowest)]['epoch']}: the network learns the pairs "
            "by heart. More pairs help, or a smaller network, or more dropout (model.input_dropout)"
        )
    elif not stopped_early and len(losses) > 2 and lowest < (1 - _STILL_FALLING) * before:
        text = f"the dev loss was still falling: more epochs may help (a new run with training.epochs={2 * epochs})"
    elif max(record["dev_bleu"] for record in looks) < TELLING_BLEU:
        text = (
            f"what may help: more pairs, more epochs (training.epochs={2 * epochs}), or smaller batches, which "
            "make more updates (training.batch_tokens)"
        )
    return [text] if text else []


def command(run: Path, example: str = "") -> str:
    """The shell command that translates with a run.

    Args:
        run: the run's directory.
        example: a sentence to translate; without one the command reads a file.

    >>> print(command(Path("runs/my run"), "I'm here."))
    echo "I'm here." | seq2seq translate 'runs/my run'
    """
    if not example:
        return f"seq2seq translate {quoted_path(run)} < FILE"
    return f"echo {_quoted(example)} | seq2seq translate {quoted_path(run)}"


def example(sentences: Sequence[str]) -> str:
    """The first sentence that shows well in a command line; empty if there is none."""
    lengths = range(8, 50)
    shown = (text for text in sentences if len(text) in lengths and text.isprintable() and text[0].isalnum())
    return next((text for text in shown if "\\" not in text), "")


def quoted_path(run: Path) -> str:
    """A path quoted for the shell, and not to be taken for an option."""
    return shlex.quote(f"./{run}" if str(run).startswith("-") else str(run))


def _quoted(text: str) -> str:
    """Quoted for the shell: in double quotes where an apostrophe would make single ones hard to read."""
    return f'"{text}"' if "'" in text and not set(text) & set('"$`\\!') else shlex.quote(text)
