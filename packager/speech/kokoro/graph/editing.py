"""Edits of ONNX graphs: what makes and uses each value, new nodes with their constants, a new list of nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

CONTRIBUTED = "com.microsoft"
"""The domain of onnxruntime's own operators."""


@dataclass(frozen=True)
class GraphIndex:
    """The constants of a graph, the node that makes each value, and the nodes that use it."""

    constants: Mapping[str, TensorProto]
    makers: Mapping[str, NodeProto]
    users: Mapping[str, Sequence[NodeProto]]

    @classmethod
    def of(cls, graph: GraphProto) -> GraphIndex:
        """The index of `graph`."""
        users: dict[str, list[NodeProto]] = {}
        for node in graph.node:
            for name in node.input:
                users.setdefault(name, []).append(node)
        return cls(
            {tensor.name: tensor for tensor in graph.initializer},
            {name: node for node in graph.node for name in node.output},
            users,
        )

    def maker(self, name: str, operator: str) -> NodeProto | None:
        """The node that makes `name`, if it has this operator."""
        node = self.makers.get(name)
        return node if node is not None and node.op_type == operator else None

    def only_user(self, name: str, operator: str) -> NodeProto | None:
        """The node that uses `name`, if it is one with this operator."""
        users = self.users.get(name, ())
        return users[0] if len(users) == 1 and users[0].op_type == operator else None

    def value(self, name: str) -> Any:
        """The constant `name` as an array."""
        return numpy_helper.to_array(self.constants[name])

    def is_one_number(self, name: str) -> bool:
        """Whether `name` is a constant with one element."""
        return name in self.constants and int(np.prod(self.constants[name].dims)) == 1


@dataclass
class Replacement:
    """Nodes that replace one node, and their constants. `name` begins all their names."""

    name: str
    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)

    def constant(self, what: str, value: Any) -> str:
        """Add a constant; returns its name."""
        name = f"{self.name}/{what}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operator: str, inputs: Sequence[str], what: str, *, domain: str = "", **settings: Any) -> str:
        """Add a node; returns the name of its result."""
        name = f"{self.name}/{what}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, domain=domain, **settings))
        return name

    def result(self, name: str) -> None:
        """Let the last node make the value `name`."""
        self.nodes[-1].output[0] = name


def replace_nodes(graph: GraphProto, replacements: Mapping[str, Replacement]) -> None:
    """Put each replacement in the place of the node that makes the value of this name."""
    nodes: list[NodeProto] = []
    for node in graph.node:
        replacement = replacements.get(node.output[0])
        nodes.extend(replacement.nodes if replacement else [node])
    for replacement in replacements.values():
        graph.initializer.extend(replacement.constants)
    set_nodes(graph, nodes)


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


def settings_of(node: NodeProto) -> dict[str, Any]:
    """The attributes of a node."""
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
