"""How the package is built: what no linter checks of modules, classes, functions and private names."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "packager"
MODULES = {".".join(path.relative_to(SOURCE.parent).with_suffix("").parts): path for path in SOURCE.rglob("*.py")}
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in MODULES.items()}

MOST_LINES = 400  # of a module
LONGEST_FUNCTION = 60  # lines


DASK = {"dask", "distributed", "tornado"}
SYSTEM = {"os", "shutil", "socket", "sqlalchemy", "subprocess", "tempfile"}

# Words and options that commands of several folders share. No other module may be added.
SHARED_BY_COMMANDS = {
    "packager.cli.cards._card_options",
    "packager.cli.fleet._audit_fleet",
    "packager.cli.fleet._fleet_words",
    "packager.cli.players._players",
}


def imports_of(tree: ast.AST) -> Iterator[str]:
    """The full name of everything that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_says_what_it_is_for() -> None:
    assert [name for name, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_no_module_is_too_long() -> None:
    lengths = {name: len(path.read_text("utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_function_is_too_long() -> None:
    long = {
        f"{name}.{node.name}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.end_lineno is not None and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    }
    assert long == set()


def test_no_two_public_classes_share_a_name() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(name)
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}


def test_a_module_that_calls_itself_pure_imports_nothing_that_touches_the_system() -> None:
    impure = {
        f"{name} imports {imported}"
        for name, tree in TREES.items()
        if "Pure." in (ast.get_docstring(tree) or "")
        for imported in imports_of(tree)
        if imported.partition(".")[0] in SYSTEM
    }
    assert impure == set()


def test_a_module_with_an_underscore_is_imported_only_inside_its_own_folder() -> None:
    outside = {
        f"{name} imports {imported}"
        for name, tree in TREES.items()
        for imported in imports_of(tree)
        if imported in MODULES and imported not in SHARED_BY_COMMANDS
        if imported.rpartition(".")[2].startswith("_")
        if not name.startswith(imported.rpartition(".")[0] + ".")
    }
    assert outside == set()


def test_what_commands_share_is_no_business_of_other_rooms() -> None:
    assert set(MODULES) >= SHARED_BY_COMMANDS
    for name, tree in TREES.items():
        assert name.startswith("packager.cli.") or not set(imports_of(tree)) & SHARED_BY_COMMANDS, name


def test_only_the_room_of_clusters_imports_dask_and_only_what_names_a_cluster_imports_the_room() -> None:
    imported = {name: set(imports_of(tree)) for name, tree in TREES.items()}
    uses_dask = {name for name, found in imported.items() if {each.partition(".")[0] for each in found} & DASK}
    assert uses_dask <= {"packager.cluster.connection", "packager.cluster.guard"}
    uses_room = {name for name, found in imported.items() if any(each.startswith("packager.cluster") for each in found)}
    outside = {name for name in uses_room if not name.startswith("packager.cluster")}
    assert outside <= {"packager.cli.workers.members", "packager.cli.release._workers"}
