"""What each setting means and which values it can have, read from the classes of the settings themselves."""

import ast
import inspect
import sys
from functools import lru_cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le, Lt, MaxLen, MinLen
from pydantic import AfterValidator
from pydantic.fields import FieldInfo

from seq2seq.settings.bounds import ZeroOrFrom, language_tag
from seq2seq.settings.section import Section


def meaning_of(section: type[Section], key: str = "") -> str:
    """What a section, or one of its settings, means: the docstring below it; empty where there is none.

    Args:
        section: the class of the section.
        key: the name of a setting; without one, the section is described.
    """
    return _meanings(section.__module__).get((section.__name__, key), "")


@lru_cache
def _meanings(module: str) -> dict[tuple[str, str], str]:
    """The docstrings of a module's classes and of their attributes, by class and attribute, each on one line."""
    meanings = {}
    for node in ast.parse(inspect.getsource(sys.modules[module])).body:
        if not isinstance(node, ast.ClassDef):
            continue
        meanings[node.name, ""] = ast.get_docstring(node) or ""
        for statement, below in zip(node.body, node.body[1:], strict=False):
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and _is_text(below):
                meanings[node.name, statement.target.id] = ast.literal_eval(below.value)  # type: ignore[attr-defined]
    return {place: " ".join(text.split()) for place, text in meanings.items()}


def _is_text(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def range_of(field: FieldInfo) -> str:
    """Which values a setting can have, in words.

    >>> from seq2seq.settings.config import Training
    >>> range_of(Training.model_fields["epochs"])
    'a whole number from 1 to 1,000,000,000'
    """
    kind, bounds = _taken_apart(field)
    if get_origin(kind) is Literal:
        *others, last = map(_quoted, get_args(kind))
        return f"{', '.join(others)} or {last}"
    if kind is bool:
        return "true or false"
    validators = [bound.func for bound in bounds if isinstance(bound, AfterValidator)]
    if language_tag in validators:
        return "a language tag (BCP 47), such as en or pt-BR"
    if kind is str:
        return _text_range(bounds)
    number = "a whole number" if kind is int else "a number"
    least = max(_ends(bounds, Ge, "ge"))  # of several bounds, the narrowest holds
    most = min(_ends(bounds, Le, "le"), default=None)
    if most is None:
        return f"{number} from {_shown(least)} to below {_shown(min(_ends(bounds, Lt, 'lt')))}"
    lowest = next((validator.least for validator in validators if isinstance(validator, ZeroOrFrom)), None)
    begin = f"0, or {number} from {lowest:g}" if lowest else f"{number} from {_shown(least)}"
    return f"{begin} to {_shown(most)}"


def _taken_apart(field: FieldInfo) -> tuple[Any, list[Any]]:
    """The type of a setting's values, and its bounds; None, for "not set", is left out."""
    kind: Any = field.annotation
    bounds = list(field.metadata)
    if NoneType in get_args(kind):
        annotated = next(part for part in get_args(kind) if part is not NoneType)
        kind, *bounds = get_args(annotated)
    # A bound that is written directly and those of a named kind: pydantic keeps some together as one FieldInfo.
    return kind, [part for bound in bounds for part in (bound.metadata if isinstance(bound, FieldInfo) else [bound])]


def _ends(bounds: list[Any], kind: type, attribute: str) -> list[Any]:
    return [getattr(bound, attribute) for bound in bounds if isinstance(bound, kind)]


def _text_range(bounds: list[Any]) -> str:
    least = next((bound.min_length for bound in bounds if isinstance(bound, MinLen)), 0)
    most = next(bound.max_length for bound in bounds if isinstance(bound, MaxLen))
    return f"text of {least} to {most:,} characters"


def _quoted(choice: str) -> str:
    return f'"{choice}"'


def _shown(number: Any) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:g}"
