"""Writing files so that a name always holds the old bytes or the new ones, and the same inputs give the same bytes."""

from __future__ import annotations

import io
import os
import re
import tempfile
import zipfile
from pathlib import Path

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
_STAMPS = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def write_bytes(path: str | Path, data: bytes) -> Path:
    """Writes beside `path`, flushes to the disk and renames into place. Missing folders are made. Returns the path."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(0o644)
        Path(beside).replace(target)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    return target


def write_text(path: str | Path, text: str) -> Path:
    """Like `write_bytes`, as UTF-8 with the line ends of `text`."""
    return write_bytes(path, text.encode("utf-8"))


def steady_zip(data: bytes, moment: str = "2000-01-01T00:00:00Z") -> bytes:
    """The same zip with fixed member times and order, and `moment` in an Office file's docProps/core.xml."""
    source = zipfile.ZipFile(io.BytesIO(data))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name in sorted(source.namelist(), key=lambda part: (part != "[Content_Types].xml", part)):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _STAMPS.sub(rb"\g<1>" + moment.encode() + rb"\2", content)
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            package.writestr(info, content)
    return target.getvalue()
