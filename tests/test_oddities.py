import pytest

from seq2seq.oddities import monotony

REFERENCES = [f"Phrase {number}." for number in range(100)]


@pytest.mark.parametrize(
    ("hypotheses", "said"),
    [
        (["Tom è qui."] * 60 + REFERENCES[:40], '60 of 100 translations are the same: "Tom è qui."'),
        ([". " * n + "." for n in range(3, 103)], "100 of 100 translations are one word or sign again and again"),
        (["。" * n for n in range(4, 104)], "one word or sign again and again"),
        (["le le le le chat"] * 100, "one word or sign again and again"),
        ([""] * 51 + REFERENCES[:49], "51 of 100 translations are empty"),
        ([f"Tom est {n % 4}." for n in range(100)], "there are only 4 different translations of 100, such as"),
        (["x" * 900] * 100, '"' + "x" * 60 + '..."'),
    ],
)
def test_translations_that_are_alike_are_noticed(hypotheses, said):
    assert said in monotony(hypotheses, REFERENCES)


@pytest.mark.parametrize(
    "hypotheses",
    [
        REFERENCES,
        ["Non."] * 50 + REFERENCES[:50],
        [f"Ho {n} cani." for n in range(100)],
        ["ha"] * 20 + REFERENCES[:80],
    ],
)
def test_translations_that_differ_are_not(hypotheses):
    assert monotony(hypotheses, REFERENCES) == ""


def test_references_that_are_alike_excuse_translations_that_are():
    assert monotony(["Oui."] * 100, ["Oui."] * 90 + REFERENCES[:10]) == ""


def test_few_translations_are_no_ground():
    assert monotony(["Oui."] * 4, REFERENCES[:4]) == ""
