"""What all reports of a round have in common, kept for the life of a process: a batch reads it once and then forks.

A round is read anew as soon as one of the files that a report looks at has changed.
"""

from __future__ import annotations

from pathlib import Path

from evaltool.report.reading import Reading

MOST = 2  # rounds that are kept: this one and, where somebody compares, the one before
Stamp = tuple[tuple[str, int, int, int], ...]
_kept: dict[Path, tuple[Stamp, Reading]] = {}


def reading_of(round_folder: str | Path) -> Reading:
    """The round in a folder, as last read if it is still the same. Raises as `open_round` does."""
    from evaltool.archive import open_round

    folder = Path(round_folder).resolve()
    stamp = stamp_of(folder)
    if folder in _kept and _kept[folder][0] == stamp:
        return _kept[folder][1]
    reading = Reading(open_round(folder if stamp else round_folder))
    _kept.pop(folder, None)
    while len(_kept) >= MOST:
        _kept.pop(next(iter(_kept)))  # the one that was read first
    _kept[folder] = stamp, reading
    return reading


def stamp_of(folder: Path) -> Stamp:
    """Which files a report looks at, each with inode, size and time of change: nothing without a round. What the
    toolkit writes it replaces whole, so that other content is another inode."""
    if not (folder / "round.yaml").is_file():
        return ()
    edition = sorted((folder / "scheme").rglob("*.yaml"))
    files = [*(folder / name for name in ("round.yaml", "roster.csv", "results/round.sqlite")), *edition]
    known = [(str(file), file.stat()) for file in files if file.is_file()]
    return tuple((name, found.st_ino, found.st_size, found.st_mtime_ns) for name, found in known)


def warm(round_folder: str | Path) -> None:
    """Reads what is common to all counties of a round and makes the report of one of them, which is thrown away: a fork
    of this process then finds everything at hand. Writes nothing, starts no thread and leaves no file open."""
    from evaltool.report.county import PIECES, CountyPage
    from evaltool.report.figures import figures_text

    reading = reading_of(round_folder)
    returned = [who.code for who in reading.standings() if who.returned]
    silent = [who.code for who in reading.standings() if not who.returned]
    for code in [*returned[:1], *silent[:1]]:
        page = CountyPage(reading, code)
        for name in PIECES:
            piece = getattr(page, name)()
            repr(piece)
            piece._repr_mimebundle_() if hasattr(piece, "_repr_mimebundle_") else piece._repr_html_()
        figures_text(page.figures())
