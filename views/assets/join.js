const form = document.querySelector('form[action$="/join"]');
const invitation = location.hash.slice(1);

if (invitation !== '') {
  // Neither the address bar nor the history keeps it.
  history.replaceState(null, '', location.pathname);
  form.elements.invitation.value = invitation;
  form.requestSubmit();
}
