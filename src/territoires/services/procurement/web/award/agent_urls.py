"""Addresses from the opened bids to the end of the contract, under ``/o/<organisation>/procurement/``."""

from django.urls import path

from ..converters import DIGEST
from . import contracts, decisions, enterprise, evaluation

_ONE = "<uuid:consultation>/"
_CANDIDATE = _ONE + "candidates/<uuid:candidacy>/"
_BID = _ONE + "bids/<uuid:bid>/"
_MEETING = _ONE + "meetings/<uuid:meeting>/"
_CONTRACT = "contracts/<uuid:contract>/"
_POST = "post/"
_HELD = _POST + "contracts/<uuid:contract>/"

urlpatterns = [
    path(_ONE + "award/", evaluation.award, name="award"),
    path(_ONE + "award/begin/", evaluation.begin, name="begin-examination"),
    path(_ONE + "candidates/", evaluation.candidates, name="candidates"),
    path(_ONE + "candidates/ask/", evaluation.ask_missing, name="ask-missing"),
    path(_CANDIDATE, evaluation.candidate, name="candidate"),
    path(_CANDIDATE + "pieces/", evaluation.note_pieces, name="note-pieces"),
    path(_CANDIDATE + "decide/", evaluation.decide_candidacy, name="decide-candidacy"),
    path(_CANDIDATE + "again/", evaluation.examine_again, name="examine-again"),
    path(_CANDIDATE + "proofs/", evaluation.ask_proofs, name="ask-proofs"),
    path(_CANDIDATE + "reasons/", decisions.give_reasons, name="give-reasons"),
    path(_ONE + "bids/", evaluation.bids, name="bids"),
    path(_ONE + "bids/ask/", evaluation.ask_bids, name="ask-bids"),
    path(_ONE + "bids/rank/", evaluation.rank, name="rank-bids"),
    path(_ONE + "bids/analyse.csv", evaluation.table, name="analysis-table"),
    path(_BID, evaluation.bid, name="bid"),
    path(_BID + "price/", evaluation.price_bid, name="price-bid"),
    path(_BID + "judge/", evaluation.judge_bid, name="judge-bid"),
    path(_BID + "score/<uuid:criterion>/", evaluation.score, name="score-bid"),
    path(_BID + "agree/<uuid:criterion>/", evaluation.agree, name="agree-score"),
    path(_ONE + "methods/", evaluation.methods, name="methods"),
    path(_ONE + "methods/<uuid:criterion>/", evaluation.choose_method, name="choose-method"),
    path(_ONE + "rounds/", evaluation.rounds, name="rounds"),
    path(_ONE + "rounds/prepare/", evaluation.prepare_round, name="prepare-round"),
    path(_ONE + "rounds/invite/", evaluation.open_round, name="open-round"),
    path(_ONE + "report/", evaluation.make_report, name="make-report"),
    path(_ONE + "report/<int:number>/", evaluation.report, name="report"),
    path("committees/", decisions.committees, name="committees"),
    path("committees/new/", decisions.new_committee, name="new-committee"),
    path("committees/<uuid:committee>/", decisions.new_committee, name="committee"),
    path("committees/<uuid:committee>/members/", decisions.name_members, name="committee-members"),
    path(_ONE + "meetings/convene/", decisions.convene, name="convene"),
    path(_MEETING, decisions.meeting_page, name="meeting"),
    path(_MEETING + "presence/", decisions.note_presence, name="meeting-presence"),
    path(_MEETING + "conflict/", decisions.declare_conflict, name="meeting-conflict"),
    path(_MEETING + "decision/", decisions.record_decision, name="meeting-decision"),
    path(_MEETING + "close/", decisions.close_meeting, name="close-meeting"),
    path(_MEETING + "minutes/", decisions.minutes, name="committee-minutes"),
    path(_ONE + "decide/", decisions.decide, name="decide"),
    path(_ONE + "decide/lot/", decisions.award_lot, name="award-lot"),
    path(_ONE + "decide/withdraw/", decisions.withdraw_award, name="withdraw-award"),
    path(_ONE + "decide/end/", decisions.end_without, name="end-without"),
    path(_ONE + "letters/", decisions.letters_page, name="letters"),
    path(_ONE + "letters/standstill/", decisions.keep_standstill, name="keep-standstill"),
    path(_ONE + "letters/send/", decisions.send_letters, name="send-letters"),
    path(_ONE + "letters/<uuid:letter>/", decisions.letter_file, name="letter-file"),
    path("contracts/", contracts.contracts, name="contracts"),
    path(_CONTRACT, contracts.contract, name="contract"),
    path(_CONTRACT + "file/", contracts.prepare_contract, name="prepare-contract"),
    path(_CONTRACT + "files/" + DIGEST, contracts.contract_file, name="contract-file"),
    path(_CONTRACT + "authority/", contracts.choose_authority, name="choose-authority"),
    path(_CONTRACT + "ask/", contracts.ask_signatures, name="ask-contract-signatures"),
    path(_CONTRACT + "sign/", contracts.sign, name="sign-contract"),
    path(_CONTRACT + "sign/hand/", contracts.sign_by_hand, name="sign-by-hand"),
    path(_CONTRACT + "send/", contracts.send, name="send-contract"),
    path(_CONTRACT + "delivery/", contracts.delivery, name="record-delivery"),
    path(_CONTRACT + "begin/", contracts.begin, name="begin-execution"),
    path(_CONTRACT + "change/", contracts.change, name="change-contract"),
    path(_CONTRACT + "change/<int:number>/send/", contracts.send_change, name="send-change"),
    path(_CONTRACT + "subcontract/", contracts.subcontract, name="subcontract"),
    path(
        _CONTRACT + "subcontract/<int:number>/accept/",
        contracts.accept_subcontractor,
        name="accept-subcontractor",
    ),
    path(
        _CONTRACT + "subcontract/<int:number>/refuse/",
        contracts.refuse_subcontractor,
        name="refuse-subcontractor",
    ),
    path(_CONTRACT + "invoicing/", contracts.invoicing, name="invoicing"),
    path(_CONTRACT + "end/", contracts.end, name="end-contract"),
    path(_CONTRACT + "give-up/", contracts.give_up, name="give-up-contract"),
    path(_POST, enterprise.post, name="post"),
    path(_POST + "letters/<uuid:letter>/", enterprise.letter, name="their-letter"),
    path(_POST + "letters/<uuid:letter>/file/", enterprise.letter_file, name="their-letter-file"),
    path(_POST + "letters/<uuid:letter>/reasons/", enterprise.ask_reasons, name="ask-reasons"),
    path(_POST + "asked/<uuid:asked>/", enterprise.asked, name="their-asked"),
    path(_HELD, enterprise.contract, name="their-contract"),
    path(_HELD + "receive/", enterprise.receive, name="receive-contract"),
    path(_HELD + "change/<int:number>/receive/", enterprise.receive_change, name="receive-change"),
    path(_HELD + "files/" + DIGEST, enterprise.contract_file, name="their-contract-file"),
]
