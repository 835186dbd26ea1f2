import { offerAcceptance } from "./accept";
import { offerAnotherWay } from "./another-way";
import { offerHandover } from "./handover";
import { checkKeys } from "./known";
import { offerRelease } from "./release";
import { offerTrials } from "./trial";

/** An opening officer's pages: keys are made, tried and used here, and never leave this browser in clear. */
for (const root of document.querySelectorAll<HTMLElement>("[data-officer]")) {
  offerAcceptance(root);
  offerTrials(root);
  offerAnotherWay(root);
  checkKeys(root);
  offerRelease(root);
  offerHandover(root);
}
