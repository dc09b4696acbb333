import shlex
from pathlib import Path

import pytest

from seq2seq.expectations import FINE_TUNED, FROM_NOTHING, expectation
from seq2seq.settings.config import parse_config
from seq2seq.training.announcements import beginning, command, ending, epoch_line, example, finished_already, meaning
from seq2seq.training.state import Position

RECIPE = Path(__file__).parents[2] / "recipes" / "finetune_multi30k" / "README.md"


def looks(*losses, bleu=12.0):
    return [
        {"epoch": n, "step": 10 * n, "loss": loss, "dev_loss": loss, "dev_bleu": bleu, "tokens_per_second": 1234.5}
        for n, loss in enumerate(losses, 1)
    ]


def ended(records, best, epochs=None, **training):
    position = Position(epoch=len(records), step=10 * len(records), best_step=10 * best, seconds=42.0)
    settings = parse_config({"training": {"epochs": epochs or len(records)} | training}).training
    return "\n".join(ending(records, position, settings, vocabulary=2000))


def test_epoch_is_told_in_words():
    record = looks(5.0)[0] | {"parent_dev_loss": 3.0, "parent_dev_bleu": 0.3}
    assert epoch_line(record) == (
        "epoch 1: loss 5.000, dev loss 5.000, dev BLEU 12.0, the parent's dev loss 3.000, the parent's dev BLEU under "
        "1 (too low to tell anything), 1,234 target tokens a second"
    )


def test_ending_tells_the_best_epoch_and_what_its_scores_mean():
    text = ended(looks(6.0, 5.0, 5.001, 5.0), best=2)
    assert text.startswith("trained 4 of 4 epochs in 42 seconds\nthe best weights are those of epoch 2: dev loss 5.000")
    assert "a free choice among 148 of 2,000 pieces), dev BLEU 12.0 of 100 (short sentences may be right" in text
    assert "still falling" not in text
    assert "risen" not in text


def test_ending_never_tells_of_more_choices_than_there_are_pieces():
    assert "a free choice among 2,000 of 2,000 pieces" in ended(looks(9.0), best=1)


def test_ending_tells_that_more_epochs_may_help():
    assert "still falling: more epochs may help (a new run with training.epochs=8)" in ended(looks(6, 5.5, 5, 4.5), 4)


def test_ending_tells_what_may_help_where_bleu_stays_near_zero():
    text = ended(looks(6, 5, 4.999, 4.999, bleu=0.2), 4)
    assert "what may help: more pairs, more epochs (training.epochs=8), or smaller batches" in text


def test_ending_tells_why_it_stopped_early():
    text = ended(looks(6, 5, 4.99, 5), best=3, epochs=9, patience=1)
    assert "trained 4 of 9 epochs in 42 seconds: stopped early, since 1 dev evaluations brought neither" in text
    assert "more epochs" not in text


def test_ending_tells_that_the_loss_rises():
    assert "risen since epoch 2: the network learns the pairs by heart" in ended(looks(6, 5, 5.5, 6), best=2)


def test_ending_warns_of_translations_that_are_alike():
    records = looks(6, 5)
    records[1]["dev_warning"] = "9 of 10 translations are the same"
    assert "warning: with these weights 9 of 10 translations are the same" in ended(records, best=2)


def test_ending_without_a_dev_set_says_that_nothing_was_judged():
    records = [{key: look[key] for key in ("epoch", "step", "loss")} for look in looks(6, 5)]
    assert "the last weights are kept, and nothing says how good they are: name a dev set" in ended(records, best=2)


@pytest.mark.parametrize(("bleu", "said"), [(0.0, "cannot tell"), (3, "hardly ever"), (40, "mostly"), (100.0, "close")])
def test_bleu_has_a_meaning(bleu, said):
    assert said in meaning(bleu)


@pytest.mark.parametrize("sentence", ["I'm here.", 'He said "no".', "It's $5 `now`.", 'What\'s "this"!', "a b"])
@pytest.mark.parametrize("run", ["runs/my run", "it's", "-x", "runs/$HOME"])
def test_command_is_what_the_shell_reads(run, sentence):
    words = shlex.split(command(Path(run), sentence))
    assert words == ["echo", sentence, "|", "seq2seq", "translate", "./-x" if run == "-x" else run]


def test_command_reads_a_file_where_there_is_no_example():
    assert command(Path("runs/my run")) == "seq2seq translate 'runs/my run' < FILE"


def test_example_is_a_sentence_that_a_shell_can_echo():
    assert example(["Hi!", "-n is an option.", "a\\nb is not it.", "x" * 99, "He never ran."]) == "He never ran."
    assert example(["Hi!"]) == ""


def test_finished_run_names_finetune():
    assert "runs/a b is finished already (5 epochs)" in finished_already(Path("runs/a b"), 5)
    assert "seq2seq finetune 'runs/a b' CONFIG.toml --run NEW_RUN" in finished_already(Path("runs/a b"), 5)


class TestBeginning:
    def lines(self, total=1000, dev=500, **sections):
        return "\n".join(beginning(parse_config(sections), 3000, total, dev))

    def test_of_sound_settings_is_what_to_expect(self):
        assert self.lines() == expectation(3000, fine_tuned=False)

    def test_says_that_the_warmup_is_shortened(self):
        said = (
            "the warm-up of the learning rate takes 52 of 264 updates: training.warmup_steps=200 is more than a fifth"
        )
        assert said in self.lines(total=264)

    def test_says_that_nothing_judges(self):
        assert "no dev set (data.dev): the last weights will be kept" in self.lines(dev=0)
        assert "the dev set has only 6 sentences: its loss and BLEU move by chance" in self.lines(dev=6)
        assert "the dev set has only 1 sentence: its loss" in self.lines(dev=1)

    def test_warns_of_layers_that_never_learn(self):
        said = "warning: encoder and decoder never learn: finetune.embeddings_first_steps=1,000 and there are 1,000"
        assert said in self.lines(finetune={"embeddings_first_steps": 1000})


def test_expectations_are_the_figures_of_the_recipe():
    """The table in code is the one that the recipe publishes."""
    published = {}
    for line in RECIPE.read_text(encoding="utf-8").split("\n"):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 11 and cells[2] in ("scratch", "finetuned"):
            published.setdefault((int(cells[0].replace(",", "")), cells[2]), []).append(float(cells[8]))
    assert len(published) == 8
    for arm, table in (("scratch", FROM_NOTHING), ("finetuned", FINE_TUNED)):
        for row in table:
            assert (row.least, row.most) == (min(published[row.pairs, arm]), max(published[row.pairs, arm]))


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (100, "BLEU 2 to 6 with 500 pairs."),
        (500, "gave BLEU 2 to 6 with 500 pairs and BLEU"),
        (10**6, "gave BLEU 18 to 25 with 29,000"),
    ],
)
def test_expectation_is_between_what_fewer_and_more_pairs_gave(pairs, said):
    assert said in expectation(pairs, fine_tuned=False)
