/** Light, dark, or the system's: kept in a cookie so that the server's first byte already has the right colours. */
export function offerThemes(): void {
  for (const choice of document.querySelectorAll<HTMLSelectElement>("select[data-theme-choice]")) {
    choice.value = document.documentElement.dataset["bsTheme"] ?? "auto";
    choice.closest<HTMLElement>("[hidden]")?.removeAttribute("hidden");
    choice.addEventListener("change", () => {
      document.documentElement.dataset["bsTheme"] = choice.value;
      document.cookie = `theme=${choice.value}; path=/; max-age=31536000; samesite=lax`;
    });
  }
}
