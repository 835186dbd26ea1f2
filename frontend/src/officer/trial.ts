import { base64url, type Bytes, concat, label, unbase64url, uuidBytes } from "../sealing/bytes";
import { Refused } from "../sealing/documents";
import { openSlot, readSlot, type Secret, type Slot, tryKey } from "../sealing/slots";
import { type OpeningKey, unseal } from "../sealing/suites";
import { remember } from "./known";
import { ask, during, offerWays, say, sentence, wayOf } from "./page";

/** The trial opening: the platform seals a random value to the officer's key, and her browser opens it. */

export interface TrialSeal {
  holder: string;
  trial: string;
  token: string;
}

interface Key extends TrialSeal {
  consultation: string;
  round: number;
  key: string;
  slots: string[];
}

/** The value that the seal holds, as the platform compares it. */
export async function openTrial(key: OpeningKey, seal: TrialSeal): Promise<string> {
  const info = concat(label("TSB1/trial"), uuidBytes(seal.holder));
  return base64url(await unseal(key, info, unbase64url(seal.trial)));
}

/** The key of the first slot that the secret opens: an officer may have two of one kind. */
export async function opened(ways: readonly { slot: Slot; secret: Secret }[], publicKey: Bytes): Promise<{ key: OpeningKey; slot: Slot; secret: Secret }> {
  for (const { slot, secret } of ways) {
    try {
      return { key: await openSlot(slot, secret, 1, publicKey), slot, secret };
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
    }
  }
  throw new Refused("cannot-unwrap", "no slot opens");
}

export function offerTrials(root: HTMLElement): void {
  for (const form of root.querySelectorAll<HTMLFormElement>('[data-step="trial"]')) {
    const key = JSON.parse(form.dataset.key!) as Key;
    const slots = key.slots.map((one) => readSlot(unbase64url(one)));
    offerWays(form, slots);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void during(root, async () => {
        const found = await opened(await wayOf(form, slots), unbase64url(key.key));
        await tryKey(found.key); // the public key that the page shows is this private key's
        const value = await openTrial(found.key, key);
        const { consultation, round, holder, token } = key;
        await ask(root.dataset.trial!, { trials: [{ consultation, round, holder, slot: found.slot.slot, token, value }] });
        remember(holder, key.key);
        say(root, "ok", sentence(root, "tried"));
        form.replaceChildren();
      });
    });
  }
}
