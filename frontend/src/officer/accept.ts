import { base64url, same } from "../sealing/bytes";
import { Refused } from "../sealing/documents";
import { accept, makePasskey, makeRecoveryCode, openSlot, phraseSecret, readSlot, type RecoveryCode, recoverySecret, type Secret } from "../sealing/slots";
import { Answered, ask, during, say, sentence } from "./page";
import { openTrial, type TrialSeal } from "./trial";
import { remember } from "./known";

/** An officer accepts to open the bids of several consultations in one gesture: a fresh key for each, the same two ways to all. */

const SHORTEST_PHRASE = 12;

interface Chosen {
  consultation: string;
  round: number;
}

export function offerAcceptance(root: HTMLElement): void {
  const first = root.querySelector<HTMLFormElement>('[data-step="accept"]');
  const paper = root.querySelector<HTMLElement>('[data-step="paper"]');
  const confirm = root.querySelector<HTMLFormElement>('[data-step="confirm"]');
  if (!first || !paper || !confirm) return;
  let way: Secret | null = null;
  let code: RecoveryCode | null = null;

  offerNewWay(first);
  first.addEventListener("submit", (event) => {
    event.preventDefault();
    void during(root, async () => {
      if (chosenIn(first).length === 0) throw new Answered("nothing-chosen", "");
      way = await everydayWay(root, first);
      code = showPaper(paper);
      first.hidden = true;
      root.querySelector("[data-said]")?.replaceChildren();
    });
  });
  confirm.addEventListener("submit", (event) => {
    event.preventDefault();
    void during(root, async () => {
      if (!way || !code) return;
      requireTyped(confirm, code);
      await acceptAll(root, chosenIn(first), [way, code.secret]);
      paper.hidden = true;
      say(root, "ok", sentence(root, "accepted"));
    });
  });
}

async function acceptAll(root: HTMLElement, chosen: readonly Chosen[], secrets: Secret[]): Promise<void> {
  for (const one of chosen) {
    const holder = crypto.randomUUID();
    const { publicKey, slots } = await accept(1, holder, secrets);
    const sent = { ...one, holder, key: base64url(publicKey), slots: slots.map(base64url) };
    const { trials } = await ask<{ trials: TrialSeal[] }>(root.dataset.accept!, { keys: [sent] });
    // the platform's own trial, through the paper: what an officer who lost everything else will do
    const at = slots.findIndex((_, place) => secrets[place]!.kind === "recovery");
    const slot = readSlot(slots[at]!);
    const key = await openSlot(slot, secrets[at]!, 1, publicKey);
    const seal = trials[0]!;
    const value = await openTrial(key, seal);
    await ask(root.dataset.trial!, { trials: [{ ...one, holder, slot: slot.slot, token: seal.token, value }] });
    remember(holder, base64url(publicKey));
  }
}

const chosenIn = (form: HTMLFormElement): Chosen[] =>
  [...form.querySelectorAll<HTMLInputElement>("input[data-consultation]:checked")].map((one) => ({
    consultation: one.dataset.consultation!,
    round: Number(one.dataset.round),
  }));

/** A passkey is offered where the browser can make one on this machine; it is tried twice before it counts. */
export function offerNewWay(form: HTMLFormElement): void {
  const choice = form.querySelector<HTMLElement>("[data-passkey]");
  const phrase = form.querySelector<HTMLElement>("[data-phrase]");
  if (!choice || !phrase) return;
  void globalThis.PublicKeyCredential?.isUserVerifyingPlatformAuthenticatorAvailable?.().then((is) => (choice.hidden = !is));
  form.addEventListener("change", () => {
    phrase.hidden = newWay(form) !== "passphrase";
  });
}

export const newWay = (form: HTMLFormElement): string =>
  form.querySelector<HTMLInputElement>('input[name="way"]:checked')?.value ?? "passphrase";

export async function everydayWay(root: HTMLElement, form: HTMLFormElement): Promise<Secret> {
  if (newWay(form) === "passkey") {
    return makePasskey(root.dataset.userName ?? "", document.title.split(" · ").at(-1) ?? "Territoires").catch(() => {
      throw new Answered("passkey", "");
    });
  }
  const [phrase, again] = [...form.querySelectorAll<HTMLInputElement>("[data-phrase] input")].map((one) => one.value);
  if (!phrase || [...phrase].length < SHORTEST_PHRASE) throw new Answered("phrase-short", "");
  if (phrase !== again) throw new Answered("phrase-differs", "");
  return phraseSecret(phrase);
}

/** Draws recovery words and shows them, this once. */
export function showPaper(paper: HTMLElement): RecoveryCode {
  const code = makeRecoveryCode(document.documentElement.lang === "en" ? "en" : "fr");
  const list = paper.querySelector<HTMLElement>("[data-words]")!;
  list.replaceChildren(
    ...code.words.map((word) => {
      const line = document.createElement("li");
      line.textContent = word;
      return line;
    }),
  );
  paper.querySelector<HTMLElement>("[data-code]")!.textContent = code.code;
  paper.querySelector<HTMLElement>("[data-print]")!.onclick = () => window.print();
  paper.hidden = false;
  paper.querySelector<HTMLElement>("h3")!.focus();
  return code;
}

/** Raises when what was copied from the paper is not what is on it. */
export function requireTyped(form: HTMLFormElement, code: RecoveryCode): void {
  let typed: Secret | null = null;
  try {
    typed = recoverySecret(form.querySelector("textarea")!.value);
  } catch (fault) {
    if (!(fault instanceof Refused)) throw fault;
  }
  if (!typed || !same(typed.bytes, code.secret.bytes)) throw new Answered("words-differ", "");
}
