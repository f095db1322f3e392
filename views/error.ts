import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** `sentence` replaces what the page says by itself for `status`; it is shown to anybody. */
export type ErrorModel = Pick<Frame, 'base' | 'locale'> & {
  status: number;
  requestId: string;
  sentence?: string | undefined;
};

type Words = { heading: string; sentence: string };

const words: Record<number, Words> = {
  403: {
    heading: 'This form has expired',
    sentence: 'Nothing was changed. Go back, load the page again and send it once more.',
  },
  404: { heading: 'There is no such page', sentence: 'Check the address for typing mistakes.' },
  405: {
    heading: 'This page cannot do that',
    sentence: 'Open it from a link, or start again with your code.',
  },
  413: { heading: 'That was too long', sentence: 'What you sent is larger than this server takes.' },
  429: { heading: 'Too many tries', sentence: 'Wait a few minutes, then try again.' },
  503: {
    heading: 'Not available just now',
    sentence: 'Something this server needs is away. Try again in a moment.',
  },
};

const badRequest = {
  heading: 'That did not work',
  sentence: 'The server could not read what was sent. Start again.',
};
const failure = { heading: 'Something went wrong', sentence: 'It is not your fault. Try again in a moment.' };

/** The page for every answer that is an error. The request id finds it in the server's log. */
export function errorPage({ base, locale, status, requestId, sentence }: ErrorModel): Html {
  const said = words[status] ?? (status < 500 ? badRequest : failure);
  return layout(
    { base, locale, csrf: '' },
    {
      title: `Error: ${said.heading}`,
      requestId,
      main: html`<h1>${said.heading}</h1>
<p class="lead">${sentence ?? said.sentence}</p>
<p class="note"><a href="${base}/device">Enter a code</a></p>`,
    },
  );
}
