import { type Bytes, random } from "./bytes";
import { CHUNK_BYTES, chunkCount, chunkData, type FileName, fileKey, leafOf, NONCE_BYTES, paddedSize } from "./files";

/** Chunks `first` to `last` (not included) of a file. `master` passes to a worker without being readable. */
export interface Run extends FileName {
  source: Blob;
  master: CryptoKey;
  first: number;
  last: number;
}

export interface SealedChunk {
  index: number;
  nonce: Bytes;
  /** Ciphertext and tag. */
  sealed: ArrayBuffer;
  leaf: Bytes;
}

/**
 * Encrypts a run, one chunk in memory beside the one that `sink` is busy with.
 *
 * Each chunk has a random nonce: one that is encrypted again, perhaps from a file that changed, repeats none.
 */
export async function sealRun(run: Run, sink: (chunk: SealedChunk) => Promise<void>): Promise<void> {
  const { source, first, last } = run;
  const padded = paddedSize(source.size);
  const count = chunkCount(padded);
  const key = await fileKey(run.master, run.file);
  const end = Math.min(source.size, last * CHUNK_BYTES);
  const reader = source.slice(first * CHUNK_BYTES, end).stream().getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(CHUNK_BYTES);
  let busy: Promise<void> = Promise.resolve();
  for (let index = first; index < last; index++) {
    const start = index * CHUNK_BYTES;
    const length = Math.min(CHUNK_BYTES, padded - start);
    const own = Math.max(0, Math.min(length, end - start));
    buffer = await filled(reader, buffer, own);
    new Uint8Array(buffer, own, length - own).fill(0);
    const nonce = random(NONCE_BYTES);
    const how = { name: "AES-GCM", iv: nonce, additionalData: chunkData(run, index, count) };
    const sealed = await crypto.subtle.encrypt(how, key, new Uint8Array(buffer, 0, length));
    await busy;
    busy = leafOf(nonce, sealed).then((leaf) => sink({ index, nonce, sealed, leaf }));
    busy.catch(() => undefined); // told at the next turn, where it is awaited
  }
  await busy;
}

/** Reads exactly `wanted` bytes: reads are short, and each takes the buffer away and gives it back. */
async function filled(reader: ReadableStreamBYOBReader, buffer: ArrayBuffer, wanted: number): Promise<ArrayBuffer> {
  let held = buffer;
  for (let at = 0; at < wanted; ) {
    const { value, done } = await reader.read(new Uint8Array(held, at, wanted - at));
    if (done) throw new DOMException("the file became shorter", "NotReadableError");
    held = value.buffer as ArrayBuffer;
    at += value.byteLength;
  }
  return held;
}
