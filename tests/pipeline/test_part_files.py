from pathlib import Path

import numpy as np
import pyarrow as pa

from headwater.pipeline.part_files import PartFiles


def test_rows_are_read_part_by_part_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    files = PartFiles(tmp_path, "some", 3)
    for first in (0, 4):
        rows = pa.table({"number": range(first, first + 4), "text": list("abab")})
        files.add(rows, np.array([2, 0, 2, 0], np.uint16))
    assert files.read(0).to_pydict() == {"number": [1, 3, 5, 7], "text": list("bbbb")}
    assert files.read(1).num_rows == 0
    assert files.read(2).column("number").to_pylist() == [0, 2, 4, 6]
