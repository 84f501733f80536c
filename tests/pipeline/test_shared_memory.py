import platform

from headwater.pipeline.shared_memory import share_memory


def test_the_c_library_of_gnu_systems_is_told() -> None:
    assert share_memory() == (platform.libc_ver()[0] == "glibc")
