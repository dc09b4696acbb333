import hashlib
import json
import re
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from seq2seq import files
from seq2seq.errors import CheckpointError
from seq2seq.files import write_atomically
from seq2seq.model_from_settings import build_model
from seq2seq.runs import checkpoint
from seq2seq.runs.checkpoint import Checkpoint, set_weights, weights_of
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import Config, Model, parse_config
from seq2seq.tokenizer import train_tokenizer

SMALL = {"embedding": 6, "encoder_units": 5, "decoder_units": 7}


@pytest.fixture
def run(tmp_path):
    """A run that has just begun."""
    run = RunDirectory(tmp_path / "run")
    run.create(parse_config({"model": SMALL, "training": {"epochs": 3}}), {"seq2seq": "0.1.0"})
    return run


@pytest.fixture(scope="module")
def model():
    return build_model(Model(**SMALL), 20, 30)


def make(step, seed=None):
    draw = np.random.default_rng(step if seed is None else seed)
    arrays = {
        "encoder/kernel": draw.normal(size=(3, 4)).astype(np.float32),
        "seeds/0000": draw.integers(0, 2**32, 2, np.uint32),
        "optimizer/0000": np.array(step, np.int64),
    }
    return Checkpoint(step, arrays, {"epoch": 2, "best": -float("inf"), "seconds": 0.1 + 0.2})


def assert_same(first, second):
    assert (first.step, first.state, list(first.arrays)) == (second.step, second.state, list(second.arrays))
    for name, array in first.arrays.items():
        assert array.dtype == second.arrays[name].dtype
        assert array.shape == second.arrays[name].shape
        assert array.tobytes() == second.arrays[name].tobytes()


def folders(run):
    return sorted(path.name for path in run.checkpoints.iterdir() if not path.name.startswith("."))


def forge(folder, **contents):
    """Replaces files of a checkpoint, with a manifest that agrees."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for name, content in contents.items():
        name = name.replace("_", ".")
        (folder / name).write_bytes(content)
        manifest["sha256"][name] = hashlib.sha256(content).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


class TestRun:
    def test_gives_back_its_settings(self, run):
        config = RunDirectory(str(run.path)).config()
        assert (config.model.embedding, config.training.epochs) == (6, 3)
        assert json.loads((run.path / "about.json").read_text()) == {"format": 1, "seq2seq": "0.1.0"}

    def test_is_begun_once(self, run):
        before = (run.path / "config.json").read_bytes()
        with pytest.raises(CheckpointError, match=r"run already holds a run: add --resume .* or choose another --run"):
            run.create(parse_config({}), {})
        assert (run.path / "config.json").read_bytes() == before

    def test_is_not_any_folder(self, tmp_path):
        message = re.escape(f"{tmp_path} is not a run of seq2seq train: it has no config.json")
        with pytest.raises(CheckpointError, match=message):
            RunDirectory(tmp_path).config()

    def test_of_another_format_is_refused(self, run):
        (run.path / "about.json").write_text('{"format": 2, "seq2seq": "9.0"}')
        with pytest.raises(CheckpointError, match=r"run has format 2 \(seq2seq 9\.0\), this reads 1"):
            run.config()

    def test_gives_back_its_vocabularies(self, run, made_up_sentences):
        tokenizers = [train_tokenizer(side, vocabulary_size=300) for side in zip(*made_up_sentences(200), strict=True)]
        run.save_tokenizers(*tokenizers)
        loaded = run.tokenizers()
        assert [one.fingerprint for one in loaded] == [one.fingerprint for one in tokenizers]

    def test_without_vocabularies_names_the_file(self, run):
        with pytest.raises(CheckpointError, match=r"cannot read .*source\.model: No such file .*: copy the run again"):
            run.tokenizers()

    def test_can_be_moved(self, run, tmp_path):
        run.save("last", make(3))
        shutil.move(run.path, tmp_path / "elsewhere")
        moved = RunDirectory(tmp_path / "elsewhere")
        assert moved.config().training.epochs == 3
        assert_same(moved.load("last"), make(3))


class TestSaveAndLoad:
    def test_come_back_to_the_bit(self, run):
        run.save("last", make(7))
        assert run.has("last")
        assert_same(run.load("last"), make(7))

    @settings(max_examples=30)
    @given(
        arrays=st.dictionaries(
            st.from_regex(r"[a-z][a-z_0-9]{0,8}(/[a-z_0-9]{1,9}){1,3}", fullmatch=True),
            st_numpy.arrays(
                st.sampled_from([np.float32, np.float64, np.int64, np.uint32, np.bool_]),
                st_numpy.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
            ),
            max_size=4,
        )
    )
    def test_come_back_to_the_bit_whatever_is_in_them(self, tmp_path_factory, arrays):
        place = tmp_path_factory.getbasetemp() / "any_arrays" / "checkpoints"
        checkpoint.save_checkpoint(place, "last", Checkpoint(1, arrays, {}))
        assert_same(checkpoint.load_checkpoint(place, "last"), Checkpoint(1, arrays, {}))

    def test_keep_the_newest_only(self, run):
        for step in (1, 2, 100):
            run.save("last", make(step))
        assert folders(run) == ["last-00000100-0"]
        assert list(run.checkpoints.glob(".*")) == []

    def test_keep_the_kinds_apart(self, run):
        run.save("best", make(5))
        run.save("last", make(9))
        assert folders(run) == ["best-00000005-0", "last-00000009-0"]
        assert (run.load("best").step, run.load("last").step) == (5, 9)

    def test_of_the_same_step_replace_what_was_there(self, run):
        run.save("last", make(5, seed=1))
        run.save("last", make(5, seed=2))
        assert_same(run.load("last"), make(5, seed=2))

    def test_of_another_kind_is_none(self, run):
        run.save("last", make(5))
        assert not run.has("best")
        with pytest.raises(
            CheckpointError, match=r"run has no 'best' checkpoint yet: let seq2seq train run for longer"
        ):
            run.load("best")

    @pytest.mark.parametrize("name", ["replace", "write_and_flush", "flush_folder", "pack"])
    def test_survive_a_crash_while_the_next_is_written(self, run, monkeypatch, name):
        run.save("last", make(5))
        with monkeypatch.context() as patch:
            crash(patch, Path if name == "replace" else checkpoint, name)
            with pytest.raises(OSError, match="no space left"):
                run.save("last", make(6))
        assert_same(run.load("last"), make(5))
        run.save("last", make(7))
        assert folders(run) == ["last-00000007-0"]

    def test_survive_a_crash_while_the_same_step_is_written_again(self, run, monkeypatch):
        run.save("last", make(5))
        with monkeypatch.context() as patch:
            crash(patch, Path, "replace")
            with pytest.raises(OSError, match="no space left"):
                run.save("last", make(5))
        assert_same(run.load("last"), make(5))
        run.save("last", make(5))
        assert folders(run) == ["last-00000005-1"]

    def test_survive_a_crash_halfway_through_the_files(self, run, monkeypatch):
        run.save("last", make(5))
        write = checkpoint.write_and_flush

        def write_arrays_only(path, content):
            if path.name != "arrays.npz":
                raise OSError("no space left")
            write(path, content)

        with monkeypatch.context() as patch:
            patch.setattr(checkpoint, "write_and_flush", write_arrays_only)
            with pytest.raises(OSError, match="no space left"):
                run.save("last", make(6))
        assert_same(run.load("last"), make(5))
        run.save("last", make(6))
        assert_same(run.load("last"), make(6))

    def test_crash_while_the_older_is_deleted_loads_the_newer(self, run, monkeypatch):
        run.save("last", make(5))
        remove = shutil.rmtree

        def remove_no_checkpoint(path, **settings):
            if Path(path).name == "last-00000005-0":
                raise OSError("no space left")
            remove(path, **settings)

        with monkeypatch.context() as patch:
            patch.setattr(checkpoint.shutil, "rmtree", remove_no_checkpoint)
            with pytest.raises(OSError, match="no space left"):
                run.save("last", make(6))
        assert_same(run.load("last"), make(6))
        run.save("last", make(7))
        assert folders(run) == ["last-00000007-0"]


def test_load_beside_a_process_that_saves_finds_a_complete_one(run, monkeypatch):
    """The newest checkpoint of a moment ago is deleted while it is read: its successor is there."""
    run.save("last", make(1))
    read, steps = checkpoint.read_inside, iter(range(2, 5))

    def slow(path, root, most):
        step = next(steps, None) if path.name == "arrays.npz" else None
        if step:
            run.save("last", make(step))
        return read(path, root, most)

    monkeypatch.setattr(checkpoint, "read_inside", slow)
    assert_same(run.load("last"), make(4))


def crash(patch, owner, name):
    def crashing(*arguments, **keywords):
        raise OSError("no space left")

    patch.setattr(owner, name, crashing)


class TestDamage:
    @pytest.fixture
    def folder(self, run):
        run.save("last", make(5))
        return run.checkpoints / "last-00000005-0"

    @pytest.mark.parametrize("name", ["arrays.npz", "state.json"])
    @pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
    def test_of_one_bit_is_found_and_the_file_named(self, run, folder, name, share):
        content = bytearray((folder / name).read_bytes())
        content[int(share * len(content))] ^= 1
        (folder / name).write_bytes(content)
        message = re.escape(f"{folder / name} is corrupt (its SHA-256 differs): delete {folder} and resume")
        with pytest.raises(CheckpointError, match=message):
            run.load("last")

    @pytest.mark.parametrize("name", ["arrays.npz", "state.json"])
    def test_of_a_truncated_file_is_found(self, run, folder, name):
        (folder / name).write_bytes((folder / name).read_bytes()[:-1])
        with pytest.raises(CheckpointError, match=rf"{name} is corrupt"):
            run.load("last")

    @pytest.mark.parametrize("name", ["manifest.json", "arrays.npz", "state.json"])
    def test_of_a_missing_file_is_found(self, run, folder, name):
        (folder / name).unlink()
        message = re.escape(f"checkpoint {folder} is incomplete or not one of seq2seq's") + f".*{name}"
        with pytest.raises(CheckpointError, match=message):
            run.load("last")

    @pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"sha256": {}, "step": "soon"}'])
    def test_of_the_manifest_is_found(self, run, folder, content):
        (folder / "manifest.json").write_text(content)
        with pytest.raises(CheckpointError, match=re.escape(f"checkpoint {folder} is incomplete or not one of")):
            run.load("last")

    def test_pickles_are_never_opened(self, run, folder, tmp_path):
        class Trap:
            def __reduce__(self):
                return (Path.touch, (tmp_path / "sprung",))

        np.savez(tmp_path / "trap.npz", trap=np.array([Trap()], dtype=object))
        forge(folder, arrays_npz=(tmp_path / "trap.npz").read_bytes())
        message = re.escape(f"{folder / 'arrays.npz'} does not hold plain arrays")
        with pytest.raises(CheckpointError, match=message):
            run.load("last")
        assert not (tmp_path / "sprung").exists()

    def test_file_of_something_else_is_refused(self, run, folder):
        forge(folder, arrays_npz=b"once upon a time")
        with pytest.raises(CheckpointError, match=r"arrays\.npz does not hold plain arrays"):
            run.load("last")


class TestWeights:
    def test_have_distinct_names(self, model):
        weights = weights_of(model)
        assert len(weights) == len(model.trainable_variables)
        assert sum(array.size for array in weights.values()) == sum(
            int(np.prod(v.shape)) for v in model.trainable_variables
        )

    def test_go_from_one_model_to_another(self, model):
        other = build_model(Model(**SMALL), 20, 30)
        for variable in other.trainable_variables:
            variable.assign(keras.ops.full(variable.shape, 0.125))
        set_weights(model, weights_of(other), origin="other")
        for array in weights_of(model).values():
            assert (array == 0.125).all()

    @pytest.mark.parametrize("network", [{}, {"cell": "lstm", "decoder_layers": 2, "attention": True}, {"cell": "rnn"}])
    def test_come_back_from_a_run(self, run, made_up_sentences, network):
        shutil.rmtree(run.path)
        run.create(parse_config({"model": SMALL | network}), {})
        tokenizer = train_tokenizer((one for one, _ in made_up_sentences(100)), vocabulary_size=300)
        run.save_tokenizers(tokenizer, tokenizer)
        model = build_model(run.config().model, 300, 300)
        run.save("last", Checkpoint(1, weights_of(model), {}))
        for name, array in weights_of(run.model()).items():
            np.testing.assert_array_equal(array, weights_of(model)[name])

    def test_of_another_shape_are_named_with_both_shapes(self, model):
        wider = build_model(Model(**SMALL), 21, 30)
        message = r"runs/a: weight .*source_embedding.* should have shape \(20, 6\), found \(21, 6\): other settings\?"
        with pytest.raises(CheckpointError, match=message):
            set_weights(model, weights_of(wider), origin="runs/a")

    def test_that_are_missing_are_named(self, model):
        weights = weights_of(model)
        name = next(name for name in weights if "output_bias" in name)
        del weights[name]
        message = rf"runs/a: weight {re.escape(name)} should have shape \(30,\), found nothing: other settings\?"
        with pytest.raises(CheckpointError, match=message):
            set_weights(model, weights, origin="runs/a")

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda array: array * np.float32(np.nan), "has numbers that are not finite: go back to an older copy"),
            (lambda array: array + np.float32(np.inf), "has numbers that are not finite"),
            (lambda array: array.astype(np.float64) + 1e300, "has numbers that are not finite"),
            (lambda array: array.astype(np.int64), "should hold float32 numbers, found int64: other settings"),
            (lambda array: array > 0, "should hold float32 numbers, found bool"),
            (lambda array: array.astype("datetime64[s]"), "should hold float32 numbers, found datetime64"),
            (lambda array: array.astype(object), "should hold float32 numbers, found object"),
            (lambda array: array.astype(complex), "should hold float32 numbers, found complex128"),
        ],
    )
    def test_that_are_no_finite_numbers_of_their_kind_are_named(self, model, change, message):
        weights = weights_of(model)
        name = next(name for name in weights if "output_bias" in name)
        weights[name] = change(weights[name])
        with pytest.raises(CheckpointError, match=rf"runs/a: weight {re.escape(name)} {message}"):
            set_weights(model, weights, origin="runs/a")

    def test_best_is_taken_and_else_the_last(self, run, made_up_sentences):
        tokenizer = train_tokenizer((one for one, _ in made_up_sentences(100)), vocabulary_size=300)
        run.save_tokenizers(tokenizer, tokenizer)
        model = build_model(run.config().model, 300, 300)
        bias = next(variable for variable in model.trainable_variables if "output_bias" in variable.path)
        for kind, value in (("last", 1.0), ("best", 2.0)):
            bias.assign(keras.ops.full((300,), value))
            run.save(kind, Checkpoint(1, weights_of(model), {}))
            assert weights_of(run.model())[bias.path][0] == value
        assert weights_of(run.model("last"))[bias.path][0] == 1.0


class TestWriteAtomically:
    def test_replaces_the_content(self, tmp_path):
        for content in (b"old", b"new and longer", b""):
            write_atomically(tmp_path / "file", content)
            assert (tmp_path / "file").read_bytes() == content
        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    @pytest.mark.parametrize("name", ["write_and_flush", "replace"])
    def test_leaves_the_old_content_where_it_fails(self, tmp_path, monkeypatch, name):
        write_atomically(tmp_path / "file", b"old")
        with monkeypatch.context() as patch:
            crash(patch, Path if name == "replace" else files, name)
            with pytest.raises(OSError, match="no space left"):
                write_atomically(tmp_path / "file", b"new")
        assert (tmp_path / "file").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ({"format": 2, "step": 5, "sha256": {"arrays.npz": "", "state.json": ""}}, "has format 2, this reads 1"),
        ({"format": 1, "step": 5, "sha256": {}}, "is incomplete or not one of seq2seq's: KeyError: 'arrays.npz'"),
        ({"format": 1, "step": 5, "sha256": []}, "manifest.json is damaged: sha256 cannot be []: copy"),
        ({}, "is incomplete or not one of seq2seq's: KeyError"),
    ],
)
def test_manifest_that_does_not_fit_is_refused(tmp_path, manifest, message):
    run = RunDirectory(tmp_path / "run")
    run.create(Config(), {})
    run.save("last", Checkpoint(5, {"weight": np.ones(3)}, {}))
    (run.checkpoints / "last-00000005-0" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(CheckpointError, match=re.escape(message)):
        run.load("last")


@pytest.mark.parametrize("content", [b"", b"not arrays"])
def test_arrays_that_are_none_are_refused(tmp_path, content):
    run = RunDirectory(tmp_path / "run")
    run.create(Config(), {})
    run.save("last", Checkpoint(5, {"weight": np.ones(3)}, {}))
    folder = run.checkpoints / "last-00000005-0"
    (folder / "arrays.npz").write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["sha256"]["arrays.npz"] = hashlib.sha256(content).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"arrays\.npz does not hold plain arrays"):
        run.load("last")


def test_unfinished_checkpoints_are_swept(tmp_path):
    run = RunDirectory(tmp_path / "run")
    run.create(Config(), {})
    (run.checkpoints / ".last-00000003-0.part").mkdir()
    run.save("last", Checkpoint(5, {"weight": np.ones(3)}, {}))
    assert [path.name for path in run.checkpoints.iterdir()] == ["last-00000005-0"]
