"""Addresses of the enterprise's space, under ``/o/<organisation>/procurement/``."""

from django.urls import path

from ..converters import DIGEST
from . import bid, contracts, dume, keeping, post, register

_BID = "bids/<uuid:draft>/"
_DEPOSIT = _BID + "deposits/<uuid:deposit>/"

_POST = "post/"
_LETTER = _POST + "letters/<uuid:letter>/"
_HELD = _POST + "contracts/<uuid:contract>/"
_REGISTER = "<uuid:consultation>/deposits/"

urlpatterns = [
    path(_REGISTER, register.register, name="deposits"),
    path(_REGISTER + "<uuid:deposit>/dossier.zip", register.dossier, name="late-dossier"),
    path(_REGISTER + "<uuid:deposit>/admit/", register.admit, name="admit-late"),
    path("support/", register.support, name="deposit-support"),
    path("support/<uuid:draft>/", register.support_bid, name="deposit-support-bid"),
    path("bids/", bid.bids, name="our-bids"),
    path("bids/answer/<uuid:consultation>/", bid.answer, name="answer-call"),
    path(_BID, bid.bid, name="bid"),
    path(_BID + "policy", bid.policy, name="bid-policy"),
    path(_BID + "clock", bid.clock, name="bid-clock"),
    path(_BID + "blocks", bid.block, name="bid-blocks"),
    path(_BID + "files/<uuid:file>", bid.file, name="bid-file"),
    path(_BID + "files/<uuid:file>/chunks", bid.chunks, name="bid-chunks"),
    path(_BID + "files/<uuid:file>/chunks/<int:index>", bid.chunk, name="bid-chunk"),
    path(_BID + "seal", bid.seal, name="bid-seal"),
    path(_BID + "consortium/", keeping.consortium, name="consortium"),
    path(_BID + "<candidature_form:paper>.pdf", keeping.candidature_form, name="candidature-form"),
    path(_BID + "dume/", dume.espd, name="espd"),
    path(_BID + "dume/file/", dume.bring, name="espd-bring"),
    path(_BID + "dume/<espd_file:espd>", dume.espd_file, name="espd-file"),
    path("enterprise/", keeping.sheet, name="enterprise-sheet"),
    path("safe/", keeping.safe, name="safe"),
    path("safe/<uuid:attestation>/", keeping.attestation, name="attestation"),
    path("safe/<uuid:attestation>/remove/", keeping.remove_attestation, name="remove-attestation"),
    path(_DEPOSIT, bid.deposit, name="deposit"),
    path(_DEPOSIT + "withdraw/", bid.withdraw, name="withdraw-deposit"),
    path(_DEPOSIT + "<receipt_kind:receipt>.<receipt_form:shape>", bid.receipt, name="receipt"),
    path(_POST, post.post, name="post"),
    path(_LETTER, post.letter, name="their-letter"),
    path(_LETTER + "file/", post.letter_file, name="their-letter-file"),
    path(_LETTER + "reasons/", post.ask_reasons, name="ask-reasons"),
    path(_POST + "asked/<uuid:asked>/", post.asked, name="their-asked"),
    path(_HELD, contracts.contract, name="their-contract"),
    path(_HELD + "receive/", contracts.receive, name="receive-contract"),
    path(_HELD + "change/<int:number>/receive/", contracts.receive_change, name="receive-change"),
    path(_HELD + "files/" + DIGEST, contracts.contract_file, name="their-contract-file"),
]
