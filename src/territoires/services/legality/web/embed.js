/**
 * The public register inside another site. In its page stands a plain link, in a place that is marked:
 *
 *   <div data-territoires-acts><a href="https://…/collectivites/217104389/actes/">Actes de la commune</a></div>
 *   <script src="https://…/actes/registre.js" defer></script>
 *
 * The link's own address says which register, and its query narrows it. Without this script, or where the page's
 * policy refuses it, the link remains. Nothing is stored, no cookie is sent, no style leaves or enters the list.
 */
(() => {
  "use strict";

  const WORDS = {
    fr: {
      search: "Rechercher un acte",
      hint: "numéro ou mots de l’objet",
      go: "Rechercher",
      loading: "Chargement des actes…",
      failed: "La liste ne peut pas être lue pour le moment. Elle reste ouverte ici :",
      none: "Aucun acte ne répond à cette recherche.",
      empty: "Aucun acte n’est encore publié.",
      shown: (count) => (count > 1 ? `${count} actes affichés` : "1 acte affiché"),
      page: (number) => `page ${number}`,
      decided: (day) => `décidé le ${day}`,
      published: (day) => `en ligne depuis le ${day}`,
      previous: "Page précédente",
      next: "Page suivante",
      pages: "Pages de la liste des actes",
      whole: "Tout le registre, avec la preuve de chaque acte",
      feed: "Suivre (flux Atom)",
    },
    en: {
      search: "Search for an act",
      hint: "number, or words of its object",
      go: "Search",
      loading: "The acts are being fetched…",
      failed: "The list cannot be read at the moment. It remains open here:",
      none: "No act answers to this search.",
      empty: "No act is published yet.",
      shown: (count) => (count > 1 ? `${count} acts shown` : "1 act shown"),
      page: (number) => `page ${number}`,
      decided: (day) => `decided on ${day}`,
      published: (day) => `on line since ${day}`,
      previous: "Previous page",
      next: "Next page",
      pages: "Pages of the list of acts",
      whole: "The whole register, with the proof of each act",
      feed: "Follow (Atom feed)",
    },
  };

  // Colours and letters are those of the page around it; only distances and edges are ours.
  const STYLE = `
    :host { display: block; }
    form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; margin: 0 0 1rem; }
    label { flex: 1 1 14rem; }
    label small { display: block; }
    input, button { font: inherit; color: inherit; background: transparent; border: 1px solid currentColor;
      border-radius: .25rem; padding: .5rem .75rem; min-height: 2.75rem; box-sizing: border-box; }
    input { display: block; width: 100%; margin-top: .25rem; }
    button { cursor: pointer; font-weight: 600; }
    a { color: inherit; font-weight: 600; overflow-wrap: anywhere; }
    :focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
    ul { list-style: none; margin: 0; padding: 0; border-bottom: 1px solid; }
    li { border-top: 1px solid; padding: .75rem 0; }
    li p, .status { margin: .25rem 0 0; }
    nav, .more { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; margin: 1rem 0 0; }
    [hidden] { display: none; }
  `;

  /** An element with attributes and children; texts stay texts, whatever the server says. */
  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  class Register {
    constructor(place, link) {
      this.language = languageOf(place);
      this.words = WORDS[this.language];
      this.source = new URL(`liste.json${link.search}`, link.href);
      this.pages = [];
      this.root = place.attachShadow({ mode: "open" });
      this.build();
      this.show(this.source, false);
    }

    build() {
      // A style sheet made here needs no leave of the page's policy, unlike a <style> element.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      this.root.adoptedStyleSheets = [sheet];
      const words = this.words;
      this.field = element("input", { type: "search", maxlength: "200" });
      this.form = element(
        "form",
        { role: "search" },
        element("label", {}, words.search, element("small", {}, words.hint), this.field),
        element("button", { type: "submit" }, words.go),
      );
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.search();
      });
      this.status = element("p", { class: "status", role: "status", tabindex: "-1" });
      this.list = element("ul", { role: "list" });
      this.previous = element("button", { type: "button", hidden: "" }, words.previous);
      this.next = element("button", { type: "button", hidden: "" }, words.next);
      this.previous.addEventListener("click", () => this.back());
      this.next.addEventListener("click", () => this.show(this.following, true));
      this.turning = element("nav", { "aria-label": words.pages }, this.previous, this.next);
      this.more = element("p", { class: "more" });
      this.fallback = element("slot", { hidden: "" });
      const whole = element(
        "div",
        { lang: this.language },
        this.form,
        this.status,
        this.fallback,
        this.list,
        this.turning,
        this.more,
      );
      this.root.append(whole);
    }

    search() {
      const asked = new URL(this.source);
      asked.searchParams.set("q", this.field.value);
      this.pages = [];
      this.show(asked, true);
    }

    back() {
      this.pages.pop();
      this.show(this.pages.pop(), true);
    }

    /** Fetches a page of the list; a later request wins over one that is still on its way. */
    async show(address, wasAsked) {
      this.awaited = address;
      this.status.textContent = this.words.loading;
      try {
        const answer = await fetch(address, {
          credentials: "omit",
          referrerPolicy: "no-referrer",
          headers: { "Accept-Language": this.language },
        });
        if (!answer.ok) throw new Error(String(answer.status));
        const page = await answer.json();
        if (this.awaited !== address) return;
        this.pages.push(address);
        this.render(page, new URL(address).searchParams.get("q"));
      } catch {
        if (this.awaited !== address) return;
        this.fail();
      }
      if (wasAsked) this.status.focus();
    }

    render(page, searched) {
      const words = this.words;
      const nothing = searched ? words.none : words.empty;
      const shown = [words.shown(page.acts.length)];
      if (this.pages.length > 1) shown.push(words.page(this.pages.length));
      this.status.textContent = page.acts.length ? shown.join(", ") : nothing;
      this.fallback.hidden = true;
      this.list.hidden = !page.acts.length;
      this.list.replaceChildren(...page.acts.map((act) => this.line(act)));
      this.following = page.next && new URL(page.next);
      this.next.hidden = !page.next;
      this.previous.hidden = this.pages.length < 2;
      this.more.replaceChildren(
        element("a", { href: page.register }, words.whole),
        element("a", { href: page.feed, type: "application/atom+xml" }, words.feed),
      );
    }

    line(act) {
      const when = [this.words.decided(this.day(act.decided_on)), this.words.published(this.day(act.published_on))];
      return element(
        "li",
        {},
        element("a", { href: act.url, lang: "fr" }, act.object),
        element("p", {}, [act.number, act.nature, ...when].join(" · ")),
      );
    }

    day(iso) {
      const form = new Intl.DateTimeFormat(this.language, { dateStyle: "long", timeZone: "UTC" });
      return form.format(new Date(iso));
    }

    fail() {
      this.status.textContent = this.words.failed;
      this.fallback.hidden = false;
      this.list.replaceChildren();
      this.next.hidden = this.previous.hidden = true;
      this.pages = [];
    }
  }

  /** French, unless the page says around the place that it is in English. */
  function languageOf(place) {
    const said = place.closest("[lang]");
    return said && said.lang.toLowerCase().startsWith("en") ? "en" : "fr";
  }

  for (const place of document.querySelectorAll("[data-territoires-acts]")) {
    const link = place.querySelector("a[href]");
    if (link && !place.shadowRoot) new Register(place, link);
  }
})();
