import platform

import pyarrow as pa

from headwater.pipeline.shared_memory import share_memory


def test_the_c_library_of_gnu_systems_is_told() -> None:
    assert share_memory() == (platform.libc_ver()[0] == "glibc")


def test_columns_of_arrow_come_from_the_same_heap() -> None:
    share_memory()
    before = pa.system_memory_pool().bytes_allocated()
    column = pa.array(range(1000))
    assert pa.system_memory_pool().bytes_allocated() >= before + column.nbytes
