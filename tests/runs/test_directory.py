"""The files of a run belong together: what is exchanged, damaged or cut off is refused by name, or begun anew."""

import json
import os
import shutil

import pytest

from seq2seq.data.corpus import Pair
from seq2seq.data.encoding import encode_pairs
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.trained import refuse_if_trained
from seq2seq.training.decoders import copy_decoders
from seq2seq.translator import Translator


class TestOwned:
    def test_second_owner_is_refused_and_named(self, run, open_all):
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


class TestRunOfAStranger:
    """Whatever lies in the folder, and whatever its digests say."""

    @pytest.fixture
    def run(self, run):
        (run.path / "manifest.json").unlink()
        return run

    @pytest.mark.parametrize("name", ["config.json", "tokenizer/source.model", "encoded/train.arrow", "shortlist.npz"])
    def test_link_out_of_the_run_is_refused(self, run, tmp_path, name, open_all):
        (run.path / name).rename(tmp_path / "outside")
        (run.path / name).symlink_to(tmp_path / "outside")
        with pytest.raises(CheckpointError, match=rf"{name} is a link that leads out of the run, to "):
            open_all(run)

    @pytest.mark.parametrize("name", ["config.json", "about.json", "tokenizer/target.model", "encoded/train.arrow"])
    def test_pipe_is_refused_and_not_waited_for(self, run, name, open_all):
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
