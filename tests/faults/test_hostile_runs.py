"""A run from a stranger: whatever its files hold, it is opened or refused in a line that names the file."""

import io
import json
import os
import random
import shutil
import struct
import zipfile
from copy import deepcopy

import numpy as np
import pytest

from seq2seq.errors import Seq2SeqError
from seq2seq.runs.directory import RunDirectory

DIGITS = "9" * 5000
TEXTS = {
    "nothing": b"",
    "not UTF-8": b"{\xff: 1}",
    "a list": b"[1, 2]",
    "null": b"null",
    "a number": b"5",
    "half of an object": b'{"format": 1, "se',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "a long number": b'{"format": 1, "seq2seq": ' + DIGITS.encode() + b"}",
    "a long key": b'{"format": 1, "' + b"k" * 1_000_000 + b'": 1}',
    "a NUL": b'{"format": 1, "seq2seq": "\\u0000"}',
    "half a surrogate": b'{"format": 1, "\\ud800": "\\ud800"}',
}
VALUES = [None, True, -1, 0, 1e308, 10**400, "", "x", "../../x", [], {}, [[]], {"a": {}}, "k" * 100_000]
VALUES_EACH = min(len(VALUES), int(os.environ.get("SEQ2SEQ_VALUES", "4")))  # tried in each place of a JSON file
JSON_FILES = ["config.json", "about.json", "parent.json", "manifest.json"]
IN_CHECKPOINT = ["manifest.json", "state.json"]


@pytest.fixture
def copy(made_run, tmp_path):
    """A copy of a run, to be damaged."""
    return shutil.copytree(made_run, tmp_path / "stranger", symlinks=True)


def checkpoint(run, name):
    return next((run / "checkpoints").glob("best-*")) / name


def refuse(opened, run, *, or_open=False):
    """Opens a damaged run, which must be refused with a short message that names it (or be opened, where allowed)."""
    try:
        opened(run)
    except Seq2SeqError as error:
        assert str(run) in str(error)
        assert len(str(error)) < 1500, f"{len(str(error)):,} characters"
    else:
        assert or_open, "a damaged run is opened without a word"


def leaves(value, path=()):
    """The place of every value inside of a JSON value."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*path, key)
            yield from leaves(inner, (*path, key))


def with_value(content, place, value):
    changed = deepcopy(content)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed


@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", JSON_FILES)
def test_json_file_with_another_content_is_refused(copy, opened, forge, name, content):
    forge(copy, copy / name, content)
    refuse(opened, copy, or_open=name == "about.json" and content.startswith(b'{"format": 1'))


@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", IN_CHECKPOINT)
def test_json_file_of_a_checkpoint_with_another_content_is_refused(copy, opened, forge, name, content):
    forge(copy, checkpoint(copy, name), content)
    refuse(opened, copy, or_open=name == "state.json" and content.startswith(b'{"format": 1'))


@pytest.mark.parametrize("name", JSON_FILES)
def test_value_of_another_type_is_refused_or_harmless(copy, opened, forge, name):
    if not (copy / name).exists():
        pytest.skip(f"this run has no {name}")
    before = (copy / name).read_bytes()
    content, draw = json.loads(before), random.Random(name)
    for place in leaves(content):
        for value in draw.sample(VALUES, VALUES_EACH):
            forge(copy, copy / name, json.dumps(with_value(content, place, value)).encode())
            refuse(opened, copy, or_open=True)


def zipped(members, **options):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def npy(array, **options):
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def header(text):
    content = text.encode("latin-1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(content)) + content


def flag_all(content, encrypted=False, method=None):
    """The bytes of a zip file that says of each member that it is encrypted, or packed in another way."""
    changed = bytearray(content)
    for mark, flags, packing in ((b"PK\x03\x04", 6, 8), (b"PK\x01\x02", 8, 10)):
        place = changed.find(mark)
        while place >= 0:
            if encrypted:
                changed[place + flags] |= 1
            if method is not None:
                struct.pack_into("<H", changed, place + packing, method)
            place = changed.find(mark, place + 4)
    return bytes(changed)


ONES = npy(np.ones(4, np.float32))
ARCHIVES = {
    "nothing": b"",
    "no zip": b"PK but not really",
    "half a zip": zipped({"a.npy": ONES})[:60],
    "no arrays": zipped({}),
    "text": zipped({"a.npy": b"hello"}),
    "a program": zipped({"a.py": b"print(1)"}),
    "objects": zipped({"a.npy": npy(np.array([{}], object), allow_pickle=True)}),
    "strings": zipped({"a.npy": npy(np.array(["text"]))}),
    "dates": zipped({"a.npy": npy(np.array(["2009-01-01"], "datetime64[D]"))}),
    "records": zipped({"a.npy": npy(np.zeros(2, [("x", "f4"), ("y", "i4")]))}),
    "four terabytes": zipped(
        {
            "a.npy": header(
                "{'descr': '<f4', 'fortran_order': False, 'shape': (10**12,), }\n".replace("10**12", str(10**12))
            )
        }
    ),
    "a negative shape": zipped({"a.npy": header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }\n")}),
    "a shape of no numbers": zipped({"a.npy": header("{'descr': '<f4', 'fortran_order': False, 'shape': ('x',), }\n")}),
    "code in a header": zipped({"a.npy": header("__import__('os').system('true')\n")}),
    "a deep header": zipped({"a.npy": header("(" * 20_000 + "\n")}),
    "a bomb": zipped({"a.npy": npy(np.zeros(3_000_000, np.float32))}, compression=zipfile.ZIP_DEFLATED),
    "encryption": flag_all(zipped({"a.npy": ONES}), encrypted=True),
    "method 99": flag_all(zipped({"a.npy": ONES}), method=99),
    "a path out": zipped({"../../a.npy": ONES}),
}


@pytest.mark.parametrize("content", ARCHIVES.values(), ids=ARCHIVES)
@pytest.mark.parametrize("name", ["arrays.npz", "shortlist.npz"])
def test_archive_with_another_content_is_refused(copy, opened, forge, name, content):
    forge(copy, checkpoint(copy, name) if name == "arrays.npz" else copy / name, content)
    # Which names the arrays should have is known when the network takes them.
    refuse(opened, copy, or_open=name == "arrays.npz" and content in (ARCHIVES["no arrays"], ARCHIVES["a path out"]))


def changed_weights(run, forge, change):
    from seq2seq.runs.checkpoint import pack

    path = checkpoint(run, "arrays.npz")
    with np.load(path) as stored:
        arrays = {name.replace("|", "/"): stored[name] for name in stored.files}
    first = next(name for name in arrays if arrays[name].ndim == 2)
    arrays[first] = change(arrays[first])
    forge(run, path, pack(arrays))
    return first


def with_one(value):
    def change(array):
        array = array.copy()
        array[0, 0] = value
        return array

    return change


@pytest.mark.parametrize(
    "change",
    [
        with_one(np.nan),
        with_one(np.inf),
        lambda array: with_one(1e300)(array.astype(np.float64)),
        lambda array: array.astype(np.int32),
        lambda array: array.astype(bool),
        np.transpose,
    ],
    ids=["NaN", "infinity", "beyond float32", "int", "bool", "another shape"],
)
def test_weight_that_is_not_as_training_writes_it_is_refused(copy, forge, change):
    changed_weights(copy, forge, change)
    with pytest.raises(Seq2SeqError, match=r"weight|array"):
        RunDirectory(copy).model()


def lead_out(path, outside):
    path.unlink()
    path.symlink_to(outside)


def replace_by_folder(path, outside):
    path.unlink()
    path.mkdir()


def replace_by_pipe(path, outside):
    path.unlink()
    os.mkfifo(path)


def lead_to_zeros(path, outside):
    path.unlink()
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("replace", [lead_out, replace_by_folder, replace_by_pipe, lead_to_zeros])
def test_odd_files_are_refused(made_run, opened, tmp_path, replace):
    names = [path.relative_to(made_run) for path in made_run.rglob("*") if path.is_file() and path.name[0] != "."]
    assert len(names) >= 9
    for number, name in enumerate(names):
        copy = shutil.copytree(made_run, tmp_path / str(number))
        outside = shutil.copy(copy / name, tmp_path / f"outside{number}")
        replace(copy / name, outside)
        refuse(opened, copy, or_open=name.name in ("cleaning.json",))
