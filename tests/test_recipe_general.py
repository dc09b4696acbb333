"""The recipe `general_en_fr`: its French, what it keeps out of the training text, and its command line on tiny data."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

RECIPE = Path(__file__).parent.parent / "recipes" / "general_en_fr"
sys.path.insert(0, str(RECIPE))  # recipes are no package
import report  # noqa: E402
from prepare import DEV, LISTS, OTHER_TESTS, TESTS, TRAIN, Fence, prepare  # noqa: E402
from scoring import by_length, came_through  # noqa: E402
from templates import KINDS, TEMPLATES, city, country, fill, read, sentences  # noqa: E402
from variations import joined, renamed  # noqa: E402

sys.path.remove(str(RECIPE))
for module in ("report", "prepare", "scoring", "templates", "variations"):
    del sys.modules[module]  # another recipe has files of these names

TINY = [
    *("tokenizer.vocabulary_size=1500", "model.embedding=8", "model.encoder_units=8", "model.decoder_units=8"),
    *("training.epochs=1", "training.evaluate_every_epochs=1", "training.batch_tokens=8192"),
    *("translation.beam_size=1", "translation.max_length_ratio=0.5"),
]


@pytest.fixture
def corpora(tmp_path):
    """Small corpora in a folder, as the recipe wants them: different sentences everywhere, but for one."""
    for number, place in enumerate([*TRAIN.values(), *TESTS.values(), *OTHER_TESTS]):
        path = tmp_path / "corpora" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [(f"Tom has {number} dogs and {n} cats.", f"Tom a {number} chiens et {n} chats.") for n in range(40)]
        rows.append(("The same everywhere!", f"La même partout, {number} !"))
        for side, tag in enumerate(("en", "fr")):
            Path(f"{path}.{tag}").write_text("".join(f"{row[side]}\n" for row in rows), encoding="utf-8")
    return tmp_path / "corpora"


def test_every_template_can_be_filled():
    for template in TEMPLATES:
        for seed in range(3):
            english, french = fill(Random(seed), template)
            assert not re.search(r"[{}]|\.\.", english + french)
            assert english[0] == english[0].upper()


def test_sentences_are_distinct_and_always_the_same():
    made = list(sentences(3000))
    assert made == list(sentences(3000))
    assert made[:100] != list(sentences(100, seed=2))
    assert len({english for english, _ in made}) == 3000


def test_all_digits_come_through_and_vowels_are_elided():
    for english, french in sentences(5000):
        assert sorted(re.findall(r"\d", english)) == sorted(re.findall(r"\d", french)), english
        assert not re.search(r"\b(de|que|le|la) [AEIOUÉÈÊÂÎ]", french), french


@pytest.mark.parametrize(
    ("draw", "english", "forms"),
    [
        (country, "France", ("en France", "de France")),
        (country, "Japan", ("au Japon", "du Japon")),
        (country, "the United States", ("aux États-Unis", "des États-Unis")),
        (country, "Iran", ("en Iran", "d'Iran")),
        (country, "Cuba", ("à Cuba", "de Cuba")),
        (country, "Israel", ("à Israël", "d'Israël")),
        (city, "Athens", ("à Athènes", "d'Athènes")),
        (city, "Cairo", ("au Caire", "du Caire")),
        (city, "The Hague", ("à La Haye", "de La Haye")),
    ],
)
def test_prepositions_of_places(draw, english, forms):
    drawn = {value.english[""]: value.french for value in (draw(Random(seed)) for seed in range(3000))}
    assert (drawn[english]["in"], drawn[english]["of"]) == forms


def test_half_of_the_people_agree_as_women():
    people = [KINDS["person"](Random(seed)) for seed in range(400)]
    assert all((value.english["he"] == "she") == (value.french["e"] == "e") for value in people)
    assert 150 < sum(value.french["il"] == "elle" for value in people) < 250


def test_other_names_are_the_same_on_both_sides_and_elided():
    pair = ("I know that Tom saw Mary's house.", "Je sais que Tom a vu la maison de Mary.")
    made = list(renamed([pair], copies=60))
    for english, french in made:
        tom, mary = re.fullmatch(r"I know that (.+) saw (.+)'s house\.", english).groups()
        first = "qu'" if tom[0] in "AEIOU" else "que "
        second = "d'" if mary[0] in "AEIOU" else "de "
        if "Y" not in tom[0] + mary[0]:
            assert french == f"Je sais {first}{tom} a vu la maison {second}{mary}."
    assert len(set(made)) > 50


def test_only_what_both_sides_have_is_renamed():
    assert list(renamed([("Tom is ill.", "Il est malade."), ("He has 3 cats.", "Il a trois chats.")], copies=3)) == []
    [(english, french)] = renamed([("I lived in Boston in 1995.", "J'ai vécu à Boston en 1995.")], copies=1)
    assert "Boston" not in english + french
    assert re.findall(r"\d+", english) == re.findall(r"\d+", french) != ["1995"]


def test_joined_lines_hold_two_or_three_sentences():
    pairs = [(f"I see {n}.", f"Je vois {n}.") for n in range(20)]
    for english, french in joined(pairs, 30):
        assert re.findall(r"\d+", english) == re.findall(r"\d+", french)
        assert english.count(".") == french.count(".") in (2, 3)


def test_fence_keeps_out_either_side_whatever_its_case_and_marks():
    fence = Fence([("Where is it?", "Où est-ce ?")])
    pairs = [("where is it", "Autre"), ("Other", "OÙ EST CE"), ("Where is it now?", "Où est-ce donc ?")]
    assert list(fence.outside(pairs)) == pairs[2:]
    assert fence.stopped == 2


def test_prepared_texts_share_no_sentence_with_tests_dev_and_lists(corpora, tmp_path):
    folder = tmp_path / "texts"
    counts = prepare(corpora, folder, scale=0.01)
    lines = {path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.rglob("*.en")}
    english = {name: path.read_text(encoding="utf-8").split("\n")[:-1] for name, path in lines.items()}
    assert {name: len(texts) for name, texts in english.items() if name in counts} == counts
    assert len(english["dev"]) == sum(int(count * 0.01) for count in DEV.values())
    hidden = {text for name in english if name.startswith("test/") or name == "dev" for text in english[name]}
    hidden |= {row[0] for name in LISTS for row in read(name)}
    for name in counts:
        assert name == "dev" or not hidden & set(english[name])
    assert all(len(english[f"test/{name}"]) == 41 for name in TESTS)
    stamp = (folder / "counts.json").stat().st_mtime_ns
    assert prepare(corpora, folder, scale=0.01) == counts
    assert (folder / "counts.json").stat().st_mtime_ns == stamp  # a finished stage is not redone
    with (corpora / "tatoeba/train.en-fr.en").open("a") as file:
        file.write("\n")
    with (corpora / "tatoeba/train.en-fr.fr").open("a") as file:
        file.write("\n")
    prepare(corpora, folder, scale=0.01)
    assert (folder / "counts.json").stat().st_mtime_ns > stamp


def test_missing_corpora_are_named(corpora, tmp_path):
    (corpora / "multi30k/val.fr").unlink()
    with pytest.raises(SystemExit, match=r"lacks\n  multi30k/val.fr\n"):
        prepare(corpora, tmp_path / "texts")


def test_lists_have_as_many_sentences_as_promised_and_translations_that_pass():
    assert [len(read(name)) for name in LISTS] == [40, 23]
    for name in LISTS:
        for english, needed, *accepted in read(name):
            assert accepted, english
            assert all(came_through(needed, text) for text in accepted), english


@pytest.mark.parametrize(
    ("translation", "through"),
    [
        ("Anna aura dix-sept ans.", True),
        ("Anna a 17 ans.", True),
        ("Anna a 175 ans.", False),
        ("Annaba a 17 ans", False),
    ],
)
def test_names_and_numbers_come_through_as_a_whole(translation, through):
    assert came_through("Anna;17|dix-sept", translation) == through


def test_scores_by_length_are_of_lengths_with_enough_sentences():
    source = ["one two three"] * 40 + ["one two three four five six seven"] * 29
    assert list(by_length(source, ["un deux"] * 69, ["un deux"] * 69)) == ["1-6"]


def test_command_trains_scores_and_writes_the_pages(corpora, tmp_path):
    line = [sys.executable, str(RECIPE / "run.py"), "--data", str(corpora), "--scale", "0.01", *TINY]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    made = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert made.returncode == 0, made.stderr[-2000:]
    run = tmp_path / "runs" / "general_en_fr"
    assert re.search(r"names and numbers came through in \d+ of 23 sentences", made.stdout)
    assert (run / "sentences.md").read_text(encoding="utf-8").count("    - **") == 63
    assert (run / "to_read.md").read_text(encoding="utf-8").count("    - **") == 100
    table = report.table([report.result_of("tiny", run)])
    assert all(f"| tiny | {name} | 41 |" in table for name in TESTS)
    assert "version:" in table


def test_tables_in_the_readme_are_made_from_the_results():
    results = json.loads((RECIPE / "results.json").read_text(encoding="utf-8"))
    if results:
        assert report.table(results) in (RECIPE / "README.md").read_text(encoding="utf-8")
