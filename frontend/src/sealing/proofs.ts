import { type Bytes, concat, hex, sha256, unbase64url } from "./bytes";
import { parsed, Refused } from "./documents";
import type { Order } from "./release";

/** The deposits of an order in the journal (TSB1, section 10): RFC 9162, leaf SHA-256(0x00 || fact), node SHA-256(0x01 || left || right). */

/** A fact's bytes, its number in the journal, and the path from it to the root of the order's checkpoint. */
export interface Proof {
  seq: number;
  body: string;
  path: string[];
}

interface Fact {
  kind: string;
  matter: string;
  subject: { id: string };
  facts: { round?: number; completed_at: string };
  files: { root?: string };
}

const CHECKPOINT = /^journal (\d+) ([0-9a-f]{64})$/;
const [SEALED, LATE, ADMITTED] = ["procurement.deposit.sealed", "procurement.deposit.kept_late", "procurement.deposit.admitted"];

/** Refuses an order that lists a bid whose deposit, in time or admitted, is not in the journal that it cites; `proofs` by bid root. */
export async function checkDeposits(order: Order, proofs: Record<string, Proof[]>): Promise<void> {
  const [, size, root] = CHECKPOINT.exec(order.checkpoint) ?? [];
  if (!size || !root) throw new Refused("mismatch", "an order without the head of the journal");
  for (const bid of order.bids) {
    const facts = await Promise.all((proofs[bid.root] ?? []).map((one) => proved(one, Number(size), root)));
    const about = facts.filter((one) => one.matter === order.consultation);
    if (!about.some((one) => isDeposit(one, bid.root, order) && (isInTime(one, order) || isAdmitted(one, about)))) {
      throw new Refused("not-proved", `bid ${bid.root} is not in the journal`);
    }
  }
}

const isDeposit = (fact: Fact, root: string, order: Order): boolean =>
  [SEALED, LATE].includes(fact.kind) && fact.files.root === root && fact.facts.round === order.round;

const isInTime = (fact: Fact, order: Order): boolean =>
  fact.kind === SEALED && Date.parse(fact.facts.completed_at) <= Date.parse(order.deadline);

const isAdmitted = (fact: Fact, about: Fact[]): boolean =>
  about.some((one) => one.kind === ADMITTED && one.subject.id === fact.subject.id);

async function proved(proof: Proof, size: number, root: string): Promise<Fact> {
  const body = unbase64url(proof.body);
  const reached = await rootOfPath(await hashed(0, body), proof.seq, size, proof.path.map(unbase64url));
  if (!reached || hex(reached) !== root) throw new Refused("mismatch", `fact ${proof.seq} is not in the journal that the order cites`);
  return parsed(body) as Fact;
}

const hashed = (kind: 0 | 1, ...parts: Bytes[]): Promise<Bytes> => sha256(concat(new Uint8Array([kind]), ...parts));

/** The root that an inclusion path leads to (RFC 9162, section 2.1.3.2); null when its length does not fit. */
async function rootOfPath(leaf: Bytes, index: number, size: number, path: Bytes[]): Promise<Bytes | null> {
  let [found, at, last] = [leaf, index, size - 1];
  if (at > last) return null;
  for (const step of path) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      found = await hashed(1, step, found);
      while (at % 2 === 0 && at > 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      found = await hashed(1, found, step);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? found : null;
}
