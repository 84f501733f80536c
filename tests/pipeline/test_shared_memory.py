import gc
import platform

import pyarrow as pa

from headwater.pipeline.shared_memory import memory_kept, share_memory


def test_the_c_library_of_gnu_systems_is_told() -> None:
    assert share_memory() == (platform.libc_ver()[0] == "glibc")


def test_columns_of_arrow_come_from_the_same_heap() -> None:
    share_memory()
    before = pa.system_memory_pool().bytes_allocated()
    column = pa.array(range(1000))
    assert pa.system_memory_pool().bytes_allocated() >= before + column.nbytes


def test_garbage_is_looked_for_as_before_once_the_work_is_done() -> None:
    with memory_kept():
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0
