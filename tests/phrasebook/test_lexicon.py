import pytest

from seq2seq.errors import DataError
from seq2seq.phrasebook import lexicon


def test_lexicon_has_at_least_600_lemmas():
    assert lexicon.lemma_count() >= 600


@pytest.mark.parametrize(
    ("singular", "plural"),
    [("cat", "cats"), ("bus", "buses"), ("box", "boxes"), ("city", "cities"), ("key", "keys"), ("church", "churches")],
)
def test_english_plural_is_regular(singular, plural):
    assert lexicon.english_plural(singular) == plural


@pytest.mark.parametrize(
    ("singular", "plural"),
    [("chat", "chats"), ("gâteau", "gâteaux"), ("neveu", "neveux"), ("bus", "bus"), ("riz", "riz"), ("prix", "prix")],
)
def test_french_plural_is_regular(singular, plural):
    assert lexicon.french_plural(singular) == plural


@pytest.mark.parametrize(
    ("masculine", "feminine"),
    [
        ("petit", "petite"),
        ("heureux", "heureuse"),
        ("jaloux", "jalouse"),
        ("italien", "italienne"),
        ("bon", "bonne"),
        ("célèbre", "célèbre"),
        ("fatigué", "fatiguée"),
    ],
)
def test_french_feminine_is_regular(masculine, feminine):
    assert lexicon.french_feminine(masculine) == feminine


@pytest.mark.parametrize(
    ("english", "forms"),
    [
        ("work", ("worked", "worked", "working")),
        ("study", ("studied", "studied", "studying")),
        ("dance", ("danced", "danced", "dancing")),
        ("swim", ("swam", "swum", "swimming")),
        ("die", ("died", "died", "dying")),
        ("see", ("saw", "seen", "seeing")),
        ("begin", ("began", "begun", "beginning")),
        ("prefer", ("preferred", "preferred", "preferring")),
    ],
)
def test_english_verbs_have_their_forms(english, forms):
    verb = next(verb for verb in lexicon.VERBS if verb.english == english)
    assert (verb.past, verb.participle, verb.ing) == forms


def test_one_english_noun_has_one_french_noun():
    names = [noun.english for noun in lexicon.NOUNS]
    assert len(names) == len(set(names))


def test_one_english_adjective_has_one_french_adjective():
    names = [adjective.english for adjective in lexicon.ADJECTIVES]
    assert len(names) == len(set(names))


def test_verbs_with_the_same_words_have_the_same_french_unless_what_follows_differs():
    seen: dict[tuple[str, str, str], str] = {}
    for verb in lexicon.VERBS:
        key = (verb.english, verb.particle, verb.frame)
        assert seen.setdefault(key, verb.french) == verb.french or verb.english in ("be",), key


def test_groups_expand_wherever_a_table_names_classes():
    human = set(lexicon.GROUPS["human"]) - {"job"}
    assert {noun.noun_class for noun in lexicon.nouns_of("human")} == human
    assert all("human" not in adjective.classes for adjective in lexicon.ADJECTIVES)


def test_every_class_that_a_verb_takes_has_nouns():
    known = {noun.noun_class for noun in lexicon.NOUNS} | {site.kind for site in lexicon.SITES} | {"any"}
    asked = {name for verb in lexicon.VERBS for name in (*verb.objects, *verb.subjects)}
    assert asked <= known | {"priced", *lexicon.GROUPS}


def test_a_row_with_missing_columns_names_file_and_line(tmp_path, monkeypatch):
    (tmp_path / "nouns.tsv").write_text("# header\ncat\t-\tchat\n", encoding="utf-8")
    monkeypatch.setattr(lexicon, "FOLDER", tmp_path)
    with pytest.raises(DataError, match=r"nouns\.tsv:2: 3 columns instead of 8: mend the row"):
        lexicon._rows("nouns", 8)
