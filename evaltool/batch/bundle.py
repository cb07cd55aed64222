"""The files that a run reads, for machines that do not see its folder: sent once to each, in a folder named by content.

The coordinator packs; `offered`, `take` and `complete` run in a Dask worker, whose own folder is `local`. One folder
holds the whole of the data: a slice for each county would have to be cut, sent and read anew for every task, while
whole it is sent once and read once.
"""

from __future__ import annotations

import hashlib
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

NOTEBOOKS = ".notebooks"
MOST = 4 << 30  # bytes; more than that belongs on storage that all machines see
CHUNK = 8 << 20  # bytes of a file that travel in one message, before compression
KEPT = 2  # bundles that stay in a worker's folder
_FOLDER, _COMING = "evaltool-", ".coming"

_known: dict[str, Path] = {}  # token of a run → its folder in this worker


@dataclass(frozen=True, slots=True)
class Item:
    """A file: where it lies in the bundle, what is in it, and where the coordinator has it."""

    place: str
    sha256: str
    size: int
    source: Path


class Bundle:
    """Files of a run, as they are when this is made.

    base       folder of the data; `files` are relative to it, and lie in the bundle under the same names
    notebooks  absolute paths; `place_of` says where they lie in the bundle

    Raises OSError for a file that cannot be read, ValueError if together they are larger than MOST.
    """

    def __init__(self, base: Path, files: Sequence[str], notebooks: Iterable[str]) -> None:
        self.items = [_item(name, base / name) for name in files]
        self.items += [_item(place, Path(source)) for source, place in places_of(notebooks).items()]
        self.size = sum(item.size for item in self.items)
        if self.size > MOST:
            raise ValueError(f"数据共 {self.size / (1 << 30):.1f} GB，超过 {MOST >> 30} GB")
        text = "\n".join(f"{item.sha256} {item.place}" for item in self.items)
        self.name = hashlib.sha256(text.encode()).hexdigest()[:32]

    def manifest(self) -> list[tuple[str, str, int]]:
        return [(item.place, item.sha256, item.size) for item in self.items]

    def chunks(self) -> Iterator[tuple[str, int, bytes]]:
        """(place, offset, compressed bytes) of all files."""
        for item in self.items:
            with item.source.open("rb") as file:
                offset = 0
                while data := file.read(CHUNK):
                    yield item.place, offset, zlib.compress(data, 1)
                    offset += len(data)


def places_of(notebooks: Iterable[str]) -> dict[str, str]:
    """Path of each notebook → where it lies in a bundle: its own name, in a folder of its own."""
    return {path: f"{NOTEBOOKS}/{number}/{Path(path).name}" for number, path in enumerate(sorted(set(notebooks)))}


def _item(place: str, source: Path) -> Item:
    with source.open("rb") as file:
        return Item(place, hashlib.file_digest(file, "sha256").hexdigest(), source.stat().st_size, source)


# --- in a worker ---


def folder_of(token: str) -> Path | None:
    """Where the bundle of a run lies in this worker; None before it has come."""
    folder = _known.get(token)
    return folder if folder is not None and folder.is_dir() else None


def offered(token: str, name: str, local: str) -> bool:
    """Whether a bundle has to be sent to this worker."""
    folder = Path(local) / f"{_FOLDER}{name}"
    if folder.is_dir():
        _known[token] = folder
        return False
    shutil.rmtree(_coming(local, token), ignore_errors=True)
    return True


def take(token: str, place: str, offset: int, data: bytes, local: str) -> str:
    """A piece of a file. Returns why it cannot be kept, empty if it is."""
    path = _inside(_coming(local, token), place)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("r+b" if path.exists() else "xb") as file:
            file.seek(offset)
            file.write(zlib.decompress(data))
    except OSError as error:
        return error.strerror or str(error)
    return ""


def complete(token: str, name: str, manifest: Sequence[tuple[str, str, int]], local: str) -> str:
    """Checks what has come and puts it where the run will look. Returns what is wrong, empty if nothing is."""
    coming, folder = _coming(local, token), Path(local) / f"{_FOLDER}{name}"
    try:
        for place, sha256, size in manifest:
            path = _inside(coming, place)
            if not size:  # no piece came of an empty file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
            if _item(place, path).sha256 != sha256:
                return f"{place} 在传送时变了"
        if not folder.is_dir():
            coming.replace(folder)
        _known[token] = folder
        _forget_old(Path(local))
    except OSError as error:
        return error.strerror or str(error)
    return ""


def leave(token: str) -> None:
    """The run has ended here; its files stay, in case it is started again."""
    _known.pop(token, None)


def _forget_old(local: Path) -> None:
    used = set(_known.values())
    folders = sorted(local.glob(f"{_FOLDER}*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in [path for path in folders[KEPT:] if path not in used and path.suffix != _COMING]:
        shutil.rmtree(folder, ignore_errors=True)


def _coming(local: str, token: str) -> Path:
    return Path(local) / f"{_FOLDER}{token}{_COMING}"


def _inside(folder: Path, place: str) -> Path:
    """Raises ValueError for a place outside the folder."""
    pure = PurePosixPath(place)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts:
        raise ValueError(f"不是包里的位置：{place}")
    return folder / pure


def packed(folder: Path, names: Iterable[str]) -> dict[str, bytes]:
    """Outputs of a task as they travel: name → compressed bytes. Raises OSError."""
    return {name: zlib.compress((folder / name).read_bytes(), 1) for name in names}


def unpack(files: Mapping[str, bytes], folder: Path) -> None:
    """Writes what `packed` made into a folder. Raises OSError, or ValueError for a name that leads out of it."""
    for name, data in files.items():
        path = _inside(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zlib.decompress(data))
