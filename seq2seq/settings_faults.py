"""What is wrong with settings, in words: all of it at once, with the nearest key that is known."""

import copy
import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from seq2seq.errors import shown

_MOST_FAULTS = 20  # that a message lists
_LONGEST_PLACE = 200


def explain_faults(root: type[BaseModel], values: Mapping[str, Any], error: ValidationError | RecursionError) -> str:
    """A line for each fault, of many the first ones.

    Args:
        root: the sections that the settings should have.
        values: the settings.
        error: what came of reading them.
    """
    faults = (
        _faults(root, values, error) if isinstance(error, ValidationError) else ["they lie too deep in one another"]
    )
    listed = "\n".join(f"  {_explain(root, fault)}" for fault in faults[:_MOST_FAULTS])
    more = f"\n  and {len(faults) - _MOST_FAULTS:,} more" if len(faults) > _MOST_FAULTS else ""
    return f"{len(faults):,} setting(s) cannot be used:\n{listed}{more}"


def _faults(root: type[BaseModel], values: Mapping[str, Any], error: ValidationError) -> list[Any]:
    """All that is wrong, contradictions between the settings that are right by themselves included."""
    faults: list[Any] = [fault for fault in error.errors() if fault["loc"]]
    if faults:
        try:
            root.model_validate(_without(values, [fault["loc"] for fault in faults]))
            return faults
        except ValidationError as second:
            error = second
    wrong = {_place(fault["loc"]) for fault in faults}
    contradictions = [text for fault in error.errors() if not fault["loc"] for text in _message(fault).split("\n")]
    return faults + [text for text in contradictions if not any(place in text for place in wrong)]


def _without(values: Mapping[str, Any], places: Sequence[tuple[Any, ...]]) -> Any:
    """The settings without those at some places, which have their defaults then."""
    kept: Any = copy.deepcopy(dict(values))
    for place in places:
        *outer, last = place if not any(isinstance(part, int) for part in place) else place[:2]
        section = kept
        for part in outer:
            section = section.get(part, {})
        section.pop(last, None)
    return kept


def _explain(root: type[BaseModel], fault: Any) -> str:
    if isinstance(fault, str):
        return fault
    place = _place(fault["loc"])
    if fault["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(fault["loc"][-1]), _known(root, fault["loc"][:-1]), n=1)
        return f"{place}: unknown key" + (f"; did you mean {near[0]!r}?" if near else "")
    if fault["type"] == "list_type" and isinstance(fault["input"], Mapping):
        return f"{place}: there can be several corpora, so write [[{place}]], not [{place}]"
    return f"{place}: {_message(fault)} (received {shown(fault['input'])})"


def _message(fault: Any) -> str:
    return str(fault["msg"]).removeprefix("Value error, ")


def _place(loc: Iterable[str | int]) -> str:
    place = ".".join(str(part) for part in loc)
    return place if len(place) <= _LONGEST_PLACE else f"{place[:_LONGEST_PLACE]} ..."


def _known(section: type[BaseModel], place: Iterable[str | int]) -> list[str]:
    """The keys of the section at a place."""
    for part in place:
        annotation = section.model_fields[part].annotation if part in section.model_fields else None
        inner = [annotation, *get_args(annotation)]  # of a list, its element
        section = next((kind for kind in inner if isinstance(kind, type) and issubclass(kind, BaseModel)), section)
    return list(section.model_fields)
