"""Pages that are made from code: the commands, the analyses, and the API."""

import argparse
import re
from collections.abc import Iterator

from page import Page, SiteError, read, with_readme_sections

# Each page of the API with what it holds; mkdocstrings reads the docstrings.
_API = {
    "translating": (
        "Translate and score",
        ["Translator", "Counts", "Hypothesis", "Sampling", "Evaluation", "evaluate", "published_bleu"],
    ),
    "training": ("Train", ["train", "finetune", "shrink", "Tokenizer", "train_tokenizer", "phrases"]),
    "settings": ("Settings", ["load_config", "Config", "Corpus", "Translation"]),
    "errors": (
        "Errors",
        [f"errors.{name}" for name in re.findall(r"class (\w+Error)", read("seq2seq/errors.py"))],
    ),
    "network": (
        "The network",
        [
            "model.Seq2Seq",
            "model.Encoding",
            "layers.encoder.Encoder",
            "layers.decoder.Decoder",
            "layers.recurrent.Recurrent",
            "layers.cells.Cell",
            "layers.embedding.Embedding",
        ],
    ),
    "analysis": (
        "Analyses",
        ["analysis.examination.analyze", "analysis.subject.Subject", "analysis.section.Analysis"],
    ),
}


def generated_pages() -> Iterator[Page]:
    """All of them."""
    yield _commands()
    yield _analyses()
    yield from _api()


def _commands() -> Page:
    """Each command's help, as the parser prints it."""
    from seq2seq.cli import make_parser

    parser = make_parser()
    parts = [
        "# Commands\n",
        "This page holds what `seq2seq --help` and `seq2seq COMMAND --help` print.\n",
        _help(parser),
    ]
    commands = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    for name, command in commands.choices.items():
        parts += [f"\n## {name}\n", _help(command)]
    return Page("commands.md", "docs/commands.md", "\n".join(parts))


def _help(parser: argparse.ArgumentParser) -> str:
    return f"```text\n{parser.format_help().rstrip()}\n```"


def _analyses() -> Page:
    """The page docs/analyses.md, and below it what each analysis answers, how to read it and where it comes from."""
    from seq2seq.backend import open_backend

    open_backend()
    from seq2seq.analysis.examination import ANALYSES

    parts = [with_readme_sections(read("docs/analyses.md"), "docs/analyses.md")]
    for analysis in ANALYSES.values():
        reference = re.sub(r"arXiv:(\d{4}\.\d{4,5})(v\d+)?", r"[\g<0>](https://arxiv.org/abs/\1)", analysis.reference)
        parts += [
            f"## {analysis.title}\n",
            f"**{analysis.question}** Its name on the command line is `{analysis.name}`.\n",
            f"{analysis.explanation}\n",
            f"*Source of the measure:* {reference}\n",
        ]
    return Page("analyses.md", "docs/analyses.md", "\n".join(parts))


def _api() -> Iterator[Page]:
    from seq2seq import _PUBLIC, __all__

    shown = {name for _, names in _API.values() for name in names}
    missing = set(__all__) - shown - {"__version__"} - {"Seq2Seq", "Seq2SeqError"}
    if missing:
        raise SiteError(f"{', '.join(sorted(missing))} of seq2seq.__all__ is on no page of docs/builder/generated.py")
    for name, (title, members) in _API.items():
        places = [f"{_PUBLIC[member]}.{member}" if member in _PUBLIC else member for member in members]
        blocks = "\n\n".join(f"::: seq2seq.{place}" for place in places)
        public = [member for member in members if member in __all__]
        imported = (
            f"\nFrom `seq2seq` you can import {', '.join(f'`{member}`' for member in public)}.\n" if public else ""
        )
        yield Page(f"api/{name}.md", f"docs/api/{name}.md", f"# {title}\n{imported}\n{blocks}\n")
