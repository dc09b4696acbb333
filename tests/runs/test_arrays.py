import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from seq2seq.errors import CheckpointError
from seq2seq.runs.arrays import pack, unpack

PATH = Path("run/arrays.npz")


def test_arrays_come_back_in_any_order_and_shape():
    arrays = {"a/b": np.asfortranarray(np.arange(6).reshape(2, 3)), "c": np.float32(3), "d": np.zeros((0, 5), bool)}
    stored = unpack(PATH, pack(arrays))
    assert list(stored) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(stored[name], array)
        assert stored[name].dtype == array.dtype


def npy(array):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array), allow_pickle=True)
    return stream.getvalue()


def archive(*contents, method=zipfile.ZIP_STORED, name="weight{}.npy"):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as file:
        for number, content in enumerate(contents):
            file.writestr(name.format(number), content)
    return stream.getvalue()


def flagged(content, local, central, value):
    """Changes two bytes of the first member, in its own header and in the archive's directory."""
    content = bytearray(content)
    directory = content.index(b"PK\x01\x02")
    content[local : local + 2] = value.to_bytes(2, "little")
    content[directory + central : directory + central + 2] = value.to_bytes(2, "little")
    return bytes(content)


STORED = archive(npy(np.zeros((2, 2))))
HUGE = npy(np.zeros((2, 2))).replace(b"(2, 2), }" + b" " * 12, b"(1000000, 1000000), }")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a zip file"),
        (archive(npy(np.zeros(9_000_000)), method=zipfile.ZIP_DEFLATED), r"weight0\.npy is compressed \(method 8\)"),
        (flagged(STORED, 8, 10, 99), r"weight0\.npy is compressed \(method 99\)"),
        (flagged(STORED, 6, 8, 1), r"weight0\.npy is encrypted"),
        (archive(HUGE), r"is said to have shape \(1000000, 1000000\) of float64, 8,000,000,000,000 bytes, but has 32"),
        (archive(npy(["text"])), "is not an array of plain numbers"),
        (archive(npy(np.array([{}], object))), "is not an array of plain numbers"),
        (archive(npy(np.zeros(2, "datetime64[s]"))), "is not an array of plain numbers"),
        (archive(npy(np.zeros(2, "f4,i4"))), "is not an array of plain numbers"),
        (archive(npy(np.zeros(2, complex))), "is not an array of plain numbers"),
        (archive(b"\x93NUMPY\x01\x00\xff\xff{" + b"1" * 9999), "is not an array of plain numbers"),
        (archive(b"text", name="readme.txt"), r"readme\.txt is not an array"),
        (STORED[:-40], "is not a zip file"),
        (archive(npy(np.zeros(3))[:-8]), "but has 16"),
    ],
    ids=range(14),
)
def test_anything_but_plain_arrays_is_refused(content, message):
    with pytest.raises(CheckpointError, match=rf"arrays\.npz does not hold plain arrays: .*{message}.*: copy the file"):
        unpack(PATH, content)


def test_name_of_a_megabyte_makes_no_message_of_one():
    with pytest.raises(CheckpointError) as caught:
        unpack(PATH, archive(npy(["text"]), name="x" * 60_000 + ".npy"))
    assert len(str(caught.value)) < 400
