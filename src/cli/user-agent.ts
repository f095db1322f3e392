import { readVersion } from '../root.ts';

/** What this program calls itself to servers; they show it to the person who approves it or looks at what was used. */
export const userAgent = `postern/${readVersion()} (${process.platform})`;
