from headwater.wire.leases.isc_syntax import MOST_DEPTH, MOST_WORDS, Statement, read_statements


def read(text: str) -> list[Statement]:
    return list(read_statements(text.split("\n")))


def test_words_texts_and_blocks() -> None:
    [one] = read('lease a { b "c \\"d\\" \\101"; # no\n e { f; } }')
    assert one.words == ("lease", "a")
    assert [s.words for s in one.inner] == [("b", 'c "d" A'), ("e",)]
    assert one.inner[1].inner[0].words == ("f",)
    assert (one.line, one.inner[1].line) == (1, 2)


def test_bounds() -> None:
    assert read("{" * (MOST_DEPTH + 1))[0].fault == "too many braces"
    assert read("lease " * (MOST_WORDS + 1))[0].fault == "statement too long"


def test_reading_goes_on_with_the_next_entry_after_a_fault() -> None:
    told = read('lease a { b "c;\n x; }\nlease d { e; }')
    assert [(s.words, s.fault) for s in told] == [
        ((), "text without its closing quote"),
        (("lease", "d"), ""),
    ]
    assert [s.fault for s in read("}\nlease a { }")] == ["brace without its other half", ""]
