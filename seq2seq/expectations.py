"""What so many pairs may be expected to give, from measured runs, said before a training starts."""

from typing import NamedTuple


class Measured(NamedTuple):
    """Runs of a recipe with as many training pairs: test BLEU, from the worst of them to the best."""

    pairs: int
    least: float
    most: float


# Test BLEU in recipes/finetune_multi30k/README.md: English image captions to Czech and German, about 12 words each.
FROM_NOTHING = (
    Measured(500, 2.3, 6.3),
    Measured(2_000, 5.4, 9.4),
    Measured(8_000, 9.3, 15.6),
    Measured(29_000, 17.7, 24.6),
)
FINE_TUNED = (
    Measured(500, 3.6, 9.1),
    Measured(2_000, 8.0, 13.1),
    Measured(8_000, 14.3, 19.3),
    Measured(29_000, 20.9, 27.4),
)


def expectation(pairs: int, *, fine_tuned: bool) -> str:
    """What to expect of a training on so many pairs, in a sentence, and on what else it depends.

    >>> expectation(3000, fine_tuned=False).split(". ")[0].split("gave ")[1]
    'BLEU 5 to 9 with 2,000 pairs and BLEU 9 to 16 with 8,000 pairs'
    """
    measured = FINE_TUNED if fine_tuned else FROM_NOTHING
    below = [runs for runs in measured if runs.pairs <= pairs][-1:]
    above = [runs for runs in measured if runs.pairs > pairs][:1]
    shown = " and ".join(
        f"BLEU {runs.least:.0f} to {runs.most:.0f} with {runs.pairs:,} pairs" for runs in below + above
    )
    return (
        f"what to expect of {pairs:,} pairs: image captions, English to Czech and German, "
        f"{'fine-tuned' if fine_tuned else 'trained from nothing'}, gave {shown}. Longer sentences or many "
        "subjects give less, sentences of one kind more"
    )
