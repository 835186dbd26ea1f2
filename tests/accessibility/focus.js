/** Gives the elements that take the focus without showing it, or do not take it, as sentences. */
() => {
  const told = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 120);
  /** How the element, what is drawn after it, and the frame around it are marked. */
  const marks = (element) =>
    [[element], [element, "::after"], [element.parentElement], [element.parentElement.parentElement]]
      .map(([one, part]) => getComputedStyle(one, part))
      .map((style) => [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow])
      .join();
  const faults = [];
  const focusable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  for (const element of document.querySelectorAll(focusable)) {
    if (!element.checkVisibility() || element.disabled) continue;
    document.activeElement?.blur();
    const before = marks(element);
    element.focus();
    if (document.activeElement !== element) faults.push(`cannot take the focus: ${told(element)}`);
    else if (marks(element) === before) faults.push(`takes the focus without showing it: ${told(element)}`);
  }
  return faults;
}
