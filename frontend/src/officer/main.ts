import { offerAcceptance } from "./accept";
import { offerHandover } from "./handover";
import { offerRelease } from "./release";
import { offerTrials } from "./trial";

/** An opening officer's pages: keys are made, tried and used here, and never leave this browser in clear. */
for (const root of document.querySelectorAll<HTMLElement>("[data-officer]")) {
  offerAcceptance(root);
  offerTrials(root);
  offerRelease(root);
  offerHandover(root);
}
