"""A group of settings. Faults are explained in plain words, whether they come from a file or from Python."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from seq2seq.errors import ConfigError, shown
from seq2seq.settings.faults import explain_faults

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)  # pydantic's public modules do not export it


class _WrittenInPython(ModelMetaclass):
    """Turns pydantic's error into the project's own when a section is made in Python.

    For a file, pydantic makes the inner sections without this call, so all faults of the file are reported together.
    """

    def __call__(cls: Any, *sections: Any, **values: Any) -> Any:  # noqa: N805
        if sections:
            raise ConfigError(f"{cls.__name__} takes settings by name, received {shown(sections[0])}")
        try:
            return super().__call__(**values)
        except (ValidationError, RecursionError) as error:
            raise ConfigError(f"{cls.__name__}: {explain_faults(cls, values, error)}") from error


class Section(BaseModel, metaclass=_WrittenInPython):
    """A group of settings: unknown keys are refused and nothing is coerced (a string stays a string).

    Raises:
        ConfigError: lists every unknown key (with the nearest known one) and every value out of range.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy of these settings with those in `update` replaced; the new values are checked like all others.

        Raises:
            ConfigError: a value in `update` has an unknown name or is out of range.
        """
        return type(self)(**{name: getattr(self, name) for name in self.model_fields_set} | dict(update or {}))

    def __setattr__(self, name: str, value: Any) -> None:
        raise ConfigError(f"settings do not change: make others with model_copy(update={{{name!r}: {shown(value)}}})")
