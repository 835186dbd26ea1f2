/** Groups of boxes that fold say how many are ticked while they are ticked. */
export function countTicks(root: HTMLElement): void {
  for (const group of root.querySelectorAll<HTMLElement>("[data-ticks]")) {
    const number = group.querySelector("[data-ticked]");
    const count = () => {
      if (number) number.textContent = String(group.querySelectorAll("input:checked").length);
    };
    group.addEventListener("change", count);
    count();
  }
}
