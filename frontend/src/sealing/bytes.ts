/** Bytes of the protocol TSB1 (docs/protocols/tsb1.md, section 2). */

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

export const utf8 = (text: string): Bytes => encoder.encode(text);

/** ASCII, padded with zero bytes to 16. */
export function label(name: string): Bytes {
  const padded = new Uint8Array(16);
  padded.set(utf8(name));
  return padded;
}

export function concat(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function xor(parts: Iterable<Uint8Array>): Bytes {
  const result = new Uint8Array(32);
  for (const part of parts) part.forEach((byte, at) => (result[at]! ^= byte));
  return result;
}

export const u16 = (value: number): Bytes => new Uint8Array([value >> 8, value & 255]);

export function u32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const unhex = (text: string): Bytes =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

export const uuidBytes = (id: string): Bytes => unhex(id.replaceAll("-", ""));

export function base64url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function unbase64url(text: string): Bytes {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

export const same = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

export const sha256 = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/** HKDF-SHA256, 32 bytes out; `name` is a label. */
export async function derived(secret: Bytes, salt: Bytes, name: string): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits(hkdf(salt, name), key, 256));
}

export const hkdf = (salt: Bytes, name: string): HkdfParams => ({
  name: "HKDF",
  hash: "SHA-256",
  salt,
  info: label(name),
});
