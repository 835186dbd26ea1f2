"""Addresses of the decision and its letters, under ``/o/<organisation>/procurement/``."""

from django.urls import path

from . import contest, decision, letters, overview

_ONE = "<uuid:consultation>/"
_CANDIDATE = _ONE + "candidates/<uuid:candidacy>/"

urlpatterns = [
    path(_ONE + "award/", overview.award, name="award"),
    path(_CANDIDATE + "reasons/", letters.give_reasons, name="give-reasons"),
    path(_ONE + "anonymity/", contest.lift, name="lift-anonymity"),
    path(_ONE + "decide/", decision.decide, name="decide"),
    path(_ONE + "decide/lot/", decision.award_lot, name="award-lot"),
    path(_ONE + "decide/withdraw/", decision.withdraw_award, name="withdraw-award"),
    path(_ONE + "decide/end/", decision.end_without, name="end-without"),
    path(_ONE + "letters/", letters.letters_page, name="letters"),
    path(_ONE + "letters/standstill/", letters.keep_standstill, name="keep-standstill"),
    path(_ONE + "letters/send/", letters.send_letters, name="send-letters"),
    path(_ONE + "letters/<uuid:letter>/", letters.letter_file, name="letter-file"),
]
