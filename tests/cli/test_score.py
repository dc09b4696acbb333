"""The command that says how likely translations are."""


def test_score_prints_a_log_probability_a_line(command, folder):
    result = command("score", folder / "run", "--source", folder / "dev.en", "--target", folder / "dev.fr")
    values = [float(line) for line in result.stdout.split()]
    assert len(values) == 6
    assert all(value < 0 for value in values)
