"""The page is for everybody: phone, keyboard, screen reader, any direction of writing, light and dark, no motion."""

import re

import pytest

from seq2seq.serving.limits import Limits

playwright = pytest.importorskip(
    "playwright.sync_api", reason="the page is tested with playwright: pip install playwright"
)
expect = playwright.expect

SENTENCE = "What does Lucas hate?"
PHONE = {"width": 360, "height": 740}
MOST_CHARACTERS = Limits().characters


def test_phone_needs_no_sideways_scrolling(open_page, translate):
    page = open_page(viewport=PHONE)
    translate(page, "Averyveryverylongwordthatnobodyhaseverseenbefore had a fork.")
    page.locator("#to").fill("It rained in Moscow.")
    page.locator("#between").scroll_into_view_if_needed()
    expect(page.locator("#trail li").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    heights = page.locator("button:visible").evaluate_all(
        "buttons => buttons.map(b => b.getBoundingClientRect().height)"
    )
    assert min(heights) >= 40  # a fingertip


def test_keyboard_reaches_everything_in_the_order_of_the_page(page, translate):
    translate(page, SENTENCE)
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


def test_screen_reader_hears_names_and_the_finished_translation(page, ask, translate):
    translate(page, SENTENCE)
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


def test_nothing_moves_for_those_who_want_no_motion(open_page, translate):
    page = open_page(reduced_motion="reduce")
    translate(page, SENTENCE)
    assert page.locator("#memory .rod").first.evaluate("rod => getComputedStyle(rod).transitionProperty") == "none"
    first = page.locator("#strip").evaluate("strip => strip.toDataURL()")
    page.wait_for_timeout(300)
    assert page.locator("#strip").evaluate("strip => strip.toDataURL()") == first
