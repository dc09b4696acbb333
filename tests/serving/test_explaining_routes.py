"""What the page asks for: explanations, walks, neighbours, and what a translator is."""

import math

import numpy as np
import pytest

SOURCE = "The cat sees a dog."


@pytest.fixture(scope="module")
def explained(post):
    answer = post("/explain", q=f"{SOURCE}\nThey eat.", target="fr", alternatives=2)
    assert answer.status == 200
    return answer.json


def test_explained_text_is_the_translation(explained, post):
    translation = post("/translate", q=f"{SOURCE}\nThey eat.", target="fr").json
    assert explained["translatedText"] == translation["translatedText"]
    assert [sentence["source"] for sentence in explained["sentences"]] == [SOURCE, "They eat."]


def test_alternatives_have_their_probabilities(explained, translator):
    [hypotheses] = translator.hypotheses([SOURCE], n_best=3)
    translations = explained["sentences"][0]["translations"]
    assert [one["text"] for one in translations] == [hypothesis.text for hypothesis in hypotheses]
    for one, hypothesis in zip(translations, hypotheses, strict=True):
        assert one["probability"] == pytest.approx(math.exp(hypothesis.log_prob), rel=1e-3)
    assert sum(one["share"] for one in translations) == pytest.approx(1)


def test_words_of_the_translation_have_the_sums_of_their_pieces(explained):
    for sentence in explained["sentences"]:
        best = sentence["translations"][0]
        assert "".join(word["text"] for word in sentence["words"]).strip() == best["text"]
        log_probs = [piece["log_prob"] for word in sentence["words"] for piece in word["pieces"]]
        assert sum(log_probs) + sentence["end_log_prob"] == pytest.approx(best["log_prob"], rel=1e-3)
        assert sum(word["log_prob"] for word in sentence["words"]) == pytest.approx(sum(log_probs))


def test_effect_of_a_source_word_is_what_the_translation_loses_without_it(explained, translator):
    words = SOURCE.split()
    without = [" ".join(words[:place] + words[place + 1 :]) for place in range(len(words))]
    best = explained["sentences"][0]["translations"][0]["text"]
    (whole, _), *others = translator.score([SOURCE, *without], [best] * (len(words) + 1))
    effects = explained["sentences"][0]["source_words"]
    assert [effect["text"] for effect in effects] == words
    np.testing.assert_allclose(
        [effect["effect"] for effect in effects], [whole - other for other, _ in others], rtol=1e-3, atol=1e-4
    )


def test_summary_is_the_encoders(explained, translator):
    np.testing.assert_allclose(explained["sentences"][0]["summary"], translator.encode([SOURCE])[0], atol=1e-5)


@pytest.mark.parametrize("text", ["", "Cat", "\u2581", "a" * 300])
def test_any_text_is_explained(post, text):
    answer = post("/explain", q=text, target="fr", alternatives=0)
    assert answer.status == 200
    assert all(len(sentence["source_words"]) == 1 for sentence in answer.json["sentences"])


def test_walk_begins_and_ends_at_the_two_translations(post, translator):
    answer = post("/between", q1=SOURCE, q2="They eat.", target="fr", positions=[0, 0.5, 1])
    assert answer.status == 200
    walked = answer.json["translations"]
    assert [one["position"] for one in walked] == [0, 0.5, 1]
    summaries = translator.encode([SOURCE, "They eat."])
    longest = max(map(len, translator.source_ids([SOURCE, "They eat."])))
    between = [summaries[0], summaries.mean(axis=0), summaries[1]]
    expected = translator.translate_summaries(np.stack(between), [longest] * 3)
    assert [one["text"] for one in walked] == [hypothesis.text for hypothesis in expected]


@pytest.mark.parametrize("positions", [[], [1.5], [0.5] * 34])
def test_walk_outside_its_bounds_is_refused(post, positions):
    assert post("/between", q1="a", q2="b", target="fr", positions=positions).status == 400


def test_nearest_sentence_of_one_of_the_set_is_itself(post):
    answer = post("/nearest", q="It is raining.", count=3)
    assert answer.status == 200
    neighbours = answer.json["neighbours"]
    assert neighbours[0] == {"text": "It is raining.", "cosine": pytest.approx(1, abs=1e-4)}
    cosines = [neighbour["cosine"] for neighbour in neighbours]
    assert cosines == sorted(cosines, reverse=True)
    assert len(cosines) == 3


def test_about_says_what_the_translators_have_learned_from(get, catalogue, service):
    about = get("/about").json
    assert about["limits"]["characters"] == service.limits.characters
    assert about["key_required"] is False
    french, german = about["pairs"]
    assert (french["source_name"], french["target_name"], german["target_name"]) == ("English", "French", "German")
    assert french["training_pairs"] == len(catalogue.pairs[0].run.pairs()) == 500
    assert french["longest_source_in_training"] == catalogue.pairs[0].longest_source > 0
    assert french["dev_bleu"] == max(line.get("dev_bleu", 0) for line in catalogue.pairs[0].run.log())
    assert french["weights"] > 1000
    assert french["summary_size"] == catalogue.pairs[0].translator.engine.summary_size
    assert french["explains"] is french["walks"] is french["has_neighbours"] is True
