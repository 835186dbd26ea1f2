import { base64url, type Bytes, hex, sha256 } from "./bytes";
import { type Json, Refused, written } from "./documents";
import { chunkCount, type FileName, merkleRoot, paddedSize, sealHeader, storedSize } from "./files";
import type { Policy } from "./policy";
import { missingRuns, workSpans } from "./workers";

/** From chosen files to a manifest (TSB1, sections 7 and 8). */

export interface FileEntry extends FileName {
  chunks: number;
  size: number;
  root: string;
  header: string;
}

/** Where the server takes chunks, and what each request carries. */
export interface Destination {
  address: string;
  headers: Record<string, string>;
}

/** Refuses before any upload what the limits do not admit. */
export function checkLimits(files: readonly { size: number }[], { limits }: Policy): void {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const within = files.length <= limits.files && files.every((file) => file.size <= limits.file) && total <= limits.bid;
  if (!within) throw new Refused("over-limit", `${files.length} files of ${total} bytes`);
}

/** A file being sealed: what a browser keeps of it to go on after a reload (kept.ts). */
export interface SealedFile extends FileName {
  source: File;
  master: CryptoKey;
  leaves: (Bytes | undefined)[];
}

/**
 * Encrypts and sends the chunks whose leaves are not known, then gives the manifest's entry.
 *
 * `onLeaf` is told of each chunk that the server has: for the progress, and for `kept.ts`.
 */
export async function sealFile(
  sealed: SealedFile,
  to: Destination,
  onLeaf: (index: number, leaf: Bytes) => void,
  signal?: AbortSignal,
): Promise<FileEntry> {
  const { source, master, block, file, leaves } = sealed;
  const start = (span: { first: number; last: number }): Worker => {
    const worker = new Worker(new URL("./upload-worker.ts", import.meta.url), { type: "module" });
    const run = { source, master, block, file, ...span };
    worker.postMessage({ run, address: `${to.address}files/${file}/chunks/`, headers: to.headers });
    return worker;
  };
  const known = (index: number, leaf: Bytes): void => {
    leaves[index] = leaf;
    onLeaf(index, leaf);
  };
  await workSpans(missingRuns(source.size, leaves), start, known, signal);
  return entryOf(sealed);
}

/** The entry of a file whose leaves are all known, from the browser's own computation. */
export async function entryOf({ source, master, block, file, leaves }: SealedFile): Promise<FileEntry> {
  const header = base64url(await sealHeader(master, { block, file }, source));
  const root = await merkleRoot(leaves as Bytes[]);
  return { file, block, chunks: chunkCount(paddedSize(source.size)), size: storedSize(source.size), root, header };
}

/** Drops the leaves that the server does not have: their chunks are encrypted again. */
export function compareLeaves(leaves: (Bytes | undefined)[], stored: ReadonlyMap<number, string>): void {
  leaves.forEach((leaf, index) => {
    if (leaf && stored.get(index) !== hex(leaf)) leaves[index] = undefined;
  });
}

export interface Bid {
  deposit: string;
  bidder: string;
  lots: string[];
  blocks: { block: string; sha256: string }[];
  files: FileEntry[];
  supersedes: string | null;
  rehearsal: boolean;
}

/** The manifest's bytes, and the bid root. */
export async function makeManifest(policy: Policy, bid: Bid): Promise<{ bytes: Bytes; root: string }> {
  const { hash, consultation, round } = policy;
  const bytes = written("manifest", { policy: hash, consultation, round, ...bid } as unknown as { [key: string]: Json });
  return { bytes, root: hex(await sha256(bytes)) };
}
