import { referencePage } from '../../views/reference.ts';
import { contentPolicy } from '../http/headers.ts';
import type { Routes } from '../http/router.ts';
import type { Desk } from './desk.ts';
import { seeOther, showPage } from './page.ts';
import type { Reception } from './reception.ts';

// Swagger UI brings its script along and fetches the document and what is tried out, all from here.
const policy = contentPolicy({ runsScripts: true, fetches: true });

const path = '/api/docs';

/** The reference of the API whose document is at `documentPath`, and the way from it through the sign-in back to it. */
export function createReferenceRoutes(options: {
  base: string;
  desk: Desk;
  reception: Reception;
  documentPath: string;
}): Routes {
  const { base, desk, reception, documentPath } = options;
  return {
    [path]: {
      answers: 'html',
      async GET(ctx) {
        const frame = reception.frame(await reception.receive(ctx));
        ctx.set('Content-Security-Policy', policy);
        showPage(ctx, referencePage({ ...frame, documentUrl: frame.base + documentPath }));
      },
    },
    [`${path}/sign-in`]: {
      answers: 'html',
      GET: desk.page(path, async (ctx) => seeOther(ctx, base + path)),
    },
  };
}
