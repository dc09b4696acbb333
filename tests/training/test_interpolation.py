import pytest

from seq2seq.training.interpolation import Point, best_of, draw_trade_off


def test_the_mixture_with_the_highest_mean_bleu_is_chosen():
    points = [Point(0.0, 20, 10, 3.0), Point(0.1, 18, 15, 3.5), Point(0.2, 10, 16, 3.2)]
    assert best_of(points).share == 0.1


def test_the_loss_chooses_where_bleu_cannot_tell():
    points = [Point(0.0, 0.0, 0.2, 6.0), Point(0.1, 0.0, 0.1, 5.0), Point(0.2, 0.9, 0.0, 5.5)]
    assert best_of(points).share == 0.1


def test_the_newest_of_equal_mixtures_is_chosen():
    assert best_of([Point(0.3, 9, 9, 2.0), Point(0.1, 9, 9, 2.0)]).share == 0.1


def test_picture_is_whole_or_not_there(tmp_path, monkeypatch):
    points = [Point(0.0, 20, 10, 3.0), Point(1.0, 10, 16, 3.2)]
    picture = tmp_path / "tradeoff.png"
    draw_trade_off(points, points[0], picture)
    before = picture.read_bytes()
    assert before.startswith(b"\x89PNG")
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", lambda figure, stream, **options: stream.write(1 / 0))
    with pytest.raises(ZeroDivisionError):
        draw_trade_off(points, points[1], picture)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [before]
