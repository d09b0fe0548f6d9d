"""Look for the free entries of a root of fixed size, with fillers, before a load changes anything."""

from __future__ import annotations

from packager.base.errors import CardRefusedError
from packager.base.i18n.language import _
from packager.cards.io.card import Card
from packager.cards.io.directory_writer import DirectoryWriter
from packager.cards.plan.directory_order import is_filler, name_class
from packager.cards.plan.fixed_root import largest_new_name, needs_a_look, split_root
from packager.cards.plan.steps import LoadPlan


def require_room_in_root(card: Card, plan: LoadPlan) -> None:
    """Raise CardRefusedError if the root of a card has too little room in the right places.

    Only a foreign file in one of our folders makes this necessary: without it, all our entries could be written again.
    The fillers are gone afterwards; those of a killed load are deleted by the next one.
    """
    name = largest_new_name(plan)
    if name is None or not needs_a_look(card.snapshot, plan):
        return
    writer = DirectoryWriter(card.fs, plan.placing)
    try:
        names = writer.fill_root(name_class(name))
        left = {entry.name for entry in card.snapshot.folders[""] if is_filler(entry)}  # by a killed load
        refusal = split_root(card.snapshot, plan, names, writer.fillers_in("") | left)
    finally:
        writer.remove_fillers()
        card.fs.barrier()
    if refusal is not None:
        raise CardRefusedError("\n".join([_("The card was not touched:"), f"  - {refusal}"]))
