"""The settings of a fine-tuned run: what is not given is as in the parent, and ``auto`` is resolved."""

from pathlib import Path

from seq2seq.errors import ConfigError
from seq2seq.settings.config import NOISE, Config, parse_config

_SIDES = ("source", "target")
_UNSAMPLED = {"sampling": 0.0, "sampled_sides": "both"}  # of the tokenizer section: a method of training


def inherited(parent: Config, given: Config, path: str) -> Config:
    """The settings of a fine-tuned run: what is not given is as in the parent, but for corpora and training.

    Args:
        parent: the parent's settings.
        given: the new ones; only what was set counts.
        path: the parent's run directory, named in errors.

    Raises:
        ConfigError: languages are missing, sizes differ from the parent's, or settings contradict each other.
    """
    base = parent.model_dump()
    changes = given.model_dump(exclude_unset=True)
    data = changes.get("data", {})
    model = base["model"] | changes.get("model", {})
    missing = [f"data.{side}_language" for side in _SIDES if f"{side}_language" not in data]
    if missing:
        languages = f"{parent.data.source_language} to {parent.data.target_language}"
        raise ConfigError(
            f"set {' and '.join(missing)}: the parent translates {languages}, and the new pair may differ"
        )
    faults = [
        f"model.{key} is {value!r}, the parent's is {base['model'][key]!r}"
        for key, value in model.items()
        if value != base["model"][key] and key not in NOISE
    ]
    if faults:
        raise ConfigError(f"{'; '.join(faults)}: the parent's weights have its sizes. Leave these settings out")
    kept = {key: base["data"][key] for key in ("max_source_tokens", "max_target_tokens")}
    cleaning = base["data"]["cleaning"] | data.get("cleaning", {})
    config = parse_config(
        {
            "data": kept | data | {"cleaning": cleaning},
            "tokenizer": base["tokenizer"] | _UNSAMPLED | changes.get("tokenizer", {}),
            "model": model,
            "training": changes.get("training", {}),
            "translation": base["translation"] | changes.get("translation", {}),
            "finetune": changes.get("finetune", {}) | {"parent": path},
        },
        origin="settings for fine-tuning",
    )
    return _with_vocabularies(config, parent)


def _with_vocabularies(config: Config, parent: Config) -> Config:
    """With ``auto`` resolved."""
    settings = config.finetune
    same = [getattr(config.data, f"{side}_language") == getattr(parent.data, f"{side}_language") for side in _SIDES]
    keeps_old = settings.replay > 0 or settings.watch_parent
    modes: list[str] = [settings.source_vocabulary, settings.target_vocabulary]
    for side, known in enumerate(same):
        if modes[side] == "auto":
            modes[side] = "keep" if known else "extend" if keeps_old and side else "new"
    if config.model.shared_embeddings and modes[0] != modes[1]:
        if "auto" not in (settings.source_vocabulary, settings.target_vocabulary):
            raise ConfigError(
                "model.shared_embeddings: source and target are one table, so finetune.source_vocabulary "
                f"({modes[0]}) and finetune.target_vocabulary ({modes[1]}) must be equal"
            )
        modes = [max(modes, key=["keep", "extend", "new"].index)] * 2
    if keeps_old and not same[1] and modes[1] != "extend":
        raise ConfigError(
            f"finetune.target_vocabulary is {modes[1]!r}, but replay and watch_parent need both languages, each with "
            "its own start symbol: set it to 'extend'"
        )
    if settings.best == "both" and not keeps_old:
        raise ConfigError("finetune.best='both' needs finetune.replay or finetune.watch_parent=true")
    if settings.interpolate and not keeps_old:
        raise ConfigError(
            "finetune.interpolate needs finetune.replay or finetune.watch_parent=true: it serves both pairs"
        )
    if settings.summaries and Path(settings.summaries).is_file():
        raise ConfigError(f"finetune.summaries is {settings.summaries}, a file: name a folder")
    if not (settings.rates.encoder or settings.rates.source_embedding) and modes[0] != "keep":
        raise ConfigError(
            f"finetune.source_vocabulary is {modes[0]!r}, but a frozen encoder reads the parent's pieces only: set it "
            "to 'keep', or let finetune.rates.source_embedding be above 0"
        )
    vocabularies = {"source_vocabulary": modes[0], "target_vocabulary": modes[1]}
    return config.model_copy(update={"finetune": settings.model_copy(update=vocabularies)})


def several_targets(config: Config, parent: Config) -> bool:
    """Whether the run's decoder keeps the parent's language beside a new one."""
    return config.finetune.target_vocabulary == "extend" and config.data.target_language != parent.data.target_language
