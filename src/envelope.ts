import type { Clock } from './clock.ts';
import { deriveKeys, type MasterSecrets, openWithAny, seal } from './secret.ts';

/** Hands something to a browser that it can neither read nor change, for a limited time. */
export type Envelope<Content> = {
  readonly seconds: number;
  /** `context` is what it is tied to; the same is needed to open it. */
  seal(content: Content, context?: string): string;
  /** `undefined` when it was not sealed by us for this purpose and context, or its time is over. */
  open(text: string, context?: string): Content | undefined;
};

/** Envelopes for one purpose, under keys of the master secrets. The content must survive JSON. */
export function createEnvelope<Content>(options: {
  secrets: MasterSecrets;
  purpose: string;
  seconds: number;
  clock: Clock;
}): Envelope<Content> {
  const { seconds, clock } = options;
  const keys = deriveKeys(options.secrets, options.purpose);
  return {
    seconds,
    seal(content, context) {
      const ends = clock.now().getTime() + seconds * 1000;
      return seal(keys[0], JSON.stringify({ ends, content }), context).toString('base64url');
    },
    open(text, context) {
      const plain = openWithAny(keys, Buffer.from(text, 'base64url'), context);
      if (plain === undefined) return undefined;
      const { ends, content } = JSON.parse(plain.toString()) as { ends: number; content: Content };
      return clock.now().getTime() < ends ? content : undefined;
    },
  };
}
