"""The form of a gesture: what makes two clicks one, and what the reader had before the eyes."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms


class GestureForm(forms.Form):
    """``_key`` makes two clicks one; ``version`` is that of the row that the reader saw, None where it has none."""

    use_required_attribute = False

    _key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, seen: int | None = None, **options: Any) -> None:
        fresh = {"_key": str(uuid.uuid4()), "version": seen}
        options["initial"] = fresh | options.get("initial", {})
        super().__init__(*args, **options)

    @property
    def key(self) -> str:
        """The idempotency key; a form sent without one is a gesture of its own."""
        return self.cleaned_data.get("_key") or str(uuid.uuid4())

    def show_again(self, seen: int) -> None:
        """What was typed stays: the next click is another gesture, on the row as it now stands."""
        self.data = {name: self.data[name] for name in self.data}
        self.data |= {"_key": str(uuid.uuid4()), "version": seen}
