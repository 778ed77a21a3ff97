// Only improves pages that work without it.
"use strict";

// Whoever sent a form with errors is told of them first.
document.querySelector("[data-error-summary]")?.focus();

// The industry is asked where the form of exploitation asks for it, or where one stands there already.
for (const form of document.querySelectorAll("[data-case-form]")) {
  const choice = form.querySelector("[data-forms-with-industry]");
  const industry = form.querySelector("[name=industry]");
  if (!choice || !industry) continue;
  const asking = choice.dataset.formsWithIndustry.split(" ");
  const field = industry.closest(".field");
  const show = () => {
    field.hidden = !asking.includes(choice.value) && industry.value === "";
  };
  choice.addEventListener("change", show);
  industry.addEventListener("change", show);
  show();
}

// Explanations: out of the Tab key's way, and all opened or closed by one button.
const explanations = [...document.querySelectorAll(".field-help")];
const helpSwitch = document.querySelector("[data-help-switch]");
if (helpSwitch && explanations.length) {
  for (const explanation of explanations) explanation.querySelector("summary").tabIndex = -1;
  helpSwitch.hidden = false;
  helpSwitch.setAttribute("aria-pressed", "false");
  helpSwitch.addEventListener("click", () => {
    const open = helpSwitch.getAttribute("aria-pressed") === "false";
    for (const explanation of explanations) explanation.open = open;
    helpSwitch.setAttribute("aria-pressed", String(open));
  });
}

// What is typed is kept on the server as a draft, and nowhere in the browser.
for (const place of document.querySelectorAll("[data-draft]")) {
  const form = place.closest("form");
  const status = place.querySelector("[role=status]");
  const asSent = () => new URLSearchParams(new FormData(form)).toString();
  let kept = "draftUnsaved" in place.dataset ? null : asSent();
  let unsavedSince = null;
  let underWay = null;
  let isSent = false;
  let timer = 0;

  const say = (words) => {
    if (status.textContent !== words) status.textContent = words; // said once, not at every saving
  };
  const hasFailed = () => {
    const time = unsavedSince.toLocaleTimeString("sv", { hour: "2-digit", minute: "2-digit" });
    say(place.dataset.draftFailed.replace("{time}", time));
    place.classList.add("draft-failed");
  };
  const save = () => {
    clearTimeout(timer);
    const typed = asSent();
    if (isSent || underWay || typed === kept) return;
    unsavedSince ??= new Date();
    underWay = fetch(place.dataset.draft, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      body: typed,
      keepalive: typed.length < 50_000, // goes on when the page is left; browsers allow it 64 KiB
      signal: AbortSignal.timeout(10_000),
    })
      .then(async (response) => {
        if (!response.ok && response.status !== 401 && response.status !== 409) throw response.status;
        const answer = await response.json();
        say(answer.text);
        if (answer.is_logged_in) window.dispatchEvent(new Event("session-active")); // session.js counts anew
        place.classList.toggle("draft-failed", !response.ok);
        kept = typed;
        unsavedSince = null;
      })
      .catch(hasFailed)
      .finally(() => {
        underWay = null;
      });
  };
  const saveSoon = (milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(save, milliseconds);
  };
  form.addEventListener("input", () => {
    isSent = false; // sending was stopped, and typing goes on
    unsavedSince ??= new Date();
    saveSoon(1_500);
  });
  form.addEventListener("change", () => saveSoon(0)); // a choice, or a text that was left
  document.addEventListener("visibilitychange", save);
  window.addEventListener("pageshow", () => {
    isSent = false;
  });
  setInterval(save, 15_000);
  if (kept === null) save();
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (underWay) {
      // A draft that arrived after its form would be offered as one that was never sent.
      event.preventDefault();
      const patience = new Promise((resolve) => setTimeout(resolve, 2_000));
      Promise.race([underWay, patience]).then(() => {
        underWay = null;
        form.requestSubmit(event.submitter);
      });
      return;
    }
    isSent = true;
  });
}

// A new line of persons, in place; without JavaScript the button fetches the page with more of them.
for (const button of document.querySelectorAll("[data-add-line]")) {
  const form = button.closest("form");
  const lines = form.querySelector("[data-lines]");
  const spare = form.querySelector("[data-spare-line]");
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const position = lines.children.length;
    const holder = document.createElement("template");
    holder.innerHTML = spare.innerHTML
      .replaceAll("__line__", String(position))
      .replaceAll("__number__", String(position + 1));
    lines.append(holder.content);
    lines.lastElementChild.querySelector("input").focus();
    lines.lastElementChild.querySelector("input").select();
    button.hidden = lines.children.length >= Number(lines.dataset.linesMax);
  });
}
