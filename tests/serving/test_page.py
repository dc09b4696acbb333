"""The page in a real browser, on a true server of tiny runs; skipped where there is no Chromium."""

import contextlib
import re
import shutil
from urllib.parse import urlsplit

import httpx
import pytest

from seq2seq.serving.limits import Limits

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="the page is tested with playwright: pip install playwright"
)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="the page is tested in Chromium: apt-get install chromium")
expect = sync_api.expect

SENTENCE = "What does Lucas hate?"
PHONE = {"width": 360, "height": 740}
MOST_CHARACTERS = Limits().characters


@pytest.fixture(scope="module")
def ask(address):
    """A function of a route and a body: the server's answer, as another client gets it."""

    def post(route, **body):
        languages = {"source": "en", "target": "fr"}
        return httpx.post(f"{address}/{route}", json=languages | body, timeout=60).raise_for_status().json()

    return post


@pytest.fixture(scope="module")
def browser():
    """A Chromium without a window."""
    expect.set_options(timeout=20_000)  # the first translations take long where an engine still compiles
    with sync_api.sync_playwright() as playwright:
        # Inside a container Chromium's own sandbox cannot be built; the pages that it opens here are ours.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, address):
    """A function that opens the page; at the end, no page may have complained or asked another host."""
    complaints, hosts, contexts = [], set(), []

    def note(message):
        # The browser itself reports each answer that is an error. Those are meant, and the page shows them.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    def open_one(routes=None, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        for pattern, handler in (routes or {}).items():
            page.route(pattern, handler)
        page.goto(address)
        expect(page.locator("#target-language option")).to_have_count(2)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []
    assert hosts == {urlsplit(address).netloc}


@pytest.fixture
def page(open_page):
    """The page on a wide screen."""
    return open_page(viewport={"width": 1200, "height": 900})


def translated(page, text):
    """Put a text into the page and wait for its translation."""
    page.locator("#source").fill(text)
    expect(page.locator("#output")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#copy")).to_be_enabled()


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


def test_words_are_tinted_by_their_probability_and_underlined_alike(page, ask):
    translated(page, SENTENCE)
    words = ask("explain", q=SENTENCE)["sentences"][0]["words"]
    probabilities = [2.718281828 ** word["log_prob"] for word in words]
    tints = [sum(probability < least for least in (0.9, 0.6, 0.3)) for probability in probabilities]
    classes = page.locator("#translation .word").evaluate_all("words => words.map(word => word.className)")
    assert classes == [f"word sure-{tint}" for tint in tints]
    lines = page.locator("#legend .word").evaluate_all(
        "words => words.map(w => getComputedStyle(w).textDecorationStyle)"
    )
    assert len(set(lines)) == 4  # nobody needs the colours


def test_strip_is_painted_and_moves_with_the_text(page):
    pictures = []
    for text in ("You had a fork.", "It rained in Moscow."):
        translated(page, text)
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
    with contextlib.suppress(sync_api.Error):  # nobody waits for it any more
        held[0].fulfill(json={"translatedText": "old", "sentences": [], "warnings": []})
    page.wait_for_timeout(300)
    expect(page.locator("#translation")).not_to_have_text("old")


def test_alternative_takes_the_place_of_the_translation(open_page, ask):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    translated(page, SENTENCE)
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


def test_slider_reads_out_what_lies_between_two_sentences(page, ask):
    translated(page, SENTENCE)
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


def test_nearest_sentence_can_be_translated(page, ask):
    translated(page, SENTENCE)
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


def test_other_language_can_be_chosen(page, ask):
    translated(page, SENTENCE)
    page.locator("#target-language").select_option(label="German")
    expect(page.locator("#translation")).to_have_text(ask("explain", q=SENTENCE, target="de")["translatedText"])
    expect(page.locator("#translation")).to_have_attribute("lang", "de")


def test_page_says_when_a_sentence_is_longer_than_those_of_training(page):
    translated(page, SENTENCE)
    expect(page.locator("#notices li")).to_have_count(0)
    translated(page, "I knew that Richard had a book and a fork and a banana and three other things in Moscow.")
    expect(page.locator("#notices")).to_contain_text("the longest sentence in training had")


def test_page_says_how_much_the_translator_has_read(page, address):
    pair = httpx.get(f"{address}/about").json()["pairs"][0]
    expect(page.locator("#honest")).to_contain_text(f"has read {pair['training_pairs']:,} sentences")


def test_refusal_is_shown_in_the_words_of_the_server(page):
    page.locator("#source").fill("word " * (MOST_CHARACTERS // 5 + 1))
    expect(page.get_by_role("alert")).to_contain_text(f"send up to {MOST_CHARACTERS:,} at a time")
    translated(page, SENTENCE)
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


def test_nothing_is_shown_for_nothing(page):
    translated(page, SENTENCE)
    page.locator("#clear").click()
    expect(page.locator("#translation")).to_have_text("")
    expect(page.locator("#inside")).to_be_hidden()
    expect(page.locator("#source")).to_be_focused()


def test_long_text_is_translated_without_a_look_inside(page, ask):
    text = "You had a fork. " * 40
    translated(page, text)
    expect(page.locator("#translation")).to_have_text(ask("translate", q=text)["translatedText"])
    expect(page.locator("#notices")).to_contain_text("Write up to 600 characters")
    expect(page.locator("#inside")).to_be_hidden()


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


def test_phone_needs_no_sideways_scrolling(open_page):
    page = open_page(viewport=PHONE)
    translated(page, "Averyveryverylongwordthatnobodyhaseverseenbefore had a fork.")
    page.locator("#to").fill("It rained in Moscow.")
    page.locator("#between").scroll_into_view_if_needed()
    expect(page.locator("#trail li").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    heights = page.locator("button:visible").evaluate_all(
        "buttons => buttons.map(b => b.getBoundingClientRect().height)"
    )
    assert min(heights) >= 40  # a fingertip


def test_keyboard_reaches_everything_in_the_order_of_the_page(page):
    translated(page, SENTENCE)
    expect(page.locator("#nearest button")).to_have_count(5)
    page.locator("#to").fill("It rained in Moscow.")
    page.locator("#between").scroll_into_view_if_needed()
    expect(page.locator("#walk")).to_be_enabled()
    page.locator("#source").focus()
    reached = []
    for _ in range(16):
        reached.append(page.evaluate("document.activeElement.closest('[id]')?.id"))
        page.keyboard.press("Tab")
    order = ["source", "target-language", "copy", "choices", *["nearest"] * 5, "from", "to", "position", "walk"]
    assert reached[: len(order)] == order


def test_screen_reader_hears_names_and_the_finished_translation(page, ask):
    translated(page, SENTENCE)
    expect(page.get_by_role("status").first).to_have_text(ask("explain", q=SENTENCE)["translatedText"])
    for role, name in (
        ("textbox", "Text to translate"),
        ("combobox", "Translate into"),
        ("group", "Other translations"),
        ("list", "How much each word still matters"),
        ("slider", "Place between the two sentences"),
        ("region", "The nearest sentences"),
    ):
        expect(page.get_by_role(role, name=name)).to_have_count(1)
    expect(page.get_by_role("img", name=re.compile(r"^h\(T\): \d+ numbers"))).to_have_count(1)


def test_text_runs_in_its_own_direction(page):
    page.locator("#source").fill("שלום עולם")
    assert page.locator("#source").evaluate("box => box.matches(':dir(rtl)')")
    page.locator("#source").fill("hello")
    assert page.locator("#source").evaluate("box => box.matches(':dir(ltr)')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(open_page, scheme):
    page = open_page(color_scheme=scheme)
    page.locator("#source").fill("word " * (MOST_CHARACTERS // 5 + 1))
    expect(page.get_by_role("alert")).to_be_visible()
    grounds = {
        name: _luminance(page, name, "background-color") for name in ("body", "#translate", "#translation", "#error")
    }
    for text, ground in (
        ("#honest", "body"),
        (".explanation", "#translate"),
        ("#source", "#translate"),
        ("#error", "#error"),
    ):
        brighter, darker = sorted([_luminance(page, text, "color"), grounds[ground]], reverse=True)
        assert (brighter + 0.05) / (darker + 0.05) >= 4.5, (text, ground)  # WCAG 2.2, criterion 1.4.3
    assert (grounds["body"] > 0.5) == (scheme == "light")


def _luminance(page, selector, name):
    """Relative luminance (WCAG 2.2) of a colour of an element."""
    colour = page.locator(selector).first.evaluate("(box, name) => getComputedStyle(box).getPropertyValue(name)", name)
    shares = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_nothing_moves_for_those_who_want_no_motion(open_page):
    page = open_page(reduced_motion="reduce")
    translated(page, SENTENCE)
    assert page.locator("#memory .rod").first.evaluate("rod => getComputedStyle(rod).transitionProperty") == "none"
    first = page.locator("#strip").evaluate("strip => strip.toDataURL()")
    page.wait_for_timeout(300)
    assert page.locator("#strip").evaluate("strip => strip.toDataURL()") == first
