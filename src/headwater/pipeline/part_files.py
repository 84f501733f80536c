"""Rows that do not fit into memory, dealt out to files and read again part by part."""

from pathlib import Path
from threading import Lock

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


class PartFiles:
    """``count`` files of rows of one shape, in a folder of the caller's."""

    def __init__(self, folder: Path, name: str, count: int) -> None:
        self.count = count
        self._paths = [folder / f"{name}-{number:05}.arrows" for number in range(count)]
        self._writers: list[pa.RecordBatchStreamWriter] = []
        self._closing = Lock()

    def add(self, rows: pa.Table, part: NDArray[np.uint16]) -> None:
        """Deal out rows; ``part``: of each its file, below ``count``."""
        if not self._writers:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._writers = [
                pa.ipc.new_stream(str(path), rows.schema, options=options)
                for path in self._paths
            ]
        dealt = rows.take(pa.array(np.argsort(part, kind="stable")))
        begin = 0
        for writer, size in zip(
            self._writers, np.bincount(part, minlength=self.count), strict=True
        ):
            writer.write_table(dealt.slice(begin, int(size)))
            begin += int(size)

    def read(self, number: int) -> pa.Table:
        """All rows of one part, in the order in which they came. Some must have been added."""
        with self._closing:  # several may read at a time
            for writer in self._writers:
                writer.close()
        with pa.ipc.open_stream(str(self._paths[number])) as rows:
            return rows.read_all()
