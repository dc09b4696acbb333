"""LibreTranslate's routes and those beside them: what comes back is what the translator says."""

import asyncio
import math

import numpy as np
import pytest
from libretranslatepy import LibreTranslateAPI

from seq2seq.serving.app import make_app

ENGLISH = {"language": "en", "confidence": 0.0}
TEXT = "The cat sees a dog. The dog sleeps.\n\n  They eat.\n"


def test_client_of_libretranslate_runs_unchanged(address, translator):
    client = LibreTranslateAPI(address)
    assert client.translate("The cat sees a dog.", "en", "fr") == translator.translate(["The cat sees a dog."])[0]
    assert client.languages() == [{"code": "en", "name": "English", "targets": ["fr", "de"]}]
    assert client.detect("The cat") == [ENGLISH]


def test_text_keeps_its_lines_and_its_sentences_are_translated_one_by_one(post, translator):
    first, second, third = translator.translate(["The cat sees a dog.", "The dog sleeps.", "They eat."])
    answer = post("/translate", q=TEXT, source="en", target="fr")
    assert (answer.status, answer.json) == (200, {"translatedText": f"{first} {second}\n\n  {third}\n"})


def test_list_of_texts_is_answered_by_a_list(post, translator):
    texts = ["The cat sees a dog.", "", "They eat."]
    answer = post("/translate", q=texts, source="auto", target="FR").json
    assert answer == {"translatedText": translator.translate(texts), "detectedLanguage": [ENGLISH] * 3}
    assert post("/translate", q=[], target="fr").json["translatedText"] == []


def test_empty_text_gives_empty_text(post):
    assert [post("/translate", q=text, target="fr").json["translatedText"] for text in ("", " \n")] == ["", " \n"]


def test_alternatives_are_the_next_best_translations(post, translator):
    [hypotheses] = translator.hypotheses(["The cat sees a dog."], n_best=3)
    best, *others = [hypothesis.text for hypothesis in hypotheses]
    answer = post("/translate", q="The cat sees a dog.", source="en", target="fr", alternatives=2).json
    assert answer == {"translatedText": best, "alternatives": others}
    answer = post("/translate", q=["The cat sees a dog.", ""], source="en", target="fr", alternatives=2).json
    assert answer == {"translatedText": [best, ""], "alternatives": [others, []]}


def test_more_alternatives_than_the_beam_holds_widen_it(post, translator):
    assert translator.search.beam_size < 8
    answer = post("/translate", q="The cat sees a dog.", source="en", target="fr", alternatives=7).json
    assert len(set(answer["alternatives"])) >= 5


def test_details_say_how_sure_the_network_was_and_what_was_unusual(post, catalogue):
    pair = catalogue.find("en", "fr")
    long = "The cat sees the dog and the child and the house and the garden and the market and the man today."
    answer = post("/translate", q=["They eat.", long], target="fr", details=True).json
    [[short_best], [long_best]] = pair.translator.hypotheses(["They eat.", long])
    short, longer = answer["details"]
    assert short["log_prob_per_token"] == pytest.approx(short_best.log_prob / (len(short_best.ids) + 1), rel=1e-4)
    assert longer["source_tokens"] == len(pair.translator.source_ids([long])[0]) > pair.longest_source
    assert (short["longer_than_training"], longer["longer_than_training"]) == (False, True)
    assert longer["longest_source_in_training"] == pair.training_text["longest_source"]
    assert (short["cut"], longer["cut"]) == (short_best.cut, long_best.cut)
    assert any("longer than any in training" in warning for warning in answer["warnings"])


def test_warnings_belong_to_the_request(make_service, post_json):
    app = make_app(make_service())
    long = "The cat sees the dog and the child and the house and the garden and the market and the man today."

    async def story():
        texts = [long if number % 2 else "They eat." for number in range(10)]
        return await asyncio.gather(*(post_json(app, "/translate", q=q, target="fr", details=True) for q in texts))

    warnings = [any("longer than any" in text for text in answer.json["warnings"]) for answer in asyncio.run(story())]
    assert warnings == [bool(number % 2) for number in range(10)]


def test_html_keeps_its_markup_or_is_refused(post, translator):
    [translation] = translator.translate(["The cat sees a dog."])
    answer = post("/translate", q="<p class='a'>The cat sees a dog.</p>", target="fr", format="html").json
    assert answer["translatedText"] == f"<p class='a'>{translation}</p>"
    refused = post("/translate", q="<p>The cat", target="fr", format="html")
    assert (refused.status, refused.json) == (400, {"error": "the HTML is not well-formed: <p> is not closed"})


def test_each_target_of_several_runs_is_served(post, catalogue):
    text = "The cat sees a dog."
    french, german = (post("/translate", q=text, target=target).json["translatedText"] for target in ("fr", "de"))
    assert [french] == catalogue.find("en", "fr").translator.translate([text])
    assert [german] == catalogue.find("en", "de").translator.translate([text])
    assert french != german


def test_unknown_language_is_refused_with_those_that_there_are(post):
    answer = post("/translate", q="a", source="en", target="es")
    assert answer.status == 400
    assert answer.json["error"] == "the languages 'en' to 'es' are not served: choose of en to fr, en to de"


def test_scores_are_those_of_the_translator(post, translator):
    sources, targets = ["The cat sees a dog.", "They eat."], ["Le chat voit un chien.", "Ils mangent."]
    answer = post("/score", q=sources, translation=targets, target="fr", pieces=True).json
    for score, (log_prob, tokens) in zip(answer["scores"], translator.score(sources, targets), strict=True):
        assert score["log_prob"] == pytest.approx(log_prob, rel=1e-4)
        assert (score["tokens"], len(score["pieces"])) == (tokens, tokens)
    assert "".join(piece["text"] for piece in answer["scores"][0]["pieces"]) == f" {targets[0]}"
    alone = post("/score", q=sources[0], translation=targets[0], target="fr").json["scores"]
    assert [*alone[0]] == ["log_prob", "tokens"]
    assert math.isclose(alone[0]["log_prob"], answer["scores"][0]["log_prob"], rel_tol=1e-4)


def test_score_needs_a_translation_for_each_text(post):
    answer = post("/score", q=["a", "b"], translation="c", target="fr")
    assert (answer.status, answer.json) == (400, {"error": "2 texts and 1 translations: send one for each text"})


def test_summaries_are_those_of_the_translator(post, translator):
    sources = ["The cat sees a dog.", "They eat."]
    np.testing.assert_allclose(post("/encode", q=sources).json["vectors"], translator.encode(sources), atol=1e-5)
    assert post("/encode", q="").json["vectors"] == [[0.0] * translator.engine.summary_size]
