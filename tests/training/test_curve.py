import json

import pytest

from seq2seq.training.curve import draw_curve

PNG = b"\x89PNG\r\n\x1a\n"


def draw(folder, records):
    (folder / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    draw_curve(folder / "metrics.jsonl", folder / "curve.png")
    return folder / "curve.png"


@pytest.mark.parametrize(
    "records",
    [
        [{"epoch": 1, "loss": 5.0, "dev_loss": 5.5, "dev_bleu": 0.1}, {"epoch": 2, "loss": 4.0, "dev_bleu": 3.0}],
        [{"epoch": 1, "loss": 5.0}],
        [{"epoch": 1, "dev_loss": 5.5}],
    ],
)
def test_curve_is_a_picture_of_what_was_measured(tmp_path, records):
    assert draw(tmp_path, records).read_bytes().startswith(PNG)


def test_curve_shows_dev_bleu_where_there_is_one(tmp_path):
    plain = draw(tmp_path, [{"epoch": 1, "loss": 5.0}]).read_bytes()
    assert draw(tmp_path, [{"epoch": 1, "loss": 5.0, "dev_bleu": 9.0}]).read_bytes() != plain


def test_curve_of_nothing_is_no_picture(tmp_path):
    assert not draw(tmp_path, []).exists()
