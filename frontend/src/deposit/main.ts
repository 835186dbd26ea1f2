import { Kept } from "../sealing/kept";
import type { Data } from "./data";
import { DepositPage } from "./page";

/** On a deposit page: the deposit. On a receipt: the names, which only this browser knows. */

const root = document.querySelector<HTMLElement>("[data-deposit]");
const given = document.getElementById("deposit-data");
if (root && given) void new DepositPage(root, JSON.parse(given.textContent!) as Data).start();

const unnamed = document.querySelectorAll<HTMLElement>("[data-file-name]");
if (unnamed.length) void nameFiles();

async function nameFiles(): Promise<void> {
  const kept = await Kept.open().catch(() => null);
  const names = new Map((await kept?.files())?.map((one) => [one.file, one.name]));
  for (const place of unnamed) {
    const name = names.get(place.dataset.fileName!);
    if (name) place.textContent = name;
  }
}
