"""A group of settings, refused in plain words wherever it is written: in a file or in Python."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from seq2seq.errors import ConfigError, shown
from seq2seq.settings.faults import explain_faults

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)  # pydantic keeps its name to itself


class _WrittenInPython(ModelMetaclass):
    """Turns pydantic's error into the project's own.

    Pydantic makes the sections of a file without this call, so that all faults of a file are named at once.
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
        """The same settings but for those in `update`, which are looked at like all others.

        Raises:
            ConfigError: they cannot be used.
        """
        return type(self)(**{name: getattr(self, name) for name in self.model_fields_set} | dict(update or {}))

    def __setattr__(self, name: str, value: Any) -> None:
        raise ConfigError(f"settings do not change: make others with model_copy(update={{{name!r}: {shown(value)}}})")
