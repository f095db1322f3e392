import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AppError } from '../errors.ts';
import type { Route, Routes } from '../http/router.ts';
import { inRoot } from '../root.ts';
import { sha256 } from '../secret.ts';

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What the reference of the API is drawn with, as its package brings it. */
const packaged = ['swagger-ui.css', 'swagger-ui-bundle.js'];

/**
 * The files in `views/assets` and those of Swagger UI, read once, at `/assets/…`. Kept for an hour, then asked for again
 * by their ETag.
 */
export function createAssetRoutes(): Routes {
  const own = readdirSync(inRoot('views', 'assets')).filter((name) => extname(name) in types);
  return Object.fromEntries([
    ...own.map((name) => [`/assets/${name}`, fileRoute(name, inRoot('views', 'assets', name))]),
    ...packaged.map((name) => [`/assets/${name}`, fileRoute(name, packagedPath(name))]),
  ]);
}

function packagedPath(name: string): string {
  return fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`));
}

function fileRoute(name: string, path: string): Route {
  const type = types[extname(name)];
  if (type === undefined)
    throw new AppError('internal', undefined, { cause: new Error(`no type for ${name}`) });
  return assetRoute(readFileSync(path), type);
}

/** Answers with what never changes while the server runs; a text in gzip to who takes it. */
export function assetRoute(content: Buffer, type: string): Route {
  const headers = {
    'Content-Type': type,
    'Cache-Control': 'public, max-age=3600',
    // Weak, since it is the same in gzip (RFC 9110 section 8.8.1).
    ETag: `W/"${sha256(content).toString('base64url').slice(0, 22)}"`,
    Vary: 'Accept-Encoding',
  };
  let zipped: Promise<Buffer> | undefined;
  return {
    answers: 'html',
    async GET(ctx) {
      const isZipped = type !== 'image/png' && ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
      ctx.status = 200;
      ctx.set(headers);
      if (isZipped) ctx.set('Content-Encoding', 'gzip');
      if (ctx.fresh) {
        ctx.status = 304;
        return;
      }
      if (isZipped) zipped ??= promisify(gzip)(content);
      ctx.body = isZipped ? await zipped : content;
    },
  };
}
