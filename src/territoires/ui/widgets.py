"""Widgets of forms that the browser has none for."""

from __future__ import annotations

from typing import Any

from django.forms import CheckboxSelectMultiple
from django.utils.html import format_html


class FoldedChoices(CheckboxSelectMultiple):
    """Boxes in groups that fold, for more choices than anybody reads at once; its choices are grouped.

    Each group says how many of its boxes are ticked, and is open where one is.
    """

    template_name = "ui/widgets/folded_choices.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["groups"] = [
            _group(label, boxes) for label, boxes, _place in context["widget"]["optgroups"]
        ]
        return context


def _group(label: Any, boxes: list[dict[str, Any]]) -> dict[str, Any]:
    """``number`` in a mark of its own: where there are scripts, it follows what is ticked."""
    ticked = sum(box["selected"] for box in boxes)
    number = format_html("<span data-ticked>{}</span>", ticked)
    return {"label": label, "boxes": boxes, "is_open": bool(ticked), "number": number}
