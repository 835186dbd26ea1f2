"""An account is found by its address without reading all accounts."""

from __future__ import annotations

import pytest
from django.db import connection

from territoires.foundations.identity.models import Account

pytestmark = pytest.mark.django_db


def test_an_address_is_looked_up_by_the_index_that_keeps_it_unique() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a small table is read whole otherwise
    assert "account_email_once" in Account.objects.filter(email__iexact="Ana@Village.example").explain()
