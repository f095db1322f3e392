const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A duration in words, its largest unit alone: "2 hours", "1 minute", "0 seconds". */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [name, size] = units.find(([, each]) => whole >= each) ?? units[3];
  const count = Math.floor(whole / size);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** A duration as a clock counts down: "9:58", "0:07", "1:00:00". */
export function countdownText(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [first, ...rest] = parts[0] ? parts : parts.slice(1);
  return [String(first), ...rest.map((part) => String(part).padStart(2, '0'))].join(':');
}

/** An instant seen from now, exact and in words: "2026-01-02 15:04:05 UTC (in 59 minutes)", in the machine's zone. */
export function instantText(instant: Date, now: Date): string {
  const seconds = (instant.getTime() - now.getTime()) / 1000;
  const words = seconds >= 0 ? `in ${durationText(seconds)}` : `${durationText(-seconds)} ago`;
  return `${instant.toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'long' })} (${words})`;
}
