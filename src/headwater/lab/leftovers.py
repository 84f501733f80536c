"""What a lab that was killed (SIGKILL) could not remove itself is removed by the next one."""

import shutil
import tempfile
from pathlib import Path

from headwater.lab.tidiness import MARK, is_gone, owner_of
from headwater.lab.topology import ETC_NETNS, NAMESPACES_DIR, Ground, remove


def sweep() -> list[int]:
    """Remove the namespaces, processes and files of labs that are gone; say whose."""
    owners = {
        owner
        for folder in (NAMESPACES_DIR, ETC_NETNS, Path(tempfile.gettempdir()))
        if folder.is_dir()
        for entry in folder.glob(f"{MARK}-*")
        if (owner := owner_of(entry.name)) is not None and is_gone(owner)
    }
    for owner in owners:
        remove(Ground(owner))
        for directory in Path(tempfile.gettempdir()).glob(f"{MARK}-{owner}-*"):
            shutil.rmtree(directory, ignore_errors=True)
    return sorted(owners)
