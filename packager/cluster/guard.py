"""Restricts what Dask unpickles to a short list of names, so that nobody can send code to a member of the cluster.

Dask pickles the graph of tasks and its own plugin; messages of this program are bytes. An object of any other class or
function is refused before it is made. See docs/decisions/cluster.md.
"""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

PERMITTED = frozenset(
    {
        ("builtins", "bytes"),
        ("dask._expr", "Expr._reconstruct"),
        ("dask._expr", "LLGExpr"),
        ("dask._task_spec", "Task"),
        ("distributed.shuffle._worker_plugin", "ShuffleWorkerPlugin"),
        ("packager.cluster.perform", "perform"),
    }
)
"""Everything that a scheduler, worker or client of this program unpickles, by module and name."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """The permitted object of that name. Raises UnpicklingError for any other."""
        if (module, name) not in PERMITTED:
            raise pickle.UnpicklingError(f"{module}.{name} is not permitted in a cluster of packager")
        return super().find_class(module, name)


def guarded_loads(data: Any, *, buffers: Iterable[Any] = ()) -> Any:
    """As `pickle.loads`. Raises UnpicklingError for what is not `PERMITTED`."""
    return _Unpickler(io.BytesIO(data), buffers=buffers or None).load()


def guard_unpickling() -> None:
    """Guard this process for good. All of Dask's modules that unpickle are replaced, wherever they took it from."""
    import distributed
    import distributed.protocol.pickle
    import distributed.shuffle

    distributed.protocol.pickle.loads = guarded_loads
    guarded = SimpleNamespace(**{**vars(pickle), "loads": guarded_loads, "load": _refuse, "Unpickler": _Unpickler})
    for name, module in list(sys.modules.items()):
        is_own = name.startswith("distributed.") and name != "distributed.protocol.pickle"
        if is_own and getattr(module, "pickle", None) is pickle:
            vars(module)["pickle"] = guarded


def _refuse(*_arguments: Any, **_options: Any) -> Any:
    raise pickle.UnpicklingError("not permitted in a cluster of packager")
