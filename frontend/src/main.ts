import "htmx.org";
import "./theme/index.css";
import { offerCopy } from "./copy";
import { offerDrop } from "./file-drop";
import { offerThemes } from "./theme-choice";
import { countTicks } from "./ticks";
import { showUploads } from "./upload";

offerThemes();

// htmx announces the first page too: what a fragment brings is enhanced as the page was.
document.addEventListener("htmx:load", (event) => {
  const root = event.target as HTMLElement;
  offerCopy(root);
  offerDrop(root);
  countTicks(root);
  showUploads(root);
});
