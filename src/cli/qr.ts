import { renderUnicodeCompact } from 'uqr';
import type { Io } from './io.ts';

const margin = '  ';

/** A QR code of the text for a terminal, or `undefined` where the terminal is too narrow for it. */
export function renderQr(text: string, io: Io): string | undefined {
  const lines = renderUnicodeCompact(text, { border: 2 }).split('\n');
  if (!io.isTerminal || (lines[0]?.length ?? 0) + margin.length > io.columns) return undefined;
  // Light on dark whatever the theme: many scanners do not read an inverted code.
  return lines.map((line) => margin + io.paint(['whiteBright', 'bgBlack'], line)).join('\n');
}
