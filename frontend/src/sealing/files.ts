import { type Bytes, concat, hex, hkdf, random, sha256, u32, utf8, uuidBytes } from "./bytes";
import { canonical } from "./documents";

/** Files (TSB1, section 7): padding, chunks, leaves, root, header. */

export const CHUNK_BYTES = 1 << 20;
export const NONCE_BYTES = 12;
export const OVERHEAD = 28;
const LEAST_PADDED = 4096;

/** Bytes after padding (Padmé, at least 4,096). In arithmetic: shifts of numbers break at 2 GiB. */
export function paddedSize(size: number): number {
  if (size <= LEAST_PADDED) return LEAST_PADDED;
  const exponent = bitLength(size) - 1;
  const step = 2 ** (exponent - bitLength(exponent));
  return Math.ceil(size / step) * step;
}

const bitLength = (value: number): number => value.toString(2).length;

export const chunkCount = (padded: number): number => Math.max(1, Math.ceil(padded / CHUNK_BYTES));

export const storedSize = (size: number): number => paddedSize(size) + OVERHEAD * chunkCount(paddedSize(size));

/** Which file of which block; both enter the associated data. */
export interface FileName {
  block: string;
  file: string;
}

const contentKey = (master: CryptoKey, file: string, name: string): Promise<CryptoKey> =>
  crypto.subtle.deriveKey(hkdf(uuidBytes(file), name), master, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);

export const fileKey = (master: CryptoKey, file: string): Promise<CryptoKey> => contentKey(master, file, "TSB1/file");

const associated = (mark: string, { block, file }: FileName, index: number, count: number): Bytes =>
  concat(utf8(mark), uuidBytes(block), uuidBytes(file), u32(index), u32(count));

export const chunkData = (name: FileName, index: number, count: number): Bytes =>
  associated("TBC1", name, index, count);

/** Nonce, ciphertext and tag of the header: NFC name without folder, media type, true size. */
export async function sealHeader(master: CryptoKey, name: FileName, file: File): Promise<Bytes> {
  const plain = { name: file.name.normalize("NFC"), media: file.type || "application/octet-stream", size: file.size };
  const nonce = random(NONCE_BYTES);
  const how = { name: "AES-GCM", iv: nonce, additionalData: associated("TBH1", name, 0, 1) };
  const key = await contentKey(master, name.file, "TSB1/header");
  return concat(nonce, new Uint8Array(await crypto.subtle.encrypt(how, key, utf8(canonical(plain)))));
}

/** The leaf of a chunk; the ciphertext is hashed by itself, which spares a copy of it. */
export async function leafOf(nonce: Bytes, sealed: ArrayBuffer): Promise<Bytes> {
  const inner = new Uint8Array(await crypto.subtle.digest("SHA-256", sealed));
  return sha256(concat(new Uint8Array(1), nonce, inner));
}

/** The root of the tree of RFC 9162 over at least one leaf. */
export async function merkleRoot(leaves: Bytes[]): Promise<string> {
  const full: { width: number; node: Bytes }[] = []; // perfect trees from left to right, each larger than the next
  for (const leaf of leaves) {
    let [width, node] = [1, leaf];
    while (full.at(-1)?.width === width) {
      node = await inner(full.pop()!.node, node);
      width *= 2;
    }
    full.push({ width, node });
  }
  let { node } = full.pop()!;
  while (full.length) node = await inner(full.pop()!.node, node);
  return hex(node);
}

const inner = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(concat(new Uint8Array([1]), left, right));
