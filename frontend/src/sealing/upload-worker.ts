import { base64url, type Bytes } from "./bytes";
import { type Run, sealRun, type SealedChunk } from "./chunks";

/** Seals a run of chunks and sends each one; told what to do once, then replaced (workers.ts says why). */

export interface Upload {
  run: Run;
  /** `…/files/<id>/chunks/`, to which the index is added. */
  address: string;
  headers: Record<string, string>;
}

const TRIALS = 6;
const FIRST_PAUSE = 500;

/** PUT is idempotent by index and leaf: what may have arrived is simply sent again. */
async function send({ address, headers }: Upload, { index, nonce, sealed, leaf }: SealedChunk): Promise<void> {
  const proof = { "Sealing-Nonce": base64url(nonce), "Sealing-Leaf": base64url(leaf) };
  const body = new Blob([sealed]);
  for (let trial = 1; ; trial++) {
    const answer = await fetch(address + index, { method: "PUT", body, headers: { ...headers, ...proof } }).catch(() => null);
    if (answer?.ok) return;
    const passing = answer === null || answer.status >= 500 || answer.status === 429;
    if (!passing || trial === TRIALS) throw new Error(`chunk ${index}: ${answer?.status ?? "no connection"}`);
    await new Promise((resume) => setTimeout(resume, FIRST_PAUSE * 2 ** (trial - 1)));
  }
}

self.onmessage = async ({ data }: MessageEvent<Upload>) => {
  try {
    await sealRun(data.run, async (chunk) => {
      await send(data, chunk);
      tell({ index: chunk.index, leaf: chunk.leaf });
    });
    tell({ done: true });
  } catch (error) {
    tell({ failed: String(error) });
  }
};

const tell = (message: { index: number; leaf: Bytes } | { done: true } | { failed: string }): void =>
  self.postMessage(message);
