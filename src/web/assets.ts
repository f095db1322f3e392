import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { AppError } from '../errors.ts';
import type { Route, Routes } from '../http/router.ts';
import { inRoot } from '../root.ts';
import { sha256 } from '../secret.ts';

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files in `views/assets`, read once, at `/assets/…`. Kept for an hour, then asked for again by their ETag. */
export function createAssetRoutes(): Routes {
  const names = readdirSync(inRoot('views', 'assets')).filter((name) => extname(name) in types);
  return Object.fromEntries(names.map((name) => [`/assets/${name}`, assetRoute(name)]));
}

function assetRoute(name: string): Route {
  const content = readFileSync(inRoot('views', 'assets', name));
  const type = types[extname(name)];
  if (type === undefined)
    throw new AppError('internal', undefined, { cause: new Error(`no type for ${name}`) });
  const headers = {
    'Content-Type': type,
    'Cache-Control': 'public, max-age=3600',
    ETag: `"${sha256(content).toString('base64url').slice(0, 22)}"`,
  };
  return {
    answers: 'html',
    GET(ctx) {
      ctx.status = 200;
      ctx.set(headers);
      if (ctx.fresh) ctx.status = 304;
      else ctx.body = content;
    },
  };
}
