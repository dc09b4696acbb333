import pytest
from matplotlib.figure import Figure

from seq2seq.training.curve import draw_curve

PNG = b"\x89PNG\r\n\x1a\n"
EPOCHS = [{"epoch": n, "step": 10 * n, "loss": 6.0 - n, "dev_loss": 6.5 - n, "dev_bleu": 0.01 * n} for n in (1, 2, 3)]


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """A function that draws records and returns the figure."""
    figures = []
    original = Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda self, *a, **k: (figures.append(self), original(self, *a, **k)))

    def draw(records, **options):
        draw_curve(records, tmp_path / "curve.png", **options)
        assert (tmp_path / "curve.png").read_bytes().startswith(PNG)
        return figures[-1]

    return draw


@pytest.mark.parametrize("records", [EPOCHS, EPOCHS[:1], [{"epoch": 1, "loss": 5.0}], [{"epoch": 1, "dev_loss": 5.5}]])
def test_curve_is_a_picture_of_what_was_measured(drawn, records):
    shown = drawn(records)
    assert len(shown.axes) == 1 + any("dev_bleu" in record for record in records)


def test_curve_has_a_title_and_marks_the_best_epoch_and_the_warmup(drawn):
    shown = drawn(EPOCHS, title="my run", best_step=20, warmup=5)
    assert shown.axes[0].get_title() == "Learning curve: my run"
    labels = [text.get_text() for text in shown.legends[0].get_texts()]
    assert {"best: epoch 2", "warm-up", "dev loss", "dev BLEU (greedy)"} <= set(labels)


def test_noise_in_bleu_is_no_peak(drawn):
    assert drawn(EPOCHS).axes[1].get_ylim() == (0, 10)
    assert drawn([*EPOCHS, EPOCHS[0] | {"epoch": 4, "dev_bleu": 40.0}]).axes[1].get_ylim()[1] > 40


def test_curve_of_nothing_is_no_picture(tmp_path):
    draw_curve([], tmp_path / "curve.png")
    assert not (tmp_path / "curve.png").exists()
