import type { Context } from 'koa';
import compose from 'koa-compose';
import type { Provider } from 'oidc-provider';
import { keepFailures } from './answer.ts';

/** Runs requests through the engine of the moment, which can be replaced while requests are in flight. */
export type Host = {
  /** The engine that new requests meet. */
  provider(): Provider;
  /** From now on new requests meet this engine; those in flight end with the one they began with. */
  replace(provider: Provider): void;
  /** Lets the engine answer the request as if it had come for `path`, a path below the issuer's own. */
  handle(ctx: Context, path: string): Promise<void>;
};

/** A host with its first engine, for an issuer whose own path is `base`. */
export function createHost(first: Provider, base: string): Host {
  let current = first;
  let run = prepare(first);

  function prepare(provider: Provider): (ctx: Context) => Promise<void> {
    keepFailures(provider);
    return compose(provider.middleware) as unknown as (ctx: Context) => Promise<void>;
  }

  return {
    provider: () => current,
    replace(provider) {
      run = prepare(provider);
      current = provider;
    },
    async handle(ctx, path) {
      // As koa-mount does it: the engine matches the path below the mount and builds addresses with it.
      ctx.mountPath = base;
      ctx.path = path;
      await run(ctx);
    },
  };
}
