"""Sentences of a text: where one line holds several."""

import re
from collections.abc import Iterable

_CLOSING = "\"'”’»›)\\]」』）】"
_OPENING = "\"'“‘„«‹([¿¡「『（【"
# An end that a space has to follow, or an end of scripts that write none; a run of marks is looked at once.
_END = re.compile(f"(?<![.!?…])[.!?…؟۔।॥։።]++[{_CLOSING}]*+ +|[。！？｡]++[{_CLOSING}]*+ *+")
_LOOK_BACK = 40  # characters before an end, in which its last word lies
_ABBREVIATIONS = frozenset({  # before a capital letter, in lower case and without the full stop
    "al", "approx", "bsp", "bzw", "ca", "capt", "cf", "cie", "cmdr", "co", "col", "corp", "dept", "dott", "dr",
    "ed", "eds", "etc", "evtl", "ft", "fr", "gen", "ggf", "gov", "hon", "hr", "inc", "inkl", "jr", "lt", "ltd",
    "maj", "mgr", "mlle", "mlles", "mm", "mme", "mmes", "mr", "mrs", "ms", "mt", "nr", "pr", "pres", "prof", "ref",
    "rep", "rev", "sen", "sgt", "sig", "sr", "sra", "srta", "st", "ste", "str", "ud", "uds", "univ", "usw", "vgl",
    "vol", "vs", "zb",
})  # fmt: skip


def split_sentences(text: str) -> list[str]:
    """The sentences of a line; the line itself where it holds one, or none.

    A line is parted where it is safe only: not behind abbreviations, initials, and numbers such as "3.", not before a
    small letter, and not behind a line's quoted beginning.

    Args:
        text: normalised, so that single spaces part its words.

    >>> split_sentences("He never ran. Dr. Smith did!")
    ['He never ran.', 'Dr. Smith did!']
    """
    parts = []
    begin = 0
    for end in _END.finditer(text):
        if end.end() < len(text) and _parts(text, begin, end):
            parts.append(text[begin : end.end()].strip(" "))
            begin = end.end()
    return [*parts, text[begin:]]


def join_sentences(texts: Iterable[str]) -> str:
    """The opposite: with a space between two sentences, but behind an end of a script that writes none.

    >>> join_sentences(["A cat.", "", "A dog."]), join_sentences(["猫。", "狗。"])
    ('A cat. A dog.', '猫。狗。')
    """
    joined = ""
    for text in texts:
        spaced = joined and text and not re.search(f"[。！？｡][{_CLOSING}]*$", joined[-8:])
        joined += f" {text}" if spaced else text
    return joined


def _parts(text: str, begin: int, end: re.Match[str]) -> bool:
    """Whether a sentence that starts at `begin` is over at this mark."""
    marks = end[0]
    after = text[end.end()]
    if after.islower() or not (after.isalnum() or after in _OPENING):
        return False
    if marks.strip(" ")[-1] in _CLOSING and text[begin] in _OPENING and after not in _OPENING:
        return False  # "Stop!" Tom said.
    if marks[0] in "。！？｡":
        return True
    word = text[max(begin, end.start() - _LOOK_BACK) : end.start()].split(" ")[-1].lstrip(_OPENING)
    if marks.startswith(("...", "…")):  # a pause, unless enough was said before
        return text.count(" ", begin, end.start()) >= 2
    if marks[0] != "." or len(marks.rstrip(f" {_CLOSING}")) > 1:
        return True
    if after.isdigit() or len(word) < 2 or "." in word or word.lower() in _ABBREVIATIONS:
        return False
    return not (word.isdigit() and len(word) < 3)
