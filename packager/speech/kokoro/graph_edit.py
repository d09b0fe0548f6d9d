"""Edits of ONNX graphs: put a new list of nodes in place, without what nothing uses any more."""

from __future__ import annotations

from collections.abc import Sequence

from onnx import GraphProto, NodeProto


def set_nodes(graph: GraphProto, nodes: Sequence[NodeProto]) -> None:
    """Give `graph` the `nodes`, in this order; drop nodes and constants whose outputs nothing uses.

    The graph must not have subgraphs.
    """
    results = {output.name for output in graph.output}
    kept = list(nodes)
    while True:
        used = results.union(*(node.input for node in kept))
        needed = [node for node in kept if used.intersection(node.output)]
        if len(needed) == len(kept):
            break
        kept = needed
    constants = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(kept)
    graph.initializer.extend(constants)
