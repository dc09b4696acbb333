"""English sentences whose contents are known."""

from seq2seq.analysis.english import YEARS, dated, exchanged, known


def test_years_and_pairs_are_what_they_are_said_to_be():
    assert 2009 in YEARS
    assert len({"".join(sorted(str(number))) for number in YEARS}) == len(YEARS)
    for each in dated(50):
        number = YEARS[each.year]
        assert each.first.startswith(f"In {number}, ")
        assert each.last.endswith(f" in {number}.")
        assert each.first[len("In 2009, ") : -1].lower() == each.last[: -len(" in 2009.")].lower()
    for first, second in exchanged(50):
        assert first != second
        assert sorted(first.lower().rstrip(".").split()) == sorted(second.lower().rstrip(".").split())
    assert len({phrase.english for phrase in known(50)}) == 50
