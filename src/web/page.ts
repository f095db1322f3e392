import type { Context } from 'koa';
import type { Html } from '../../views/html.ts';

/** Answers with a page. */
export function showPage(ctx: Context, page: Html, status = 200): void {
  ctx.status = status;
  ctx.type = 'html';
  ctx.body = page.toString();
}

/** Lets the page that is answered with run one of our assets as a script. */
export function allowScript(ctx: Context): void {
  const name = 'Content-Security-Policy';
  ctx.set(name, `${ctx.response.get(name)}; script-src 'self'`);
}

/** Answers with a page that asks to wait. */
export function showWaitPage(ctx: Context, page: Html, retryAfterSeconds: number): void {
  ctx.set('Retry-After', String(retryAfterSeconds));
  showPage(ctx, page, 429);
}

/** Sends the browser to a page of ours with GET, whatever the method was (RFC 9110 section 15.4.4). */
export function seeOther(ctx: Context, target: string): void {
  ctx.status = 303;
  ctx.set('Location', target);
  ctx.body = '';
}
