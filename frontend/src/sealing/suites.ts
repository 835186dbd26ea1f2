import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, DhkemX25519HkdfSha256, HkdfSha256, type KemInterface } from "@hpke/core";
import { DhkemX25519HkdfSha256 as DhkemX25519InScript } from "@hpke/dhkem-x25519";
import { type Bytes, concat } from "./bytes";
import { Refused } from "./documents";

/** HPKE (RFC 9180), base mode, single shot, all context in `info` (TSB1, section 3). The policy fixes the suite. */

const NATIVE = { 1: { name: "ECDH", namedCurve: "P-256" }, 2: { name: "X25519" } } as const;
const PUBLIC_BYTES = { 1: 65, 2: 32 } as const;
export const TAG_BYTES = 16;

export type SuiteNumber = 1 | 2;

/** The suite of that number; throws for one that is unknown or only reserved. */
export function known(number: number): SuiteNumber {
  if (number !== 1 && number !== 2) throw new Refused("unknown-form", `suite ${number}`);
  return number;
}

export const overhead = (suite: SuiteNumber): number => PUBLIC_BYTES[suite] + TAG_BYTES;

let nativeX25519: Promise<boolean> | undefined;

/** Whether this browser computes X25519 itself. */
export const hasX25519 = (): Promise<boolean> =>
  (nativeX25519 ??= crypto.subtle.generateKey("X25519", false, ["deriveBits"]).then(
    () => true,
    () => false,
  ));

async function kem(suite: SuiteNumber): Promise<KemInterface> {
  if (suite === 1) return new DhkemP256HkdfSha256();
  return (await hasX25519()) ? new DhkemX25519HkdfSha256() : new DhkemX25519InScript();
}

const cipherSuite = async (suite: SuiteNumber): Promise<CipherSuite> =>
  new CipherSuite({ kem: await kem(suite), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/** `enc` and ciphertext, one after the other. */
export async function seal(suite: SuiteNumber, publicKey: Bytes, info: Bytes, plain: Bytes): Promise<Bytes> {
  const hpke = await cipherSuite(suite);
  const recipientPublicKey = await readPublic(hpke, suite, publicKey);
  const { enc, ct } = await hpke.seal({ recipientPublicKey, info }, plain);
  return concat(new Uint8Array(enc), new Uint8Array(ct));
}

/** Throws for a public key that is none: of another length, or a point off the curve. */
export async function checkPublic(suite: SuiteNumber, publicKey: Bytes): Promise<void> {
  await readPublic(await cipherSuite(suite), suite, publicKey);
}

/** A private key in this page's memory, never to be read by script, with its public half. */
export interface OpeningKey {
  suite: SuiteNumber;
  privateKey: CryptoKey;
  publicKey: Bytes;
}

export async function unseal(key: OpeningKey, info: Bytes, wrap: Bytes): Promise<Bytes> {
  const length = PUBLIC_BYTES[key.suite];
  const hpke = await cipherSuite(key.suite);
  const publicKey = await readPublic(hpke, key.suite, key.publicKey);
  try {
    const recipientKey = { privateKey: key.privateKey, publicKey };
    const sent = { recipientKey, enc: wrap.slice(0, length), info };
    return new Uint8Array(await hpke.open(sent, wrap.slice(length)));
  } catch {
    throw new Refused("cannot-unwrap", "a key does not open what was sealed to it");
  }
}

async function readPublic(hpke: CipherSuite, suite: SuiteNumber, publicKey: Bytes): Promise<CryptoKey> {
  if (publicKey.length !== PUBLIC_BYTES[suite]) throw new Refused("malformed", "the length of a public key");
  return hpke.kem.deserializePublicKey(publicKey).catch(() => {
    throw new Refused("malformed", "a public key of the suite");
  });
}

/** A fresh pair: the public key, and the private key's PKCS#8, which goes into slots and is then overwritten. */
export async function generate(suite: SuiteNumber): Promise<{ publicKey: Bytes; pkcs8: Bytes }> {
  const pair = (await crypto.subtle.generateKey(NATIVE[suite], true, ["deriveBits"])) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { publicKey, pkcs8: new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)) };
}

/** The private key of a PKCS#8, not extractable; the PKCS#8 is overwritten. */
export async function importPrivate(suite: SuiteNumber, publicKey: Bytes, pkcs8: Bytes): Promise<OpeningKey> {
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, NATIVE[suite], false, ["deriveBits"]);
  pkcs8.fill(0);
  return { suite, privateKey, publicKey };
}
