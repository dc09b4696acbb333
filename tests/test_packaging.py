import configparser
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_readme_lists_every_extra():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## What to install\n")[1].split("\n## ")[0]
    first_cells = [line.split("|")[1] for line in section.split("\n") if line.startswith("| `")]
    listed = {name.strip(" `") for cell in first_cells for name in cell.split(",")}
    assert listed == set(settings["options.extras_require"]) - {"training"}  # a part of three others


def test_folder_above_a_clone_does_not_hide_the_package(tmp_path):
    """An editable install puts the clone on the path; a folder of the same name nearby is a namespace, and loses."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    assert settings["editable_wheel"]["mode"] == "compat"  # a path, which the line below stands for
    assert not (ROOT / "__init__.py").exists()  # which would make the clone itself a package
    (tmp_path / "seq2seq").symlink_to(ROOT)
    program = (
        f"import sys; sys.path.append({str(ROOT)!r}); from seq2seq import Seq2SeqError; print(Seq2SeqError.__name__)"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env={}, capture_output=True, text=True)
    assert result.stdout.strip() == "Seq2SeqError", result.stderr
