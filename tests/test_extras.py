import configparser
import importlib
import sys
from pathlib import Path

import pytest

from seq2seq import extras
from seq2seq.data.arrow_tables import read_hub, read_parquet
from seq2seq.data.columns import Columns
from seq2seq.errors import MissingExtraError
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.training_text import figures_of
from seq2seq.translator import Translator

TRAINING = r": run pip install 'seq2seq\[cpu\]', or 'seq2seq\[gpu\]' for an NVIDIA GPU, or 'seq2seq\[jax\]'$"
SETTINGS = configparser.ConfigParser()
SETTINGS.read(Path(__file__).parents[1] / "setup.cfg", encoding="utf-8")


def packages_of(text):
    """The names of the packages in a list of requirements, as Python imports them."""
    names = [line.split(">=")[0].strip() for line in text.strip().split("\n") if not line.startswith("#")]
    return [name.replace("tensorflow-cpu", "tensorflow").replace("-", "_") for name in names]


@pytest.fixture
def without(monkeypatch):
    """Makes believe that some packages are not installed."""

    def hide(*packages):
        for package in packages:
            monkeypatch.setitem(sys.modules, package, None)

    return hide


def test_installed_packages_are_no_error():
    extras.require("this test", "keras", "pyarrow")


@pytest.mark.parametrize("package", extras._EXTRAS)
def test_missing_package_names_an_extra_that_installs_it(without, package):
    without(package)
    with pytest.raises(MissingExtraError, match=f"^this test needs {package}: run pip install 'seq2seq") as raised:
        extras.require("this test", package)
    named = [part.split("]")[0] for part in str(raised.value).split("seq2seq[")[1:]]
    for extra in named:
        requirements = packages_of(SETTINGS["options.extras_require"][extra])
        training = "seq2seq[training]" in requirements
        installed = requirements + packages_of(SETTINGS["options.extras_require"]["training"]) * training
        assert package in installed
    assert package not in packages_of(SETTINGS["options"]["install_requires"])


def test_parquet_without_pyarrow(without, tmp_path):
    without("pyarrow")
    with pytest.raises(MissingExtraError, match=r"reading .*pairs\.parquet needs pyarrow" + TRAINING):
        read_parquet(tmp_path / "pairs.parquet", Columns(None, None, "en", "fr"))


def test_hub_without_datasets(without):
    without("datasets")
    with pytest.raises(MissingExtraError, match="reading the data set opus_books needs datasets" + TRAINING):
        read_hub("opus_books", "en-fr", "train", None, Columns(None, None, "en", "fr"))


def test_training_pairs_without_pyarrow(without, monkeypatch):
    without("pyarrow")
    monkeypatch.delitem(sys.modules, "seq2seq.data.encoded", raising=False)
    run = RunDirectory(Path(__file__).parent / "stored_runs" / "plain")
    with pytest.raises(MissingExtraError, match="reading training pairs needs pyarrow" + TRAINING):
        run.pairs()


def test_a_run_translates_without_pyarrow_and_says_what_is_lost(without, caplog):
    without("pyarrow")
    run = RunDirectory(Path(__file__).parent / "stored_runs" / "plain")
    assert figures_of(run) == {}
    translator = Translator.load(run.path)
    assert translator.familiarity is None
    assert "reading training pairs needs pyarrow" in caplog.text
    assert "only the warnings of translations need it" in caplog.text
    assert translator.translate(["I eat."])


@pytest.mark.parametrize("package", ["keras", "pyarrow", "matplotlib"])
def test_training_says_at_once_what_is_missing(without, monkeypatch, package):
    for name in [name for name in sys.modules if name.startswith("seq2seq.training")]:
        monkeypatch.delitem(sys.modules, name)
    without(package)
    with pytest.raises(MissingExtraError, match=f"training needs {package}" + TRAINING):
        importlib.import_module("seq2seq.training.curve")


def test_analysis_says_at_once_that_matplotlib_is_missing(without, tmp_path):
    from seq2seq.analysis.examination import analyze

    without("matplotlib")
    with pytest.raises(MissingExtraError, match="an analysis needs matplotlib" + TRAINING):
        analyze([tmp_path / "no run"], ["A man sleeps."], ["Un homme dort."], tmp_path / "report")
