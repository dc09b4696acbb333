"""The command that prints pairs of the phrasebook."""


def test_phrasebook_prints_pairs(command):
    rows = [row.split("\t") for row in command("phrasebook", 5, "--seed", 3).stdout.decode().split("\n")[:-1]]
    assert len(rows) == 5
    assert all(len(row) == 2 and all(row) for row in rows)
