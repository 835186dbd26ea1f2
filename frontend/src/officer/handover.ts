import { base64url, type Bytes, unbase64url } from "../sealing/bytes";
import { type Block, readBlock } from "../sealing/block";
import { Refused } from "../sealing/documents";
import { type Policy, readPolicy } from "../sealing/policy";
import { asDealt, chain } from "../sealing/release";
import { readSlot } from "../sealing/slots";
import type { OpeningKey } from "../sealing/suites";
import { asMoved, checkCut, checks, deal, type Moved, type Plan, plannedPolicy, readDealing, readPlan, receivedPieces, reception } from "../sealing/transfer";
import { ask, during, offerWays, say, sentence, wayOf } from "./page";
import { opened } from "./trial";

/** An officer is replaced: who holds a piece deals it to the new holders, who take over; nobody reads (TSB1, section 9). */

/** A way that pieces came, as the platform carries it. */
export interface Carried {
  plan: string;
  dealings: string[];
}

interface Passing extends Carried {
  block: string;
  before: Carried | null;
}

interface Papers {
  policy: string;
  policies: string[];
  deal: Passing[];
  receive: Passing[];
  holder: string;
  key: string;
  slots: string[];
}

/** One request carries documents of this many characters at most. */
const MOST_SENT = 1_000_000;

export const carried = ({ plan, dealings }: Carried): Moved => ({ plan: unbase64url(plan), dealings: dealings.map(unbase64url) });

export function offerHandover(root: HTMLElement): void {
  for (const step of ["deal", "receive"] as const) {
    const form = root.querySelector<HTMLFormElement>(`[data-step="${step}"]`);
    if (form) offer(root, form, step);
  }
}

function offer(root: HTMLElement, form: HTMLFormElement, step: "deal" | "receive"): void {
  let papers: Papers | null = null;
  void during(root, async () => {
    papers = await ask<Papers>(root.dataset.papers!);
    offerWays(form, papers.slots.map((one) => readSlot(unbase64url(one))));
    root.querySelector("[data-said]")?.replaceChildren();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void during(root, async () => {
      papers = await ask<Papers>(root.dataset.papers!); // what came since the page was loaded is handed over too
      const made = (await documents(form, papers, step)).map(base64url);
      for (const sent of portions(made)) await ask(root.dataset[step]!, { documents: sent });
      form.hidden = true;
      say(root, "ok", sentence(root, step === "deal" ? "dealt" : "received"));
    });
  });
}

async function documents(form: HTMLFormElement, papers: Papers, step: "deal" | "receive"): Promise<Bytes[]> {
  const policies = await Promise.all(papers.policies.map((one) => readPolicy(unbase64url(one))));
  const next = policies.find((one) => one.hash === papers.policy);
  if (!next) throw new Refused("mismatch", "the policy is missing");
  const slots = papers.slots.map((one) => readSlot(unbase64url(one)));
  const { key } = await opened(await wayOf(form, slots), unbase64url(papers.key));
  const known = chain(next, policies);
  const made: Bytes[] = [];
  for (const one of papers[step]) {
    const block = await readBlock(unbase64url(one.block));
    const plan = readPlan(unbase64url(one.plan), next);
    if (plan.block !== block.context.block) throw new Refused("mismatch", "a transfer of another block");
    const old = oldPolicy(known, block, one.before);
    const holder = new Holder(known, papers.holder, key, one.before);
    made.push(step === "deal" ? await deal(plan, block, old, next, papers.holder, await holder.pieces(block)) : await holder.received(plan, block, next, one));
  }
  return made;
}

/** The version whose holders hold the block now. */
function oldPolicy(known: ReadonlyMap<string, Policy>, block: Block, before: Carried | null): Policy {
  const found = known.get(before ? plannedPolicy(unbase64url(before.plan)) : block.context.policy);
  if (!found) throw new Refused("mismatch", "a block of a foreign policy");
  return found;
}

/** What this officer holds of a block, and what she takes over. */
class Holder {
  constructor(
    private readonly known: ReadonlyMap<string, Policy>,
    private readonly id: string,
    private readonly key: OpeningKey,
    private readonly before: Carried | null,
  ) {}

  pieces(block: Block): ReturnType<typeof receivedPieces> {
    const moved = new Map(this.before ? [[block.context.block, carried(this.before)]] : []);
    return asMoved(this.known, moved, this.id, this.key, asDealt(this.known, this.id, this.key))(block);
  }

  async received(plan: Plan, block: Block, next: Policy, { dealings }: Carried): Promise<Bytes> {
    const dealt = dealings.map((one) => readDealing(unbase64url(one)));
    for (const dealing of dealt) {
      if (!checks(plan, this.id, dealing.dealer)) continue;
      await checkCut(plan, block, next, dealing, this.id, this.key, await this.pieces(block));
    }
    return reception(plan, block, this.id, await receivedPieces(plan, block, next, dealt, this.id, this.key));
  }
}

function portions(documents: readonly string[]): string[][] {
  const found: string[][] = [[]];
  let size = 0;
  for (const one of documents) {
    if (size + one.length > MOST_SENT && found.at(-1)!.length) {
      found.push([]);
      size = 0;
    }
    found.at(-1)!.push(one);
    size += one.length;
  }
  return found.filter((one) => one.length);
}
