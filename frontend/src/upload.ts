interface Progress extends Event {
  detail: { loaded: number; total: number; lengthComputable: boolean };
}

/** The progress of a form sent by htmx with files: fills the form's own `<progress data-upload>`. */
export function showUploads(root: HTMLElement): void {
  for (const bar of root.querySelectorAll<HTMLProgressElement>("progress[data-upload]")) {
    bar.closest("form")?.addEventListener("htmx:xhr:progress", (event) => {
      const { loaded, total, lengthComputable } = (event as Progress).detail;
      bar.hidden = false;
      if (lengthComputable) bar.value = loaded / total;
    });
  }
}
