"""The page says in words why there is no translation."""

import httpx
import pytest

from seq2seq.serving.limits import Limits

playwright = pytest.importorskip(
    "playwright.sync_api", reason="the page is tested with playwright: pip install playwright"
)
expect = playwright.expect

SENTENCE = "What does Lucas hate?"
MOST_CHARACTERS = Limits().characters


def test_refusal_is_shown_in_the_words_of_the_server(page, translate):
    page.locator("#source").fill("word " * (MOST_CHARACTERS // 5 + 1))
    expect(page.get_by_role("alert")).to_contain_text(f"send up to {MOST_CHARACTERS:,} at a time")
    translate(page, SENTENCE)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_page_waits_for_a_busy_server_and_asks_again(page, ask):
    answers = iter([503])

    def busy_once(route):
        if next(answers, None):
            route.fulfill(status=503, headers={"Retry-After": "2"}, json={"error": "the queue is full"})
        else:
            route.continue_()

    page.route("**/explain", busy_once)
    page.locator("#source").fill(SENTENCE)
    expect(page.get_by_role("alert")).to_have_text("The translator is busy. Trying again in 2 seconds.")
    expect(page.locator("#translation")).to_have_text(ask("explain", q=SENTENCE)["translatedText"])
    expect(page.get_by_role("alert")).to_have_count(0)


def test_page_gives_up_at_a_server_that_stays_busy(page):
    requests = []

    def busy(route):
        requests.append(route)
        route.fulfill(status=503, headers={"Retry-After": str(len(requests) + 1)}, json={"error": "the queue is full"})

    page.route("**/explain", busy)
    page.clock.install()
    page.locator("#source").fill(SENTENCE)
    page.clock.run_for(300)
    for number in range(1, 6):
        expect(page.get_by_role("alert")).to_contain_text(f"Trying again in {number + 1} seconds.")
        page.clock.run_for(1000 * (number + 1))
    expect(page.get_by_role("alert")).to_have_text("The translator is busy.")
    assert len(requests) == 6


def test_page_says_when_the_server_is_gone(page):
    page.route("**/explain", lambda route: route.abort())
    page.locator("#source").fill(SENTENCE)
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer. Is seq2seq serve still running?")


def test_page_shows_what_the_translator_can_do_and_asks_for_a_key(open_page, address, ask):
    about = httpx.get(f"{address}/about").json()
    limited = {"explains": False, "walks": False, "has_neighbours": False, "summary_size": None}
    about |= {"key_required": True, "pairs": [pair | limited for pair in about["pairs"]]}
    keys = []

    def check_key(route):
        keys.append(route.request.post_data_json.get("api_key"))
        route.continue_() if keys[-1] else route.fulfill(status=403, json={"error": "this server asks for a key"})

    page = open_page(routes={"**/about": lambda route: route.fulfill(json=about), "**/translate": check_key})
    page.locator("#source").fill(SENTENCE)
    expect(page.get_by_role("alert")).to_have_text("This server asks for a key, and this one is missing or wrong.")
    page.get_by_label("This server asks for a key:").fill("secret")
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#translation")).to_have_text(ask("translate", q=SENTENCE)["translatedText"])
    assert keys == [None, "secret"]
    for part in ("#inside", "#near", "#line"):
        expect(page.locator(part)).to_be_hidden()
