import { breakable } from './breakable.ts';
import { postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { languageChoice } from './language.ts';
import type { Locale } from './locale.ts';

/** A place of the account that everybody has, or that only those have who may do something there. */
export type Place = keyof Locale['words']['frame']['places'];

/** What the navigation needs of the page around it. */
type Surroundings = { base: string; csrf: string; locale: Locale };

/** Where somebody is among the pages of their account, which of them they have, and in which organization they act. */
export type Standpoint = {
  current: Place;
  places: readonly Place[];
  organization?: { name: string; isOneOfSeveral: boolean } | undefined;
  /** Whether they act nowhere until they have chosen where. */
  isUndecided?: boolean;
};

/** The ways to every place: in a column beside the page where there is room, else shown by a button before them. */
export function navigation(frame: Surroundings, standpoint: Standpoint): Html {
  const { words } = frame.locale;
  const { menu, yours, organization } = words.frame;
  return html`<details class="menu"><summary>${menu}</summary></details>
<nav class="rail" aria-label="${menu}">
${listWays(frame, standpoint, yours, (place) => !isAdministration(place))}
${listWays(frame, standpoint, organization, isAdministration)}
</nav>`;
}

function isAdministration(place: Place): boolean {
  return place.startsWith('/admin');
}

function listWays(
  { base, locale }: Surroundings,
  { current, places }: Standpoint,
  heading: string,
  isShown: (place: Place) => boolean,
): Html | false {
  const shown = places.filter(isShown);
  if (shown.length === 0) return false;
  const names = locale.words.frame.places;
  return html`<p>${heading}</p>
<ul>
${shown.map(
  (
    place,
  ) => html`<li><a class="way" href="${base}${place}"${place === current && html` aria-current="page"`}>${names[place]}</a></li>
`,
)}</ul>`;
}

/**
 * What stands under a person's initial: who they are, where they act, their token, and the way out. It lies over the page
 * until they go on elsewhere or press Escape.
 */
export function accountMenu(
  frame: Surroundings,
  { email, isSingleUser }: { email: string; isSingleUser?: boolean },
  { organization, isUndecided }: Standpoint,
): Html {
  const { base, locale } = frame;
  const words = locale.words.frame;
  return html`<button type="button" class="avatar" popovertarget="account-menu"><span class="unseen">${words.yourAccount}</span><span aria-hidden="true">${email.slice(0, 1).toUpperCase()}</span></button>
<div class="account-menu" id="account-menu" popover>
<p>${isSingleUser ? locale.words.singleUser.mode : words.signedInAs(breakable(email))}</p>
${organization && html`<p>${words.actingIn} <strong><bdi>${organization.name}</bdi></strong></p>`}
${(isUndecided || organization?.isOneOfSeveral) && html`<p><a href="${base}/organization">${words.changeOrganization}</a></p>`}
${(isUndecided || organization) && html`<p><a href="${base}/account/get-token">${words.getToken}</a></p>`}
${languageChoice(frame)}
${!isSingleUser && postForm(frame, '/sign-out', html`<button class="link">${words.signOut}</button>`)}
</div>`;
}
