"""The file under the run ledger: opened, checked, set beside when damaged; short transactions; its troubles in words.

Rollback journal, never WAL: a round may lie on a network share, where WAL's shared memory does not work. synchronous is
NORMAL: a commit waits for the disk, so that `started` too outlives a county that takes the whole machine down.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

FORMAT = 1  # user_version; a file of a higher number is refused
KIND = 0x45564C31  # application_id: this is a run ledger and not some other database
PATIENCE = 10.0  # seconds to wait while another program holds the file
IMPATIENCE = 0.2  # the same after a wait in vain, until a write succeeds again

LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
CLOSED = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH)
FULL = (sqlite3.SQLITE_FULL,)
ILL = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOLFS)


class LedgerError(Exception):
    """Something about the ledger that a person has to know; the text is for the user."""


class Newer(LedgerError):
    """The file was written by a later version of evaltool; it is left as it is."""


class Lost(LedgerError):
    """The claim of this run is gone: another run took over, or the file was removed. The run must stop writing."""


class Unwritten(LedgerError):
    """The ledger could not be read or written now. kind: locked, closed, full, ill (disk or network), damaged."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def why_not(error: sqlite3.DatabaseError | OSError, path: Path) -> Unwritten | None:
    """What an error of SQLite or of the file system means; None for what only a mistake in the program causes."""
    name = f"运行台账 {path.name}"
    if isinstance(error, OSError):
        text = f"{name} 建不了或移不动（{error.strerror or error}）。怎么办：看看 {path.parent} 能不能写、还有没有空间"
        return Unwritten("closed", text)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in LOCKED:
        return Unwritten(
            "locked",
            f"{name} 一直被别的程序占着，等过了还是写不进。常见原因：用数据库工具打开着它没有关，"
            "或者目录在不支持文件锁的网络共享上。怎么办：关掉那个工具；若是网络共享，把这一轮拷到本机磁盘上再运行",
        )
    if code in FULL:
        return Unwritten("full", f"磁盘满了，{name} 写不进。怎么办：腾出空间后再运行同一条命令，已做完的不会重做")
    if code in CLOSED:
        text = f"{name} 打不开或不能写（{error}）。怎么办：看看 {path.parent} 是不是只读、是不是归别的用户"
        return Unwritten("closed", text)
    if code in ILL:
        return Unwritten("ill", f"读写 {name} 时磁盘或网络出错（{error}）。怎么办：检查磁盘、U 盘或网络共享后再运行")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Unwritten("damaged", f"{name} 坏了（{error}）。怎么办：再运行一次，坏的台账会改名留底，另起一份新的")
    return None


class LedgerFile:
    """One SQLite file with the given tables (name → columns), made if missing. Usable from several threads.

    `notes` tells what a person should hear of: a damaged file that was set beside.
    Errors: Newer, Unwritten; whatever else is damaged is renamed to `….damaged-<time>` and a new file is begun.
    """

    def __init__(self, path: Path, tables: Mapping[str, str], patience: float = PATIENCE) -> None:
        self.path, self.patience = path, patience
        self.notes: list[str] = []
        self._tables = tables
        self._lock = threading.RLock()
        self._waits = patience
        self._opened: tuple[int, int] | None = None
        self._open()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one SELECT. Errors: Unwritten."""
        with self._lock:
            if self._opened is None:  # the file had been exchanged, and could not be opened again
                self._open()
            try:
                yield self._db
            except sqlite3.DatabaseError as error:
                raise self._said(error) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction, from BEGIN IMMEDIATE to COMMIT; rolled back whole on any error. Errors: Unwritten, Lost."""
        with self._lock:
            self._follow()
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except BaseException as error:
                # sqlite3 leaves the transaction open after a failed COMMIT, and then every later BEGIN fails
                if self._db.in_transaction:
                    with suppress(sqlite3.Error):
                        self._db.execute("ROLLBACK")
                if not isinstance(error, sqlite3.DatabaseError):
                    raise
                said = self._said(error)
                self._wait(IMPATIENCE if isinstance(said, Unwritten) and said.kind == "locked" else self.patience)
                raise said from error
            self._wait(self.patience)

    def _wait(self, seconds: float) -> None:
        if seconds != self._waits:
            self._db.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
            self._waits = seconds

    def _said(self, error: sqlite3.DatabaseError) -> Exception:
        return why_not(error, self.path) or error

    def _follow(self) -> None:
        """Look whether the file under our connection is still the one of that name: SQLite would not notice, and two
        files would share one journal's name. Some network shares number a file anew: then it is only opened again."""
        found = self._mark()
        if found is None:
            raise Lost(
                f"运行台账 {self.path.name} 在运行中被删掉或改了名，本次运行不再记账。"
                "怎么办：不要在运行中动 .run 目录；再运行一次同一条命令"
            )
        if found != self._opened:
            self._db.close()
            self._opened = None
            self._open()

    def _mark(self) -> tuple[int, int] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    # --- opening ---

    def _open(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._trouble(error) from error
        while True:
            before = self._mark()
            self._made = False
            why = self._try()
            if not why:
                self._opened = self._mark()
                if self._made and before is not None:
                    self.notes.append(f"运行台账 {self.path.name} 是空文件，当作还没有运行过")
                return
            self._set_beside(why, before)

    def _try(self) -> str:
        """Open and check; what is wrong with the file, if it is to be set beside. Errors: Newer, Unwritten."""
        try:
            self._db = sqlite3.connect(self.path, self.patience, isolation_level=None, check_same_thread=False)
        except sqlite3.DatabaseError as error:
            raise self._said(error) from error
        self._waits = self.patience
        why = ""
        try:
            self._db.text_factory = lambda raw: raw.decode("utf-8", "replace")
            why = self._wrong()
        except sqlite3.DatabaseError as error:
            self._db.close()
            said = why_not(error, self.path)
            if said is not None and said.kind != "damaged":
                raise said from error
            return str(error)
        except UnicodeDecodeError as error:  # SQLite's own message quotes bytes of the file
            self._db.close()
            return str(error)
        except Newer:
            self._db.close()
            raise
        if why:
            self._db.close()
        return why

    def _wrong(self) -> str:
        db = self._db
        self._settings()
        (version,), (kind,) = (db.execute(f"PRAGMA {name}").fetchone() for name in ("user_version", "application_id"))
        columns = self._columns()
        if not columns:
            self._make()
            return ""
        if kind != KIND:
            return "它是另一种数据库，不是运行台账"
        if version > FORMAT:
            raise Newer(
                f"运行台账 {self.path.name} 是更新的 evaltool 写的（格式 {version}，本版本认得 {FORMAT}）。"
                "怎么办：用那个版本运行；或把它移走，从头运行"
            )
        wanted = {table: [part.split()[0] for part in text.split(",\n")] for table, text in self._tables.items()}
        if version != FORMAT or columns != wanted:
            return "里面的表不是运行台账该有的"
        found = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
        return "" if found == "ok" else str(found)

    def _settings(self) -> None:
        db = self._db
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA synchronous = NORMAL")
        # TRUNCATE does less than DELETE where files are slow to make and remove. A file of another mode (WAL, set by
        # some tool) is brought back; where it cannot be, because others have it open, it stays as it is
        with suppress(sqlite3.OperationalError):
            db.execute("PRAGMA journal_mode = TRUNCATE")

    def _columns(self) -> dict[str, list[str]]:
        names = [row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: [row[1] for row in self._db.execute("SELECT * FROM pragma_table_info(?)", (name,))] for name in names
        }

    def _make(self) -> None:
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            if not self._columns():  # another process may have been quicker
                for name, columns in self._tables.items():
                    db.execute(f"CREATE TABLE {name} ({columns}) STRICT")
                db.execute(f"PRAGMA application_id = {KIND}")
                db.execute(f"PRAGMA user_version = {FORMAT}")
                self._made = True
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
            raise

    def _set_beside(self, why: str, mark: tuple[int, int] | None) -> None:
        if self._mark() != mark:
            return  # another process has set it beside already
        stamp, number = time.strftime("%Y%m%d-%H%M%S"), 0
        while (beside := self.path.with_name(f"{self.path.name}.damaged-{stamp}-{number}")).exists():
            number += 1
        try:
            # the journal first: left behind alone it would be played into the new file
            for tail in ("-journal", "-wal", "-shm", ""):
                with suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + tail).rename(beside.with_name(beside.name + tail))
        except OSError as error:
            raise self._trouble(error) from error
        self.notes.append(
            f"运行台账 {self.path.name} 读不了（{why}），已改名为 {beside.name} 留底，另起一份新的。"
            "各单位会重做一遍，已有的报告在重做完之前照旧"
        )

    def _trouble(self, error: OSError) -> Unwritten:
        said = why_not(error, self.path)
        assert said is not None
        return said
