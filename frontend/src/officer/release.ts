import { base64url, type Bytes, unbase64url } from "../sealing/bytes";
import { Refused } from "../sealing/documents";
import { readPolicy } from "../sealing/policy";
import { checkDeposits, type Proof } from "../sealing/proofs";
import { asDealt, chain, makeRelease, readOrder } from "../sealing/release";
import { readSlot } from "../sealing/slots";
import { asMoved } from "../sealing/transfer";
import { type Carried, carried } from "./handover";
import { ask, during, offerWays, say, sentence, wayOf } from "./page";
import { opened } from "./trial";

/** An officer's part of an opening: everything is checked here, then her pieces are sealed to the session alone. */

interface Papers {
  now: string;
  order: string;
  policy: string;
  policies: string[];
  blocks: Record<string, string>;
  held: string[];
  moved: Record<string, Carried>;
  proofs: Record<string, Proof[]>;
  holder: string;
  key: string;
  slots: string[];
}

export function offerRelease(root: HTMLElement): void {
  const form = root.querySelector<HTMLFormElement>('[data-step="release"]');
  if (!form) return;
  let papers: Papers | null = null;
  void during(root, async () => {
    papers = await ask<Papers>(root.dataset.papers!);
    offerWays(form, papers.slots.map((one) => readSlot(unbase64url(one))));
    root.querySelector("[data-said]")?.replaceChildren();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void during(root, async () => {
      papers ??= await ask<Papers>(root.dataset.papers!);
      const release = await released(form, papers);
      await ask(root.dataset.give!, { release: base64url(release) });
      form.hidden = true;
      say(root, "ok", sentence(root, "given"));
    });
  });
}

async function released(form: HTMLFormElement, papers: Papers): Promise<Bytes> {
  const policies = await Promise.all(papers.policies.map((one) => readPolicy(unbase64url(one))));
  const policy = policies.find((one) => one.hash === papers.policy);
  if (!policy) throw new Refused("mismatch", "the policy is missing");
  // the hour of this computer may be wrong: the platform's counts, and the time-keeper judges by its own
  const order = await readOrder(unbase64url(papers.order), policy, new Date(papers.now));
  if (order.hash !== form.dataset.order) throw new Refused("mismatch", "another order than the displayed one");
  await checkDeposits(order, papers.proofs);
  const slots = papers.slots.map((one) => readSlot(unbase64url(one)));
  const { key } = await opened(await wayOf(form, slots), unbase64url(papers.key));
  const blocks = new Map(Object.entries(papers.blocks).map(([id, data]) => [id, unbase64url(data)]));
  const known = chain(policy, policies);
  const moved = new Map(Object.entries(papers.moved).map(([id, way]) => [id, carried(way)]));
  const open = asMoved(known, moved, papers.holder, key, asDealt(known, papers.holder, key));
  return makeRelease(order, policy.suite, blocks, papers.holder, open, (block) => papers.held.includes(block));
}
