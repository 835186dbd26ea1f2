import { base64url, type Bytes, concat, hex, label, same, sha256, unhex, uuidBytes } from "./bytes";
import { type Block, openPieces, type Pieces, readBlock } from "./block";
import { digest, fields, identifier, instant, integer, listed, octets, oneOf, read, Refused, text, written } from "./documents";
import type { Policy } from "./policy";
import { checkPublic, type OpeningKey, seal, type SuiteNumber } from "./suites";

/** An officer's part of an opening (TSB1, section 10). */

const SHAPE = {
  order: identifier,
  policy: digest,
  consultation: identifier,
  round: integer(1),
  envelope: text,
  deadline: instant,
  bids: listed(fields({ root: digest, blocks: listed(fields({ block: identifier, sha256: digest })) }), 10_000, 0),
  excluded: listed(fields({ root: digest, reason: oneOf("late", "superseded", "withdrawn", "not-admitted") }), 10_000, 0),
  session: octets,
  checkpoint: text,
};

export type Order = ReturnType<typeof read<typeof SHAPE>> & { hash: string };

/** The order of these bytes, for this policy and after its deadline; `hash` is what everybody is shown. */
export async function readOrder(data: Bytes, policy: Policy, now: Date): Promise<Order> {
  const found = read(data, "order", SHAPE);
  const ours = found.policy === policy.hash && found.consultation === policy.consultation && found.round === policy.round;
  if (!ours || found.deadline !== policy.deadline || !policy.envelopes.includes(found.envelope)) {
    throw new Refused("mismatch", "an order of another policy");
  }
  const roots = [...found.bids, ...found.excluded].map((one) => one.root);
  const blocks = found.bids.flatMap((bid) => bid.blocks.map((one) => one.block));
  for (const all of [roots, blocks]) {
    if (new Set(all).size !== all.length) throw new Refused("mismatch", "a bid or a block listed twice");
  }
  await checkPublic(policy.suite, found.session);
  if (now.getTime() <= Date.parse(policy.deadline)) throw new Refused("too-early", "the deadline has not passed");
  return { ...found, hash: hex(await sha256(data)) };
}

/** The policies that the last one leads to by `previous`, by hash: the printed hash holds them all. */
export function chain(last: Policy, older: readonly Policy[]): Map<string, Policy> {
  const held = new Map<string, Policy>();
  const byHash = new Map(older.map((one) => [one.hash, one]));
  for (let at: Policy | undefined = last; at && !held.has(at.hash); at = at.previous ? byHash.get(at.previous) : undefined) {
    held.set(at.hash, at);
  }
  return held;
}

/** Gives a holder's pieces of a block: as the bidder dealt them, or as a transfer brought them. */
export type Opener = (block: Block) => Promise<Pieces>;

/** Opens blocks as they were dealt; `policies` is the chain of the order's policy. */
export const asDealt =
  (policies: ReadonlyMap<string, Policy>, holder: string, key: OpeningKey): Opener =>
  (block) => {
    const policy = policies.get(block.context.policy);
    if (!policy) throw new Refused("mismatch", "a block of a foreign policy");
    const own = policy.holders.find((one) => one.id === holder);
    if (!own || !same(own.key, key.publicKey)) throw new Refused("mismatch", "the policy has another key for this officer");
    return openPieces(policy, block, holder, key);
  };

/** Seals this holder's pieces of every block of the order that she holds pieces of to the session's key; gives the release. */
export async function makeRelease(
  order: Order,
  suite: SuiteNumber,
  blocks: ReadonlyMap<string, Bytes>,
  holder: string,
  open: Opener,
  held: (block: string) => boolean = () => true,
): Promise<Bytes> {
  const given = [];
  for (const named of order.bids.flatMap((bid) => bid.blocks)) {
    if (!held(named.block)) continue;
    const block = await listedBlock(order, named, blocks);
    const plain = concat(...(await open(block)).values());
    const info = concat(label("TSB1/release"), unhex(order.hash), block.ctx, uuidBytes(holder));
    given.push({ block: named.block, wrap: base64url(await seal(suite, order.session, info, plain)) });
    plain.fill(0);
  }
  return written("release", { order: order.hash, holder, blocks: given });
}

async function listedBlock(order: Order, named: { block: string; sha256: string }, blocks: ReadonlyMap<string, Bytes>): Promise<Block> {
  const data = blocks.get(named.block);
  if (!data) throw new Refused("mismatch", `block ${named.block} is missing`);
  const block = await readBlock(data);
  const { context } = block;
  const ours = context.block === named.block && context.envelope === order.envelope;
  if (block.sha256 !== named.sha256 || !ours || context.consultation !== order.consultation || context.round !== order.round) {
    throw new Refused("mismatch", `block ${named.block} and the order`);
  }
  return block;
}
