"""What a run can be resumed with, and where one can begin. Nothing is trained here."""

import json
import os

import pytest

from seq2seq.errors import ConfigError
from seq2seq.files import ensure_temporary_folder
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import parse_config
from seq2seq.training.begin_or_resume import open_run
from seq2seq.training.comparison import differences


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with corpora, which is the current one."""
    for name in ("a.en", "a.fr", "b.en", "b.fr", "dev.en", "dev.fr"):
        (tmp_path / name).write_text(f"one sentence of {name}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(train=("a",), dev=("dev",), **sections):
    corpora = {"train": train, "dev": dev}
    data = {
        side: [{"source": f"{name}.en", "target": f"{name}.fr"} for name in names] for side, names in corpora.items()
    }
    return parse_config({"data": data | sections.pop("data", {}), **sections})


@pytest.fixture
def run(place):
    """A run that has begun."""
    directory = RunDirectory("run")
    assert open_run(directory, settings(), resume=False, parent=None)
    return directory


@pytest.mark.parametrize(
    "free",
    [
        {"translation": {"beam_size": 3, "length_penalty": 0.0, "batch_sentences": 8, "shortlist": 5}},
        {"training": {"samples": 1, "checkpoint_seconds": 5.0, "tensorboard": True}},
    ],
)
def test_settings_that_decide_nothing_may_change_and_are_kept(run, free):
    assert not open_run(run, settings(**free), resume=True, parent=None)
    assert RunDirectory("run").config() == settings(**free)


@pytest.mark.parametrize("spelled", ["./a", "folder/../a", "link", "copy"])
def test_corpora_are_the_same_wherever_they_lie(run, place, spelled):
    (place / "folder").mkdir()
    for side in ("en", "fr"):
        (place / f"link.{side}").symlink_to(f"a.{side}")
        (place / f"copy.{side}").write_bytes((place / f"a.{side}").read_bytes())
    assert not open_run(run, settings([spelled]), resume=True, parent=None)
    assert RunDirectory("run").config().data.train[0].source == f"{spelled}.en"


@pytest.mark.parametrize(("side", "name"), [("train", "a.en"), ("train", "a.fr"), ("dev", "dev.fr")])
def test_text_that_has_changed_is_refused_by_name(run, place, side, name):
    with (place / name).open("a", encoding="utf-8") as file:
        file.write("one more\n")
    stem = name.split(".")[0]
    message = rf"data\.{side}\.0 \({stem}\.en and {stem}\.fr\) holds other text than when the run was begun"
    with pytest.raises(ConfigError, match=message):
        open_run(run, settings(), resume=True, parent=None)


def test_text_that_is_gone_is_no_fault_once_it_is_encoded(run, place, monkeypatch, caplog):
    (place / "a.en").unlink()
    monkeypatch.setattr(RunDirectory, "has_pairs", lambda run: True)
    with caplog.at_level("INFO", logger="seq2seq"):
        assert not open_run(run, settings(), resume=True, parent=None)
    assert "note: a.en and a.fr cannot be read: going on with the pairs that the run keeps" in caplog.text


def test_run_without_weights_is_no_parent_to_go_on_from(run):
    with pytest.raises(ConfigError, match=r"epochs is 9, was 20\nTake these back, or choose another --run: no weights"):
        open_run(run, settings(training={"epochs": 9}), resume=True, parent=None)


def test_only_what_differs_is_said_a_line_each_with_what_to_do(run, monkeypatch):
    monkeypatch.setattr(RunDirectory, "has", lambda run, kind: True)
    other = settings(
        ["b"],
        training={"epochs": 50, "samples": 1},
        data={"cleaning": {"max_words": 7}},
        model={"cell": "lstm"},
    )
    with pytest.raises(ConfigError) as caught:
        open_run(run, other, resume=True, parent=None)
    assert str(caught.value).split("\n") == [
        "run was begun with other settings:",
        "  data.cleaning.max_words is 7, was 200",
        "  model.cell is 'lstm', was 'gru'",
        "  training.epochs is 50, was 20",
        "  data.train.0 (b.en and b.fr) holds other text than when the run was begun",
        (
            "Take these back to resume. For more epochs or other data, go on from it in a new run: "
            "seq2seq finetune run CONFIG.toml --run NEW_RUN"
        ),
    ]


def test_another_number_of_corpora_or_another_weight_is_refused(run):
    assert differences(run, settings(["a", "b"])) == ["data.train has 2 corpora, had 1"]
    weighed = settings(data={"train": [{"source": "a.en", "target": "a.fr", "weight": 2.0}]})
    assert differences(run, weighed) == ["data.train.0.weight is 2.0, was 1.0"]


def test_run_from_before_fingerprints_goes_on_with_a_note(run, place, caplog):
    about = json.loads((place / "run" / "about.json").read_text(encoding="utf-8"))
    del about["corpora"]
    (place / "run" / "about.json").write_text(json.dumps(about), encoding="utf-8")
    (place / "run" / "manifest.json").unlink()
    with caplog.at_level("INFO", logger="seq2seq"):
        assert differences(run, settings(["./a"])) == []
    assert "note: run does not say what its corpora held: whether they are the same cannot be checked" in caplog.text
    assert differences(run, settings(["b"])) == ["data.train.0 is b.en and b.fr, was a.en and a.fr"]


def test_stop_while_settings_are_replaced_leaves_a_run_that_opens(run, monkeypatch):
    from seq2seq.runs import manifest, records

    changed = settings(translation={"beam_size": 3})
    original, calls = records.write_atomically, []

    def stops(path, content):
        calls.append(path.name)
        raise KeyboardInterrupt

    monkeypatch.setattr(records, "write_atomically", stops)
    with pytest.raises(KeyboardInterrupt):
        run.replace_config(changed)
    assert calls == ["config.json"]
    assert RunDirectory("run").config() == settings()
    monkeypatch.setattr(records, "write_atomically", original)
    record = manifest.record
    monkeypatch.setattr(
        manifest, "record", lambda root, new: stops(root, b"") if "config.json" in new else record(root, new)
    )
    with pytest.raises(KeyboardInterrupt):
        run.replace_config(changed)
    assert RunDirectory("run").config() == changed


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.en", "a.en cannot be made, for .*a.en is not a folder: choose another place"),
        ("a.en/new", "a.en/new cannot be made, for .*a.en is not a folder"),
        ("run/new", "run/new lies inside the run .*run: choose another place"),
        ("link/checkpoints/new", "lies inside the run"),
    ],
)
def test_place_that_is_no_place_for_a_run_is_refused(run, place, name, message):
    from seq2seq.training.begin_or_resume import opened

    (place / "link").symlink_to("run")
    before = sorted(place.iterdir())
    with pytest.raises(ConfigError, match=message), opened(RunDirectory(name), settings(), False, None):
        pass
    assert sorted(place.iterdir()) == before


def test_place_without_permission_is_refused(place, monkeypatch):
    from seq2seq.training.begin_or_resume import opened

    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with (
        pytest.raises(ConfigError, match="new may not be written"),
        opened(RunDirectory("new"), settings(), False, None),
    ):
        pass


@pytest.mark.parametrize("name", ["run", "./run", "link", "run/inside"])
def test_parent_is_never_written_to(run, place, name):
    from seq2seq.training.begin_or_resume import opened

    (place / "link").symlink_to("run")
    (place / "run" / "config.json").rename(place / "run" / "kept.json")  # so that the place itself is free
    parent = RunDirectory(place / "run")
    message = "is the parent, which is only read: choose another place"
    if name == "run/inside":
        (place / "run" / "kept.json").rename(place / "run" / "config.json")
        message = "lies inside the run"
    with pytest.raises(ConfigError, match=message), opened(RunDirectory(name), settings(), False, parent):
        pass


def test_settings_without_effect_are_refused_before_a_run_begins(place):
    useless = {"finetune": {"replay": 0.5, "interpolate": True}, "training": {"decay": "constant"}}
    with pytest.raises(ConfigError, match=r"^finetune.replay would do nothing: there is no parent.*; finetune.inter"):
        open_run(RunDirectory("new"), settings(**useless), resume=False, parent=None)
    assert not (place / "new").exists()


def test_parent_named_to_train_is_refused(place):
    parent = RunDirectory("parent run")
    with pytest.raises(ConfigError, match=r"finetune.parent is set, .* seq2seq finetune 'parent run' CONFIG.toml"):
        open_run(RunDirectory("new"), settings(finetune={"parent": "parent run"}), resume=False, parent=parent)
    assert not (place / "new").exists()


def test_rates_of_the_parts_need_no_parent(place):
    assert open_run(RunDirectory("new"), settings(finetune={"rates": {"encoder": 0.5}}), resume=False, parent=None)


def test_temporary_files_find_a_place_where_the_machine_has_none(place, monkeypatch):
    import tempfile

    def none():
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    monkeypatch.setattr(tempfile, "tempdir", None)
    ensure_temporary_folder(place)
    assert tempfile.tempdir == str(place)
