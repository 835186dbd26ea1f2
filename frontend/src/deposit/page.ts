import { Refused } from "../sealing/documents";
import { Bid, type Item, type Where } from "./bid";
import { showClock } from "./clock";
import { type Arrived, type Data, sized, speaker, type Words } from "./data";
import { type Moment, Server, ServerRefused } from "./server";

/** The page of a deposit: what a person does, and what she reads of it. */

export class DepositPage {
  private readonly words: Words;
  private readonly server: Server;
  private readonly bid: Bid;
  private readonly rows = new Map<Item, HTMLElement>();
  private arrived: Arrived[];
  private said = -1;

  constructor(
    private readonly root: HTMLElement,
    private readonly data: Data,
  ) {
    this.words = speaker(data.words);
    this.server = new Server(data);
    this.arrived = data.arrived;
    this.bid = new Bid(data, this.server, (item) => this.show(item), (item, error) => this.tell(this.sentence(error, item)));
  }

  async start(): Promise<void> {
    const heard = ({ arrived }: Moment): void => {
      this.arrived = arrived;
      this.showElsewhere();
    };
    showClock(document.body, this.server, this.words, this.data.language, heard, (text) => this.announceTime(text));
    try {
      await this.bid.open();
    } catch (error) {
      this.tell(this.sentence(error));
      return;
    }
    this.listen();
    this.root.hidden = false;
    this.chooseLots();
    this.show();
    if (!this.bid.keeps) this.tell(this.words("no_storage"));
  }

  private one<E extends HTMLElement>(selector: string): E {
    return this.root.querySelector<E>(selector)!;
  }

  private all<E extends HTMLElement>(selector: string): E[] {
    return [...this.root.querySelectorAll<E>(selector)];
  }

  private listen(): void {
    for (const section of this.all("[data-section]")) {
      const input = section.querySelector<HTMLInputElement>(".deposit-add input")!;
      input.addEventListener("change", () => void this.add(section, input));
      for (const kind of ["dragover", "drop"]) section.addEventListener(kind, (event) => event.preventDefault());
      section.addEventListener("drop", (event) => void this.take(section, [...(event as DragEvent).dataTransfer!.files]));
    }
    for (const box of this.all<HTMLInputElement>("[data-lot-choice]")) box.addEventListener("change", () => this.showSections());
    this.one("[data-pause]").addEventListener("click", () => void this.bid.pause());
    this.one("[data-resume]").addEventListener("click", () => void this.resume());
    window.addEventListener("online", () => {
      if (this.bid.items.some((one) => one.state === "failed")) void this.resume();
    });
    this.one("[data-discard]").addEventListener("click", () => void this.discardElsewhere());
    this.one("[data-seal]").addEventListener("click", () => void this.seal());
    window.addEventListener("beforeunload", (event) => {
      if (this.bid.isBusy) event.preventDefault();
    });
  }

  private async resume(): Promise<void> {
    try {
      await this.server.clock(); // who signed in again has another token
    } catch (error) {
      this.tell(this.sentence(error));
      return;
    }
    this.tell("");
    this.bid.resume();
  }

  private async add(section: HTMLElement, input: HTMLInputElement): Promise<void> {
    const files = [...(input.files ?? [])];
    await this.take(section, files);
    input.value = "";
  }

  private async take(section: HTMLElement, chosen: File[]): Promise<void> {
    const where = this.whereOf(section);
    if (!where) {
      this.tell(this.words("lots_needed"));
      return;
    }
    const files = chosen.map((file) => this.renamed(section, file));
    const known = new Set(this.bid.of(where).map((one) => one.name));
    const warnings = files.flatMap((file) => [
      ...(file.size ? [] : [this.words("empty_file", { name: file.name })]),
      ...(known.has(file.name) ? [this.words("same_name", { name: file.name })] : []),
    ]);
    try {
      this.tell("");
      await this.bid.add(files, where);
      if (warnings.length) this.tell(warnings.join(" "));
    } catch (error) {
      this.tell(error instanceof Refused && error.code === "over-limit" ? this.overLimit(files) : this.sentence(error));
    }
  }

  /** A variant says so in its name, which is sealed with the file: the server never knows. */
  private renamed(section: HTMLElement, file: File): File {
    const variant = section.querySelector<HTMLSelectElement>("[data-variant]")?.value;
    if (!variant || variant === "0") return file;
    const name = `${this.words("variant", { number: variant })} - ${file.name}`;
    return new File([file], name, { type: file.type, lastModified: file.lastModified });
  }

  /** Null while no lot is ticked. A candidature is sealed with the first lot answered. */
  private whereOf(section: HTMLElement): Where | null {
    const { envelope, lot } = section.dataset as { envelope: string; lot: string };
    if (lot) return { envelope, lot };
    const known = this.bid.of({ envelope, lot: "" }).find((one) => one.state !== "stale");
    const first = known?.lot ?? this.lots[0];
    return first ? { envelope, lot: first } : null;
  }

  private get lots(): string[] {
    const boxes = this.all<HTMLInputElement>("[data-lot-choice]");
    return boxes.length ? boxes.filter((one) => one.checked).map((one) => one.value) : this.data.lots;
  }

  private chooseLots(): void {
    const used = new Set(this.bid.items.map((one) => one.lot));
    for (const box of this.all<HTMLInputElement>("[data-lot-choice]")) box.checked = box.checked || used.has(box.value);
    this.showSections();
  }

  private showSections(): void {
    const lots = this.lots;
    for (const section of this.all("[data-section]")) {
      const { lot } = section.dataset;
      section.hidden = Boolean(lot) && !lots.includes(lot!) && !this.bid.of({ lot: lot!, envelope: section.dataset.envelope! }).length;
    }
    this.showEnd();
  }

  private show(item?: Item): void {
    if (item && this.rows.has(item)) this.showRow(item, this.rows.get(item)!);
    else this.showRows();
    this.showEnd();
  }

  private showRows(): void {
    this.rows.clear();
    for (const section of this.all("[data-section]")) {
      const { envelope, lot } = section.dataset as { envelope: string; lot: string };
      const list = section.querySelector<HTMLElement>("[data-files]")!;
      const focused = list.contains(document.activeElement);
      list.replaceChildren(...this.bid.of({ envelope, lot }).map((item) => this.row(item)));
      section.querySelector<HTMLElement>("[data-none]")!.hidden = list.childElementCount > 0;
      if (focused) section.querySelector<HTMLInputElement>(".deposit-add input")!.focus();
    }
    this.showElsewhere();
  }

  private row(item: Item): HTMLElement {
    const template = document.querySelector<HTMLTemplateElement>("template[data-row]")!;
    const row = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
    const name = this.nameOf(item);
    row.querySelector("[data-name]")!.textContent = name;
    row.querySelector("[data-size]")!.textContent = sized(item.size, this.data.language, this.words);
    const remove = row.querySelector<HTMLButtonElement>("[data-remove]")!;
    remove.setAttribute("aria-label", this.words("remove", { name }));
    remove.addEventListener("click", () => void this.remove(item));
    const again = row.querySelector<HTMLInputElement>("[data-again]")!;
    again.setAttribute("aria-label", this.words("choose", { name }));
    again.addEventListener("change", () => void this.choose(item, again));
    this.rows.set(item, row);
    this.showRow(item, row);
    return row;
  }

  private nameOf(item: Item): string {
    if (item.modified || !item.name.startsWith("[")) return item.name;
    const [number, deposit] = JSON.parse(item.name) as [number, number];
    return this.words("file_of_former", { number, deposit });
  }

  private showRow(item: Item, row: HTMLElement): void {
    const { sent, all } = this.bid.sentChunks(item);
    const bar = row.querySelector<HTMLProgressElement>("progress")!;
    const percent = Math.floor((100 * sent) / all);
    bar.hidden = item.entry !== undefined || item.state === "stale";
    bar.value = sent / all;
    const words: Record<Item["state"], string> = {
      waiting: this.words("waiting"),
      sealing: this.words("sealing", { percent }),
      sent: this.words("sent"),
      paused: this.words("paused"),
      choose: this.words("choose_again"),
      failed: this.words("failed"),
      deposited: this.words("deposited"),
      stale: this.words("policy_changed"),
    };
    const tones: Record<Item["state"], string> = { waiting: "wait", sealing: "run", sent: "ok", paused: "wait", choose: "bad", failed: "bad", deposited: "legal", stale: "bad" };
    const state = row.querySelector<HTMLElement>("[data-state]")!;
    state.className = `tag tone-${tones[item.state]}`;
    state.textContent = words[item.state];
    row.querySelector<HTMLElement>("[data-choose]")!.hidden = item.state !== "choose";
  }

  private showEnd(): void {
    const { items } = this.bid;
    const counted = items.filter((one) => one.state !== "stale").map((one) => ({ item: one, ...this.bid.sentChunks(one) }));
    const [sent, all] = [counted.reduce((sum, one) => sum + one.sent, 0), counted.reduce((sum, one) => sum + one.all, 0)];
    const total = counted.reduce((sum, one) => sum + one.item.size, 0);
    const whole = all > 0 && sent === all;
    const progress = this.one("[data-progress]");
    progress.hidden = all === 0 || whole;
    this.one<HTMLProgressElement>("[data-progress] progress").value = all ? sent / all : 0;
    const part = { sent: sized((total * sent) / (all || 1), this.data.language, this.words), total: sized(total, this.data.language, this.words) };
    this.one("[data-progress-words]").textContent = this.words("progress", part);
    const waits = items.some((one) => one.source && ["waiting", "paused", "failed"].includes(one.state));
    this.showPauses(this.bid.isBusy, waits);
    const obstacle = this.bid.obstacle(this.lots);
    this.one("[data-lacks-candidature]").hidden = !items.length || !this.bid.lacksCandidature;
    this.one("[data-obstacle]").textContent = obstacle ? this.words(obstacle) : "";
    this.one("[data-seal]").setAttribute("aria-disabled", String(obstacle !== null));
    this.saySteps(all ? Math.floor((4 * sent) / all) : -1, part, whole);
  }

  /** A button that leaves hands the focus to the one that comes in its place, at last to the deposit. */
  private showPauses(isBusy: boolean, waits: boolean): void {
    const [pause, resume] = [this.one("[data-pause]"), this.one("[data-resume]")];
    const held = [pause, resume].find((one) => one === document.activeElement);
    pause.hidden = !isBusy;
    resume.hidden = isBusy || !waits;
    if (held?.hidden) ([pause, resume].find((one) => !one.hidden) ?? this.one("[data-seal]")).focus();
  }

  /** The live region is told of quarters, not of each part: it would never be silent. */
  private saySteps(quarter: number, part: Record<string, string>, whole: boolean): void {
    if (quarter === this.said) return;
    const isFirst = this.said === -1;
    this.said = quarter;
    if (quarter < 0 || (isFirst && whole && !this.bid.isBusy)) return;
    this.announce(whole ? this.words("all_sent") : this.words("progress", part));
  }

  private showElsewhere(): void {
    const ours = new Set(this.bid.items.map((one) => one.file));
    const others = this.arrived.filter((one) => !ours.has(one.file));
    const notice = this.one("[data-elsewhere]");
    notice.hidden = others.length === 0;
    const size = sized(others.reduce((sum, one) => sum + one.size, 0), this.data.language, this.words);
    this.one("[data-elsewhere-words]").textContent = this.words("elsewhere", { count: others.length, size });
  }

  private async discardElsewhere(): Promise<void> {
    const ours = new Set(this.bid.items.map((one) => one.file));
    for (const one of this.arrived.filter(({ file }) => !ours.has(file))) {
      await this.server.discard(one.file).catch((error) => this.tell(this.sentence(error)));
    }
    this.arrived = (await this.server.clock().catch(() => null))?.arrived ?? this.arrived;
    this.showElsewhere();
  }

  private async remove(item: Item): Promise<void> {
    try {
      await this.bid.remove(item);
      this.announce(this.words("removed", { name: this.nameOf(item) }));
    } catch (error) {
      this.tell(this.sentence(error, item));
    }
  }

  private async choose(item: Item, input: HTMLInputElement): Promise<void> {
    const [chosen] = input.files ?? [];
    if (!chosen) return;
    try {
      const renamed = (): File => new File([chosen], item.name, { type: chosen.type, lastModified: chosen.lastModified });
      const isNamed = item.name === chosen.name || item.name.endsWith(` - ${chosen.name}`);
      const same = isNamed && (await this.bid.choose(item, item.name === chosen.name ? chosen : renamed()));
      this.tell(same ? "" : this.words("other_file"));
      if (same) this.rows.get(item)?.querySelector<HTMLElement>("[data-remove]")?.focus();
    } catch (error) {
      this.tell(this.sentence(error, item));
    }
  }

  private async seal(): Promise<void> {
    const obstacle = this.bid.obstacle(this.lots);
    if (obstacle) {
      this.tell(this.words(obstacle));
      return;
    }
    const button = this.one<HTMLButtonElement>("[data-seal]");
    button.disabled = true;
    this.tell("");
    this.announce(this.words("seal"));
    try {
      const made = await this.bid.seal();
      this.announce(this.words("sealed"));
      window.location.assign(made.address);
    } catch (error) {
      button.disabled = false;
      button.focus();
      this.announce("");
      this.tell(this.sentence(error));
    }
  }

  private announce(text: string): void {
    this.one("[data-live]").textContent = text;
  }

  /** Apart from the progress, so that neither silences the other. */
  private announceTime(text: string): void {
    this.one("[data-live-time]").textContent = text;
  }

  /** What went wrong, until it is mended. */
  private tell(text: string): void {
    const alert = document.querySelector<HTMLElement>("[data-alert]")!;
    alert.hidden = !text;
    alert.querySelector("p")!.textContent = text;
  }

  private sentence(error: unknown, item?: Item): string {
    if (error instanceof ServerRefused) return error.code === "session-ended" ? this.words("session_ended") : error.message || this.unknown(error);
    if (error instanceof Refused) return error.code === "malformed" || error.code === "unknown-form" ? this.words("malformed") : this.unknown(error);
    const text = String(error);
    if (/: 40[13]\b/.test(text)) return this.words("session_ended");
    if (/no connection|: 5\d\d|: 429|Failed to fetch|NetworkError|Load failed/.test(text)) return this.words("connection_lost");
    if (/NotReadable|NotFound/.test(text) && item) return this.words("file_changed", { name: item.name });
    return this.unknown(error);
  }

  /** Names the file that is too big; else it is their number, or all of them together. */
  private overLimit(chosen: File[]): string {
    const { file, bid, files } = this.bid.limits;
    const said = (bytes: number): string => sized(bytes, this.data.language, this.words);
    const big = chosen.find((one) => one.size > file);
    if (big) return this.words("over_file", { name: big.name, size: said(big.size), limit: said(file) });
    return this.words("over_limit", { files, bid: said(bid) });
  }

  private unknown(error: unknown): string {
    return this.words("unknown_error", { detail: String(error).slice(0, 200) });
  }
}
