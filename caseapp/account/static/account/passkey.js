// Passkeys: the server's options go to the device, its answer goes back in the form. Nothing is kept here.
const fromText = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function read(options) {
  const known = (list) => (list ?? []).map((one) => ({ ...one, id: fromText(one.id) }));
  const read = { ...options, challenge: fromText(options.challenge) };
  if (options.user) read.user = { ...options.user, id: fromText(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = known(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = known(options.allowCredentials);
  const first = options.extensions?.prf?.eval?.first;
  if (first) read.extensions = { prf: { eval: { first: fromText(first) } } };
  return read;
}

function told(credential) {
  const said = credential.response;
  const response = { clientDataJSON: toText(said.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (said[part]) response[part] = toText(said[part]);
  }
  if (said.getTransports) response.transports = said.getTransports();
  const answer = { credential: { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response } };
  const secret = credential.getClientExtensionResults().prf?.results?.first;
  if (secret) answer.prf = toText(secret);
  return JSON.stringify(answer);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("[data-passkey-ask]");
  const failed = form.querySelector("[data-passkey-failed]");
  if (!button || !window.PublicKeyCredential) continue;
  form.querySelector("[data-passkey-off]").hidden = true;
  button.hidden = false;
  button.addEventListener("click", async () => {
    failed.hidden = true;
    button.disabled = true;
    try {
      const publicKey = read(JSON.parse(form.dataset.options));
      const credential = form.dataset.passkey === "make"
        ? await navigator.credentials.create({ publicKey })
        : await navigator.credentials.get({ publicKey });
      form.querySelector("[data-answer]").value = told(credential);
      form.requestSubmit();
    } catch {
      failed.hidden = false; // the person closed the question, or the device has no such key
    } finally {
      button.disabled = false;
    }
  });
}
