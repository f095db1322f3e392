for (const place of document.querySelectorAll('[data-passkey]')) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) continue;
  const form = place.querySelector('form');
  for (const other of document.querySelectorAll('[data-without-passkeys]')) other.hidden = true;
  place.hidden = false;

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const failure = place.querySelector('[role="alert"]');
    failure.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await ask(place.dataset));
      form.submit();
    } catch {
      failure.hidden = false;
    }
  });
}

/** What the browser makes or answers, as JSON. Throws where its person turns away. */
async function ask({ passkey, options }) {
  const json = JSON.parse(options);
  const credential =
    passkey === 'create'
      ? await navigator.credentials.create({
          publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json),
        })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(json) });
  return credential.toJSON();
}
