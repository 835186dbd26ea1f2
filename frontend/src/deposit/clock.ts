import type { Words } from "./data";
import type { Moment, Server } from "./server";

/** The server's time and the exact time left: the clock of this computer may be wrong, only its pace is trusted. */

const BETWEEN_QUESTIONS = 60_000;
/** How long before the deadline a screen reader is told of it: it does not hear the seconds. */
const TOLD_BEFORE = [60, 20, 10, 5, 1, 0].map((minutes) => minutes * 60_000);

const two = (value: number): string => String(value).padStart(2, "0");

/** "2 d 03:12:05". */
export function left(milliseconds: number, words: Words): string {
  const seconds = Math.floor(milliseconds / 1000);
  const days = Math.floor(seconds / 86_400);
  const rest = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days ? `${words("days", { n: days })} ${rest}` : rest;
}

export function showClock(root: HTMLElement, server: Server, words: Words, language: string, heard: (moment: Moment) => void, announce: (text: string) => void): void {
  const time = root.querySelector<HTMLElement>("[data-now]");
  const [remaining, ...others] = root.querySelectorAll<HTMLElement>("[data-left]");
  if (!time || !remaining) return;
  let offset = Date.parse(time.dataset.now!) - performance.now();
  let deadline = Date.parse(remaining.dataset.left!);
  const shown = new Intl.DateTimeFormat(language, { timeZone: "Europe/Paris", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  let last = Infinity;
  const tick = (): void => {
    const now = offset + performance.now();
    const milliseconds = deadline - now;
    time.textContent = shown.format(now);
    const text = milliseconds < 0 ? words("overdue") : words("remaining", { time: left(milliseconds, words) });
    for (const one of [remaining, ...others]) {
      one.textContent = text;
      one.classList.toggle("tone-bad", milliseconds < 0);
    }
    if (TOLD_BEFORE.some((moment) => milliseconds < moment && moment <= last)) announce(text);
    last = milliseconds;
  };
  const ask = async (): Promise<void> => {
    const asked = performance.now();
    const moment = await server.clock().catch(() => null);
    if (!moment) return;
    offset = Date.parse(moment.now) - (asked + performance.now()) / 2;
    if (moment.deadline) deadline = Date.parse(moment.deadline);
    heard(moment);
  };
  tick();
  setInterval(tick, 1000);
  setInterval(() => void ask(), BETWEEN_QUESTIONS);
  void ask();
}
