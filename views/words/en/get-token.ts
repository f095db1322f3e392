/** The page that gives an access token away. */
export const getToken = {
  title: 'Get token',
  lead: 'Download a short-lived access token as auth.json, for a tool that you run yourself. It may do what you may.',
  api: 'For which API',
  download: 'Download auth.json',
  none: 'You may do nothing at any API yet, so there is no token to get. Ask an administrator.',
  use: 'Keep the file to yourself. Every command of ours reads it:',
  end: 'The token ends by itself. Until then you can sign it out among your devices and apps.',
};
