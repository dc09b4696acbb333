"""Each part of the page shows what the server answers."""

import contextlib
import math

import httpx
import pytest

playwright = pytest.importorskip(
    "playwright.sync_api", reason="the page is tested with playwright: pip install playwright"
)
expect = playwright.expect

SENTENCE = "What does Lucas hate?"


def test_page_translates_while_one_types(page, ask):
    page.keyboard.type(SENTENCE)  # the page has put the cursor where one types
    answer = ask("explain", q=SENTENCE)
    expect(page.locator("#translation")).to_have_text(answer["translatedText"])
    expect(page.locator("#source")).to_have_value(SENTENCE)
    assert page.locator("#translation .word").count() == len(answer["sentences"][0]["words"])
    expect(page.locator("#summary-size")).to_have_text(str(len(answer["sentences"][0]["summary"])))
    expect(page.locator("#memory .name")).to_have_text(SENTENCE.split())
    effects = [word["effect"] for word in answer["sentences"][0]["source_words"]]
    shown = [float(text.replace("−", "-")) for text in page.locator("#memory .value").all_inner_texts()]
    assert shown == pytest.approx(effects, abs=0.051)


def test_words_are_tinted_by_their_probability_and_underlined_alike(page, ask, translate):
    translate(page, SENTENCE)
    words = ask("explain", q=SENTENCE)["sentences"][0]["words"]
    probabilities = [math.exp(word["log_prob"]) for word in words]
    tints = [sum(probability < least for least in (0.9, 0.6, 0.3)) for probability in probabilities]
    classes = page.locator("#translation .word").evaluate_all("words => words.map(word => word.className)")
    assert classes == [f"word sure-{tint}" for tint in tints]
    lines = page.locator("#legend .word").evaluate_all(
        "words => words.map(w => getComputedStyle(w).textDecorationStyle)"
    )
    assert len(set(lines)) == 4  # nobody needs the colours


def test_strip_is_painted_and_moves_with_the_text(page, translate):
    pictures = []
    for text in ("You had a fork.", "It rained in Moscow."):
        translate(page, text)
        page.wait_for_timeout(600)  # until it has come to rest
        pictures.append(page.locator("#strip").evaluate("strip => strip.toDataURL()"))
    assert pictures[0] != pictures[1]
    expect(page.locator("#strip-note")).to_contain_text("the vector turned by")
    blank = "strip => strip.getContext('2d').getImageData(0, 0, strip.width, strip.height).data.every(value => !value)"
    assert not page.locator("#strip").evaluate(blank)


def test_request_for_an_older_text_is_given_up(page, ask):
    held = []

    def hold_back(route):
        held.append(route) if route.request.post_data_json["q"] == "You" else route.continue_()

    page.route("**/explain", hold_back)
    with page.expect_request("**/explain"):
        page.locator("#source").fill("You")
    with page.expect_event("requestfailed") as failed:
        page.locator("#source").fill("You had a fork.")
    assert failed.value.post_data_json["q"] == "You"
    expect(page.locator("#translation")).to_have_text(ask("explain", q="You had a fork.")["translatedText"])
    with contextlib.suppress(playwright.Error):  # nobody waits for it any more
        held[0].fulfill(json={"translatedText": "old", "sentences": [], "warnings": []})
    page.wait_for_timeout(300)
    expect(page.locator("#translation")).not_to_have_text("old")


def test_alternative_takes_the_place_of_the_translation(open_page, ask, translate):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    translate(page, SENTENCE)
    translations = ask("explain", q=SENTENCE)["sentences"][0]["translations"]
    expect(page.locator("#choices .text")).to_have_text([translation["text"] for translation in translations])
    page.locator("#choices input").nth(1).check()
    expect(page.locator("#translation")).to_have_text(translations[1]["text"])
    score = ask("score", q=SENTENCE, translation=translations[1]["text"], pieces=True)["scores"][0]
    words = sum(piece["text"].startswith(" ") for piece in score["pieces"][1:-1]) + 1
    expect(page.locator("#words li")).to_have_count(words)
    page.locator("#copy").click()
    expect(page.locator("#copy")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == translations[1]["text"]


def test_slider_reads_out_what_lies_between_two_sentences(page, ask, translate):
    translate(page, SENTENCE)
    page.locator("#to").fill("It rained in Moscow.")
    expect(page.locator("#from")).to_have_value(SENTENCE)
    slider = page.locator("#position")
    slider.scroll_into_view_if_needed()
    expect(page.locator("#trail li").first).to_be_visible()
    places = [place / 20 for place in range(21)]
    answer = ask("between", q1=SENTENCE, q2="It rained in Moscow.", positions=places)
    texts = [translation["text"] for translation in answer["translations"]]
    assert len(set(texts)) > 1  # or the lines below would say little
    slider.focus()
    slider.press("Home")
    for place in (0, 1, 2):
        expect(page.locator("#between")).to_have_text(texts[place])
        expect(slider).to_have_attribute("aria-valuetext", f"{5 * place} % of the way")
        slider.press("ArrowRight")
    slider.press("End")
    expect(page.locator("#between")).to_have_text(texts[20])
    expect(page.locator("#trail [aria-current]")).to_contain_text(texts[20])


def test_walk_goes_to_the_end_and_can_be_stopped(page):
    slider, button = page.locator("#position"), page.locator("#walk")
    page.locator("#from").fill(SENTENCE)
    page.locator("#to").fill("It rained in Moscow.")
    slider.scroll_into_view_if_needed()
    expect(button).to_be_enabled()
    page.clock.install()
    button.click()
    expect(button).to_have_text("Stop")
    page.clock.run_for(2 * 350)
    button.click()
    stopped_at = slider.input_value()
    assert 2 <= int(stopped_at) < 20
    page.clock.run_for(5 * 350)
    expect(slider).to_have_value(stopped_at)
    button.click()
    page.clock.run_for(20 * 350)
    expect(slider).to_have_value("20")
    expect(button).to_have_text("Walk")


def test_nearest_sentence_can_be_translate(page, ask, translate):
    translate(page, SENTENCE)
    nearest = ask("nearest", q=SENTENCE)["neighbours"]
    expect(page.locator("#nearest .text")).to_have_text([neighbour["text"] for neighbour in nearest])
    page.locator("#nearest button").first.click()
    expect(page.locator("#source")).to_have_value(nearest[0]["text"])
    expect(page.locator("#memory .name")).to_have_text(nearest[0]["text"].split())


def test_each_sentence_of_a_text_can_be_looked_into(page, ask):
    text = "You had a fork. It rained in Moscow.\n\nI knew you."
    page.locator("#source").fill(text)
    expect(page.locator("#sentence option")).to_have_count(3)
    assert page.locator("#translation").text_content() == ask("explain", q=text)["translatedText"]
    expect(page.locator("#memory .name")).to_have_text(["I", "knew", "you."])  # the one that is being typed
    page.locator("#sentence").select_option("1")
    expect(page.locator("#memory .name")).to_have_text(["It", "rained", "in", "Moscow."])


def test_other_language_can_be_chosen(page, ask, translate):
    translate(page, SENTENCE)
    page.locator("#target-language").select_option(label="German")
    expect(page.locator("#translation")).to_have_text(ask("explain", q=SENTENCE, target="de")["translatedText"])
    expect(page.locator("#translation")).to_have_attribute("lang", "de")


def test_page_says_when_a_sentence_is_longer_than_those_of_training(page, translate):
    translate(page, SENTENCE)
    expect(page.locator("#notices li")).to_have_count(0)
    translate(page, "I knew that Richard had a book and a fork and a banana and three other things in Moscow.")
    expect(page.locator("#notices")).to_contain_text("the longest sentence in training had")


def test_page_says_how_much_the_translator_has_read(page, address):
    pair = httpx.get(f"{address}/about").json()["pairs"][0]
    expect(page.locator("#honest")).to_contain_text(f"has read {pair['training_pairs']:,} sentences")


def test_nothing_is_shown_for_nothing(page, translate):
    translate(page, SENTENCE)
    page.locator("#clear").click()
    expect(page.locator("#translation")).to_have_text("")
    expect(page.locator("#inside")).to_be_hidden()
    expect(page.locator("#source")).to_be_focused()


def test_long_text_is_translated_without_a_look_inside(page, ask, translate):
    text = "You had a fork. " * 40
    translate(page, text)
    expect(page.locator("#translation")).to_have_text(ask("translate", q=text)["translatedText"])
    expect(page.locator("#notices")).to_contain_text("Write up to 600 characters")
    expect(page.locator("#inside")).to_be_hidden()
