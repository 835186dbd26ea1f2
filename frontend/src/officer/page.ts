import { Refused } from "../sealing/documents";
import { passkeySecret, phraseSecret, recoverySecret, type Secret, type Slot } from "../sealing/slots";

/** What the officer's pages share: sentences, requests, and how she opens her key. */

/** A refusal of the platform, already in words. */
export class Answered extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const token = (): string => {
  const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
  return headers["X-CSRFToken"] ?? "";
};

export async function ask<T>(url: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token() },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Answered("network", "");
  }
  const said = (await answer.json().catch(() => null)) as { code?: string; message?: string; remedy?: string } | null;
  if (!answer.ok || said === null) throw new Answered(said?.code ?? "network", [said?.message, said?.remedy].filter(Boolean).join(" "));
  return said as T;
}

/** The page's own sentence for a code; they are in its HTML, in the reader's language. */
export function sentence(root: HTMLElement, code: string): string {
  const found = (one: string): string | undefined =>
    root.querySelector(`[data-sentences] [data-code="${one}"]`)?.textContent ?? undefined;
  return found(code) ?? found("other") ?? code;
}

export type Tone = "ok" | "bad" | "run";

/** Says something in the page's live region, and brings it into view. */
export function say(root: HTMLElement, tone: Tone, text: string): void {
  const place = root.querySelector<HTMLElement>("[data-said]");
  if (!place) return;
  const [notice, title, words] = [document.createElement("div"), document.createElement("p"), document.createElement("p")];
  notice.className = `notice tone-${tone}`;
  title.className = "notice-title";
  title.textContent = sentence(root, `title-${tone}`);
  words.textContent = text;
  notice.append(title, words);
  place.replaceChildren(notice);
  place.scrollIntoView({ block: "nearest" });
}

/** Runs a gesture: nothing else can be pressed meanwhile, and whatever fails is told in the page's words. */
export async function during(root: HTMLElement, work: () => Promise<void>): Promise<void> {
  const buttons = [...root.querySelectorAll<HTMLButtonElement>("button")].filter((one) => !one.disabled);
  buttons.forEach((one) => (one.disabled = true));
  say(root, "run", sentence(root, "working"));
  try {
    await new Promise((done) => setTimeout(done, 30)); // lets the browser paint the sentence before it computes
    await work();
  } catch (fault) {
    say(root, "bad", told(root, fault));
  } finally {
    buttons.forEach((one) => (one.disabled = false));
  }
}

function told(root: HTMLElement, fault: unknown): string {
  if (fault instanceof Answered) return fault.message || sentence(root, fault.code);
  if (fault instanceof Refused) return sentence(root, fault.code);
  if (fault instanceof DOMException) return sentence(root, "passkey");
  return sentence(root, "other");
}

/** Shows the ways that these slots have, and what the chosen one asks. */
export function offerWays(form: HTMLFormElement, slots: readonly Slot[]): void {
  const kinds = new Set(slots.map((one) => one.kind));
  const ways = [...form.querySelectorAll<HTMLElement>("[data-way]")];
  for (const way of ways) way.hidden = !kinds.has(way.dataset.way as Slot["kind"]);
  const first = ways.find((one) => !one.hidden)?.querySelector<HTMLInputElement>("input");
  if (first) first.checked = true;
  const field = form.querySelector<HTMLElement>("[data-secret]");
  const shown = form.querySelector<HTMLElement>("[data-shown]");
  const show = (): void => {
    for (const one of [field, shown]) if (one) one.hidden = chosen(form) === "passkey";
  };
  form.addEventListener("change", show);
  show();
  const input = field?.querySelector("input");
  form.querySelector<HTMLInputElement>("[data-show]")?.addEventListener("change", (event) => {
    if (input) input.type = (event.target as HTMLInputElement).checked ? "text" : "password";
  });
}

const chosen = (form: HTMLFormElement): Slot["kind"] =>
  (form.querySelector<HTMLInputElement>("[data-way]:not([hidden]) input:checked")?.value ?? "recovery") as Slot["kind"];

/** The slot of the chosen way, and what opens it. */
export async function wayOf(form: HTMLFormElement, slots: readonly Slot[]): Promise<{ slot: Slot; secret: Secret }[]> {
  const kind = chosen(form);
  const typed = form.querySelector<HTMLInputElement>("[data-secret] input")?.value ?? "";
  const found = slots.filter((one) => one.kind === kind);
  if (found.length === 0) throw new Refused("cannot-unwrap", `no slot ${kind}`);
  if (kind === "passkey") {
    const ways = [];
    for (const slot of found) ways.push({ slot, secret: await passkeySecret(slot.credential!) });
    return ways;
  }
  const secret = kind === "recovery" ? recoverySecret(typed) : phraseSecret(typed);
  return found.map((slot) => ({ slot, secret }));
}
