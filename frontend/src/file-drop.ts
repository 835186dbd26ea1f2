/** A file field that also takes what is dropped on it, and names what it holds. */
export function offerDrop(root: HTMLElement): void {
  for (const zone of root.querySelectorAll<HTMLElement>("[data-file-drop]")) {
    const input = zone.querySelector<HTMLInputElement>("input[type=file]");
    const list = zone.querySelector<HTMLElement>("[data-file-list]");
    const invitation = zone.querySelector<HTMLElement>("[data-drop-invitation]");
    if (!input || !list) continue;
    if (invitation) invitation.hidden = false;
    zone.classList.add("file-drop-live");
    const mark = (over: boolean): void => {
      zone.classList.toggle("file-drop-over", over);
    };
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      mark(true);
    });
    zone.addEventListener("dragleave", () => mark(false));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      mark(false);
      if (!event.dataTransfer?.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    input.addEventListener("change", () => {
      list.replaceChildren(
        ...Array.from(input.files ?? [], (file) => {
          const item = document.createElement("li");
          item.textContent = `${file.name} (${sizeOf(file)})`;
          return item;
        }),
      );
    });
  }
}

/** In the reader's unit; a file that holds something is never said to hold nothing. */
function sizeOf(file: File): string {
  const [unit, one] = file.size < 1e6 ? (["kilobyte", 1e3] as const) : (["megabyte", 1e6] as const);
  const size = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: 1 });
  return size.format(file.size && Math.max(file.size / one, 0.1));
}
