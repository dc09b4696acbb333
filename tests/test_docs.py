"""The documentation site: how its pages are made and checked. `make docs` builds it completely."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from seq2seq.settings.config import Config, Corpus

ROOT = Path(__file__).parent.parent
BUILDER = ROOT / "docs" / "builder"
sys.path.insert(0, str(BUILDER))  # the builder is no package
import make_site  # noqa: E402
from dead_links import faults  # noqa: E402
from links import linked  # noqa: E402
from notebook_pages import notebook_pages  # noqa: E402
from page import Page, SiteError, with_readme_sections  # noqa: E402
from settings_page import settings_page  # noqa: E402

sys.path.remove(str(BUILDER))


def texts(*pages):
    """The texts of the pages after their links were rewritten, and the pictures that they show."""
    pictures = {}
    return [page.text for page in linked(pages, pictures)], pictures


def test_link_to_a_file_becomes_a_link_to_its_page():
    readme = Page(
        "recipes/speed.md", "recipes/speed/README.md", "[the other](../sharing) and [why](../../ARCHITECTURE.md#laws)"
    )
    pages = [readme, Page("recipes/sharing.md", "recipes/sharing/README.md", ""), Page("a/b.md", "ARCHITECTURE.md", "")]
    assert texts(*pages)[0][0] == "[the other](sharing.md) and [why](../a/b.md#laws)"


def test_link_to_a_file_that_is_no_page_becomes_its_text():
    assert texts(Page("a.md", "README.md", "The [licence](LICENSE)."))[0] == ["The licence."]


def test_links_in_code_and_to_other_hosts_stay():
    text = "`[a](b)`\n```\n[c](d)\n```\n[e](https://example.org) [f](#g)"
    assert texts(Page("a.md", "README.md", text))[0] == [text]


def test_picture_is_copied_and_shown():
    shown, pictures = texts(Page("recipes/sharing.md", "recipes/sharing/README.md", "![curves](sharing.png)"))
    assert shown == ["![curves](../pictures/recipes-sharing-sharing.png)"]
    assert pictures == {"recipes/sharing/sharing.png": "pictures/recipes-sharing-sharing.png"}


def test_picture_of_a_notebook_is_shown():
    shown, pictures = texts(Page("concepts/gates.md", "docs/concepts/gates.md", "![gates](/notebooks/gates.ipynb#2)"))
    assert shown == ["![gates](../notebooks/gates-2.png)"]
    assert pictures == {}


def test_pages_of_notebooks_show_their_code_and_output():
    pages = {page.place: page.text for page in notebook_pages()}
    assert "[How to read BLEU](reading_bleu.md)" in pages["notebooks/index.md"]
    page = pages["notebooks/reading_bleu.md"]
    assert page.startswith("# How to read BLEU")
    assert "```python\nfrom collections import Counter" in page
    assert "by hand 50.00, by sacreBLEU 50.00" in page
    assert "(/notebooks/reading_bleu.ipynb#1)" in page


def test_dead_links_are_named_all_together():
    with pytest.raises(SiteError, match=r"lead nowhere:\nREADME.md: nowhere.md\nREADME.md: no.png$"):
        texts(Page("a.md", "README.md", "[a](nowhere.md) ![b](no.png)"))


def test_command_that_opens_the_site_serves_it(tmp_path):
    folder = tmp_path / "my site"
    folder.mkdir()
    (folder / "search.json").write_text('{"items": []}')
    words = shlex.split(make_site.how_to_open(folder).splitlines()[-1])
    with subprocess.Popen([sys.executable, "-u", *words[1:-1], "0"], stdout=subprocess.PIPE, text=True) as server:
        try:
            port = re.search(r"port (\d+)", server.stdout.readline())[1]
            address = f"http://127.0.0.1:{port}/search.json"
            with urllib.request.urlopen(address, timeout=20) as reply:
                assert reply.read() == b'{"items": []}'
        finally:
            server.terminate()


def test_sections_of_the_readme_are_put_into_pages():
    page = with_readme_sections("# Scores\n\n<!-- README: More -->\n", "docs/scores.md")
    assert "[ARCHITECTURE.md](/ARCHITECTURE.md)" in page
    with pytest.raises(SiteError, match=r"docs/scores.md asks for the section 'Less' of README.md, which has Two"):
        with_readme_sections("<!-- README: Less -->", "docs/scores.md")


def test_settings_page_has_every_setting_with_its_meaning():
    definitions = dict(re.findall(r"^\*\*`(\w+)`\*\*, default: .+\n:   (.*)$", settings_page().text, re.MULTILINE))
    names = set(Corpus.model_fields)
    sections = [Config()]
    while sections:
        for name, value in sections.pop():
            sections += [value] if hasattr(value, "model_dump") else []
            names |= set() if hasattr(value, "model_dump") else {name}
    assert set(definitions) == names
    assert all(definitions.values())


def test_messages_of_the_errors_page_are_messages_of_the_code():
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    quoted = [text for line in re.findall(r"^(`.+)\n:  ", page, re.MULTILINE) for text in re.findall("`([^`]+)`", line)]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "seq2seq").rglob("*.py")))
    assert len(quoted) > 10
    assert [text for text in quoted if text not in code] == []


@pytest.mark.skipif(shutil.which("awk") is None, reason="there is no awk")
def test_commands_of_the_page_on_metrics_choose_by_the_scores(tmp_path):
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    blocks = [
        block for block in re.findall(r"```\n(.*?)```", page, re.DOTALL) if "nbest.tsv" in block or "awk" in block
    ]
    assert len(blocks) == 3
    comet = "".join(
        f"candidates.fr\tSegment {row}\tscore: {score}\n" for row, score in enumerate((0.1, 0.25, 0.9, 0.3))
    )
    (tmp_path / "test.en").write_text("I eat.\nShe sleeps.\n")
    (tmp_path / "comet.txt").write_text(f"{comet}candidates.fr\tscore: 0.3875\n")
    commands = "".join(blocks).replace("runs/mine --n-best 10", "en-fr --n-best 2")
    commands = re.sub("comet/bin/.*\n", "", commands)
    subprocess.run(["bash", "-ec", commands], cwd=tmp_path, env=with_command(tmp_path), check=True)
    candidates = (tmp_path / "candidates.fr").read_text("utf-8").splitlines()
    assert len(set(candidates)) == 4
    assert (tmp_path / "repeated.en").read_text() == "I eat.\nI eat.\nShe sleeps.\nShe sleeps.\n"
    assert (tmp_path / "chosen.fr").read_text("utf-8").splitlines() == candidates[1:3]


def with_command(folder):
    """An environment in which `seq2seq` is the package of this folder."""
    (folder / "bin").mkdir()
    script = folder / "bin" / "seq2seq"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m seq2seq "$@"\n')
    script.chmod(0o755)
    return os.environ | {"PATH": f"{script.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


def test_page_that_no_chapter_names_comes_under_more(monkeypatch):
    monkeypatch.setattr(make_site, "_CHAPTERS", {"Start": ["index.md"], "Recipes": ["recipes/*"]})
    navigation = make_site._navigation(["recipes/b.md", "new.md", "index.md", "recipes/a.md"])
    assert navigation == (
        '[{ "Start" = ["index.md"] }, { "Recipes" = ["recipes/a.md", "recipes/b.md"] }, { "More" = ["new.md"] }]'
    )
    with pytest.raises(SiteError, match=r"the chapter 'Recipes' .* names recipes/\*, which is no page"):
        make_site._navigation(["index.md"])


def test_site_without_faults(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "index.html").write_text('<h1 id="top">B</h1><a href="../a.html">a</a>', encoding="utf-8")
    page = '<a href="b/#top">b</a><a href="#here">c</a><p id="here">d</p><a href="https://example.org/">e</a>'
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    assert list(faults(tmp_path)) == []


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<a href="no.html">x</a>', "a.html links to no.html, which does not exist"),
        ('<a href="a.html#no">x</a>', "a.html links to a.html#no, but that page has no such anchor"),
        ('<img src="no.png">', "a.html links to no.png, which does not exist"),
        ('<script src="https://example.org/x.js"></script>', "a.html loads https://example.org/x.js from another host"),
        ('<link rel="stylesheet" href="//example.org/x.css">', "a.html loads //example.org/x.css from another host"),
    ],
)
def test_faults_of_a_site_are_named(html, fault, tmp_path):
    (tmp_path / "a.html").write_text(html, encoding="utf-8")
    assert list(faults(tmp_path)) == [fault]


def test_builder_shows_its_help():
    line = [sys.executable, str(BUILDER / "make_site.py"), "--help"]
    result = subprocess.run(line, env=os.environ, capture_output=True, text=True, check=True)
    assert "build/docs" in result.stdout
