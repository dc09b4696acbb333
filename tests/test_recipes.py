"""Every recipe is complete, its settings are valid, its figures are its results', and its command runs on tiny data."""

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from seq2seq.settings.config import load_config
from seq2seq.tokenizer import Tokenizer

RECIPES = Path(__file__).parent.parent / "recipes"
NAMES = sorted(path.parent.name for path in RECIPES.glob("*/run.py"))
TRANSLATORS = [name for name in NAMES if name not in ("scale", "serving", "speed")]  # recipes that train and score one
PUBLISHED = ["finetune_own_files", "multi30k_en_fr", "phrasebook_en_fr"]  # by recipes/publish.py
SIZES = ("embedding", "encoder_units", "decoder_units")
TINY = [
    *(f"model.{size}=8" for size in SIZES),
    *("training.epochs=1", "training.batch_tokens=8192", "training.warmup_steps=1"),
    *("translation.beam_size=1", "translation.max_length_ratio=1.0"),
]


def launch(recipe, *arguments, cwd):
    line = [sys.executable, str(RECIPES / recipe / "run.py"), *map(str, arguments)]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(line, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.parametrize("name", NAMES)
def test_recipe_is_complete_and_listed(name):
    files = {path.name for path in (RECIPES / name).iterdir()}
    settings = set() if name == "serving" else {"config.toml"}  # it serves what others trained
    assert {"README.md", "run.py", "results.json"} | settings <= files
    assert f"({name})" in (RECIPES / "README.md").read_text(encoding="utf-8")
    for settings in (RECIPES / name).glob("*.toml"):
        load_config(settings)


@pytest.mark.parametrize("name", PUBLISHED)
def test_figures_in_the_readme_are_those_of_the_results(name):
    readme = (RECIPES / name / "README.md").read_text(encoding="utf-8")
    for result in json.loads((RECIPES / name / "results.json").read_text(encoding="utf-8")):
        row = next(line for line in readme.split("\n") if line.startswith(f"| {result['setting']} "))
        for score in result["scores"]:
            assert f"{score['value']:.1f}" in row
            assert score["signature"] in readme
        assert re.search(rf"\b{result['training_minutes']:.1f}\b", row)
        assert result["hardware"] in readme


@pytest.mark.parametrize("name", NAMES)
def test_recipe_shows_its_help(name, tmp_path):
    result = launch(name, "--help", cwd=tmp_path)
    assert result.returncode == 0
    assert ("section.key=value" in result.stdout) == (name in TRANSLATORS)


def test_phrasebook_recipe_runs_and_leaves_its_splits(tmp_path):
    run = tmp_path / "runs" / "phrasebook_en_fr"
    arguments = ("--pairs", 300, "tokenizer.vocabulary_size=900", *TINY)
    result = launch("phrasebook_en_fr", *arguments, cwd=tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]
    assert {path.name for path in (run / "data").iterdir()} == {
        f"{split}.{language}" for split in ("train", "dev", "test") for language in ("en", "fr")
    }
    assert "I am a man. -> " in result.stdout
    assert result.stdout.endswith("| seq2seq translate runs/phrasebook_en_fr\n")
    assert "version:" in result.stdout
    again = launch("phrasebook_en_fr", *arguments, cwd=tmp_path)  # a finished stage is not redone
    assert again.returncode == 0
    assert "hypothesis" in again.stdout
    splits = [set((run / "data" / f"{split}.en").read_text().split("\n")) - {""} for split in ("train", "dev", "test")]
    assert not splits[0] & splits[1]
    assert not splits[0] & splits[2]


@pytest.mark.data
def test_multi30k_recipe_runs(tmp_path, data_folder):
    arguments = ("--data", data_folder / "multi30k", "--run", tmp_path / "run", "tokenizer.vocabulary_size=500", *TINY)
    result = launch("multi30k_en_fr", *arguments, cwd=tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]
    assert "case:mixed" in result.stdout
    assert "case:lc" in result.stdout


def test_multi30k_recipe_refuses_other_text(tmp_path):
    (tmp_path / "train.en").write_text("Something else.\n", encoding="utf-8")
    result = launch("multi30k_en_fr", "--data", tmp_path, cwd=tmp_path)
    assert result.returncode != 0
    assert "train.en is not Multi30k's train.en (another SHA-256)" in result.stderr


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    """A run of the phrasebook that was trained for a moment."""
    folder = tmp_path_factory.mktemp("parent")
    result = launch("phrasebook_en_fr", "--pairs", 300, "tokenizer.vocabulary_size=900", *TINY, cwd=folder)
    assert result.returncode == 0, result.stderr[-2000:]
    return folder / "runs" / "phrasebook_en_fr"


@pytest.mark.parametrize("scratch", [False, True])
def test_own_files_recipe_makes_a_translator_and_a_report(tmp_path, parent, scratch):
    for side, text in (("en", "I see {} small dogs, {}.\n"), ("es", "Veo {} perros pequeños, {}.\n")):
        lines = "".join(text.format(n, "yes" if side == "en" else "sí") for n in range(200))
        (tmp_path / f"my.{side}").write_text(lines, encoding="utf-8")
    arguments = ("my.en", "my.es", "--to", "es", "--parent", parent, *["--scratch"] * scratch)
    few = ("tokenizer.vocabulary_size=300", *(setting for setting in TINY if not setting.startswith("model.")))
    result = launch("finetune_own_files", *arguments, *few, cwd=tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]
    run = tmp_path / "runs" / "own"
    report = (run / "report.md").read_text(encoding="utf-8")
    assert "160 pairs" in report
    assert "BLEU" in report
    assert report.count("\n- I see") == 20
    assert not re.search(r"\{[A-Z]+\}", report)
    splits = [set((run / "data" / f"{s}.source").read_text().split("\n")) - {""} for s in ("train", "dev", "test")]
    assert [len(split) for split in splits] == [160, 20, 20]
    assert not splits[0] & splits[1] | splits[0] & splits[2] | splits[1] & splits[2]
    assert "160 pairs to learn from. For comparison: 12,013 short everyday sentences" in result.stdout
    check_other_sentences_are_refused(tmp_path, arguments)


def check_other_sentences_are_refused(folder, arguments):
    """The same command again, with more text: the old score would be another text's."""
    for name in ("my.en", "my.es"):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("One more\n")
    again = launch("finetune_own_files", *arguments, cwd=folder)
    assert again.returncode == 1
    assert "runs/own was made from other sentences than my.en and my.es hold now" in again.stderr
    assert "--run runs/own-2" in again.stderr


def test_own_files_recipe_takes_more_text_as_long_as_no_run_has_begun(tmp_path):
    recipe = runpy.run_path(str(RECIPES / "finetune_own_files" / "run.py"))
    for count in (10, 30):
        for side in ("en", "es"):
            (tmp_path / f"my.{side}").write_text("".join(f"{side} {n}\n" for n in range(count)), encoding="utf-8")
        texts = recipe["hold_out"](tmp_path / "my.en", tmp_path / "my.es", tmp_path / "run")
    assert len((texts / "train.source").read_text(encoding="utf-8").splitlines()) == 24


@pytest.mark.parametrize(
    ("english", "spanish", "message"),
    [("a\nb\n", "a\n", r"\(2 and 1 lines\)"), ("a\n", "a\n", "too few"), (b"\xff\n", "a\n", "is not UTF-8")],
)
def test_own_files_recipe_refuses_files_that_cannot_be_used(tmp_path, english, spanish, message):
    for side, text in (("en", english), ("es", spanish)):
        (tmp_path / f"my.{side}").write_bytes(text if isinstance(text, bytes) else text.encode())
    result = launch("finetune_own_files", "my.en", "my.es", "--to", "es", cwd=tmp_path)
    assert result.returncode == 1
    assert re.search(message, result.stderr)
    assert "Traceback" not in result.stderr


def test_own_files_recipe_says_how_to_get_a_parent(tmp_path):
    result = launch("finetune_own_files", "my.en", "my.es", "--to", "es", "--parent", "runs/none", cwd=tmp_path)
    assert result.returncode == 1
    assert "there is no trained run in runs/none: leave out --parent to begin from en-fr" in result.stderr


@pytest.mark.data
def test_finetune_multi30k_recipe_runs_every_arm_and_reports(tmp_path, data_folder, parent):
    few = ["training.epochs=1", "training.evaluate_every_epochs=1", "training.batch_tokens=8192"]
    arms = ("scratch", "finetuned", "frozen encoder", "watched", "replayed")
    chosen = ("--sizes", 500, "--languages", "cs", "--arms", *arms)
    arguments = ("--data", data_folder / "multi30k", "--parent", parent, *chosen)
    place = parent.parent.parent  # where the parent's dev set is found
    result = launch("finetune_multi30k", *arguments, "--runs", tmp_path / "runs", *few, cwd=place)
    assert result.returncode == 0, result.stderr[-2000:]
    for arm in arms:
        assert f"| 500 | cs | {arm} | 1 |" in result.stdout
    assert (tmp_path / "runs" / "curves.png").read_bytes().startswith(b"\x89PNG")
    again = launch("finetune_multi30k", *arguments, "--runs", tmp_path / "runs", *few, cwd=place)
    assert again.stdout.split("| pairs |")[1] == result.stdout.split("| pairs |")[1]


FEW = ("tokenizer.vocabulary_size=700", *(setting for setting in TINY if "translation" not in setting))


def test_length_generalisation_recipe_runs_and_resumes(tmp_path):
    arguments = (
        *("--arms", "gru-forward", "rnn-forward", "gru-slots", "--seeds", 1, 2),
        "--pairs",
        300,
        "--sentences",
        5,
        "--runs",
        tmp_path / "runs",
        *FEW,
        "translation.max_length_ratio=1.0",
    )
    result = launch("length_generalisation", *arguments, cwd=tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]
    assert "| gru-forward | 1, 2 |" in result.stdout
    assert "| gru-slots | 1, 2 |" in result.stdout
    assert "Means over the seeds;" in result.stdout
    assert (tmp_path / "runs" / "lengths.png").read_bytes().startswith(b"\x89PNG")
    words = [len(line.split()) for line in (tmp_path / "runs" / "data" / "train.en").read_text().split("\n")[:-1]]
    assert max(words) <= 20
    more = launch("length_generalisation", *arguments, "--pairs", 400, cwd=tmp_path)
    assert more.returncode == 1
    assert "train.en holds other sentences, made with other options: choose another --runs" in more.stderr
    again = launch("length_generalisation", *arguments, cwd=tmp_path)
    assert again.stdout.split("| encoder |")[1] == result.stdout.split("| encoder |")[1]


def test_bottleneck_recipe_trains_and_analyses(tmp_path):
    arms = ("--arms", "gru-64", "gru-128-slots", "--seeds", 1, 2)
    arguments = (*arms, "--pairs", 300, "--runs", tmp_path / "runs", *FEW)
    result = launch("bottleneck", *arguments, "translation.max_length_ratio=0.5", cwd=tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]
    assert "| widths | gru-64 | 1, 2 | 8 |" in result.stdout
    assert "| slots | gru-128-slots | 1, 2 | 32 |" in result.stdout
    assert "Means over the seeds;" in result.stdout
    for seed in ("seed-1", "seed-2"):
        assert (tmp_path / "runs" / seed / "widths" / "report.html").exists()
    refused = launch("bottleneck", "--arms", "laws-gru-512", cwd=tmp_path)
    assert refused.returncode == 1
    assert "the laws' arms need --laws DIR" in refused.stderr


@pytest.mark.data
def test_back_translation_recipe_runs_and_repeats_nothing(tmp_path, data_folder):
    arguments = ("--data", data_folder / "multi30k", "--runs", tmp_path, "--pairs", 300, "--monolingual", 40)
    few = ("tokenizer.vocabulary_size=500", "training.evaluate_every_epochs=1", *TINY)
    result = launch("back_translation", *arguments, *few, cwd=tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]
    for row in ("| reverse | fr-en | 300 |", "| parallel | en-fr | 300 |"):
        assert row in result.stdout
    # A network of eight units writes the same English for several captions, and cleaning drops what repeats.
    assert re.search(r"\| mixed \| en-fr \| 3[0-4]\d \|", result.stdout)
    assert (tmp_path / "mixed_data" / "made.en").read_text("utf-8").count("§ ") == 40
    again = launch("back_translation", *arguments, *few, cwd=tmp_path)
    assert "1 of 1 shards are done" in again.stderr
    assert "1 of them before" in again.stderr
    assert again.stdout.split("| run |")[1] == result.stdout.split("| run |")[1]


@pytest.mark.parametrize("name", ["back_translation", "bottleneck", "finetune_multi30k", "length_generalisation"])
def test_table_in_the_readme_is_made_from_the_results(name):
    code = "import json, report; print(report.table(json.load(open('results.json', encoding='utf-8'))))"
    line = [sys.executable, "-c", code]
    made = subprocess.run(line, cwd=RECIPES / name, capture_output=True, text=True, check=True).stdout
    assert made.strip() in (RECIPES / name / "README.md").read_text(encoding="utf-8")


def worker(task, contender, *arguments):
    line = [sys.executable, str(RECIPES / "speed" / "worker.py"), contender, str(task), *map(str, arguments)]
    result = subprocess.run(line, capture_output=True, text=True, timeout=600, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    return json.loads(result.stdout.strip().split("\n")[-1])


@pytest.fixture(scope="module")
def speed_task(tmp_path_factory):
    """The benchmark's task in little, on the phrasebook."""
    folder = tmp_path_factory.mktemp("speed")
    code = f"import pathlib, run; run.prepare(pathlib.Path({str(folder)!r}), None, True)"
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=RECIPES / "speed", capture_output=True, text=True, timeout=600, check=False
    )
    assert made.returncode == 0, made.stderr[-2000:]
    return folder


def test_speed_recipe_measures_training(speed_task):
    measured = worker(speed_task, "toolkit", "train", "--warmup", 2, "--steps", 3)
    assert measured["tokens_per_second"] > 0
    assert 0 < measured["dev_loss"] < 12
    assert measured["steps"] == 5
    assert measured["peak_mb"] > 100


@pytest.mark.parametrize("beam", [1, 5])
def test_speed_recipe_compares_the_same_work(speed_task, beam):
    """PyTorch with the toolkit's weights writes the same translations: both did the same."""
    pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'seq2seq[speed]'")
    search = ("translate", "--beam", beam, "--rows", 8, "--sentences", 24)
    ours, theirs = (worker(speed_task, contender, *search)["results"] for contender in ("toolkit_onnx", "pytorch"))
    assert len(set(ours)) > 1 or beam == 1  # after one short epoch, greedy search may write the same for all
    assert ours == [Tokenizer.normalise(text) for text in theirs]  # PyTorch's lines keep doubled spaces


def test_speed_recipe_compares_exports_with_their_run(speed_task):
    texts = speed_task / "data"
    line = [
        sys.executable,
        "exported.py",
        speed_task / "run",
        "--source",
        texts / "test.en",
        "--reference",
        texts / "test.fr",
    ]
    result = subprocess.run(line, cwd=RECIPES / "speed", capture_output=True, text=True, timeout=600, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    rows = [row.split(" | ") for row in result.stdout.split("\n") if row.startswith("| run |")]
    assert [(row[1], row[2], row[3]) for row in rows if row[1] != "int8"] == [
        (engine, beam, "200 of 200") for beam in ("1", "5") for engine in ("keras", "float32")
    ]


def test_speed_recipe_measures_the_short_list(speed_task):
    measured = worker(speed_task, "toolkit_onnx_shortlist", "translate", "--beam", 2, "--rows", 1, "--sentences", 4)
    assert len(measured["results"]) == 4
    assert 0 < measured["p50_ms"] <= measured["p99_ms"]


@pytest.mark.parametrize(("module", "results"), [("report", "results.json"), ("exported", "exported.json")])
def test_figures_of_the_speed_recipe_are_those_of_its_results(module, results):
    code = f"import json, {module}; print({module}.table(json.load(open({results!r}, encoding='utf-8'))))"
    line = [sys.executable, "-c", code]
    made = subprocess.run(line, cwd=RECIPES / "speed", capture_output=True, text=True, check=True).stdout
    readme = (RECIPES / "speed" / "README.md").read_text(encoding="utf-8")
    assert made.strip() in readme


def test_serving_recipe_measures_a_server(tmp_path):
    run = Path(__file__).parent / "stored_runs" / "plain"
    few = ("--seconds", 0.1, "--starts", 1, "--weights", "int8", "--sentences", 64)
    result = launch("serving", "--runs", run, *few, "--results", tmp_path, cwd=tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]
    for entry in json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["measured"]:
        kinds = {kind for client in [*entry["clients"], entry["lists"]] for kind in client["outcomes"]}
        assert kinds == {"right"}
        assert set(entry["overload"]["outcomes"]) <= {"right", "refused", "not sent"}
        assert entry["hang_ups"]["next_client"] == "right"
        assert entry["end"]["exit_status"] == 0
    assert "| plain, int8 | 64, a sentence each |" in result.stdout
    assert (tmp_path / "load.png").stat().st_size > 1000
