import { type Bytes, concat, derived, base64url, hex, label, random, sha256, u16, utf8, uuidBytes } from "./bytes";
import { canonical, digest, fields, identifier, integer, type Json, listed, octets, read, Refused, text, written } from "./documents";
import type { Policy } from "./policy";
import { piecesOf, split } from "./sharing";
import { type OpeningKey, seal, unseal } from "./suites";

/** A block (TSB1, section 6): two secrets, dealt to the holders (Q) and to the time-keeper (T). */

const SECRET_BYTES = 32;

export interface Place {
  lot: string;
  envelope: string;
  bidder: string;
}

const CONTEXT = {
  v: integer(1, 1),
  policy: digest,
  consultation: identifier,
  round: integer(1),
  lot: identifier,
  envelope: text,
  bidder: identifier,
  block: identifier,
};
const SHAPE = {
  context: fields(CONTEXT),
  threshold: integer(2, 12),
  pieces: listed(digest, 220),
  holders: listed(fields({ holder: identifier, wrap: octets }), 12),
  time: fields({ key: identifier, wrap: octets }),
  commit: digest,
};

/** `ctx` is the hash of the context: it enters every derivation. */
export type Block = ReturnType<typeof read<typeof SHAPE>> & { ctx: Bytes; sha256: string };

export async function readBlock(data: Bytes): Promise<Block> {
  const found = read(data, "block", SHAPE);
  return { ...found, ctx: await contextHash(found.context), sha256: hex(await sha256(data)) };
}

/** A fresh block: its bytes, to be sent before any file, and the master key, which script can use but not read. */
export async function makeBlock(policy: Policy, place: Place): Promise<{ id: string; bytes: Bytes; master: CryptoKey }> {
  const id = crypto.randomUUID();
  const { hash, consultation, round } = policy;
  const context = { v: 1, policy: hash, consultation, round, ...place, block: id };
  const [quorum, time] = [random(SECRET_BYTES), random(SECRET_BYTES)];
  const made = await deal(policy, context, quorum, time);
  quorum.fill(0);
  time.fill(0);
  return { id, ...made };
}

async function deal(policy: Policy, context: { [key: string]: Json }, quorum: Bytes, time: Bytes): Promise<{ bytes: Bytes; master: CryptoKey }> {
  const { suite, holders, sets, threshold } = policy;
  const ctx = await contextHash(context);
  const pieces = split(quorum, sets.length);
  const wraps = await Promise.all(
    holders.map(async ({ id, key }, place) => {
      const own = concat(...piecesOf(place, sets).map((number) => pieces[number]!));
      return { holder: id, wrap: base64url(await seal(suite, key, bound("TSB1/holder", ctx, id), own)) };
    }),
  );
  const timeWrap = await seal(suite, policy.time.key, bound("TSB1/time", ctx, policy.time.id), time);
  const hashes = await Promise.all(pieces.map((piece, number) => pieceHash(ctx, number, piece)));
  const both = concat(quorum, time);
  const bytes = written("block", {
    context,
    threshold,
    pieces: hashes,
    holders: wraps,
    time: { key: policy.time.id, wrap: base64url(timeWrap) },
    commit: hex(await derived(both, ctx, "TSB1/commit")),
  });
  const master = await masterKey(both, ctx);
  for (const secret of [both, ...pieces]) secret.fill(0);
  return { bytes, master };
}

/** The master key M of Q followed by T. */
export async function masterKey(both: Bytes, ctx: Bytes): Promise<CryptoKey> {
  const plain = await derived(both, ctx, "TSB1/envelope");
  const key = await crypto.subtle.importKey("raw", plain, "HKDF", false, ["deriveKey"]);
  plain.fill(0);
  return key;
}

/** Pieces by number, ascending. */
export type Pieces = Map<number, Bytes>;

/** An officer's pieces of a block as the bidder dealt them, each compared with its hash. */
export async function openPieces(policy: Policy, block: Block, holder: string, key: OpeningKey): Promise<Pieces> {
  const place = policy.holders.findIndex((one) => one.id === holder);
  const wrap = block.holders[place];
  if (wrap?.holder !== holder) throw new Refused("mismatch", "the holders, in the policy's order");
  const plain = await unseal(key, bound("TSB1/holder", block.ctx, holder), wrap.wrap);
  const numbers = piecesOf(place, policy.sets);
  if (plain.length !== SECRET_BYTES * numbers.length) throw new Refused("wrong-piece", "their number");
  const parts = cut(plain);
  const pieces = new Map(numbers.map((number, at) => [number, parts[at]!]));
  for (const [number, piece] of pieces) {
    if ((await pieceHash(block.ctx, number, piece)) !== block.pieces[number]) {
      throw new Refused("wrong-piece", `piece ${number}`);
    }
  }
  return pieces;
}

/** Pieces written one after the other. */
export const cut = (plain: Bytes): Bytes[] =>
  Array.from({ length: plain.length / SECRET_BYTES }, (_, at) => plain.slice(SECRET_BYTES * at, SECRET_BYTES * (at + 1)));

export const contextHash = (context: { [key: string]: Json }): Promise<Bytes> => sha256(utf8(canonical(context)));

export const pieceHash = async (ctx: Bytes, number: number, piece: Bytes): Promise<string> =>
  hex(await sha256(concat(label("TSB1/piece"), ctx, u16(number), piece)));

/** The `info` of something sealed to somebody within a block. */
export const bound = (name: string, ctx: Bytes, id: string): Bytes => concat(label(name), ctx, uuidBytes(id));
