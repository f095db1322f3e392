// What Swagger UI's stylesheet goes by.
const night = matchMedia('(prefers-color-scheme: dark)');
const followNight = () => document.documentElement.classList.toggle('dark-mode', night.matches);
night.addEventListener('change', followNight);
followNight();

const reference = document.getElementById('reference');
const { document: url } = reference.dataset;
let { csrf } = reference.dataset;
const api = new URL(url, location.href);

window.SwaggerUIBundle({
  url,
  domNode: reference,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
  // The session of this browser speaks for its person, unless a token was given.
  requestInterceptor(request) {
    const target = new URL(request.url, location.href);
    const hasToken = Object.keys(request.headers).some((name) => /^authorization$|token$/i.test(name));
    if (csrf !== '' && target.origin === api.origin && !hasToken) request.headers['X-CSRF-Token'] = csrf;
    return request;
  },
  // Who has changed how they sign in goes on in a session of another id.
  responseInterceptor(response) {
    csrf = response.headers?.['x-csrf-token'] ?? csrf;
    return response;
  },
});
