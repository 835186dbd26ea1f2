"""Addresses from the opened bids to their ranking, under ``/o/<organisation>/procurement/``."""

from django.urls import path

from ..converters import DIGEST
from . import bids, candidates, methods, notes, reports, rounds

_ONE = "<uuid:consultation>/"
_CANDIDATE = _ONE + "candidates/<uuid:candidacy>/"
_BID = _ONE + "bids/<uuid:bid>/"

urlpatterns = [
    path(_ONE + "award/begin/", bids.begin, name="begin-examination"),
    path(_ONE + "candidates/", candidates.candidates, name="candidates"),
    path(_ONE + "candidates/ask/", candidates.ask_missing, name="ask-missing"),
    path(_ONE + "requests/<uuid:asked>/" + DIGEST, candidates.answer_file, name="answer-file"),
    path(_CANDIDATE, candidates.candidate, name="candidate"),
    path(_CANDIDATE + "pieces/", candidates.note_pieces, name="note-pieces"),
    path(_CANDIDATE + "decide/", candidates.decide_candidacy, name="decide-candidacy"),
    path(_CANDIDATE + "again/", candidates.examine_again, name="examine-again"),
    path(_CANDIDATE + "proofs/", candidates.ask_proofs, name="ask-proofs"),
    path(_ONE + "bids/", bids.bids, name="bids"),
    path(_ONE + "bids/ask/", bids.ask_bids, name="ask-bids"),
    path(_ONE + "bids/rank/", bids.rank, name="rank-bids"),
    path(_ONE + "bids/analyse.csv", reports.table, name="analysis-table"),
    path(_BID, bids.bid, name="bid"),
    path(_BID + "price/", bids.price_bid, name="price-bid"),
    path(_BID + "judge/", bids.judge_bid, name="judge-bid"),
    path(_BID + "score/<uuid:criterion>/", notes.score, name="score-bid"),
    path(_BID + "agree/<uuid:criterion>/", notes.agree, name="agree-score"),
    path(_ONE + "methods/", methods.methods, name="methods"),
    path(_ONE + "methods/<uuid:criterion>/", methods.choose_method, name="choose-method"),
    path(_ONE + "rounds/", rounds.rounds, name="rounds"),
    path(_ONE + "rounds/prepare/", rounds.prepare_round, name="prepare-round"),
    path(_ONE + "rounds/invite/", rounds.open_round, name="open-round"),
    path(_ONE + "dialogue/meeting/", rounds.note_meeting, name="note-dialogue-meeting"),
    path(_ONE + "dialogue/end/", rounds.end_dialogue, name="end-dialogue"),
    path(_ONE + "dialogue/" + DIGEST, rounds.meeting_file, name="dialogue-file"),
    path(_ONE + "report/", reports.make_report, name="make-report"),
    path(_ONE + "report/<int:number>/", reports.report, name="report"),
]
