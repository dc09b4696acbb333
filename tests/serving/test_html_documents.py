"""HTML: text is translated, markup stays, and what is not well-formed is refused."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2seq.serving.html_documents import html_document, see_that_markup_stayed
from seq2seq.serving.refusals import BadRequest


def translated(text, translate=str.upper):
    document = html_document(text, lambda line: [line])
    written = document.joined([translate(sentence) for sentence in document.sentences])
    see_that_markup_stayed(text, written)
    return written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "PLAIN"),
        ("<p>a <b class='x'>b</b>\n c</p>", "<p>A <b class='x'>B</b>\n C</p>"),
        ('a<br>b<img src="x>y"/>c', 'A<br>B<img src="x>y"/>C'),
        ("<!doctype html><!-- a --><p>a</p>", "<!doctype html><!-- a --><p>A</p>"),
        ("<script>if (a < b) c()</script>d", "<script>if (a < b) c()</script>D"),
        ("<p>a <code>b <i>c</i></code> d</p>", "<p>A <code>b <i>c</i></code> D</p>"),
        ('<p translate="no">a</p><p>b</p>', '<p translate="no">a</p><p>B</p>'),
        ("a &amp; b &lt;i&gt; &eacute;&#233;", "A &amp; B &lt;I&gt; ÉÉ"),
        ("a < b and c > d", "A &lt; B AND C &gt; D"),
        ("", ""),
        ("<P>a</P>", "<P>A</P>"),
    ],
)
def test_text_is_translated_and_markup_stays(text, expected):
    assert translated(text) == expected


def test_markup_that_the_network_writes_is_text():
    assert translated("<p>a</p>", lambda _: "<script>&") == "<p>&lt;script&gt;&amp;</p>"


@pytest.mark.parametrize(
    "text",
    ["<p>a", "a</p>", "<b><i>a</b></i>", "<p>a</div>", "<div><p></div>", "a <!-- b", "a <b", "a <![b", "</ a", "<? a"],
)
def test_html_that_is_not_well_formed_is_refused(text):
    with pytest.raises(BadRequest, match="the HTML is not well-formed"):
        translated(text)


class Tags(HTMLParser):
    """The tags of a text, in order."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, attrs))

    def handle_endtag(self, tag):
        self.found.append(tag)


@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<b a='<'>", "</b>", "<br/>", "<!--", "-->", "&amp;", "&#", "<", ">", "a",
                              " ", "\n", "\"", "<![", "<?", "</", "<script>", "</script>", "&lt", "é"]), max_size=12),
    st.sampled_from([str.upper, lambda _: "<b>", lambda _: "&", lambda _: "", lambda _: "a\nb"]),
)  # fmt: skip
@settings(max_examples=400)
def test_any_html_keeps_its_tags_or_is_refused(parts, translate):
    text = "".join(parts)
    try:
        written = translated(text, translate)
    except BadRequest:
        return
    assert Tags(written).found == Tags(text).found
