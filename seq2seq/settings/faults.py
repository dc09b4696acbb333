"""Explain all faults of some settings in one message, with the nearest known key for an unknown one."""

import copy
import difflib
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from seq2seq.errors import shown

_MOST_FAULTS = 20  # in one message; more would hide the first ones
_LONGEST_PLACE = 200


def explain_faults(root: type[BaseModel], values: Mapping[str, Any], error: ValidationError | RecursionError) -> str:
    """A line for each fault; of many, only the first `_MOST_FAULTS`.

    Args:
        root: the class that the settings should fit.
        values: the settings as nested dictionaries.
        error: what pydantic raised when it read them.
    """
    faults = (
        _faults(root, values, error) if isinstance(error, ValidationError) else ["they lie too deep in one another"]
    )
    listed = "\n".join(f"  {_explain(root, fault)}" for fault in faults[:_MOST_FAULTS])
    more = f"\n  and {len(faults) - _MOST_FAULTS:,} more" if len(faults) > _MOST_FAULTS else ""
    settings = "1 setting" if len(faults) == 1 else f"{len(faults):,} settings"
    return f"{settings} cannot be used:\n{listed}{more}"


def _faults(root: type[BaseModel], values: Mapping[str, Any], error: ValidationError) -> list[Any]:
    """All faults, including contradictions between settings that are each in range.

    Pydantic looks for contradictions only when every value is in range, so the values with faults are set aside first.
    """
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
    """The settings without those at the given places, so that these get defaults."""
    valid: Any = copy.deepcopy(dict(values))
    for place in places:
        # Of a list, one wrong item removes the complete list.
        *outer, last = takewhile(lambda part: isinstance(part, str), place)
        section = valid
        for part in outer:
            section = section.get(part, {})
        section.pop(last, None)
    return valid


def _explain(root: type[BaseModel], fault: Any) -> str:
    if isinstance(fault, str):
        return fault
    place = _place(fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"{place}: unknown key; {_instead(str(fault['loc'][-1]), _known(root, fault['loc'][:-1]))}"
    if fault["type"] == "list_type" and isinstance(fault["input"], Mapping):
        return f"{place}: there can be several corpora, so write [[{place}]], not [{place}]"
    return f"{place}: {_message(fault)} (received {shown(fault['input'])})"


def _instead(key: str, known: Sequence[str]) -> str:
    """What an unknown key may have meant: a similar key, a key that contains it, or else all keys of the section."""
    near = difflib.get_close_matches(key, known, n=1) or [name for name in known if key.lower() in name.split("_")]
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    return f"the keys here are {', '.join(known)}"


def _message(fault: Any) -> str:
    return str(fault["msg"]).removeprefix("Value error, ")


def _place(loc: Iterable[str | int]) -> str:
    place = ".".join(str(part) for part in loc)
    return place if len(place) <= _LONGEST_PLACE else f"{place[:_LONGEST_PLACE]} ..."


def _known(section: type[BaseModel], place: Iterable[str | int]) -> list[str]:
    """The keys of the section at this place, starting from `section`."""
    for part in place:
        annotation = section.model_fields[part].annotation if part in section.model_fields else None
        inner = [annotation, *get_args(annotation)]  # of a list, the type of its elements
        section = next((kind for kind in inner if isinstance(kind, type) and issubclass(kind, BaseModel)), section)
    return list(section.model_fields)
