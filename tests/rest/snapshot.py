"""The OpenAPI document as it was agreed: ``python -m tests.rest.snapshot`` writes the present one over it."""

from __future__ import annotations

import json
import os
from pathlib import Path

SNAPSHOT = Path(__file__).with_name("openapi.json")


def present() -> str:
    from territoires.foundations.registry.api import rest_api

    schema = json.loads(json.dumps(rest_api().get_openapi_schema(), default=str))
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "territoires.config.settings")
    django.setup()
    SNAPSHOT.write_text(present(), encoding="utf-8")
