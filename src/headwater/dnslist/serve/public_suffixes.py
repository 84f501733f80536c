"""The public suffix list's ICANN section, as it comes with the publicsuffixlist package."""

from functools import cache
from importlib.resources import files
from typing import Final

BEGIN: Final = "===BEGIN ICANN DOMAINS==="
END: Final = "===END ICANN DOMAINS==="


@cache
def icann_rules() -> tuple[str, ...]:
    """Rules in A-labels and lower case: ``com``, ``*.ck``, ``!www.ck``."""
    path = files("publicsuffixlist") / "public_suffix_list.dat"
    text = path.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    lines = (line.strip() for line in text.splitlines())
    return tuple(_ascii(line) for line in lines if line and not line.startswith("//"))


def _ascii(rule: str) -> str:
    if rule.isascii():
        return rule.lower()
    labels = rule.split(".")
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
        for label in labels
    )
