/** Buttons with `data-copy` put that text in the clipboard and say so to everybody. */
export function offerCopy(root: HTMLElement): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset["copy"] ?? "");
      const status = button.querySelector("[role=status]");
      if (status) status.textContent = button.dataset["copied"] ?? "";
    });
  }
}
