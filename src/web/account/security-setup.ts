import type { Context } from 'koa';
import {
  type NewPasskeyModel,
  newPasskeyPage,
  recoveryCodesPage,
  totpPage,
} from '../../../views/security-setup.ts';
import { repeatTotpOffer } from '../../factors/totp.ts';
import { type Form, fieldOf, jsonOf } from '../../http/form.ts';
import type { Routes } from '../../http/router.ts';
import type { Guest } from '../desk.ts';
import { allowScript, seeOther, showPage } from '../page.ts';
import type { AccountOptions } from './account.ts';
import { createSureDesk } from './sure-desk.ts';

const place = '/account/security';

type Enrolment = { secret: string; uri: string; enrolment: string };
type Registration = { options: object; registration: string };
type Codes = { recovery_codes?: string[] };

/** Setting up what follows a password, or takes its place. */
export function createSecuritySetupRoutes(options: AccountOptions): Routes {
  const { base, calls } = options;
  const desk = createSureDesk(options);

  async function showTotp(ctx: Context, { frame, session }: Guest, error?: 'over'): Promise<void> {
    const begun = await calls.change<Enrolment>(ctx, session, 'beginTotp');
    if ('refusal' in begun) throw begun.refusal;
    showPage(ctx, totpPage({ ...frame, ...begun.body, error }), error ? 400 : 200);
  }

  async function setTotp(ctx: Context, guest: Guest, form: Form): Promise<void> {
    const code = (fieldOf(form, 'code') ?? '').replace(/\s/g, '');
    const enrolment = fieldOf(form, 'enrolment') ?? '';
    const { frame, session } = guest;
    const set = await calls.change<Codes>(ctx, session, 'setTotp', { body: { enrolment, code } });
    if ('body' in set) return finish(ctx, options.desk.keep(ctx, guest, set.renewed), set.body);
    // What the app has scanned stays good after a slip: no code of it would fit another secret.
    const offer = repeatTotpOffer(fieldOf(form, 'secret') ?? '', frame.brand.name, session.email);
    if (set.refusal.code === 'conflict' || !offer) return await showTotp(ctx, guest, 'over');
    showPage(ctx, totpPage({ ...frame, ...offer, enrolment, error: 'wrong' }), 400);
  }

  async function showPasskey(
    ctx: Context,
    { frame, session }: Guest,
    state: Pick<NewPasskeyModel, 'error' | 'name'> = {},
  ): Promise<void> {
    const begun = await calls.change<Registration>(ctx, session, 'beginPasskey');
    // The page about security says why.
    if ('refusal' in begun) return seeOther(ctx, base + place);
    const { options, registration } = begun.body;
    allowScript(ctx);
    const offer = { options: JSON.stringify(options), ceremony: registration };
    showPage(ctx, newPasskeyPage({ ...frame, ...state, offer }), state.error ? 400 : 200);
  }

  async function addPasskey(ctx: Context, guest: Guest, form: Form): Promise<void> {
    const name = fieldOf(form, 'name')?.trim() ?? '';
    const credential = jsonOf(form, 'credential');
    const body = { registration: fieldOf(form, 'ceremony') ?? '', credential, name };
    const added = await calls.change<Codes>(ctx, guest.session, 'addPasskey', { body });
    if ('body' in added) return finish(ctx, options.desk.keep(ctx, guest, added.renewed), added.body);
    const { code, problems } = added.refusal;
    const isName = problems.some((problem) => 'pointer' in problem && problem.pointer === '#/name');
    await showPasskey(ctx, guest, {
      name,
      error: code === 'conflict' ? 'over' : isName ? 'name' : 'refused',
    });
  }

  async function makeCodes(ctx: Context, guest: Guest): Promise<void> {
    const made = await calls.change<Codes>(ctx, guest.session, 'makeRecoveryCodes');
    finish(ctx, guest, 'body' in made ? made.body : {});
  }

  /** Recovery codes are in this answer and nowhere else. */
  function finish(ctx: Context, { frame }: Guest, { recovery_codes: codes }: Codes): void {
    if (codes) showPage(ctx, recoveryCodesPage({ ...frame, codes }));
    else seeOther(ctx, base + place);
  }

  return {
    [`${place}/totp`]: {
      answers: 'html',
      GET: desk.page((ctx, guest) => showTotp(ctx, guest)),
      POST: desk.form(setTotp),
    },
    [`${place}/passkey`]: {
      answers: 'html',
      GET: desk.page((ctx, guest) => showPasskey(ctx, guest)),
      POST: desk.form(addPasskey),
    },
    [`${place}/recovery-codes`]: { answers: 'html', POST: desk.form(makeCodes) },
  };
}
