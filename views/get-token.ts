import { pageError, postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** The APIs that somebody may do something at, and why no token was made for one. */
export type GetTokenModel = Frame & {
  apis: readonly { resource: string; name: string; scopes: readonly string[] }[];
  problem?: string | undefined;
};

/** The page that gives an access token away as a file; posts `resource` to `/account/get-token`. */
export function getTokenPage(model: GetTokenModel): Html {
  const { apis, problem, locale } = model;
  const { getToken: words, frame } = locale.words;
  return layout(model, {
    title: problem === undefined ? words.title : frame.errorTitle(words.title),
    main: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${problem !== undefined && pageError('get-token-error', problem, frame.error)}
${
  apis.length > 0
    ? postForm(
        model,
        '/account/get-token',
        html`<fieldset>
<legend>${words.api}</legend>
<div class="checks">
${apis.map(
  (
    { resource, name, scopes },
    index,
  ) => html`<label class="check"><input type="radio" name="resource" value="${resource}"${index === 0 && html` checked`}> <span><bdi>${name}</bdi> <code><bdi>${resource}</bdi></code> <span class="hint"><bdi>${scopes.join(' ')}</bdi></span></span></label>
`,
)}</div>
</fieldset>
<button>${words.download}</button>
<p class="hint">${words.use} <code class="line">postern whoami --file auth.json</code></p>
<p class="hint">${words.end}</p>`,
      )
    : html`<p class="empty">${words.none}</p>`
}`,
  });
}
