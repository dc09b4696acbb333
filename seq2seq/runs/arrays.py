"""Arrays by name to and from the bytes of an ``.npz`` file: plain numbers only, measured before they are read.

An ``.npz`` file is a zip archive of ``.npy`` files. One from a stranger may be compressed a thousandfold, encrypted, or
hold Python objects, so the archive's directory and each array's header are looked at before anything is made of them.
"""

import io
import math
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from seq2seq.errors import CheckpointError, cut, shown

Arrays = dict[str, np.ndarray]
_HEADER = re.compile(  # as numpy.save writes it: format 1.0, whose header's length has two bytes
    rb"\x93NUMPY\x01\x00.."
    rb"\{'descr': '([<>|][fiub]\d{1,2})', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,15}, )*(?:\d{1,15},?)?)\), \} *\n",
    re.DOTALL,
)


def pack(arrays: Arrays) -> bytes:
    """Arrays by name as the bytes of an ``.npz`` file."""
    stream = io.BytesIO()
    renamed: dict[str, Any] = {name.replace("/", "|"): array for name, array in arrays.items()}
    np.savez(stream, **renamed)
    return stream.getvalue()


def unpack(path: Path, content: bytes) -> Arrays:
    """Arrays by name from the bytes of a file.

    Raises:
        CheckpointError: it holds anything but plain arrays as `pack` writes them; says which file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _look_at_directory(members, len(content))
            return {_name(member): _array(member.filename, archive.read(member)) for member in members}
    except (ValueError, TypeError, EOFError, OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise CheckpointError(
            f"{path} does not hold plain arrays: {cut(str(error), 200)}: copy the file again"
        ) from error


def _look_at_directory(members: list[zipfile.ZipInfo], size: int) -> None:
    """See that nothing in an archive of `size` bytes expands.

    Raises:
        ValueError: a member would expand, is no array, or has the name of another one; says which.
    """
    for member in members:
        name = cut(member.filename)
        if member.flag_bits & 1:
            raise ValueError(f"{name} is encrypted")
        if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
            raise ValueError(f"{name} is compressed (method {member.compress_type}), seq2seq stores arrays as they are")
        if not member.filename.endswith(".npy"):
            raise ValueError(f"{name} is not an array")
    if len({member.filename for member in members}) < len(members):
        raise ValueError("two arrays have one name")
    total = sum(member.file_size for member in members)
    if total > size:
        raise ValueError(f"its arrays are said to have {total:,} bytes, the file has {size:,}")


def _name(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(".npy").replace("|", "/")


def _array(name: str, content: bytes) -> np.ndarray:
    """The array of an ``.npy`` file.

    Raises:
        ValueError: it has another type than plain numbers, or another size than its header says.
    """
    header = _HEADER.match(content)
    if not header:
        raise ValueError(f"{cut(name)} is not an array of plain numbers")
    dtype = np.dtype(header[1].decode())
    shape = tuple(int(size) for size in re.findall(rb"\d+", header[3]))
    size = math.prod(shape) * dtype.itemsize
    if size != len(content) - header.end():
        raise ValueError(
            f"{cut(name)} is said to have shape {shown(shape)} of {dtype}, {size:,} bytes, but has "
            f"{len(content) - header.end():,}"
        )
    order: Any = "F" if header[2] == b"True" else "C"
    return np.frombuffer(content, dtype, offset=header.end()).reshape(shape, order=order)
