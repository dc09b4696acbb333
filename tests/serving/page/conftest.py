"""What the tests of the page share: a real browser in front of a true server of tiny runs."""

import shutil
from urllib.parse import urlsplit

import httpx
import pytest


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
    how = "the page is tested with playwright: pip install playwright"
    sync_api = pytest.importorskip("playwright.sync_api", reason=how)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("the page is tested in Chromium: apt-get install chromium")
    sync_api.expect.set_options(timeout=20_000)  # a machine that is busy with something else is no fault of the page
    with sync_api.sync_playwright() as playwright:
        # Inside a container Chromium's own sandbox cannot be built; the pages that it opens here are ours.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
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
        page.locator("#target-language option").nth(1).wait_for(state="attached")
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


@pytest.fixture
def translate():
    """A function of a page and a text: types the text and waits for its translation."""

    def type_and_wait(page, text):
        page.locator("#source").fill(text)
        page.locator('#output[aria-busy="false"] #copy:enabled').wait_for()

    return type_and_wait
