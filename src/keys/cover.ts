import { AppError } from '../errors.ts';

/** Until when each key is known to stay published, in seconds since the epoch. */
export type Cover = {
  learn(kid: string, until: number): void;
  /**
   * Makes sure that a key stays published beyond the `exp` in a JWS signing input. `undefined` where it does already,
   * which is nearly always; else wait.
   */
  reach(kid: string, input: Uint8Array): Promise<void> | undefined;
};

// Verifiers' clocks may be slow; none takes a token for longer than this after its end.
const toleranceSeconds = 300;

// One write an hour covers everything of the same lifetime that is signed within it.
const strideSeconds = 3_600;

/** A cover that `extend` enlarges, which returns how far it reaches then, or nothing where there is no such key. */
export function createCover(extend: (kid: string, until: number) => Promise<number | undefined>): Cover {
  const covered = new Map<string, number>();
  const extensions = new Map<string, Promise<void>>();
  const isCovered = (kid: string, until: number) => (covered.get(kid) ?? 0) >= until;

  function learn(kid: string, until: number): void {
    if (!isCovered(kid, until)) covered.set(kid, until);
  }

  async function enlarge(kid: string, until: number): Promise<void> {
    const reached = await extend(kid, until + strideSeconds);
    if (reached === undefined) throw new AppError('internal', `There is no signing key ${kid}`);
    learn(kid, reached);
  }

  async function wait(kid: string, until: number): Promise<void> {
    while (!isCovered(kid, until)) {
      // All who wait share one write.
      const extension = extensions.get(kid) ?? enlarge(kid, until).finally(() => extensions.delete(kid));
      extensions.set(kid, extension);
      await extension;
    }
  }

  return {
    learn,
    reach(kid, input) {
      const until = expiryOf(input) + toleranceSeconds;
      return isCovered(kid, until) ? undefined : wait(kid, until);
    },
  };
}

/** The `exp` in a JWS signing input; what has none is used at once, and the time that a key lingers is enough for it. */
function expiryOf(input: Uint8Array): number {
  const text = Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('latin1');
  const { exp } = JSON.parse(Buffer.from(text.slice(text.indexOf('.') + 1), 'base64url').toString()) as {
    exp?: unknown;
  };
  return typeof exp === 'number' ? exp : -toleranceSeconds;
}
