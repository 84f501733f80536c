"""A hidden folder in which one change prepares its files, and the sweeping of dead ones."""

import shutil
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from headwater.lake import locks, manifest
from headwater.lake.layout import WHOLE

PREFIX: Final = ".staging-"
LIVE: Final = "_live.lock"  # held while the change's process lives; the kernel lets go of it
# Present while the table's folders may hold files that its manifest does not name.
UNSWEPT: Final = "_unswept"


class Staging:
    """A folder of this change's own inside the table's folder (so that a rename suffices)."""

    def __init__(self, table_folder: Path) -> None:
        table_folder.mkdir(parents=True, exist_ok=True)
        self._held = ExitStack()
        # Under the lock, or a sweep could meet the folder before it is marked as alive.
        with locks.committing(table_folder):
            sweep(table_folder)
            self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=table_folder))
            self._held.enter_context(locks.unread(self.folder / LIVE))

    @property
    def token(self) -> str:
        """A name that no other change of this table has now.

        It begins with a letter: Hadoop's readers, Spark among them, silently leave out files
        whose names begin with ``_`` or ``.``, as a temporary folder's own name may.
        """
        return self.folder.name.replace(PREFIX, "part-", 1)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self._held.close()


def mark_unswept(table_folder: Path) -> bool:
    """Say that files without a manifest may follow; true where nobody had said so yet."""
    mark = table_folder / UNSWEPT
    if mark.exists():
        return False
    mark.touch()
    manifest.sync_folder(table_folder)
    return True


def settle(table_folder: Path, *, nothing_left: bool) -> None:
    """After a commit: delete superseded files now, or leave them to a later sweep."""
    if nothing_left:
        (table_folder / UNSWEPT).unlink()
    else:
        sweep(table_folder)


def sweep(table_folder: Path) -> None:
    """Delete what killed or superseded changes left behind. The writer's lock is held.

    Files that a reader may still have in its list stay until nobody reads.
    """
    for leftover in table_folder.glob(f"{PREFIX}*"):
        # A change that ends just now removes its folder itself, without the lock.
        with suppress(FileNotFoundError), locks.unread(leftover / LIVE) as dead:
            if dead:
                shutil.rmtree(leftover, ignore_errors=True)
    if (table_folder / UNSWEPT).exists():
        with locks.unread(table_folder / locks.READERS) as nobody_reads:
            if nobody_reads:
                _delete_unnamed(table_folder)
                (table_folder / UNSWEPT).unlink()


def _delete_unnamed(table_folder: Path) -> None:
    named = {file.path for file in manifest.read(table_folder).files}
    for pattern in ("date=*/hour=*/*", f"{WHOLE}/*"):
        for path in table_folder.glob(pattern):
            if path.relative_to(table_folder).as_posix() not in named:
                path.unlink()
