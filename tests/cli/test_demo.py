from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.e2e.hunting import told

from headwater.cli import demo
from headwater.cli.printing import WIDTH
from headwater.lab.recordings import Recording, shipped
from headwater.lab.truth import Lawful


def only(name: str) -> list[Recording]:
    return [recording for recording in shipped() if name in recording.name]


def test_the_whole_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    text = told("demo")
    assert all(len(line.rstrip()) <= WIDTH for line in text.splitlines())
    for recording in shipped():
        assert recording.name in text
    shown = only("v9")[0].truth
    planted = [proxy.address for proxy in shown.proxies] + [m.address for m in shown.masters]
    # Each is in the tables, and again against the truth.
    assert [address for address in planted if text.count(address) < 2] == []
    assert text.rstrip().endswith("Nothing planted was missed, and nobody lawful was accused.")
    assert list(tmp_path.iterdir()) == []


def test_the_demo_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pretending(monkeypatch, only("v9")[0]):
        told("demo", "--report", tmp_path / "demo.html")
    page = (tmp_path / "demo.html").read_text(encoding="utf-8")
    assert all(f'id="p-{proxy.address}"' in page for proxy in only("v9")[0].truth.proxies)


@contextmanager
def pretending(monkeypatch: pytest.MonkeyPatch, recording: Recording) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(demo, "shipped", lambda: [recording])
        yield


def test_what_was_missed_or_accused_ends_with_three(monkeypatch: pytest.MonkeyPatch) -> None:
    (recording,) = only("v5")
    truth = recording.truth
    quiet, busy = truth.lawful[-1], truth.proxies[0]
    wrong = replace(
        truth,
        proxies=[*truth.proxies[1:], replace(busy, address=quiet.address)],
        lawful=[*truth.lawful[:-1], Lawful(address=busy.address, role="a web shop")],
    )
    with pretending(monkeypatch, replace(recording, truth=wrong)):
        text = told("demo", code=3)
    assert f"{quiet.address}" in text
    assert text.count("WRONG") == 2
    assert "a web shop" in text
    assert "0 of 1" in text
    assert "Nothing planted was missed" not in text
