import { base64url, unbase64url } from "../sealing/bytes";
import { readPolicy } from "../sealing/policy";
import { say, sentence } from "./page";

/** At each visit this browser compares the keys that it made or opened with those that the opening rules name. */

interface Shown {
  holder: string;
  key: string;
  /** The rules that bids are sealed for; null while they are not written. */
  policy: string | null;
}

const place = (holder: string): string => `tsb1.key.${holder}`;

/** Keeps an officer's public key, once this browser has opened the private one; the first one stays. */
export function remember(holder: string, key: string): void {
  if (remembered(holder) === null) localStorage.setItem(place(holder), key);
}

const remembered = (holder: string): string | null => localStorage.getItem(place(holder));

export function checkKeys(root: HTMLElement): void {
  for (const line of root.querySelectorAll<HTMLElement>("[data-check]")) {
    void judged(JSON.parse(line.dataset.check!) as Shown).then((code) => {
      line.textContent = sentence(root, code);
      line.hidden = false;
      if (code === "key-other") say(root, "bad", sentence(root, code));
    });
  }
}

async function judged({ holder, key, policy }: Shown): Promise<"key-known" | "key-unknown" | "key-other"> {
  const mine = remembered(holder);
  if (mine !== null && mine !== key) return "key-other";
  if (policy !== null && (await namedIn(policy, holder)) !== key) return "key-other";
  return mine === null ? "key-unknown" : "key-known";
}

/** The key that the rules name for a holder; none where they cannot be read. */
const namedIn = async (policy: string, holder: string): Promise<string | null> => {
  const read = await readPolicy(unbase64url(policy)).catch(() => null);
  const found = read?.holders.find((one) => one.id === holder);
  return found ? base64url(found.key) : null;
};
