import { countdownText, durationText } from './duration.ts';
import type { Io } from './io.ts';

/** A line that says how long is left; `note` adds what the waiting person should know, `stop` takes the line away. */
export type Countdown = {
  note(text: string | undefined): void;
  stop(): void;
};

/** Counts down to an instant in place on a terminal, once a second; elsewhere says it once, and each new note once. */
export function startCountdown(io: Io, end: Date): Countdown {
  let note: string | undefined;
  const leftSeconds = () => (end.getTime() - io.clock.now().getTime()) / 1000;
  const show = () => {
    const line = `  Waiting for your approval, the code expires in ${countdownText(leftSeconds())}`;
    io.status((note ? `${line} · ${note}` : line).slice(0, io.columns - 1));
  };

  if (!io.isTerminal) {
    io.say(`Waiting for your approval; the code expires in ${durationText(leftSeconds())}.`);
  }
  show();
  const timer = setInterval(show, 1000);
  return {
    note(text) {
      if (!io.isTerminal && text && text !== note) io.say(text);
      note = text;
      show();
    },
    stop() {
      clearInterval(timer);
      io.status();
    },
  };
}
