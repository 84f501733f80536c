"""Rules about the code itself, so that nobody has to remember them."""

import ast
import tomllib
from pathlib import Path

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


@pytest.mark.parametrize("package", PACKAGES, ids=name)
def test_room_says_what_it_is_for(package: Path) -> None:
    assert ast.get_docstring(tree(package))


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_module_says_what_it_is_for(module: Path) -> None:
    assert ast.get_docstring(tree(module))


@pytest.mark.parametrize("path", EVERY_PYTHON_FILE, ids=name)
def test_file_reads_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, node.name


def test_every_file_is_named_for_what_it_holds() -> None:
    silent = [name(p) for p in EVERY_PYTHON_FILE if p.stem in NAMES_THAT_SAY_NOTHING]
    folders = {
        name(p.parent) for p in EVERY_PYTHON_FILE if p.parent.name in NAMES_THAT_SAY_NOTHING
    }
    assert not silent
    assert not folders


@pytest.mark.parametrize("module", PURE_MODULES, ids=name)
def test_pure_module_has_a_test_of_the_same_name(module: Path) -> None:
    place = module.relative_to(SOURCE)
    assert (TESTS / place.with_name(f"test_{place.name}")).is_file()


def dataclass_options(node: ast.ClassDef) -> set[str] | None:
    """The options a class sets true in its ``@dataclass``; None where it is none."""
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        target = call.func if call else decorator
        if isinstance(target, ast.Name) and target.id == "dataclass":
            return {k.arg or "" for k in call.keywords} if call else set()
    return None


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_values_are_slotted_and_nouns_frozen(module: Path) -> None:
    wanted = {"slots"} | ({"frozen"} if "records" in module.parts else set())
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ClassDef):
            options = dataclass_options(node)
            assert options is None or wanted <= options, node.name


@pytest.mark.parametrize("path", DETECTORS, ids=name)
def test_detector_says_what_it_sees_and_misses(path: Path) -> None:
    page = (ast.get_docstring(tree(path)) or "").splitlines()
    missing = [h for h in DETECTOR_HEADINGS if not any(line.startswith(h) for line in page)]
    assert not missing


@pytest.mark.parametrize("path", DETECTORS, ids=name)
def test_a_question_that_is_named_stands_beside_its_detector(path: Path) -> None:
    named = {
        node.value
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.endswith(".sql")
        and "\n" not in node.value
    }
    assert [n for n in named if not (path.parent / Path(n).name).is_file()] == []


@pytest.mark.parametrize("path", QUESTIONS, ids=name)
def test_every_question_has_its_detector(path: Path) -> None:
    assert path.with_suffix(".py").is_file()


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


def impurities(path: Path) -> list[str]:
    return [found for node in ast.walk(tree(path)) for found in impurity(node)]


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


@pytest.mark.parametrize("path", PURE_FILES, ids=name)
def test_pure_room_touches_no_disk_clock_or_chance(path: Path) -> None:
    assert impurities(path) == []


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
    assert impurities(module) == found


@pytest.mark.parametrize("module", [m for m in MODULES if "cli" not in m.parts], ids=name)
def test_only_the_command_line_prints(module: Path) -> None:
    calls = [n.func for n in ast.walk(tree(module)) if isinstance(n, ast.Call)]
    assert not [c for c in calls if isinstance(c, ast.Name) and c.id == "print"]


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
