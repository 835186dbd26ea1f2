import type { Bytes } from "../sealing/bytes";
import type { Arrived, Data } from "./data";

/** What the server refused, in its own words. */
export class ServerRefused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const TRIALS = 6;
const FIRST_PAUSE = 500;

export interface Deposited {
  deposit: string;
  state: string;
  completed_at: string;
  address: string;
}

export interface Moment {
  now: string;
  token: string;
  deadline: string | null;
  arrived: Arrived[];
}

export class Server {
  constructor(private readonly data: Data) {}

  /** Where a file's chunks go, and what each request carries. */
  destination(block: string): { address: string; headers: Record<string, string> } {
    return { address: this.data.address, headers: { ...this.headers, "Sealing-Block": block } };
  }

  async policy(): Promise<Bytes> {
    return new Uint8Array(await (await this.ask("policy")).arrayBuffer());
  }

  /** Signing in again, in another tab, makes the page's token stale: the present one comes with the time. */
  async clock(): Promise<Moment> {
    const moment: Moment = await (await this.send("clock")).json();
    this.data.token = moment.token;
    return moment;
  }

  async sendBlock(bytes: Bytes): Promise<void> {
    await this.ask("blocks", { method: "POST", body: new Blob([bytes]) });
  }

  /** Which (index, leaf) are there. */
  async chunks(file: string): Promise<Map<number, string>> {
    const answer = await this.ask(`files/${file}/chunks`).catch((error) => {
      if (error instanceof ServerRefused && error.code === "no-sealed-file") return null;
      throw error;
    });
    return new Map(answer ? (await answer.json()).chunks : []);
  }

  async discard(file: string): Promise<void> {
    await this.ask(`files/${file}`, { method: "DELETE" }).catch((error) => {
      if (!(error instanceof ServerRefused && error.code === "no-sealed-file")) throw error;
    });
  }

  /** The same manifest again is the same deposit: what may have arrived is simply sent again. */
  async seal(bytes: Bytes): Promise<Deposited> {
    for (let trial = 1; ; trial++) {
      try {
        return await (await this.ask("seal", { method: "POST", body: new Blob([bytes]) })).json();
      } catch (error) {
        const passing = !(error instanceof ServerRefused) || error.status >= 500 || error.status === 429;
        if (!passing || trial === TRIALS) throw error;
        await new Promise((resume) => setTimeout(resume, FIRST_PAUSE * 2 ** (trial - 1)));
      }
    }
  }

  private get headers(): Record<string, string> {
    return { "X-CSRFToken": this.data.token };
  }

  private async ask(path: string, request: RequestInit = {}): Promise<Response> {
    try {
      return await this.send(path, request);
    } catch (error) {
      if (!(error instanceof ServerRefused && error.code === "session-ended")) throw error;
      await this.clock();
      return this.send(path, request);
    }
  }

  private async send(path: string, request: RequestInit = {}): Promise<Response> {
    const headers = { ...this.headers, "Content-Type": "application/octet-stream" };
    const answer = await fetch(this.data.address + path, { ...request, headers, redirect: "manual" });
    if (answer.ok) return answer;
    if (answer.type === "opaqueredirect") throw new ServerRefused(403, "session-ended", "");
    const said = await answer.json().catch(() => ({ code: answer.status === 403 ? "session-ended" : "", message: "", remedy: "" }));
    throw new ServerRefused(answer.status, said.code, `${said.message} ${said.remedy}`.trim());
  }
}
