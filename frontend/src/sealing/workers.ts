import type { Bytes } from "./bytes";
import { chunkCount, CHUNK_BYTES, paddedSize } from "./files";

/**
 * Runs of chunks in workers that are replaced every 32 MiB.
 *
 * The engine collects WebCrypto's buffers late; only ending the worker bounds the memory, at 4 GiB as at 40 MiB.
 */

const RUN_CHUNKS = (32 << 20) / CHUNK_BYTES;
const AT_ONCE = 2;

export interface Span {
  first: number;
  last: number;
}

/** The chunks of a file whose leaves are not known, in runs of at most 32 MiB. */
export function missingRuns(size: number, leaves: readonly (Bytes | undefined)[]): Span[] {
  const runs: Span[] = [];
  for (let index = 0; index < chunkCount(paddedSize(size)); index++) {
    if (leaves[index]) continue;
    const open = runs.at(-1);
    if (open?.last === index && index - open.first < RUN_CHUNKS) open.last++;
    else runs.push({ first: index, last: index + 1 });
  }
  return runs;
}

/**
 * Has each span worked by a fresh worker, two at once. `start` makes the worker and gives it its work; the worker says
 * `{index, leaf}` for each chunk, then `{done}` or `{failed}`. Stops at the first failure, or when `signal` says so.
 */
export async function workSpans(
  spans: Span[],
  start: (span: Span) => Worker,
  onLeaf: (index: number, leaf: Bytes) => void,
  signal?: AbortSignal,
): Promise<void> {
  const left = [...spans];
  const lane = async (): Promise<void> => {
    for (let span = left.shift(); span; span = left.shift()) {
      signal?.throwIfAborted();
      await worked(start(span), onLeaf, signal).catch((error) => {
        left.length = 0;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

function worked(worker: Worker, onLeaf: (index: number, leaf: Bytes) => void, signal?: AbortSignal): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
    worker.onerror = (event) => reject(new Error(event.message || "the worker did not start"));
    worker.onmessage = ({ data }) => {
      if (data.done) resolve();
      else if (data.failed) reject(new Error(data.failed));
      else onLeaf(data.index, data.leaf);
    };
  }).finally(() => worker.terminate());
}
