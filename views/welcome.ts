import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** The page at the issuer's own address, for people who wonder what answers there. */
export function welcomePage(model: Frame): Html {
  return layout(model, {
    title: 'Welcome',
    main: html`<h1>The side door for programs</h1>
<p class="lead">This server signs in command-line tools, devices and machines, so that they can use an API for you.</p>
<p><a class="button" href="${model.base}/device">Enter a code</a></p>
<p class="note">For programs: <a href="/.well-known/oauth-authorization-server${model.base}">the server's metadata</a></p>
<p class="note">For who writes them: <a href="${model.base}/api/docs">the API reference</a></p>`,
  });
}
