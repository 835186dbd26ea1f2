import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist as english } from "@scure/bip39/wordlists/english.js";
import { wordlist as french } from "@scure/bip39/wordlists/french.js";
import { argon2id } from "hash-wasm";
import { base64url, type Bytes, concat, derived, label, random, same, utf8, uuidBytes } from "./bytes";
import { identifier, octets, oneOf, optional, read, Refused, written } from "./documents";
import { generate, importPrivate, type OpeningKey, seal, type SuiteNumber, unseal } from "./suites";

/** An officer's private key at rest (TSB1, section 11): wrapped under several slots, each opened by something else. */

const NONCE_BYTES = 12;
const SALT_BYTES = 16;
const RECOVERY_BYTES = 20;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const WORDS = { fr: french, en: english };

const SHAPE = {
  holder: identifier,
  slot: identifier,
  kind: oneOf("passkey", "recovery", "passphrase"),
  salt: octets,
  credential: optional(octets),
  wrapped: octets,
};

export type Slot = ReturnType<typeof read<typeof SHAPE>>;

/** What opens a slot, made of what the person gives: see `recoverySecret`, `phraseSecret` and `passkeySecret`. */
export interface Secret {
  kind: Slot["kind"];
  bytes: Bytes;
  credential?: Bytes;
}

export interface Accepted {
  publicKey: Bytes;
  slots: Bytes[];
}

/**
 * Makes an officer's pair and one slot for each secret; gives the public key and the slots' documents.
 *
 * A random value is sealed to the new key and opened through each slot before the key counts.
 */
export async function accept(suite: SuiteNumber, holder: string, secrets: Secret[]): Promise<Accepted> {
  if (!secrets.some((one) => one.kind !== "passkey")) {
    throw new Refused("mismatch", "a passkey is never the only slot");
  }
  const { publicKey, pkcs8 } = await generate(suite);
  const slots: Bytes[] = [];
  for (const secret of secrets) slots.push(await makeSlot(holder, secret, pkcs8));
  pkcs8.fill(0);
  for (const [at, slot] of slots.entries()) await tryKey(await openSlot(readSlot(slot), secrets[at]!, suite, publicKey));
  return { publicKey, slots };
}

export function readSlot(data: Bytes): Slot {
  const slot = read(data, "slot", SHAPE);
  if (slot.salt.length !== SALT_BYTES || (slot.credential === null) === (slot.kind === "passkey")) {
    throw new Refused("malformed", "a slot's salt or credential");
  }
  return slot;
}

/** A second slot for a key that another slot opens: a new code, a new passkey. The key itself does not change. */
export async function addSlot(slot: Slot, secret: Secret, added: Secret): Promise<Bytes> {
  const pkcs8 = await unwrap(slot, secret);
  const made = await makeSlot(slot.holder, added, pkcs8);
  pkcs8.fill(0);
  return made;
}

/** The private key of a slot, for this page's memory only; throws when the secret is another one. */
export async function openSlot(slot: Slot, secret: Secret, suite: SuiteNumber, publicKey: Bytes): Promise<OpeningKey> {
  return importPrivate(suite, publicKey, await unwrap(slot, secret));
}

/** Seals a random value to the key and opens it again: the officer's trial opening. */
export async function tryKey(key: OpeningKey): Promise<void> {
  const [value, info] = [random(32), label("TSB1/trial")];
  const back = await unseal(key, info, await seal(key.suite, key.publicKey, info, value));
  if (!same(value, back)) throw new Refused("cannot-unwrap", "the trial opening");
}

async function makeSlot(holder: string, secret: Secret, pkcs8: Bytes): Promise<Bytes> {
  const [slot, salt, nonce] = [crypto.randomUUID(), random(SALT_BYTES), random(NONCE_BYTES)];
  const how = { name: "AES-GCM", iv: nonce, additionalData: slotData(holder, slot) };
  const sealed = await crypto.subtle.encrypt(how, await slotKey(secret, salt), pkcs8);
  return written("slot", {
    holder,
    slot,
    kind: secret.kind,
    salt: base64url(salt),
    credential: secret.credential ? base64url(secret.credential) : null,
    wrapped: base64url(concat(nonce, new Uint8Array(sealed))),
  });
}

async function unwrap(slot: Slot, secret: Secret): Promise<Bytes> {
  const iv = slot.wrapped.slice(0, NONCE_BYTES);
  const how = { name: "AES-GCM", iv, additionalData: slotData(slot.holder, slot.slot) };
  const key = await slotKey(secret, slot.salt);
  const plain = await crypto.subtle.decrypt(how, key, slot.wrapped.slice(NONCE_BYTES)).catch(() => {
    throw new Refused("cannot-unwrap", `slot ${slot.kind}`);
  });
  return new Uint8Array(plain);
}

const slotData = (holder: string, slot: string): Bytes => concat(label("TSB1/slot"), uuidBytes(holder), uuidBytes(slot));

/** A passkey's output is random already; what a person keeps or remembers goes through Argon2id. */
async function slotKey({ kind, bytes }: Secret, salt: Bytes): Promise<CryptoKey> {
  const raw = kind === "passkey" ? await derived(bytes, salt, "TSB1/vault") : await slow(bytes, salt);
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

const slow = async (password: Bytes, salt: Bytes): Promise<Bytes> =>
  new Uint8Array(
    await argon2id({ password, salt, parallelism: 1, iterations: 3, memorySize: 65_536, hashLength: 32, outputType: "binary" }),
  );

// The recovery code: 160 random bits, printed both as fifteen words and as eight groups of base32.

export interface RecoveryCode {
  secret: Secret;
  words: string[];
  code: string;
}

export function makeRecoveryCode(language: "fr" | "en"): RecoveryCode {
  const bytes = random(RECOVERY_BYTES);
  const words = entropyToMnemonic(bytes, WORDS[language]).split(" ").map((word) => word.normalize("NFC"));
  return { secret: { kind: "recovery", bytes }, words, code: base32(bytes) };
}

/** A recovery code as typed: words of either language, accents or not, four letters are enough; or base32. */
export function recoverySecret(typed: string): Secret {
  const words = fold(typed).split(/[\s,;.]+/).filter(Boolean);
  const bytes = words.length === 15 ? fromWords(words) : fromBase32(typed);
  return { kind: "recovery", bytes };
}

function fromWords(words: string[]): Bytes {
  for (const list of [french, english]) {
    const full = words.map((word) => list.find((one) => fold(one) === word) ?? list.find((one) => fold(one).slice(0, 4) === word));
    if (full.some((word) => word === undefined)) continue;
    try {
      return new Uint8Array(mnemonicToEntropy(full.join(" "), list));
    } catch {
      // the words' checksum: perhaps the other list
    }
  }
  throw new Refused("cannot-unwrap", "these are not the words of a recovery code");
}

const fold = (text: string): string => text.normalize("NFKD").replace(/\p{Mark}/gu, "").toLowerCase().trim();

function base32(bytes: Bytes): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const letters = (bits.match(/.{5}/g) ?? []).map((five) => BASE32[Number.parseInt(five, 2)]).join("");
  return (letters.match(/.{4}/g) ?? []).join("-");
}

function fromBase32(typed: string): Bytes {
  const letters = typed.toUpperCase().replace(/[\s-]/g, "");
  if (!/^[A-Z2-7]{32}$/.test(letters)) throw new Refused("cannot-unwrap", "this is not a recovery code");
  const bits = [...letters].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Uint8Array.from(bits.match(/.{8}/g)!, (eight) => Number.parseInt(eight, 2));
}

export const phraseSecret = (phrase: string): Secret => ({ kind: "passphrase", bytes: utf8(phrase.normalize("NFKC")) });

// Passkeys: the output of the WebAuthn extension `prf` for one fixed input.

/**
 * A passkey for slots alone, with its secret. Throws when this authenticator gives none, or not twice the same.
 *
 * Each has a fresh user id: an authenticator replaces the passkey that it has for the same one, and a slot with it.
 */
export async function makePasskey(name: string, party: string): Promise<Secret> {
  const user = { id: random(16), name, displayName: name };
  const made = (await navigator.credentials.create({
    publicKey: {
      challenge: random(32), // this assertion proves nothing to the server: its output is what matters
      rp: { name: party },
      user,
      pubKeyCredParams: [
        { type: "public-key", alg: -7 },
        { type: "public-key", alg: -257 },
      ],
      authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
      extensions: { prf: {} },
    },
  })) as PublicKeyCredential | null;
  if (made === null) throw new Refused("cannot-unwrap", "no passkey was made");
  const credential = new Uint8Array(made.rawId);
  const [first, second] = [await passkeySecret(credential), await passkeySecret(credential)];
  if (!same(first.bytes, second.bytes)) throw new Refused("cannot-unwrap", "this passkey does not answer twice the same");
  return first;
}

export async function passkeySecret(credential: Bytes): Promise<Secret> {
  const asserted = (await navigator.credentials.get({
    publicKey: {
      challenge: random(32),
      allowCredentials: [{ type: "public-key", id: credential }],
      userVerification: "required",
      extensions: { prf: { eval: { first: label("TSB1/vault") } } },
    },
  })) as PublicKeyCredential | null;
  const output = asserted?.getClientExtensionResults().prf?.results?.first;
  if (!output) throw new Refused("cannot-unwrap", "this passkey gives no secret (WebAuthn PRF)");
  return { kind: "passkey", bytes: new Uint8Array(output as ArrayBuffer).slice(), credential };
}
