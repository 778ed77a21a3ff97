// Passkeys: asks the browser for one and sends what it answers with the form. The page says what to do without.
"use strict";

const asBytes = (text) => {
  const base64 = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
};

const asText = (buffer) => {
  const base64 = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return base64.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

const withIdsAsBytes = (credentials = []) => credentials.map((one) => ({ ...one, id: asBytes(one.id) }));

const create = async ({ publicKey }) => {
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: asBytes(publicKey.challenge),
      user: { ...publicKey.user, id: asBytes(publicKey.user.id) },
      excludeCredentials: withIdsAsBytes(publicKey.excludeCredentials),
    },
  });
  return inWords(made, {
    attestationObject: asText(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  });
};

const get = async ({ publicKey }) => {
  const used = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: asBytes(publicKey.challenge),
      allowCredentials: withIdsAsBytes(publicKey.allowCredentials),
    },
  });
  const { authenticatorData, signature, userHandle } = used.response;
  return inWords(used, {
    authenticatorData: asText(authenticatorData),
    signature: asText(signature),
    userHandle: userHandle ? asText(userHandle) : null,
  });
};

const inWords = (credential, response) => ({
  id: credential.id,
  rawId: asText(credential.rawId),
  type: credential.type,
  authenticatorAttachment: credential.authenticatorAttachment,
  clientExtensionResults: credential.getClientExtensionResults(),
  response: { ...response, clientDataJSON: asText(credential.response.clientDataJSON) },
});

// An address of numbers has no name to which a passkey could belong.
const hasName = !/^[\d.]+$|^\[/.test(location.hostname);

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential || !hasName) continue;
  const problem = form.querySelector("[data-passkey-problem]");
  const button = form.querySelector("[data-passkey-button]");
  const options = JSON.parse(document.getElementById("passkey-options").textContent);
  form.querySelector("[data-passkey-missing]").hidden = true;
  button.hidden = false;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    button.disabled = true;
    try {
      const answer = form.dataset.passkey === "create" ? await create(options) : await get(options);
      form.elements.credential.value = JSON.stringify(answer);
      form.submit();
    } catch (error) {
      // Whoever cancels, waits too long or has added this device before: what happened is said in the page.
      const isThere = error.name === "InvalidStateError";
      problem.textContent = isThere ? problem.dataset.isThere : problem.dataset.failed;
      problem.hidden = false;
      button.disabled = false;
      button.focus();
    }
  });
}
