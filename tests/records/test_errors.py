import pytest

from headwater.records import errors

DELIBERATE = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, Exception)
    and kind is not errors.HeadwaterError
]


@pytest.mark.parametrize("kind", DELIBERATE)
def test_every_error_hangs_on_the_tree_and_is_drawn_there(kind: type[Exception]) -> None:
    assert issubclass(kind, errors.HeadwaterError)
    assert f"── {kind.__name__} " in (errors.__doc__ or "")
    assert str(kind("wanted 4 bytes")) == "wanted 4 bytes"
