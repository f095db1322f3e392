import { postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Locale, languageNames } from './locale.ts';

/** The languages to choose from, each by its own name; posts `language` to `/language`. Nothing where no form works. */
export function languageChoice(frame: { base: string; csrf: string; locale: Locale }): Html | false {
  const { language, words } = frame.locale;
  if (frame.csrf === '') return false;
  return postForm(
    frame,
    '/language',
    html`<div class="languages" role="group" aria-label="${words.frame.language}">
${Object.entries(languageNames).map(
  ([tag, name]) =>
    html`<button class="link" name="language" value="${tag}" lang="${tag}"${tag === language && html` aria-current="true"`}>${name}</button>
`,
)}</div>`,
  );
}
