/**
 * What axe does not tell of a page as it stands. Evaluated by the debugger: gives the faults, as sentences.
 * `language` is the one that the reader has chosen.
 */
(language) => {
  const faults = [];
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const told = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 120);
  const fault = (sentence, element) => faults.push(element ? `${sentence}: ${told(element)}` : sentence);
  const isShown = (element) => element.checkVisibility({ opacityProperty: false, visibilityProperty: true });
  const isForEyes = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return isShown(element) && width > 2 && height > 2;
  };

  const structure = () => {
    if (document.documentElement.lang !== language) fault(`the page says lang="${document.documentElement.lang}"`);
    if (!/^[^·]+\S · \S/.test(document.title)) fault(`the title says little: "${document.title}"`);
    const headings = all("h1, h2, h3, h4, h5, h6").filter(isShown);
    if (headings.filter((heading) => heading.tagName === "H1").length !== 1) fault("there is not exactly one h1");
    let before = 0;
    for (const heading of headings) {
      const level = Number(heading.tagName[1]);
      if (level > before + 1 && before) fault(`a heading jumps from level ${before} to ${level}`, heading);
      if (!heading.textContent.trim()) fault("a heading is empty", heading);
      before = level;
    }
    if (all("main").length !== 1) fault("there is not exactly one main");
    for (const element of all("[tabindex]")) if (element.tabIndex > 0) fault("the order of focus is forced", element);
    for (const link of all("a[href^='#']:not([href='#'])"))
      if (!document.getElementById(link.hash.slice(1))) fault("a link leads nowhere in its page", link);
    for (const name of ["aria-describedby", "aria-labelledby", "aria-controls", "aria-errormessage"])
      for (const element of all(`[${name}]`))
        for (const id of element.getAttribute(name).split(/\s+/))
          if (!document.getElementById(id)) fault(`${name} names nothing (${id})`, element);
  };

  const forms = () => {
    const fields = all("input:not([type=hidden]), select, textarea");
    for (const field of fields.filter(isShown))
      if (!field.labels?.length && !field.ariaLabel && !field.hasAttribute("aria-labelledby"))
        fault("a field has no label", field);
    const describing = new Set(
      all("[aria-describedby]").flatMap((element) => element.getAttribute("aria-describedby").split(/\s+/)),
    );
    for (const error of all(".field-error"))
      if (!describing.has(error.id)) fault("an error is not tied to its field", error);
    for (const field of all(".field-faulty :is(input:not([type=hidden]), select, textarea)"))
      if (field.getAttribute("aria-invalid") !== "true") fault("a faulty field does not say so", field);
    const summary = document.querySelector(".error-summary");
    if (all(".field-error").length && !summary) fault("errors without a summary");
    if (summary && document.activeElement !== summary) fault("the error summary has not taken the focus", summary);
  };

  /** Controls of twenty-four pixels each way (WCAG 2.5.8); axe judges the room around links. */
  const targets = () => {
    for (const target of all(".button, button, input:not([type=hidden]), select, textarea, summary")) {
      if (!isForEyes(target)) continue;
      const boxes = [target, ...(target.labels ?? [])].map((element) => element.getBoundingClientRect());
      const width = Math.max(...boxes.map((box) => box.width));
      const height = Math.max(...boxes.map((box) => box.height));
      if (width < 23.5 || height < 23.5)
        fault(`a target of ${width.toFixed()} × ${height.toFixed()} pixels`, target);
    }
  };

  /** One direction of scrolling only (WCAG 1.4.10; a table of data may scroll in its frame), and no text cut off. */
  const reflow = () => {
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) fault(`the page is ${root.scrollWidth} pixels wide`);
    for (const element of all("body *")) {
      if (!isForEyes(element) || !element.textContent.trim()) continue;
      const style = getComputedStyle(element);
      const isWider = element.scrollWidth > element.clientWidth + 1;
      const isHigher = element.scrollHeight > element.clientHeight + 1;
      if (/auto|scroll/.test(style.overflowX) && isWider && !element.querySelector("table"))
        fault("something scrolls sideways in the page", element);
      const cutsX = /hidden|clip/.test(style.overflowX) && isWider;
      const cutsY = /hidden|clip/.test(style.overflowY) && isHigher;
      if ((cutsX || cutsY) && !element.matches("select, svg, svg *")) fault("text is cut off", element);
    }
  };

  /** Texts that a voice would read in the wrong language: more small words of the other one than of theirs. */
  const languages = () => {
    const small = {
      fr: /(?<![\p{L}'’-])(le|la|les|des|du|une|pour|aux|est|sont|avec|dans|vous|votre|cette|qui|sur|sans)(?![\p{L}-])/giu,
      en: /(?<![\p{L}'’-])(the|of|and|is|to|your|you|with|for|this|that|are|without|was|not)(?![\p{L}-])/giu,
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { data, parentElement } = texts.currentNode;
      if (parentElement.closest("script, style, svg, .code")) continue;
      const spoken = parentElement.closest("[lang]").lang;
      const [own, other] = (spoken === "fr" ? ["fr", "en"] : ["en", "fr"]).map(
        (name) => (data.match(small[name]) ?? []).length,
      );
      if (other >= 2 && other > own) fault(`not in ${spoken}: “${data.trim().slice(0, 60)}”`, parentElement);
    }
  };

  for (const check of [structure, forms, targets, reflow, languages]) check();
  return faults;
}
