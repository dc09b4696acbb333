"""The settings file that `seq2seq init` writes: small, with a reason beside each line."""

import textwrap
from collections.abc import Mapping, Sequence

from seq2seq.settings.config import Corpus
from seq2seq.settings.printing import toml_value
from seq2seq.starting.advice import Advice
from seq2seq.starting.looking import Facts

_WIDTH = 100


def config_text(facts: Facts, advice: Advice, corpora: Mapping[str, Corpus], commands: Mapping[str, str]) -> str:
    """The settings file as text.

    Args:
        facts: what is known of the text.
        advice: the settings, and what to expect.
        corpora: the corpora, by ``train`` and ``dev``.
        commands: what to do with the file: shell commands by what they do.
    """
    lines = [*_comments(report(facts, advice)), "#"]
    width = max(map(len, commands))
    lines += [f"# {name:<{width}}  {command}" for name, command in commands.items()]
    languages = {f"{side}_language": tag for side, tag in zip(("source", "target"), facts.languages, strict=True)}
    lines += ["", "[data]", *(f"{key} = {toml_value(tag)}" for key, tag in languages.items())]
    lines += _values(advice.settings.get("data", {}))
    for split, corpus in corpora.items():
        lines += ["", f"[[data.{split}]]"]
        lines += [f"{key} = {toml_value(value)}" for key, value in corpus.model_dump(exclude_defaults=True).items()]
    for section, values in advice.settings.items():
        if section != "data":
            lines += ["", f"[{section}]", *_values(values)]
    return "\n".join(lines) + "\n"


def report(facts: Facts, advice: Advice) -> list[str]:
    """What was seen and what is to be expected, a paragraph each."""
    source, target = facts.languages
    seen = (
        f"{facts.read:,} pairs, {source} to {target}; {facts.kept:,} can be used. A source sentence has "
        f"{facts.median} words (median), the longest {facts.longest}."
    )
    if facts.several:
        seen += f" {facts.several}."
    dropped = [f"Left out: {facts.dropped}."] if facts.dropped else []
    time = f"{advice.minutes:.0f} minutes" if advice.minutes < 120 else f"{advice.minutes / 60:.0f} hours"
    if round(advice.minutes) <= 1:
        time = "a minute"
    expected = f"{advice.expected[0].upper()}{advice.expected[1:]}. Training takes at most about {time} on two cores."
    return [seen, *dropped, *(f"Warning: {text}." for text in (*facts.remarks, *advice.warnings)), expected]


def _values(values: Mapping[str, tuple[str | bool | float, str]]) -> list[str]:
    return [f"{key} = {toml_value(value)}  # {reason}" for key, (value, reason) in values.items()]


def _comments(paragraphs: Sequence[str]) -> list[str]:
    options = {"break_long_words": False, "break_on_hyphens": False}
    return [f"# {line}" for text in paragraphs for line in textwrap.wrap(text, _WIDTH, **options)]  # type: ignore[arg-type]
