import type { Context } from 'koa';
import { type DeviceCodeError, deviceCodePage } from '../../views/device-code.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { addressOf, addressPrefix } from '../http/client-address.ts';
import { fieldOf } from '../http/form.ts';
import type { Routes } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import { formatUserCode, normalizeUserCode } from '../oauth/user-code.ts';
import type { CodeEntry, EnteredCode } from './code-entry.ts';
import type { DeviceSteps, RefusedCode } from './device-step.ts';
import { deviceOpened } from './events.ts';
import { seeOther, showPage, showWaitPage } from './page.ts';
import type { Reception, Visit } from './reception.ts';

/** The page that asks for the code, and what happens to the code. */
export type DevicePages = {
  routes: Routes;
  /** Shows the page with an error and answers 400, 403 or 429. */
  showRefusal(ctx: Context, visit: Visit, refused: RefusedCode | 'sign_in_first'): void;
  /** Sends somebody who has just signed in on with the code that waited for it. */
  goOn(ctx: Context, visit: Visit, userId: string, entered: EnteredCode): Promise<void>;
};

/** Code entry (RFC 8628 section 3.3). GET changes nothing, and wrong, expired and used codes have one answer. */
export function createDevicePages(options: {
  base: string;
  reception: Reception;
  steps: DeviceSteps;
  codeEntry: CodeEntry;
  audit: AuditLog;
}): DevicePages {
  const { base, reception, steps, codeEntry, audit } = options;

  function page(visit: Visit, entered?: Partial<EnteredCode>, error?: DeviceCodeError) {
    const { userCode, isLinked } = entered ?? {};
    return deviceCodePage({
      ...reception.frame(visit),
      userCode: userCode && asShown(userCode),
      isLinked,
      error,
    });
  }

  async function showForm(ctx: Context): Promise<void> {
    const visit = await reception.receive(ctx);
    const linked = new URLSearchParams(ctx.querystring).get('user_code');
    const step = linked === null ? steps.read(ctx, visit) : undefined;
    if (step?.step === 'refused') {
      steps.clear(ctx);
      return showRefusal(ctx, visit, step);
    }
    const waiting = step?.step === 'waiting' ? step : undefined;
    showPage(ctx, page(visit, linked === null ? waiting : { userCode: linked, isLinked: true }));
  }

  async function takeCode(ctx: Context): Promise<void> {
    const { visit, form } = await reception.receiveForm(ctx);
    const userCode = fieldOf(form, 'user_code')?.trim().slice(0, 64) ?? '';
    if (userCode === '') return showPage(ctx, page(visit, undefined, 'missing'), 400);
    const entered = { userCode, isLinked: fieldOf(form, 'linked') === userCode };
    if (visit.session) {
      const refused = await enter(ctx, visit, visit.session.userId, entered);
      if (refused) showRefusal(ctx, visit, refused);
      return;
    }
    const entry = await codeEntry.byVisitor(entered, visit.id, addressPrefix(addressOf(ctx)));
    if (entry === 'unknown') return showRefusal(ctx, visit, { step: 'refused', userCode });
    if (entry === 'must_be_typed')
      return showRefusal(ctx, visit, { step: 'refused', userCode, mustBeTyped: true });
    steps.write(ctx, visit, { step: 'waiting', ...entered });
    seeOther(ctx, `${base}/sign-in`);
  }

  async function goOn(ctx: Context, visit: Visit, userId: string, entered: EnteredCode): Promise<void> {
    const refused = await enter(ctx, visit, userId, entered);
    if (refused === undefined) return;
    // The answer to a password is a redirect always (RFC 9700 section 4.12), so the refusal is shown by the next page.
    steps.write(ctx, visit, refused);
    seeOther(ctx, `${base}/device`);
  }

  /** Opens the request and answers with a redirect, or answers nothing and returns why the code was refused. */
  async function enter(
    ctx: Context,
    visit: Visit,
    userId: string,
    entered: EnteredCode,
  ): Promise<RefusedCode | undefined> {
    const { userCode } = entered;
    const result = await codeEntry.byAccount(entered, userId);
    switch (result.entry) {
      case 'opened':
        if (visit.session) audit.note(deviceOpened(visit.session, result.request, traceOf(ctx)));
        steps.write(ctx, visit, { step: 'opened', userCode, userId });
        seeOther(ctx, `${base}/device/confirm`);
        return undefined;
      case 'foreign':
        steps.write(ctx, visit, { step: 'done', userId, outcome: 'refused' });
        seeOther(ctx, `${base}/device/done`);
        return undefined;
      case 'unknown':
        return { step: 'refused', userCode };
      case 'must_be_typed':
        return { step: 'refused', userCode, mustBeTyped: true };
      case 'too_many_tries':
        return { step: 'refused', userCode, retryAfterSeconds: result.retryAfterSeconds };
    }
  }

  function showRefusal(ctx: Context, visit: Visit, refused: RefusedCode | 'sign_in_first'): void {
    if (refused === 'sign_in_first') {
      showPage(ctx, page(visit, undefined, refused), 403);
    } else if (refused.mustBeTyped) {
      showPage(ctx, page(visit, undefined, 'must_be_typed'), 400);
    } else if (refused.retryAfterSeconds === undefined) {
      showPage(ctx, page(visit, refused, 'unknown'), 400);
    } else {
      showWaitPage(ctx, page(visit, refused, 'too_many_tries'), refused.retryAfterSeconds);
    }
  }

  return {
    routes: { '/device': { answers: 'html', GET: showForm, POST: takeCode } },
    showRefusal,
    goOn,
  };
}

/** As a device shows it, if it can be a code; else as it was typed. */
function asShown(typed: string): string {
  const code = normalizeUserCode(typed);
  return code ? formatUserCode(code) : typed.slice(0, 64);
}
