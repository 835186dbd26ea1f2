"""Addresses of the contracts, under ``/o/<organisation>/procurement/``."""

from django.urls import path

from ..converters import DIGEST
from . import contracts, execution, signature

_CONTRACT = "contracts/<uuid:contract>/"

urlpatterns = [
    path("contracts/", contracts.contracts, name="contracts"),
    path(_CONTRACT, contracts.contract, name="contract"),
    path(_CONTRACT + "file/", signature.prepare_contract, name="prepare-contract"),
    path(_CONTRACT + "files/" + DIGEST, contracts.contract_file, name="contract-file"),
    path(_CONTRACT + "authority/", signature.choose_authority, name="choose-authority"),
    path(_CONTRACT + "ask/", signature.ask_signatures, name="ask-contract-signatures"),
    path(_CONTRACT + "sign/", signature.sign, name="sign-contract"),
    path(_CONTRACT + "sign/hand/", signature.sign_by_hand, name="sign-by-hand"),
    path(_CONTRACT + "send/", execution.send, name="send-contract"),
    path(_CONTRACT + "delivery/", execution.delivery, name="record-delivery"),
    path(_CONTRACT + "begin/", execution.begin, name="begin-execution"),
    path(_CONTRACT + "change/", execution.change, name="change-contract"),
    path(_CONTRACT + "change/<int:number>/send/", execution.send_change, name="send-change"),
    path(
        _CONTRACT + "change/<int:number>/delivery/", execution.change_delivery, name="record-change-delivery"
    ),
    path(_CONTRACT + "subcontract/", execution.subcontract, name="subcontract"),
    path(
        _CONTRACT + "subcontract/<int:number>/accept/",
        execution.accept_subcontractor,
        name="accept-subcontractor",
    ),
    path(
        _CONTRACT + "subcontract/<int:number>/refuse/",
        execution.refuse_subcontractor,
        name="refuse-subcontractor",
    ),
    path(_CONTRACT + "invoicing/", execution.invoicing, name="invoicing"),
    path(_CONTRACT + "end/", execution.end, name="end-contract"),
    path(_CONTRACT + "give-up/", signature.give_up, name="give-up-contract"),
]
