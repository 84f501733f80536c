"""Rules about the code itself, so that nobody has to remember them."""

import ast
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent
SOURCE = ROOT / "src" / "headwater"
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
DETECTOR_HEADINGS = ("Sees", "Misses", "Mistakes", "Next step", "Source")
PURE_ROOMS = ("records", "wire", "measures", "detectors")
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "manager"}

MODULES = sorted(p for p in SOURCE.rglob("*.py") if p.name != "__init__.py")
ROOMS = sorted(p.parent for p in SOURCE.glob("*/__init__.py"))
PACKAGES = sorted(SOURCE.rglob("__init__.py"))
PURE_MODULES = [m for m in MODULES if m.relative_to(SOURCE).parts[0] in PURE_ROOMS]
PURE_FILES = sorted(p for room in PURE_ROOMS for p in (SOURCE / room).rglob("*.py"))
EVERY_PYTHON_FILE = sorted(
    p for top in ("src", "tests", "tools", "benchmarks") for p in (ROOT / top).rglob("*.py")
)
DETECTORS = sorted(p for p in (SOURCE / "detectors").glob("*.py") if p.stem != "__init__")
QUESTIONS = sorted((SOURCE / "detectors").glob("*.sql"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


# Where in a file a rule is broken: the line, and what stands there.
Offence = tuple[int, str]
Rule = Callable[[Path], Iterable[Offence]]


def nowhere(rule: Rule, paths: Sequence[Path]) -> None:
    """Fails with every place in these files where the rule is broken."""
    assert paths
    found = [f"{name(path)}:{line}: {what}" for path in paths for line, what in rule(path)]
    assert not found, "\n".join(["", *found])


def nodes_of(kinds: type | tuple[type, ...], path: Path) -> Iterator[Any]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, kinds))


def says_nothing(path: Path) -> list[Offence]:
    return [] if ast.get_docstring(tree(path)) else [(1, "no docstring")]


def test_room_says_what_it_is_for() -> None:
    nowhere(says_nothing, PACKAGES)


def test_module_says_what_it_is_for() -> None:
    nowhere(says_nothing, MODULES)


def too_long(path: Path) -> Iterator[Offence]:
    lines = len(path.read_text().splitlines())
    if lines > LONGEST_FILE:
        yield lines, "the file is too long"
    for node in nodes_of((ast.FunctionDef, ast.AsyncFunctionDef), path):
        if (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION:
            yield node.lineno, f"{node.name} is too long"


def test_file_reads_in_one_sitting() -> None:
    nowhere(too_long, EVERY_PYTHON_FILE)


def test_every_room_is_on_the_plan() -> None:
    plan = (ROOT / "ARCHITECTURE.md").read_text()
    named = {line.split("`")[1] for line in plan.splitlines() if line.startswith("| `")}
    assert named == {room.name for room in ROOMS}


def test_every_file_is_named_for_what_it_holds() -> None:
    silent = [name(p) for p in EVERY_PYTHON_FILE if p.stem in NAMES_THAT_SAY_NOTHING]
    folders = {
        name(p.parent) for p in EVERY_PYTHON_FILE if p.parent.name in NAMES_THAT_SAY_NOTHING
    }
    assert not silent
    assert not folders


def without_test(module: Path) -> list[Offence]:
    place = module.relative_to(SOURCE)
    test = TESTS / place.with_name(f"test_{place.name}")
    return [] if test.is_file() else [(1, f"there is no {name(test)}")]


def test_pure_module_has_a_test_of_the_same_name() -> None:
    nowhere(without_test, PURE_MODULES)


def dataclass_options(node: ast.ClassDef) -> set[str] | None:
    """The options a class sets true in its ``@dataclass``; None where it is none."""
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        target = call.func if call else decorator
        if isinstance(target, ast.Name) and target.id == "dataclass":
            return {k.arg or "" for k in call.keywords} if call else set()
    return None


def loose_values(module: Path) -> Iterator[Offence]:
    wanted = {"slots"} | ({"frozen"} if "records" in module.parts else set())
    for node in nodes_of(ast.ClassDef, module):
        options = dataclass_options(node)
        if options is not None and not wanted <= options:
            yield node.lineno, f"{node.name} is not {' and '.join(sorted(wanted - options))}"


def test_values_are_slotted_and_nouns_frozen() -> None:
    nowhere(loose_values, MODULES)


def missing_headings(path: Path) -> list[Offence]:
    page = (ast.get_docstring(tree(path)) or "").splitlines()
    return [
        (1, f"no heading {heading}")
        for heading in DETECTOR_HEADINGS
        if not any(line.startswith(heading) for line in page)
    ]


def test_detector_says_what_it_sees_and_misses() -> None:
    nowhere(missing_headings, DETECTORS)


def missing_questions(path: Path) -> Iterator[Offence]:
    for node in nodes_of(ast.Constant, path):
        named = node.value if isinstance(node.value, str) else ""
        is_question = named.endswith(".sql") and "\n" not in named
        if is_question and not (path.parent / Path(named).name).is_file():
            yield node.lineno, f"there is no {named}"


def test_a_question_that_is_named_stands_beside_its_detector() -> None:
    nowhere(missing_questions, DETECTORS)


def without_detector(path: Path) -> list[Offence]:
    part_of = any(f"\n-- steps: {path.name}\n" in other.read_text() for other in QUESTIONS)
    asked = part_of or any(f'"{path.name}"' in other.read_text() for other in DETECTORS)
    return [] if asked else [(1, "nobody asks this")]


def test_every_question_has_its_detector() -> None:
    nowhere(without_detector, QUESTIONS)


# The world is passed in: what a pure room may not call, with what to do instead.
FORBIDDEN_CALLS = {
    "open": "take bytes or lines",
    "print": "return values",
    "input": "take a value",
    "exec": "never",
    "eval": "never",
    "breakpoint": "never",
    "__import__": "import at the top",
}
FORBIDDEN_METHODS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "monotonic"),
    ("time", "sleep"),
    ("np", "fromfile"),
    ("np", "load"),
    ("np", "save"),
}
FORBIDDEN_IMPORTS = {
    "random", "secrets", "time", "glob", "io", "http", "urllib.request", "multiprocessing",
    "pyarrow.dataset", "pyarrow.fs", "pyarrow.parquet",
}  # fmt: skip


def impurities(path: Path) -> Iterator[Offence]:
    for node in nodes_of((ast.Import, ast.ImportFrom, ast.Call), path):
        yield from ((node.lineno, found) for found in impurity(node))


def impurity(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [a.name for a in node.names if a.name in FORBIDDEN_IMPORTS]
    if isinstance(node, ast.ImportFrom):
        return [node.module] if node.module in FORBIDDEN_IMPORTS else []
    return forbidden_call(node) if isinstance(node, ast.Call) else []


def forbidden_call(node: ast.Call) -> list[str]:
    if isinstance(node.func, ast.Name):
        return [node.func.id] if node.func.id in FORBIDDEN_CALLS else []
    if not isinstance(node.func, ast.Attribute):
        return []
    method = node.func.attr
    owner = node.func.value
    last = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    unseeded = method == "default_rng" and not node.args and not node.keywords
    bad = (last, method) in FORBIDDEN_METHODS or unseeded or method in {"open", "write_text"}
    return [f"{last}.{method}"] if bad else []


def test_pure_room_touches_no_disk_clock_or_chance() -> None:
    nowhere(impurities, PURE_FILES)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("open('x')", ["open"]),
        ("from datetime import datetime\ndatetime.now()", ["datetime.now"]),
        ("import datetime\ndatetime.datetime.utcnow()", ["datetime.utcnow"]),
        ("import time", ["time"]),
        ("path.open()", ["path.open"]),
        ("np.random.default_rng()", ["random.default_rng"]),
        ("np.random.default_rng(7)", []),
        ("datetime.fromisoformat(text)", []),
    ],
)
def test_the_purity_check_notices(code: str, found: list[str], tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(code)
    assert [what for _, what in impurities(module)] == found


def prints(path: Path) -> Iterator[Offence]:
    for node in nodes_of(ast.Call, path):
        if isinstance(node.func, ast.Name) and node.func.id == "print":
            yield node.lineno, "prints"


def test_only_the_command_line_prints() -> None:
    nowhere(prints, [m for m in MODULES if "cli" not in m.parts])


def test_a_broken_rule_is_told_with_its_file_and_line() -> None:
    def first_import(path: Path) -> list[Offence]:
        return [(node.lineno, "imports") for node in nodes_of(ast.Import, path)][:1]

    with pytest.raises(AssertionError, match=r"tests/test_house_rules\.py:3: imports"):
        nowhere(first_import, [Path(__file__)])


def test_the_purity_contract_names_every_pure_room() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    judging = next(c for c in contracts if c["name"].startswith("Judging is pure"))
    assert set(judging["source_modules"]) >= {f"headwater.{room}" for room in PURE_ROOMS}


def test_constraints_pin_versions_and_name_no_index() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [x for x in lines if x.strip() and not x.lstrip().startswith("#")]
    assert len(pins) > len(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"])
    assert [p for p in pins if "==" not in p or "://" in p or p.startswith("-")] == []
