"""Logs whose lines are too many for the book: one fact holds the root of many, and whoever they concern proves its own.

Two trees as that of the book, one in the other. The lines of one group (those of one bid, for one) are the leaves of its
tree, each with its line feed; a group is the leaf ``<name> TAB <lines> TAB <root in hexadecimal> LF`` of the tree over the
groups, by name. The fact names that ``root`` and says how many ``groups`` there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from .tree import Frontier, held, inclusion, leaf_hash, root, root_of_path


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that concern one: how many, and the root of them."""

    name: str
    lines: int
    root: bytes

    @property
    def leaf(self) -> bytes:
        return leaf_hash(f"{self.name}\t{self.lines}\t{self.root.hex()}\n".encode())


@dataclass(frozen=True, slots=True)
class GroupProof:
    """All the lines of one group, and its place below the root that ``entry`` holds; ``columns`` names their fields."""

    entry: UUID
    name: str
    index: int
    size: int
    path: Sequence[bytes]
    columns: Sequence[str]
    lines: Iterable[bytes]

    def leads_to(self, group: Group) -> bytes | None:
        """The root to which the path leads; None when it does not fit."""
        return root_of_path(group.leaf, self.index, self.size, self.path)


def grouped(lines: Iterable[tuple[str, bytes]]) -> list[Group]:
    """The groups of named lines, by name; the lines of each stay in their order. In bounded memory for each group."""
    edges: dict[str, Frontier] = {}
    for name, line in lines:
        edges.setdefault(name, Frontier()).add(leaf_hash(line))
    return [Group(name, edge.size, edge.root()) for name, edge in sorted(edges.items())]


def groups_root(groups: Sequence[Group]) -> bytes:
    """The root over groups, in their order."""
    return root(held(one.leaf for one in groups), len(groups))


def group_path(groups: Sequence[Group], index: int) -> list[bytes]:
    """The path from one of the groups to the root over them."""
    return inclusion(held(one.leaf for one in groups), index, len(groups))
