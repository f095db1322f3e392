const units = [
  { name: 'year', seconds: 31_536_000 },
  { name: 'day', seconds: 86_400 },
  { name: 'hour', seconds: 3600 },
  { name: 'minute', seconds: 60 },
  { name: 'second', seconds: 1 },
];

/** A length of time in its two largest units: `3600` is "1 hour", `5400` is "1 hour 30 minutes". Rounds down. */
export function durationInWords(seconds: number): string {
  const words: string[] = [];
  let rest = Math.max(0, Math.floor(seconds));
  for (const unit of units) {
    const count = Math.floor(rest / unit.seconds);
    if (count > 0) words.push(`${count} ${unit.name}${count === 1 ? '' : 's'}`);
    rest -= count * unit.seconds;
  }
  return words.slice(0, 2).join(' ') || '0 seconds';
}
