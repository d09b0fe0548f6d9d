"""Mutation testing: changes functions in small ways, and counts the changes that the tests of their room do not notice.

    python benchmarks/mutations.py                             # a sample of all modules in ROOMS
    python benchmarks/mutations.py --only sync/merge --all     # every mutant of one module

The mutants are those of mutmut: its operators, within functions, without the lines that `[mutmut]` in setup.cfg
leaves out. For each room, pytest collects the tests once and runs them once, to learn which test calls which function.
Then each mutant gets a fork of this process: it exchanges the code of one function, and runs the tests that call the
function, the quickest first, until one fails. Tests on real cards or with the speech model do not take part.

Prints, by module, how many mutants were tried and how many survived, then the survivors.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from mutmut.mutation.file_mutation import create_mutations

ROOT = Path(__file__).resolve().parent.parent
# Modules of packager/, and the tests of their room.
ROOMS = {
    "arranging/number_ledger.py": "tests/arranging",
    "base/manifest.py": "tests/base",
    "cards/io/*.py": "tests/cards",
    "cards/plan/*.py": "tests/cards",
    "firmware/keys.py": "tests/firmware",
    "firmware/walk.py": "tests/firmware",
    "mastering/speech_rate.py": "tests/mastering",
    "registry/signatures.py": "tests/registry/test_decisions.py",
    "sync/merge.py": "tests/sync",
    "textnorm/**/*.py": "tests/textnorm",
    "trust/chain.py": "tests/trust/test_chain.py",
    "trust/minisign.py": "tests/trust/test_minisign.py",
}
MARKERS = "not speech and not fat and not exhaustive and not postgresql and not browser"
NOT_INSTALLED = 99  # exit code
PATIENCE = 20, 4  # seconds, and times what the tests take: a mutant that takes longer runs in circles, which is noticed

Function = tuple[str, str]
"""A module below packager/, and the qualified name of a function in it."""


@dataclass(frozen=True)
class Mutant:
    """A function with one change."""

    function: Function
    before: Any  # libcst.Module
    change: Any  # mutmut's Mutation

    @cached_property
    def source(self) -> str:
        return str(self.before.deep_replace(self.change.original_node, self.change.mutated_node).code)

    @property
    def diff(self) -> str:
        lines = difflib.unified_diff(self.before.code.splitlines(), self.source.splitlines(), n=0, lineterm="")
        return "\n".join(list(lines)[2:])

    def install(self) -> None:
        """Exchange the code and the defaults of the function in this process."""
        path, name = self.function
        module = import_module(".".join(("packager", *Path(path).with_suffix("").parts)).removesuffix(".__init__"))
        changed = dict(vars(module))
        exec(compile(self.source, str(ROOT / "packager" / path), "exec"), changed)
        old, new = _function(vars(module), name), _function(changed, name)
        old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__


def _function(names: dict[str, Any], qualified: str) -> FunctionType:
    first, *rest = qualified.split(".")
    found = names[first]
    for name in rest:
        found = vars(found)[name]
    function = getattr(found, "__func__", found)
    assert isinstance(function, FunctionType), qualified
    return function


def mutants_of(path: str) -> Iterator[Mutant]:
    tree, changes, _classes, _functions = create_mutations(path, (ROOT / "packager" / path).read_text("utf-8"))
    names = {}
    for node in tree.body:
        if hasattr(node, "params"):
            names[node] = node.name.value
        elif hasattr(node, "bases"):
            names |= {
                each: f"{node.name.value}.{each.name.value}" for each in node.body.body if hasattr(each, "params")
            }
    for change in changes:
        if change.contained_by_top_level_function in names:
            yield Mutant((path, names[change.contained_by_top_level_function]), tree, change)


@dataclass
class Room:
    """A pytest plugin that runs the collected tests against each mutant."""

    mutants: Sequence[Mutant]
    jobs: int
    survivors: list[Mutant] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            calls = Path(folder) / "calls.json"
            child = _fork(Path(folder) / "first", lambda: self._learn(session.items, calls))
            os.waitpid(child, 0)
            tests = {tuple(function): names for function, names in json.loads(calls.read_text("utf-8"))}
            self._try_all(session, tests, Path(folder))
        return True

    def _try_all(self, session: pytest.Session, tests: dict[Any, list[tuple[float, str]]], folder: Path) -> None:
        by_name = {item.nodeid: item for item in session.items}
        running: dict[int, tuple[Mutant, Path]] = {}
        for number, mutant in enumerate(self.mutants):
            runs = tests.get(mutant.function, [])
            items = [by_name[name] for _seconds, name in runs]
            limit = round(PATIENCE[0] + PATIENCE[1] * sum(seconds for seconds, _name in runs))
            place = folder / str(number)
            running[_fork(place, partial(self._try, mutant, items, limit))] = (mutant, place)
            if len(running) == self.jobs:
                self._await_one(running)
        while running:
            self._await_one(running)

    def _await_one(self, running: dict[int, tuple[Mutant, Path]]) -> None:
        child, status = os.waitpid(-1, 0)
        mutant, place = running.pop(child)
        shutil.rmtree(place, ignore_errors=True)
        if os.waitstatus_to_exitcode(status) == NOT_INSTALLED:
            sys.exit(f"this mutant can't be installed:\n{mutant.diff}")
        if status == 0:
            self.survivors.append(mutant)

    def _learn(self, items: Sequence[pytest.Item], calls: Path) -> int:
        """Run all tests, and write which good ones of them call which function, the quickest first."""
        wanted = {mutant.function for mutant in self.mutants}
        files = {str(ROOT / "packager" / path): path for path, _name in wanted}
        called: set[CodeType] = set()

        def note(frame: Any, event: str, _argument: object) -> None:
            if event == "call" and frame.f_code.co_filename in files:
                called.add(frame.f_code)

        found: dict[Function, list[tuple[float, str]]] = defaultdict(list)
        for item in items:
            called.clear()
            before = len(self.failed)
            begin = time.process_time()
            sys.setprofile(note)
            _run_test(item)
            sys.setprofile(None)
            if len(self.failed) > before:  # one that counts time, which profiling stretches
                continue
            for code in called:
                function = (files[code.co_filename], code.co_qualname.partition(".<locals>")[0])
                found[function].append((time.process_time() - begin, item.nodeid))
        calls.write_text(json.dumps([(function, sorted(set(runs))) for function, runs in found.items()]))
        return 0

    def _try(self, mutant: Mutant, items: Sequence[pytest.Item], limit: int) -> int:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        try:
            mutant.install()
        except Exception:
            return NOT_INSTALLED
        for item in items:
            _run_test(item)
            if self.failed:
                return 1
        return 0


def _run_test(item: pytest.Item) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)


def _fork(folder: Path, act: Callable[[], int]) -> int:
    """Run `act` in a fork that prints nothing and has its own temporary folder."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        folder.mkdir()
        os.environ |= {"PYTEST_DEBUG_TEMPROOT": str(folder), "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "examples")}
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        status = act()
    finally:
        os._exit(status)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=400, help="how many mutants to try")
    parser.add_argument("--all", action="store_true", help="try all mutants")
    parser.add_argument("--seed", type=int, default=1, help="chooses the sample")
    parser.add_argument("--only", default="", help="only modules with this in their path")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at once")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    everything: dict[str, list[Mutant]] = defaultdict(list)
    for pattern, tests in ROOMS.items():
        for path in sorted((ROOT / "packager").glob(pattern)):
            name = str(path.relative_to(ROOT / "packager"))
            if arguments.only in name:
                everything[tests] += mutants_of(name)
    number = sum(map(len, everything.values()))
    share = 1.0 if arguments.all else min(1.0, arguments.count / number)
    luck = random.Random(arguments.seed)
    tried: Counter[str] = Counter()
    survivors: list[Mutant] = []
    for tests, mutants in everything.items():
        room = Room(luck.sample(mutants, round(share * len(mutants))), arguments.jobs)
        with contextlib.redirect_stdout(io.StringIO()) as told:
            ended = pytest.main(["-q", "-n", "0", "-p", "no:cacheprovider", "-m", MARKERS, tests], plugins=[room])
        if ended != 0:
            sys.exit(f"pytest ended with {ended}:\n{told.getvalue()}")
        tried.update(mutant.function[0] for mutant in room.mutants)
        survivors += room.survivors
    left = Counter(mutant.function[0] for mutant in survivors)
    for path, count in sorted(tried.items()):
        print(f"{path:40} {count:5} tried {left[path]:4} survived")
    total = sum(tried.values())
    print(
        f"{f'of {number} mutants':40} {total:5} tried {len(survivors):4} survived: {100 * len(survivors) / total:.1f} %"
    )
    for mutant in sorted(survivors, key=lambda mutant: mutant.function):
        print(f"\n{' '.join(mutant.function)}\n{mutant.diff}")


if __name__ == "__main__":
    main()
