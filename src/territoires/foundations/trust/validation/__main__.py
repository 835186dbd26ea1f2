"""``reader`` as a process: what gettext marks wants settings to be there, and this process has none."""

from django.conf import settings

settings.configure(USE_I18N=False)
from .reader import main  # noqa: E402 (its sentences are marked while it is imported)

main()
