"""The files of a run belong together: what is exchanged, damaged or cut off is refused by name, or begun anew."""

import json
import logging
import os
import shutil

import numpy as np
import pytest

from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import encode_pairs
from seq2seq.data.shortlist import Shortlist
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.model_from_settings import build_model
from seq2seq.runs.checkpoint import Checkpoint, weights_of
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.trained import refuse_if_trained
from seq2seq.settings.config import parse_config
from seq2seq.tokenizer import train_tokenizer
from seq2seq.training.decoders import copy_decoders
from seq2seq.translator import Translator

SMALL = {"embedding": 6, "encoder_units": 5, "decoder_units": 7}
OPENED = ("config.json", "about.json", "tokenizer/source.model", "tokenizer/target.model", "shortlist.npz")


def make_run(path, pairs, seed=0, **model):
    """A run as training leaves it, its weights fresh."""
    run = RunDirectory(path)
    run.create(parse_config({"model": SMALL | model, "training": {"seed": seed}}), {"seq2seq": "0.1.0"})
    run.save_tokenizers(*(train_tokenizer(side, vocabulary_size=300 + seed) for side in zip(*pairs, strict=True)))
    tokenizers = run.tokenizers()
    encoded = run.encoded / "new.part"
    corpus = [Pair(*pair, "text", number) for number, pair in enumerate(pairs)]
    encode_pairs(encoded, [corpus], tokenizers, weights=[1.0], max_tokens=(128, 128))
    run.save_pairs(encoded, {"cleaning.json": {"kept": len(pairs)}})
    sizes = [tokenizer.size for tokenizer in tokenizers]
    run.save_shortlist(Shortlist(np.full((sizes[0], 3), 5, np.uint16), np.array([7], np.uint16)))
    model = build_model(run.config().model, *sizes)
    for kind in ("best", "last"):
        run.save(kind, Checkpoint(1, weights_of(model), {}))
    return run


@pytest.fixture(scope="module")
def runs(tmp_path_factory, made_up_sentences):
    """Two runs with other vocabularies and other networks."""
    folder, pairs = tmp_path_factory.mktemp("runs"), made_up_sentences(150)
    return [make_run(folder / "one", pairs), make_run(folder / "two", pairs, seed=1, cell="rnn")]


@pytest.fixture
def run(runs, tmp_path):
    """A copy to be damaged."""
    return RunDirectory(shutil.copytree(runs[0].path, tmp_path / "run"))


def open_all(run):
    Translator.load(run.path)
    run.shortlist()
    run.pairs()


def test_copy_of_a_run_is_whole(run):
    open_all(run)
    manifest = json.loads((run.path / "manifest.json").read_text())
    assert sorted(manifest["files"]) == sorted([*OPENED, "cleaning.json", "encoded/train.arrow"])
    assert manifest["files"]["cleaning.json"]["bytes"] == (run.path / "cleaning.json").stat().st_size


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (name, damage)
        for name in [*OPENED, "encoded/train.arrow"]
        for damage in ("flip", "cut", "other run")
        if (name, damage) != ("about.json", "other run")  # which is the same
    ],
)
def test_damaged_and_exchanged_files_are_named(run, runs, name, damage):
    content = bytearray((run.path / name).read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 4
    elif damage == "cut":
        del content[-3:]
    else:
        content = (runs[1].path / name).read_bytes()
    (run.path / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=rf"{name}( was changed, damaged or exchanged since | is damaged: )"):
        open_all(run)


def test_exchanged_vocabularies_are_refused(run):
    source, target = (run.path / "tokenizer" / f"{side}.model" for side in ("source", "target"))
    contents = source.read_bytes(), target.read_bytes()
    source.write_bytes(contents[1])
    target.write_bytes(contents[0])
    with pytest.raises(CheckpointError, match=r"tokenizer/source\.model was changed, damaged or exchanged"):
        Translator.load(run.path)


def test_edited_settings_are_refused_with_advice(run):
    path = run.path / "config.json"
    path.write_text(path.read_text().replace('"beam_size": 5', '"beam_size": 2'))
    with pytest.raises(CheckpointError, match=r"settings of the search belong on the command line, such as --beam-s"):
        run.config()


def test_file_that_the_manifest_does_not_list_is_refused(run):
    manifest = json.loads((run.path / "manifest.json").read_text())
    del manifest["files"]["shortlist.npz"]
    (run.path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CheckpointError, match=r"shortlist\.npz is not of this run: manifest\.json does not list it"):
        run.shortlist()


def test_checkpoint_of_another_run_is_refused(run, runs):
    shutil.rmtree(run.checkpoints)
    shutil.copytree(runs[1].checkpoints, run.checkpoints)
    with pytest.raises(CheckpointError, match=r"a checkpoint in .* is not of this run: it was copied from an"):
        Translator.load(run.path)


def as_old(run):
    """Makes a run what it was before there were manifests."""
    (run.path / "manifest.json").unlink()
    for path in run.checkpoints.glob("*/manifest.json"):
        manifest = json.loads(path.read_text())
        del manifest["made_for"]
        path.write_text(json.dumps(manifest))


def test_old_run_opens_with_one_note_and_stays_as_it_is(run, caplog):
    as_old(run)
    before = sorted(path.relative_to(run.path) for path in run.path.rglob("*"))
    with caplog.at_level(logging.INFO, logger="seq2seq"):
        open_all(run)
        open_all(RunDirectory(run.path))
    notes = [record for record in caplog.records if "has no manifest.json" in record.message]
    assert [record.levelname for record in notes] == ["INFO"]
    assert sorted(path.relative_to(run.path) for path in run.path.rglob("*")) == before


def test_old_run_that_is_trained_further_gets_a_manifest(run):
    as_old(run)
    run.make_ready()
    run.save("last", run.load("last"))
    open_all(run)
    (run.path / "about.json").write_bytes((run.path / "about.json").read_bytes() + b" ")
    with pytest.raises(CheckpointError, match=r"about\.json was changed"):
        run.config()


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ("tokenizer/target.model", r"it was trained with another tokenizer/target\.model"),
        ("config.json", r"it was trained with model\.cell = 'gru', config\.json says 'rnn'"),
    ],
)
def test_weights_know_what_they_were_trained_with_where_the_manifest_is_gone(run, runs, other, message):
    (run.path / "manifest.json").unlink()
    shutil.copy(runs[1].path / other, run.path / other)
    with pytest.raises(CheckpointError, match=message):
        Translator.load(run.path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged: Expecting value"),
        (b"[]", "is damaged: expected an object"),
        (b"[" * 100_000, "is damaged: "),
        (b'{"format": %s}' % (b"9" * 5000), "is damaged: Exceeds the limit"),
        (b'{"format": 2}', "has format 2, this reads 1"),
        (b'{"format": 1, "files": 5}', "is damaged: files cannot be 5"),
        (b'{"format": 1, "files": {"config.json": 5}}', r"is damaged: the entry of 'config\.json'"),
        (b'{"format": 1}', r"about\.json is not of this run"),
    ],
)
def test_damaged_manifest_is_refused(run, content, message):
    (run.path / "manifest.json").write_bytes(content)
    with pytest.raises(CheckpointError, match=message):
        run.config()


class TestCreate:
    @pytest.fixture
    def fresh(self, tmp_path):
        return RunDirectory(tmp_path / "new" / "run")

    def begin(self, run, parent=None):
        run.create(parse_config({}), {"seq2seq": "0.1.0"}, parent)

    def test_is_one_step_wherever_it_is_cut_off(self, fresh, calls_until):
        """What a kill leaves behind before any call that changes the disk does not stand in the way."""
        for limit in range(100):
            if calls_until(limit, lambda: self.begin(fresh, {"config": {}, "updates": 0})):
                break
            if not fresh.is_begun():
                self.begin(RunDirectory(fresh.path))
                assert fresh.parent() is None
            assert fresh.config() == parse_config({})
            shutil.rmtree(fresh.path)
        assert limit > 12

    def test_error_takes_back_what_was_made_and_no_more(self, fresh, monkeypatch):
        fresh.path.parent.mkdir()
        monkeypatch.setattr("seq2seq.runs.folder.write_atomically", full)
        with pytest.raises(CheckpointError, match=r"cannot make the run directory .*run: No space left on device"):
            self.begin(fresh)
        assert list(fresh.path.parent.iterdir()) == []

    def test_discard_leaves_a_folder_that_was_there_and_the_link_to_it(self, tmp_path):
        (tmp_path / "empty").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "empty")
        run = RunDirectory(tmp_path / "link")
        self.begin(run)
        run.discard()
        assert list((tmp_path / "empty").iterdir()) == []
        assert (tmp_path / "link").is_symlink()

    def test_discard_takes_the_folders_above_back_too(self, fresh, tmp_path):
        self.begin(fresh)
        fresh.discard()
        assert list(tmp_path.iterdir()) == []

    def test_discard_does_not_raise(self, fresh, monkeypatch, caplog):
        self.begin(fresh)
        monkeypatch.setattr("seq2seq.runs.folder.shutil.rmtree", full)
        fresh.discard()
        assert "warning: cannot remove" in caplog.text

    def test_other_manifest_is_somebody_elses(self, fresh):
        fresh.path.mkdir(parents=True)
        (fresh.path / "manifest.json").write_text('{"name": "a page of the web"}')
        with pytest.raises(CheckpointError, match=r"is not a run but has a manifest\.json of its own"):
            self.begin(fresh)
        assert (fresh.path / "manifest.json").read_text() == '{"name": "a page of the web"}'


def full(*arguments, **keywords):
    raise OSError(28, "No space left on device")


class TestOwned:
    def test_second_owner_is_refused_and_named(self, run):
        with run.owned("training"):
            message = rf"process {os.getpid()} is training in {run.path}: wait for it or stop it"
            with pytest.raises(CheckpointError, match=message), RunDirectory(run.path).owned("training"):
                pass
            open_all(RunDirectory(run.path))
        with run.owned("training"):
            pass

    def test_beginning_anew_beside_an_owner_names_the_owner(self, run):
        with run.owned("training"), pytest.raises(CheckpointError, match=r"process \d+ is training in .*: wait for it"):
            refuse_if_trained(RunDirectory(run.path))
        with pytest.raises(CheckpointError, match="already holds a run: add --resume to go on with it"):
            refuse_if_trained(run)

    def test_place_where_no_run_began_is_as_before(self, tmp_path):
        run = RunDirectory(tmp_path / "new" / "run")
        with pytest.raises(KeyError), run.owned("training"):
            raise KeyError
        assert list(tmp_path.iterdir()) == []


def test_make_ready_sweeps_what_was_half_written(run):
    for name in (".config.json.part", "encoded/.train.arrow.part", "decoders/.de.part/checkpoints/x"):
        (run.path / name).parent.mkdir(parents=True, exist_ok=True)
        (run.path / name).write_text("half")
    run.make_ready()
    assert not list(run.path.rglob("*.part"))
    open_all(run)


class TestShortlist:
    def test_comes_back_as_it_was(self, run):
        likeliest = np.full((run.tokenizers()[0].size, 2), 6, np.uint16)
        run.save_shortlist(Shortlist(likeliest, np.array([7], np.uint16)))
        stored = run.shortlist()
        assert (stored.likeliest.tolist(), stored.frequent.tolist()) == (likeliest.tolist(), [7])

    def test_that_is_missing_is_named(self, run):
        (run.path / "shortlist.npz").unlink()
        assert not run.has_shortlist()
        with pytest.raises(CheckpointError, match=r"has no shortlist\.npz: translate without a short-list, or train"):
            run.shortlist()

    @pytest.mark.parametrize(
        ("arrays", "message"),
        [
            ({"other": np.zeros(1)}, "is not a short-list: it has no 'likeliest'"),
            ({"likeliest": np.zeros((3, 2), int), "frequent": np.zeros(2, int)}, "it is for 3 source pieces, the voc"),
            ({"likeliest": np.full((300, 2), 300), "frequent": np.zeros(2, int)}, "ids from 300 to 300, of 300"),
            ({"likeliest": np.zeros((300, 2)), "frequent": np.zeros(2, int)}, "likeliest has shape .* of float64"),
        ],
    )
    def test_of_something_else_is_refused(self, run, arrays, message):
        (run.path / "manifest.json").unlink()
        np.savez(run.path / "shortlist.npz", **arrays)
        with pytest.raises(CheckpointError, match=message):
            run.shortlist()


class TestRunOfAStranger:
    """Whatever lies in the folder, and whatever its digests say."""

    @pytest.fixture
    def run(self, run):
        (run.path / "manifest.json").unlink()
        return run

    @pytest.mark.parametrize("name", ["config.json", "tokenizer/source.model", "encoded/train.arrow", "shortlist.npz"])
    def test_link_out_of_the_run_is_refused(self, run, tmp_path, name):
        (run.path / name).rename(tmp_path / "outside")
        (run.path / name).symlink_to(tmp_path / "outside")
        with pytest.raises(CheckpointError, match=rf"{name} is a link that leads out of the run, to "):
            open_all(run)

    @pytest.mark.parametrize("name", ["config.json", "about.json", "tokenizer/target.model", "encoded/train.arrow"])
    def test_pipe_is_refused_and_not_waited_for(self, run, name):
        (run.path / name).unlink()
        os.mkfifo(run.path / name)
        with pytest.raises(CheckpointError, match=rf"{name} is not a regular file but a pipe or a device"):
            open_all(run)

    def test_decoder_that_is_a_link_is_refused(self, run, runs):
        (run.path / "decoders").mkdir()
        (run.path / "decoders" / "de").symlink_to(runs[1].path)
        with pytest.raises(CheckpointError, match=r"decoders/de is a link that leads out of the run"):
            Translator.load(run.path, target_language="de")

    def test_decoders_vocabulary_that_is_a_link_is_not_copied(self, run, runs, tmp_path):
        decoder = shutil.copytree(runs[1].path, run.path / "decoders" / "de")
        (decoder / "tokenizer" / "target.model").unlink()
        (decoder / "tokenizer" / "target.model").symlink_to("/etc/hostname")
        child = RunDirectory(shutil.copytree(runs[0].path, tmp_path / "child"))
        with pytest.raises(CheckpointError, match=r"target\.model is a link that leads out of the run"):
            copy_decoders(child, run)
        assert not (child.path / "decoders" / "de").exists()

    @pytest.mark.parametrize("targets", [5, None, "de", [5], ["../../x"], ["de", "/etc"], ["x" * 1000]])
    def test_targets_are_language_tags(self, run, targets):
        about = json.loads((run.path / "about.json").read_text())
        (run.path / "about.json").write_text(json.dumps(about | {"targets": targets}))
        with pytest.raises(CheckpointError, match=r"about\.json is damaged: targets (cannot be|has) ") as caught:
            run.targets()
        assert len(str(caught.value)) < 400

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"5",
            b"[]",
            b"{",
            b"[" * 100_000,
            b'{"x":' * 100_000,
            b"\xff",
            b'{"model": 5}',
            b'{"model": {"cell": []}}',
        ],
    )
    @pytest.mark.parametrize("name", ["config.json", "parent.json"])
    def test_damaged_json_is_refused_by_name(self, run, name, content):
        (run.path / name).write_bytes(content)
        with pytest.raises(CheckpointError, match=rf"{name}"):
            run.parent_config() if name == "parent.json" else run.config()

    def test_huge_key_makes_no_huge_message(self, run):
        (run.path / "config.json").write_text(json.dumps({"k" * 1_000_000: 1}))
        with pytest.raises(CheckpointError, match=r"config\.json") as caught:
            run.config()
        assert len(str(caught.value)) < 1000

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"encoder_units": 1_000}, r"weight seq2seq/encoder/layer0_forward/kernel should have shape \(6, 3000\)"),
            ({"decoder_layers": 4}, r"weight seq2seq/decoder/layer1/kernel should have shape .*, found nothing"),
            ({"cell": "lstm"}, r"should have shape \(6, 20\), found \(6, 15\): the checkpoint is of another network"),
        ],
    )
    def test_network_that_does_not_fit_its_arrays_is_never_built(self, run, monkeypatch, settings, message):
        values = json.loads((run.path / "config.json").read_text())
        values["model"] |= settings
        (run.path / "config.json").write_text(json.dumps(values))
        for path in run.checkpoints.glob("*/manifest.json"):
            manifest = json.loads(path.read_text())
            path.write_text(json.dumps(manifest | {"made_for": {}}))
        monkeypatch.setattr("seq2seq.model_from_settings.build_model", None)
        with pytest.raises(CheckpointError, match=message):
            run.model()

    @pytest.mark.parametrize("change", ["id", "length", "corpus"])
    def test_pairs_that_do_not_fit_are_refused(self, run, change):
        """An id beyond the vocabulary, a pair that is too long, and a corpus that has no weight."""
        source, target = run.tokenizers()
        long = [Pair("cat " * 200, "x", "", 0)] if change == "length" else [Pair("cat", "x", "", 0)]
        tokenizers = (source.extended(target, "de"), target) if change == "id" else (source, target)
        if change == "id":
            long = [Pair("vvvv manoir petit zzz quatre", "x", "", 0), Pair("maintenant lentement jardin", "y", "", 1)]
        corpora = [long, long] if change == "corpus" else [long]
        path = run.encoded / "train.arrow"
        encode_pairs(path, corpora, tokenizers, weights=[1.0], max_tokens=(9999, 9999))
        expected = {
            "id": "source ids from",
            "length": "a source of .* tokens, data.max_source",
            "corpus": "of corpus 1",
        }
        with pytest.raises(CheckpointError, match=rf"train\.arrow is damaged or .*{expected[change]}"):
            run.pairs()


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "config.json",
            r"cannot read .*config\.json: Permission denied: copy the run again, and see",
        ),
        ("checkpoints", r"cannot look into .*checkpoints: Permission denied: see that you may read it"),
        (".", r"cannot look at .*config\.json: Permission denied: see that you may read the folder"),
    ],
)
def test_files_of_another_user_are_named(run, monkeypatch, name, message):
    """Whoever runs the tests may be allowed everything: so the system's refusals are made here."""
    hidden = str((run.path / name).resolve())

    def guarded(function):
        def call(path, *arguments, **keywords):
            if isinstance(path, str | os.PathLike) and (str(path) + "/").startswith(hidden + "/"):
                if name == "." and str(path) == hidden:
                    return function(path, *arguments, **keywords)
                raise PermissionError(13, "Permission denied", str(path))
            return function(path, *arguments, **keywords)

        return call

    for call in ("open", "listdir", *(["stat", "lstat"] if name == "." else [])):
        monkeypatch.setattr(os, call, guarded(getattr(os, call)))
    with pytest.raises(CheckpointError, match=message):
        run.model()


def test_empty_name_is_not_the_current_folder():
    with pytest.raises(ConfigError, match="the directory of a run is empty, received ''"):
        RunDirectory("")


def test_fine_tuned_run_without_its_parents_record_is_refused(tmp_path):
    run = RunDirectory(tmp_path / "run")
    run.create(parse_config({}), {"seq2seq": "0.1.0"}, {"config": parse_config({}).model_dump(), "updates": 9})
    assert run.parent_config() == parse_config({})
    (run.path / "parent.json").unlink()
    with pytest.raises(CheckpointError, match=r"cannot read .*parent\.json: .*: copy the run again"):
        run.parent_config()
