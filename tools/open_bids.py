"""Verifies, releases and opens sealed bids (protocol TSB1) off line, with Python and ``cryptography`` (50 or later) alone.

    python3 -I open_bids.py session key.pem                       makes the key of the commission's computer
    python3 -I open_bids.py verify PACKAGE                        hashes, roots and receipts; needs no key
    python3 -I open_bids.py release PACKAGE --holder ID --key key.pem --out release.json
    python3 -I open_bids.py release PACKAGE --holder ID --slot slot.json --out release.json    asks for the recovery code
    python3 -I open_bids.py open PACKAGE --session key.pem --out NEW-FOLDER
    python3 -I open_bids.py deal HANDOVER --holder ID --slot slot.json --out parts.json       an officer is replaced: pieces
    python3 -I open_bids.py receive HANDOVER --holder ID --slot slot.json --out parts.json    given to, taken by new holders
    python3 -I open_bids.py stock NEW-FOLDER --name "Custodian" --count 40    a custodian's stock of keys, one a consultation
    python3 -I open_bids.py stock NEW-FOLDER --name "Custodian" --recovery    the key of recovery, for the time-keeper's backups
    python3 -I open_bids.py recover BACKUP.json --slot slot.json --out time.der    a time key back from its backup

PACKAGE is a folder: order.json, policies/*.json, blocks/<id>.json, manifests/<bid root>.json, files/<id>, releases/*.json
and, where there are any, receipts/<bid root>.json and transfers/<block>/. HANDOVER is one too: policies, blocks, transfers and,
for each block, handover/<id>/plan.json and dealings/*.json. Status 0: done. 1: something is wrong, and said. 2: not understood.
When some bids cannot be opened the others are, and the status is 1.

The protocol is published in docs/protocols/tsb1.md. This file shares no code with the platform, on purpose.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import hashlib
import hmac
import itertools
import json
import os
import re
import sys
import unicodedata
import uuid
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hpke, serialization
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK, NONCE, OVERHEAD = 1 << 20, 12, 28
KEMS = {1: hpke.KEM.P256, 2: hpke.KEM.X25519}
LARGEST_DOCUMENT = 64 << 20
RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}


class Refused(Exception):
    """One sentence in French and one in English."""

    def __init__(self, french: str, english: str) -> None:
        super().__init__(f"{french}\n{english}")


# Documents


def read(path: Path, kind: str, sha256: str | None = None) -> dict:
    """A document in canonical form, of the right type and version, with the hash that was announced."""
    try:
        data = path.read_bytes() if path.stat().st_size <= LARGEST_DOCUMENT else b""
        value = json.loads(data, parse_float=_refuse, parse_constant=_refuse)
        same = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == data
    except (OSError, ValueError, RecursionError):
        raise Refused(
            f"{path.name} est absent ou illisible.", f"{path.name} is absent or unreadable."
        ) from None
    if not same or not isinstance(value, dict):
        raise Refused(f"{path.name} n'est pas sous forme canonique.", f"{path.name} is not canonical.")
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        raise Refused(f"{path.name} n'a pas l'empreinte attendue.", f"{path.name} has not the expected hash.")
    if value.get("v") != 1 or value["v"] is True or value.get("type") != f"territoires/sealed-bid/{kind}":
        raise Refused(
            f"{path.name} est d'une version ou d'un type inconnu.", f"{path.name}: unknown version or type."
        )
    return value


def _refuse(_: str) -> None:
    raise ValueError


def unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def label(name: str) -> bytes:
    return name.encode().ljust(16, b"\0")


def ident(text: str) -> bytes:
    return uuid.UUID(text).bytes


def sha256(*parts: bytes | memoryview) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def hkdf(secret: bytes, salt: bytes, name: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=label(name)).derive(secret)


class Folder:
    """Blocks and what became of them, under policies by hash; ``head`` is the one that leads to all the others."""

    def __init__(self, root: Path, head: str) -> None:
        self.root, self.head = root, head
        self.policies = {}
        for path in sorted((root / "policies").glob("*.json")):
            policy = read(path, "policy")
            if policy["suite"] not in KEMS:
                raise Refused("Suite de chiffrement inconnue.", "Unknown cipher suite.")
            self.policies[hashlib.sha256(path.read_bytes()).hexdigest()] = policy
        self.policy = self.policy_of(head)

    def policy_of(self, found: str) -> dict:
        """A policy that the last one leads to by ``previous``, so that one printed hash holds them all."""
        at: str | None = self.head
        while at in self.policies:
            if at == found:
                return self.policies[at]
            at = self.policies[at]["previous"]
        raise Refused("Une politique manque ou est étrangère.", "A policy is missing or foreign.")

    def sealed(self, key: str, sha256_of: str | None = None) -> dict:
        """A block of the folder, with its ``ctx``."""
        block = read(self.root / "blocks" / f"{uuid.UUID(key)}.json", "block", sha256_of)
        context = block["context"]
        if context["block"] != key:
            raise Refused("Un bloc porte un autre nom.", "A block bears another name.")
        policy = self.policy_of(context["policy"])
        if [context[name] for name in ("consultation", "round")] != [
            policy[name] for name in ("consultation", "round")
        ]:
            raise Refused("Un bloc est d'une autre consultation.", "A block is of another consultation.")
        if [one["holder"] for one in block["holders"]] != [one["id"] for one in policy["holders"]]:
            raise Refused("Un bloc a d'autres détenteurs.", "A block has other holders.")
        if block["threshold"] != policy["threshold"] or len(block["pieces"]) != len(subsets(policy)):
            raise Refused("Un bloc est partagé autrement.", "A block is shared in another way.")
        return {**block, "ctx": sha256(canonical(context))}

    def shares(self, block: dict) -> tuple[dict, list]:
        """Whose pieces a block's are at present, and their hashes: as dealt, or as the last transfer brought them."""
        found = self.transfer(block)
        if found is None:
            return self.policy_of(block["context"]["policy"]), block["pieces"]
        plan, policy = found
        said: dict = {}
        for one in self.parts(block, "reception"):
            own = numbers(policy, one["holder"])
            if (one["transfer"], [each["piece"] for each in one["hashes"]]) != (plan["transfer"], own):
                raise Refused("Une réception est d'un autre transfert.", "A reception of another transfer.")
            for each in one["hashes"]:
                said.setdefault(each["piece"], {})[one["holder"]] = each["sha256"]
        agreed = [list(said.get(number, {}).values()) for number in range(len(subsets(policy)))]
        if any(len(one) < 2 or len(set(one)) != 1 for one in agreed):
            raise Refused("Un transfert n'est pas confirmé.", "A transfer is not confirmed by two holders.")
        return policy, [one[0] for one in agreed]

    def transfer(self, block: dict) -> tuple[dict, dict] | None:
        """The plan of a block's last transfer and its policy, where there is one."""
        path = self.root / "transfers" / block["context"]["block"] / "plan.json"
        if not path.exists():
            return None
        plan = read(path, "transfer")
        if plan["block"] != block["context"]["block"]:
            raise Refused("Un transfert est d'un autre bloc.", "A transfer is of another block.")
        return plan, self.policy_of(plan["policy"])

    def parts(self, block: dict, kind: str) -> list:
        folder = self.root / "transfers" / block["context"]["block"] / f"{kind}s"
        return [read(path, kind) for path in sorted(folder.glob("*.json"))]


class Package(Folder):
    """What a session may open: the folder of its order."""

    def __init__(self, root: Path) -> None:
        self.order = read(root / "order.json", "order")
        self.order_hash = sha256((root / "order.json").read_bytes())
        super().__init__(root, self.order["policy"])
        same = ("consultation", "round", "deadline")
        if [self.order[name] for name in same] != [self.policy[name] for name in same]:
            raise Refused("L'ordre n'est pas de cette consultation.", "The order is of another consultation.")
        if self.order["envelope"] not in self.policy["envelopes"]:
            raise Refused("Enveloppe inconnue.", "Unknown envelope.")

    def block(self, named: dict) -> dict:
        """A listed block, with its ``ctx``."""
        block = self.sealed(named["block"], named["sha256"])
        expected = [self.order[name] for name in ("envelope", "consultation", "round")]
        if [block["context"][name] for name in ("envelope", "consultation", "round")] != expected:
            raise Refused("Un bloc n'est pas de cet ordre.", "A block is not of this order.")
        return block

    def blocks(self) -> list:
        return [self.block(named) for bid in self.order["bids"] for named in bid["blocks"]]

    def manifest(self, bid: dict) -> dict:
        manifest = read(self.root / "manifests" / f"{_hex(bid['root'])}.json", "manifest", bid["root"])
        self.policy_of(manifest["policy"])
        hashes_of = {one["block"]: one["sha256"] for one in manifest["blocks"]}
        for named in bid["blocks"]:
            context = self.block(named)["context"]
            same = ("consultation", "round", "bidder")
            if hashes_of.get(named["block"]) != named["sha256"] or any(
                context[name] != manifest[name] for name in same
            ):
                raise Refused("Un bloc n'est pas de cette offre.", "A block is not of this bid.")
        return manifest

    def chunks(self, entry: dict):
        with (self.root / "files" / str(uuid.UUID(entry["file"]))).open("rb") as file:
            while chunk := file.read(CHUNK + OVERHEAD):
                yield chunk


def subsets(policy: dict) -> list:
    """The holders who lack each piece."""
    return list(itertools.combinations(range(len(policy["holders"])), policy["threshold"] - 1))


def numbers(policy: dict, holder: str) -> list:
    place = [one["id"] for one in policy["holders"]].index(holder)
    return [number for number, absent in enumerate(subsets(policy)) if place not in absent]


def _hex(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise Refused("Une empreinte est mal formée.", "A hash is malformed.")
    return text


# Keys


def private_key(data: bytes, suite: int):
    if data.startswith(b"-----"):
        key = serialization.load_pem_private_key(data, password=None)
    else:
        key = serialization.load_der_private_key(data, password=None)
    right = {1: ec.EllipticCurvePrivateKey, 2: x25519.X25519PrivateKey}[suite]
    if not isinstance(key, right):
        raise Refused("La clé n'est pas de la suite.", "The key is not of the suite.")
    return key


def public_key(data: bytes, suite: int):
    if suite == 1:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data)
    return x25519.X25519PublicKey.from_public_bytes(data)


def public_bytes(key) -> bytes:
    raw, coding = serialization.PublicFormat.Raw, serialization.Encoding
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.public_key().public_bytes(coding.X962, serialization.PublicFormat.UncompressedPoint)
    return key.public_key().public_bytes(coding.Raw, raw)


def suite_of(policy: dict) -> hpke.Suite:
    return hpke.Suite(KEMS[policy["suite"]], hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def unseal(policy: dict, key, info: bytes, wrap: str) -> bytes:
    try:
        return suite_of(policy).decrypt(unbase64(wrap), key, info)
    except (InvalidTag, ValueError):
        raise Refused(
            "Une clé n'ouvre pas ce qui lui est destiné.", "A key does not open its wrap."
        ) from None


def slot_key(path: Path, holder: str, code: str) -> bytes:
    """The private key of a slot under a recovery code (base32)."""
    slot = read(path, "slot")
    if slot["kind"] != "recovery" or slot["holder"] != holder:
        raise Refused("Ce n'est pas un code de secours de ce détenteur.", "No recovery slot of this holder.")
    try:
        secret = base64.b32decode(re.sub(r"[\s-]", "", code).upper())
        derive = Argon2id(salt=unbase64(slot["salt"]), length=32, iterations=3, lanes=1, memory_cost=65536)
        wrapped, data = unbase64(slot["wrapped"]), label("TSB1/slot") + ident(holder) + ident(slot["slot"])
        return AESGCM(derive.derive(secret)).decrypt(wrapped[:NONCE], wrapped[NONCE:], data)
    except (InvalidTag, ValueError):
        raise Refused("Ce code n'ouvre pas la clé.", "This code does not open the key.") from None


# Commands


def session(options: argparse.Namespace) -> int:
    """A key for the commission's own computer; its public half goes into the order."""
    key = (
        x25519.X25519PrivateKey.generate() if options.suite == 2 else ec.generate_private_key(ec.SECP256R1())
    )
    data = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with options.key.open("xb") as file:
        file.write(data)
    print(base64url(public_bytes(key)))
    return 0


def stock(options: argparse.Namespace) -> int:
    """A custodian's keys, each under one recovery code that is printed once; only public.json goes to the platform."""
    options.folder.mkdir(mode=0o700)
    (options.folder / "slots").mkdir(mode=0o700)
    secret = os.urandom(20)
    keys = []
    for _ in range(1 if options.recovery else options.count):
        key, holder, slot = ec.generate_private_key(ec.SECP256R1()), uuid.uuid4(), uuid.uuid4()
        salt, nonce = os.urandom(16), os.urandom(NONCE)
        derive = Argon2id(salt=salt, length=32, iterations=3, lanes=1, memory_cost=65536)
        data = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        wrapped = AESGCM(derive.derive(secret)).encrypt(
            nonce, data, label("TSB1/slot") + holder.bytes + slot.bytes
        )
        document = {
            "v": 1,
            "type": "territoires/sealed-bid/slot",
            "holder": str(holder),
            "slot": str(slot),
            "kind": "recovery",
            "salt": base64url(salt),
            "credential": None,
            "wrapped": base64url(nonce + wrapped),
        }
        (options.folder / "slots" / f"{holder}.json").write_bytes(canonical(document))
        keys.append({"id": str(holder), "key": base64url(public_bytes(key))})
    public = {
        "v": 1,
        "type": "territoires/sealed-bid/stock",
        "name": options.name,
        "suite": 1,
        "recovery": options.recovery,
        "keys": keys,
    }
    (options.folder / "public.json").write_bytes(canonical(public))
    code = base64.b32encode(secret).decode()
    print(f"{len(keys)} : public.json")
    print("Code de secours, sur papier, au coffre / recovery code, on paper, in the safe:")
    print("-".join(code[at : at + 4] for at in range(0, len(code), 4)))
    return 0


def recover(options: argparse.Namespace) -> int:
    """A time key in clear, from its backup: for the platform's operator to put back, then to destroy."""
    backup = read(options.backup, "time-backup")
    holder = str(json.loads(options.slot.read_bytes())["holder"])
    code = getpass.getpass("Code de secours / recovery code: ")
    key = private_key(slot_key(options.slot, holder, code), backup["suite"])
    info = label("TSB1/backup") + ident(backup["time"])
    data = unseal({"suite": backup["suite"]}, key, info, backup["backup"])
    if base64url(public_bytes(private_key(data, backup["suite"]))) != backup["key"]:
        raise Refused("La sauvegarde est d'une autre clé.", "The backup is of another key.")
    with options.out.open("xb") as file:
        file.write(data)
    print(f"{options.out}: {backup['time']}")
    return 0


def verify(options: argparse.Namespace) -> int:
    """Everything that needs no key."""
    package = Package(options.package)
    print("order", package.order_hash.hex())
    print("policy", package.order["policy"])
    return each_bid(package, lambda bid: _verify_bid(package, bid))


def _verify_bid(package: Package, bid: dict) -> None:
    manifest = package.manifest(bid)
    for entry in manifest["files"]:
        if entry["block"] in {one["block"] for one in bid["blocks"]}:
            check_root(entry, package.chunks(entry))
    receipt = package.root / "receipts" / f"{bid['root']}.json"
    if receipt.exists():
        said = read(receipt, "receipt")
        files = [{"size": entry["size"], "root": entry["root"]} for entry in manifest["files"]]
        if (said["root"], said["policy"]) != (bid["root"], manifest["policy"]) or said["files"] != files:
            raise Refused("L'accusé de réception est d'une autre offre.", "The receipt is of another bid.")


def each_bid(package: Package, work) -> int:
    """Does the work for each bid; one that fails is told and stops no other."""
    worst = 0
    for bid in package.order["bids"]:
        try:
            work(bid)
            print("ok", bid["root"])
        except (Refused, OSError, KeyError, TypeError, ValueError) as fault:
            worst = 1
            print("FAILED", bid["root"], fault, sep="\n")
    return worst


def check_root(entry: dict, stored) -> None:
    """Count, size and tree (RFC 9162) of the stored chunks."""
    full, count, size = [], 0, 0
    for chunk in stored:
        count, size, view = count + 1, size + len(chunk), memoryview(chunk)
        width, node = 1, sha256(b"\0", view[:NONCE], sha256(view[NONCE:]))
        while full and full[-1][0] == width:
            width, node = 2 * width, sha256(b"\1", full.pop()[1], node)
        full.append((width, node))
    node = full.pop()[1] if full else b""
    while full:
        node = sha256(b"\1", full.pop()[1], node)
    if (node.hex(), count, size) != (entry["root"], entry["chunks"], entry["size"]):
        raise Refused("Un fichier n'est pas celui qui fut scellé.", "A file is not the one that was sealed.")


def release(options: argparse.Namespace) -> int:
    """A holder's pieces, sealed to the session named in the order."""
    package = Package(options.package)
    order, policy, holder = package.order, package.policy, str(options.holder)
    if datetime.now(UTC) <= datetime.fromisoformat(order["deadline"]):
        raise Refused("L'heure limite n'est pas passée.", "The deadline has not passed.")
    key, given = holder_key(options, policy["suite"]), []
    for block in package.blocks():
        if holder not in [one["id"] for one in package.shares(block)[0]["holders"]]:
            continue  # it did not change hands with the others, or did and this holder left
        found = received(package, block, holder, key) or pieces_of(package, block, holder, key)
        info = label("TSB1/release") + package.order_hash + block["ctx"] + ident(holder)
        to = public_key(unbase64(order["session"]), policy["suite"])
        wrap = suite_of(policy).encrypt(b"".join(found.values()), to, info)
        given.append({"block": block["context"]["block"], "wrap": base64url(wrap)})
    if not given:
        raise Refused("Ce détenteur n'est pas de la politique.", "This holder is not in the policy.")
    document = {"v": 1, "type": "territoires/sealed-bid/release", "holder": holder, "blocks": given}
    with options.out.open("xb") as file:
        file.write(canonical({**document, "order": package.order_hash.hex()}))
    print(f"{len(given)} blocks, order {package.order_hash.hex()}")
    return 0


def holder_key(options: argparse.Namespace, suite: int):
    """The private key that the command names: a file, or a slot under its recovery code."""
    if options.slot:
        code = getpass.getpass("Code de secours / recovery code: ")
        return private_key(slot_key(options.slot, str(options.holder), code), suite)
    return private_key(options.key.read_bytes(), suite)


def own_key(policy: dict, holder: str, key) -> None:
    """Refuses a key that the policy does not give to this holder."""
    if public_bytes(key) not in [unbase64(one["key"]) for one in policy["holders"] if one["id"] == holder]:
        raise Refused("Cette clé est celle d'un autre.", "This key is somebody else's.")


def received(package: Folder, block: dict, holder: str, key) -> dict | None:
    """The holder's pieces by new number, where the block changed hands; each compared with what two holders published."""
    found = package.transfer(block)
    if found is None:
        return None
    plan, policy = found
    pieces = combined(plan, policy, block, package.parts(block, "dealing"), holder, key)
    return checked(package, block, holder, b"".join(pieces.values()))


def combined(plan: dict, policy: dict, block: dict, dealings: list, holder: str, key) -> dict:
    """A new holder's pieces by number: the XOR of what every dealer sealed."""
    own_key(policy, holder, key)
    own, pieces, dealt = numbers(policy, holder), {}, []
    info = label("TSB1/transfer") + block["ctx"] + ident(plan["transfer"]) + ident(holder)
    for dealing in dealings:
        olds = dealt_by(plan, dealing["dealer"])
        wraps = {one["holder"]: one["wrap"] for one in dealing["holders"]}
        plain = unseal(policy, key, info, wraps[holder])
        if dealing["transfer"] != plan["transfer"] or len(plain) != 32 * len(olds) * len(own):
            raise Refused("Un partage est d'un autre transfert.", "A dealing of another transfer.")
        subs = (plain[at : at + 32] for at in range(0, len(plain), 32))
        for old, hashes_of in zip(olds, dealing["cuts"], strict=True):
            for new in own:
                sub = next(subs)
                if not hmac.compare_digest(cut_hash(plan, block, old, new, sub), hashes_of[new]):
                    raise Refused(
                        f"{dealing['dealer']} a mal partagé.", f"{dealing['dealer']} dealt wrongly."
                    )
                pieces[new] = xor([pieces.get(new, bytes(32)), sub])
        dealt += olds
    if sorted(dealt) != list(range(len(plan["pieces"]))):
        raise Refused("Un partage manque.", "A dealing is missing.")
    return {new: pieces[new] for new in own}


def dealt_by(plan: dict, dealer: str, checker: str | None = None) -> list:
    """The numbers of the old pieces that a plan gives to this dealer; those alone that ``checker`` checks."""
    return [
        number
        for number, hands in enumerate(plan["pieces"])
        if hands["dealer"] == dealer and checker in (None, hands["checker"])
    ]


def cut_hash(plan: dict, block: dict, old: int, new: int, sub: bytes) -> str:
    at = old.to_bytes(2, "big") + new.to_bytes(2, "big")
    return sha256(label("TSB1/cut"), block["ctx"], ident(plan["transfer"]), at, sub).hex()


def piece_hash(block: dict, number: int, piece: bytes) -> str:
    return sha256(label("TSB1/piece"), block["ctx"], number.to_bytes(2, "big"), piece).hex()


def xor(parts: list) -> bytes:
    joined = 0
    for part in parts:
        joined ^= int.from_bytes(part, "big")
    return joined.to_bytes(32, "big")


def pieces_of(package: Folder, block: dict, holder: str, key) -> dict:
    """The holder's pieces of a block, as the bidder dealt them."""
    policy = package.policy_of(block["context"]["policy"])
    wraps = {one["holder"]: one["wrap"] for one in block["holders"]}
    if holder not in wraps:
        raise Refused("Ce détenteur n'est pas de la politique.", "This holder is not in the policy.")
    own_key(policy, holder, key)
    info = label("TSB1/holder") + block["ctx"] + ident(holder)
    return checked(package, block, holder, unseal(policy, key, info, wraps[holder]))


def checked(package: Folder, block: dict, holder: str, plain: bytes) -> dict:
    """Pieces by number, each compared with its hash."""
    policy, announced = package.shares(block)
    own = numbers(policy, holder)
    pieces = {number: plain[32 * at : 32 * at + 32] for at, number in enumerate(own)}
    for number, piece in pieces.items():
        found = piece_hash(block, number, piece)
        if len(plain) != 32 * len(own) or not hmac.compare_digest(found, announced[number]):
            raise Refused(f"Un morceau de {holder} est faux.", f"A piece of {holder} is wrong.")
    return pieces


class Handover(Folder):
    """What is to change hands: for each block, the plan towards the policy that names the new holders."""

    def __init__(self, root: Path) -> None:
        self.plans = [read(path, "transfer") for path in sorted((root / "handover").glob("*/plan.json"))]
        heads = {plan["policy"] for plan in self.plans}
        if len(heads) != 1:
            raise Refused(
                "Rien à transmettre, ou vers deux politiques.", "Nothing to hand over, or to two policies."
            )
        super().__init__(root, heads.pop())

    def dealings(self, plan: dict) -> list:
        folder = self.root / "handover" / str(uuid.UUID(plan["block"])) / "dealings"
        return [read(path, "dealing") for path in sorted(folder.glob("*.json"))]

    def held(self, block: dict, holder: str, key) -> tuple[dict, dict]:
        """The policy whose holders have the block now, and this one's pieces."""
        found = received(self, block, holder, key) or pieces_of(self, block, holder, key)
        return self.shares(block)[0], found


def deal(options: argparse.Namespace) -> int:
    """What a holder gives to the new ones: each piece cut into parts that say nothing alone, sealed to each."""
    package, holder = Handover(options.package), str(options.holder)
    key = holder_key(options, package.policy["suite"])
    made = []
    for plan in package.plans:
        if not (olds := dealt_by(plan, holder)):
            continue
        block = package.sealed(plan["block"])
        old, pieces = package.held(block, holder, key)
        made.append(
            canonical(_dealing(plan, block, old, package.policy, holder, {n: pieces[n] for n in olds}))
        )
    return give(options, package, "dealing", made)


def _dealing(plan: dict, block: dict, old: dict, new: dict, dealer: str, pieces: dict) -> dict:
    subs = {}
    for number, piece in pieces.items():
        drawn = [os.urandom(32) for _ in subsets(new)[1:]]
        subs[number] = [*drawn, xor([piece, *drawn])]

    def wrapped(policy: dict, one: dict, name: str, parts: list) -> dict:
        info = label(name) + block["ctx"] + ident(plan["transfer"]) + ident(one["id"])
        to = public_key(unbase64(one["key"]), policy["suite"])
        return {"holder": one["id"], "wrap": base64url(suite_of(policy).encrypt(b"".join(parts), to, info))}

    return {
        "v": 1,
        "type": "territoires/sealed-bid/dealing",
        "transfer": plan["transfer"],
        "block": plan["block"],
        "dealer": dealer,
        "cuts": [
            [cut_hash(plan, block, number, at, sub) for at, sub in enumerate(subs[number])]
            for number in pieces
        ],
        "holders": [
            wrapped(
                new, one, "TSB1/transfer", [subs[n][at] for n in pieces for at in numbers(new, one["id"])]
            )
            for one in new["holders"]
        ],
        "checkers": [
            wrapped(old, one, "TSB1/check", [sub for n in checked_by for sub in subs[n]])
            for one in old["holders"]
            if (checked_by := dealt_by(plan, dealer, one["id"]))
        ],
    }


def receive(options: argparse.Namespace) -> int:
    """What a new holder publishes of the pieces that came for him: hashes alone, after all that he can check."""
    package, holder = Handover(options.package), str(options.holder)
    key = holder_key(options, package.policy["suite"])
    made = []
    for plan in package.plans:
        block, dealings = package.sealed(plan["block"]), package.dealings(plan)
        for dealing in dealings:
            check_cut(package, plan, block, dealing, holder, key)
        pieces = combined(plan, package.policy, block, dealings, holder, key)
        hashes_of = [{"piece": n, "sha256": piece_hash(block, n, piece)} for n, piece in pieces.items()]
        document = {"v": 1, "type": "territoires/sealed-bid/reception", "holder": holder, "hashes": hashes_of}
        made.append(canonical({**document, "transfer": plan["transfer"], "block": plan["block"]}))
    return give(options, package, "reception", made)


def check_cut(package: Handover, plan: dict, block: dict, dealing: dict, checker: str, key) -> None:
    """The sub-pieces are those hashed, and their XOR is the piece that the checker holds."""
    if not (olds := dealt_by(plan, dealing["dealer"], checker)):
        return
    old, pieces = package.held(block, checker, key)
    info = label("TSB1/check") + block["ctx"] + ident(plan["transfer"]) + ident(checker)
    wraps = {one["holder"]: one["wrap"] for one in dealing["checkers"]}
    plain, count = unseal(old, key, info, wraps[checker]), len(subsets(package.policy))
    subs = [plain[at : at + 32] for at in range(0, len(plain), 32)]
    for place, number in enumerate(olds):
        own = subs[place * count : (place + 1) * count]
        said = dealing["cuts"][dealt_by(plan, dealing["dealer"]).index(number)]
        same = [cut_hash(plan, block, number, at, sub) for at, sub in enumerate(own)] == said
        if not same or not hmac.compare_digest(xor(own), pieces[number]):
            raise Refused(f"{dealing['dealer']} a mal partagé.", f"{dealing['dealer']} dealt wrongly.")


def give(options: argparse.Namespace, package: Handover, kind: str, made: list) -> int:
    if not made:
        raise Refused("Rien n'est demandé à ce détenteur.", "Nothing is asked of this holder.")
    document = {"v": 1, "type": "territoires/sealed-bid/parts", "holder": str(options.holder), "kind": kind}
    with options.out.open("xb") as file:
        file.write(canonical({**document, "documents": [base64url(one) for one in made]}))
    print(f"{len(made)} blocks, policy {package.head}")
    return 0


def open_bids(options: argparse.Namespace) -> int:
    """Every listed bid, from the releases, into a new folder."""
    package = Package(options.package)
    key = private_key(options.session.read_bytes(), package.policy["suite"])
    if public_bytes(key) != unbase64(package.order["session"]):
        raise Refused("Cette clé n'est pas celle de la séance.", "This is not the session's key.")
    releases = [read(path, "release") for path in sorted((package.root / "releases").glob("*.json"))]
    options.out.mkdir()
    return each_bid(package, lambda bid: _open_bid(package, bid, key, releases, options.out))


def _open_bid(package: Package, bid: dict, key, releases: list, out: Path) -> None:
    manifest, masters = package.manifest(bid), {}
    for named in bid["blocks"]:
        masters[named["block"]] = master(package, package.block(named), key, releases)
    folder = out / bid["root"][:16]
    folder.mkdir()
    taken: set = set()
    for entry in (one for one in manifest["files"] if one["block"] in masters):
        check_root(entry, package.chunks(entry))
        header = opened_header(masters[entry["block"]], entry)
        path = folder / safe_name(header["name"], taken)
        with path.open("xb") as file:
            for part in opened_chunks(masters[entry["block"]], entry, header, package.chunks(entry)):
                file.write(part)


def master(package: Package, block: dict, key, releases: list) -> bytes:
    """M, from the time release and the pieces of k holders; a wrong release is named and passed over."""
    policy, announced = package.shares(block)
    found, time, present = {}, None, 0
    for given in releases:
        wraps = {one["block"]: one["wrap"] for one in given["blocks"]}
        if given["order"] != package.order_hash.hex() or block["context"]["block"] not in wraps:
            continue
        info = label("TSB1/release") + package.order_hash + block["ctx"] + ident(given["holder"])
        try:
            plain = unseal(package.policy, key, info, wraps[block["context"]["block"]])
            if given["holder"] == policy["time"]["id"]:
                time = plain
            else:
                found.update(checked(package, block, given["holder"], plain))
                present += 1
        except (Refused, ValueError) as fault:
            print(f"! {given['holder']}: {fault}")
    if time is None or present < policy["threshold"] or len(found) != len(announced):
        raise Refused(
            f"{present} détenteur(s) sur {policy['threshold']}, temps {'présent' if time else 'absent'}.",
            f"{present} of {policy['threshold']} holders, time release {'there' if time else 'missing'}.",
        )
    secret = xor(list(found.values())) + time
    if not hmac.compare_digest(hkdf(secret, block["ctx"], "TSB1/commit").hex(), block["commit"]):
        raise Refused("Offre scellée de façon à ne pouvoir être ouverte.", "This bid was sealed unopenable.")
    return hkdf(secret, block["ctx"], "TSB1/envelope")


def opened_header(m: bytes, entry: dict) -> dict:
    block, file, sealed = ident(entry["block"]), ident(entry["file"]), unbase64(entry["header"])
    data = b"TBH1" + block + file + (0).to_bytes(4, "big") + (1).to_bytes(4, "big")
    try:
        plain = AESGCM(hkdf(m, file, "TSB1/header")).decrypt(sealed[:NONCE], sealed[NONCE:], data)
        header = json.loads(plain)
        known = sorted(header) == ["media", "name", "size"] and isinstance(header["name"], str)
        if not known or stored_size(header["size"]) != entry["size"]:
            raise ValueError
    except (InvalidTag, ValueError, TypeError):
        raise Refused("L'en-tête d'un fichier est illisible.", "A file's header is unreadable.") from None
    return header


def opened_chunks(m: bytes, entry: dict, header: dict, stored):
    """The file without its padding, which must be zero."""
    key, left = AESGCM(hkdf(m, ident(entry["file"]), "TSB1/file")), header["size"]
    prefix = b"TBC1" + ident(entry["block"]) + ident(entry["file"])
    count = entry["chunks"].to_bytes(4, "big")
    for index, chunk in enumerate(stored):
        try:
            plain = key.decrypt(chunk[:NONCE], chunk[NONCE:], prefix + index.to_bytes(4, "big") + count)
        except InvalidTag:
            raise Refused(f"Morceau {index} altéré.", f"Chunk {index} is altered.") from None
        own = min(left, len(plain))
        if plain.count(0, own) != len(plain) - own:
            raise Refused("Le remplissage n'est pas nul.", "The padding is not zero.")
        left -= own
        yield plain[:own]


def stored_size(size: int) -> int:
    padded = 4096
    if size > 4096:
        exponent = size.bit_length() - 1
        mask = (1 << (exponent - exponent.bit_length())) - 1
        padded = (size + mask) & ~mask
    return padded + OVERHEAD * -(-padded // CHUNK)


def safe_name(given: str, taken: set) -> str:
    """A name that no file system takes for a path or a device, and that is not there yet."""
    name = re.sub(r"[^\w .()+,;=@'&-]", "_", unicodedata.normalize("NFC", given)).strip(" .") or "_"
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if stem and len(ending) <= 10 else (name, "")
    if stem.split(".")[0].upper() in RESERVED:
        stem = f"_{stem}"
    while len((stem + ending).encode()) > 180:
        stem = stem[:-1]
    free = (
        f"{stem}{mark}{ending}" for mark in itertools.chain([""], (f" ({n})" for n in itertools.count(2)))
    )
    name = next(one for one in free if one.casefold() not in taken)
    taken.add(name.casefold())
    return name


def main(arguments: list | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("session")
    one.add_argument("key", type=Path)
    one.add_argument("--suite", type=int, choices=sorted(KEMS), default=1)
    one.set_defaults(work=session)
    for work in (verify, release, open_bids, deal, receive):
        one = commands.add_parser(work.__name__.partition("_")[0])
        one.add_argument("package", type=Path)
        one.set_defaults(work=work)
        if work in (release, deal, receive):
            one.add_argument("--holder", type=uuid.UUID, required=True)
            key = one.add_mutually_exclusive_group(required=True)
            key.add_argument("--key", type=Path)
            key.add_argument("--slot", type=Path)
        if work is open_bids:
            one.add_argument("--session", type=Path, required=True)
        if work is not verify:
            one.add_argument("--out", type=Path, required=True)
    one = commands.add_parser("stock")
    one.add_argument("folder", type=Path)
    one.add_argument("--name", required=True)
    one.add_argument("--count", type=int, default=40)
    one.add_argument("--recovery", action="store_true")
    one.set_defaults(work=stock)
    one = commands.add_parser("recover")
    one.add_argument("backup", type=Path)
    one.add_argument("--slot", type=Path, required=True)
    one.add_argument("--out", type=Path, required=True)
    one.set_defaults(work=recover)
    options = parser.parse_args(arguments)
    try:
        return options.work(options)
    except Refused as refused:
        print(refused, file=sys.stderr)
    except (OSError, KeyError, TypeError, ValueError) as fault:
        print(f"Illisible / unreadable: {type(fault).__name__}: {fault}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
