import { referencePage } from '../../views/reference.ts';
import { contentPolicy } from '../http/headers.ts';
import type { Routes } from '../http/router.ts';
import { showPage } from './page.ts';
import type { Reception } from './reception.ts';

// Swagger UI brings its script along and fetches the document and what is tried out, all from here.
const policy = contentPolicy({ runsScripts: true, fetches: true });

/** The reference of the API whose document is at `documentPath`. */
export function createReferenceRoutes(reception: Reception, documentPath: string): Routes {
  return {
    '/api/docs': {
      answers: 'html',
      async GET(ctx) {
        const frame = reception.frame(await reception.receive(ctx));
        ctx.set('Content-Security-Policy', policy);
        showPage(ctx, referencePage({ ...frame, documentUrl: frame.base + documentPath }));
      },
    },
  };
}
