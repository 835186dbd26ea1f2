import { base64url, type Bytes, unbase64url } from "../sealing/bytes";
import { addSlot, openSlot, readSlot, type RecoveryCode, type Secret, type Slot, tryKey } from "../sealing/slots";
import { everydayWay, newWay, offerNewWay, requireTyped, showPaper } from "./accept";
import { ask, during, offerWays, say, sentence, wayOf } from "./page";
import { opened } from "./trial";

/** An officer adds a way to her key from one that she still has: the key itself does not change (TSB1, section 11). */

interface Key {
  consultation: string;
  round: number;
  key: string;
  slots: string[];
}

export function offerAnotherWay(root: HTMLElement): void {
  const form = root.querySelector<HTMLFormElement>('[data-step="add"]');
  const paper = root.querySelector<HTMLElement>('[data-step="paper"]');
  const confirm = root.querySelector<HTMLFormElement>('[data-step="confirm"]');
  if (!form || !paper || !confirm) return;
  const key = JSON.parse(form.dataset.key!) as Key;
  const slots = key.slots.map((one) => readSlot(unbase64url(one)));
  let from: { slot: Slot; secret: Secret } | null = null;
  let code: RecoveryCode | null = null;

  offerWays(form, slots);
  offerNewWay(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void during(root, async () => {
      const added = newWay(form) === "recovery" ? null : await everydayWay(root, form);
      from = await opened(await wayOf(form, slots), unbase64url(key.key));
      if (added) {
        await keep(root, key, from, added);
      } else {
        code = showPaper(paper);
        root.querySelector("[data-said]")?.replaceChildren();
      }
      form.hidden = true;
    });
  });
  confirm.addEventListener("submit", (event) => {
    event.preventDefault();
    void during(root, async () => {
      if (!from || !code) return;
      requireTyped(confirm, code);
      await keep(root, key, from, code.secret);
      paper.hidden = true;
    });
  });
}

/** The new way opens the key here before the platform keeps it. */
async function keep(root: HTMLElement, key: Key, from: { slot: Slot; secret: Secret }, added: Secret): Promise<void> {
  const slot: Bytes = await addSlot(from.slot, from.secret, added);
  await tryKey(await openSlot(readSlot(slot), added, 1, unbase64url(key.key)));
  const { consultation, round } = key;
  await ask(root.dataset.slot!, { consultation, round, slot: base64url(slot) });
  say(root, "ok", sentence(root, "added"));
}
