import { base64url, type Bytes, concat, hex, label, same, sha256, u16, uuidBytes, xor } from "./bytes";
import { type Block, cut, pieceHash, type Pieces } from "./block";
import { digest, fields, identifier, listed, octets, optional, read, Refused, written } from "./documents";
import type { Policy } from "./policy";
import type { Opener } from "./release";
import { piecesOf, split } from "./sharing";
import { type OpeningKey, seal, unseal } from "./suites";

/** A transfer to other holders without reading (TSB1, section 9), in the browsers of who deals, checks and receives. */

const PLAN = {
  transfer: identifier,
  block: identifier,
  policy: digest,
  pieces: listed(fields({ dealer: identifier, checker: optional(identifier) }), 220),
};
const WRAP = fields({ holder: identifier, wrap: octets });
const DEALING = {
  transfer: identifier,
  block: identifier,
  dealer: identifier,
  cuts: listed(listed(digest, 220), 220),
  holders: listed(WRAP, 12),
  checkers: listed(WRAP, 12, 0),
};

export type Plan = ReturnType<typeof read<typeof PLAN>>;
export type Dealing = ReturnType<typeof read<typeof DEALING>>;

export const readDealing = (data: Bytes): Dealing => read(data, "dealing", DEALING);

/** How a block's pieces came to those who hold them now. */
export interface Moved {
  plan: Bytes;
  dealings: readonly Bytes[];
}

/** Opens blocks as the last transfer of each brought them, the others with `dealt`; `policies` is the chain of the last one. */
export const asMoved =
  (policies: ReadonlyMap<string, Policy>, moved: ReadonlyMap<string, Moved>, holder: string, key: OpeningKey, dealt: Opener): Opener =>
  (block) => {
    const way = moved.get(block.context.block);
    if (!way) return dealt(block);
    const policy = policies.get(plannedPolicy(way.plan));
    if (!policy) throw new Refused("mismatch", "a transfer to a foreign policy");
    return receivedPieces(readPlan(way.plan, policy), block, policy, way.dealings.map(readDealing), holder, key);
  };

/** Whether the plan has this holder check a cut of that dealer's. */
export const checks = (plan: Plan, checker: string, dealer: string): boolean => numbersOf(plan, dealer, checker).length > 0;

/** The hash of the policy that a plan leads to. */
export const plannedPolicy = (data: Bytes): string => read(data, "transfer", PLAN).policy;

/** The plan, towards this policy. */
export function readPlan(data: Bytes, next: Policy): Plan {
  const plan = read(data, "transfer", PLAN);
  if (plan.policy !== next.hash) throw new Refused("mismatch", "a transfer to another policy");
  return plan;
}

const numbersOf = (plan: Plan, dealer: string, checker?: string): number[] =>
  plan.pieces.flatMap((hands, number) =>
    hands.dealer === dealer && (checker === undefined || hands.checker === checker) ? [number] : [],
  );

/** The dealer's work on the pieces that the plan gives him. */
export async function deal(plan: Plan, block: Block, old: Policy, next: Policy, dealer: string, pieces: Pieces): Promise<Bytes> {
  const { ctx } = block;
  const numbers = numbersOf(plan, dealer);
  const subs = new Map(numbers.map((number) => [number, split(held(pieces, number), next.sets.length)]));
  const toHolders = next.holders.map(async ({ id, key }, place) => {
    const own = piecesOf(place, next.sets);
    const plain = concat(...numbers.flatMap((number) => own.map((fresh) => subs.get(number)![fresh]!)));
    return { holder: id, wrap: base64url(await seal(next.suite, key, bound("TSB1/transfer", ctx, plan, id), plain)) };
  });
  const checkers = old.holders.filter(({ id }) => numbersOf(plan, dealer, id).length);
  const toCheckers = checkers.map(async ({ id, key }) => {
    const plain = concat(...numbersOf(plan, dealer, id).flatMap((number) => subs.get(number)!));
    return { holder: id, wrap: base64url(await seal(old.suite, key, bound("TSB1/check", ctx, plan, id), plain)) };
  });
  const cuts = numbers.map((number) => Promise.all(subs.get(number)!.map((sub, fresh) => cutHash(ctx, plan, number, fresh, sub))));
  return written("dealing", {
    transfer: plan.transfer,
    block: plan.block,
    dealer,
    cuts: await Promise.all(cuts),
    holders: await Promise.all(toHolders),
    checkers: await Promise.all(toCheckers),
  });
}

/** The checker's part: the sub-pieces are those hashed, and their XOR is the piece that he holds. */
export async function checkCut(
  plan: Plan,
  block: Block,
  next: Policy,
  dealing: Dealing,
  checker: string,
  key: OpeningKey,
  pieces: Pieces,
): Promise<void> {
  checkDealing(plan, dealing, next);
  const subs = cut(await unseal(key, bound("TSB1/check", block.ctx, plan, checker), wrapFor(dealing.checkers, checker)));
  const dealt = numbersOf(plan, dealing.dealer);
  for (const [at, number] of numbersOf(plan, dealing.dealer, checker).entries()) {
    const own = subs.slice(at * next.sets.length, (at + 1) * next.sets.length);
    const hashes = await Promise.all(own.map((sub, fresh) => cutHash(block.ctx, plan, number, fresh, sub)));
    const said = dealing.cuts[dealt.indexOf(number)]!;
    if (hashes.join() !== said.join() || !same(xor(own), held(pieces, number))) {
      throw new Refused("wrong-piece", `the cut of piece ${number} by ${dealing.dealer}`);
    }
  }
}

/** A new holder's pieces by new number: the XOR of what every dealer sealed to him. */
export async function receivedPieces(
  plan: Plan,
  block: Block,
  next: Policy,
  dealings: readonly Dealing[],
  holder: string,
  key: OpeningKey,
): Promise<Pieces> {
  const place = next.holders.findIndex((one) => one.id === holder);
  if (place < 0) throw new Refused("mismatch", "a holder who is not in the policy");
  const numbers = piecesOf(place, next.sets);
  const received = new Map<number, Bytes[]>(numbers.map((number) => [number, []]));
  const dealt: number[] = [];
  for (const dealing of dealings) {
    checkDealing(plan, dealing, next);
    const own = numbersOf(plan, dealing.dealer);
    dealt.push(...own);
    const subs = cut(await unseal(key, bound("TSB1/transfer", block.ctx, plan, holder), wrapFor(dealing.holders, holder)));
    if (subs.length !== own.length * numbers.length) throw new Refused("wrong-piece", `the dealing of ${dealing.dealer}`);
    for (const [at, old] of own.entries()) {
      for (const [step, fresh] of numbers.entries()) {
        const sub = subs[at * numbers.length + step]!;
        if ((await cutHash(block.ctx, plan, old, fresh, sub)) !== dealing.cuts[at]![fresh]) {
          throw new Refused("wrong-piece", `the dealing of ${dealing.dealer}`);
        }
        received.get(fresh)!.push(sub);
      }
    }
  }
  if (new Set(dealt).size !== dealt.length || dealt.length !== plan.pieces.length) {
    throw new Refused("mismatch", "each old piece must be dealt once");
  }
  return new Map([...received].map(([number, subs]) => [number, xor(subs)]));
}

/** What a new holder publishes of the pieces received: it counts once two holders agree. */
export async function reception(plan: Plan, block: Block, holder: string, pieces: Pieces): Promise<Bytes> {
  const hashes = [...pieces].map(async ([piece, bytes]) => ({ piece, sha256: await pieceHash(block.ctx, piece, bytes) }));
  return written("reception", { transfer: plan.transfer, block: plan.block, holder, hashes: await Promise.all(hashes) });
}

function checkDealing(plan: Plan, dealing: Dealing, next: Policy): void {
  const ours = dealing.transfer === plan.transfer && dealing.block === plan.block;
  if (!ours) throw new Refused("mismatch", "a dealing of another transfer");
  const complete = dealing.cuts.length === numbersOf(plan, dealing.dealer).length;
  if (!complete || dealing.cuts.some((hashes) => hashes.length !== next.sets.length)) {
    throw new Refused("mismatch", `the cuts of ${dealing.dealer}`);
  }
}

function held(pieces: Pieces, number: number): Bytes {
  const piece = pieces.get(number);
  if (!piece) throw new Refused("mismatch", `piece ${number} is not this holder's`);
  return piece;
}

function wrapFor(wraps: Dealing["holders"], holder: string): Bytes {
  const found = wraps.find((one) => one.holder === holder);
  if (!found) throw new Refused("mismatch", `nothing is sealed to ${holder}`);
  return found.wrap;
}

const bound = (name: string, ctx: Bytes, plan: Plan, holder: string): Bytes =>
  concat(label(name), ctx, uuidBytes(plan.transfer), uuidBytes(holder));

const cutHash = async (ctx: Bytes, plan: Plan, old: number, fresh: number, sub: Bytes): Promise<string> =>
  hex(await sha256(concat(label("TSB1/cut"), ctx, uuidBytes(plan.transfer), u16(old), u16(fresh), sub)));
