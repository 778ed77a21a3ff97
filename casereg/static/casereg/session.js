// Warns before a session ends, and takes the page away once it has ended: on this page and in the other tabs.
// Without this, the next click leads to the log-in page, which says why.
"use strict";

for (const place of document.querySelectorAll("[data-session]")) {
  const template = place.querySelector("template");
  const form = template.content.querySelector("form");
  const after = (name) => Number(place.dataset[name]) * 1_000; // milliseconds
  const root = document.documentElement;

  let activeAt = Date.now();
  let ageWarnedAt = activeAt + after("ageWarningAfter");
  let ageEndsAt = activeAt + after("ageOverAfter");
  let isOver = false;
  let tabs = null;
  let parts = null;

  // Not in the page before it is time.
  const inPage = () => {
    if (parts) return parts;
    place.append(template.content.cloneNode(true));
    parts = {
      idleWarning: place.querySelector("[data-session-idle]"),
      ageWarning: place.querySelector("[data-session-age]"),
      failed: place.querySelector("[data-session-failed]"),
      ended: place.querySelector("[data-session-over]"),
    };
    parts.idleWarning.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      keepOrSay();
    });
    parts.idleWarning.addEventListener("cancel", (event) => {
      event.preventDefault(); // whoever presses Escape is there
      keepOrSay();
    });
    parts.ageWarning.addEventListener("close", () => {
      if (isOver) return;
      // Told again in the last minute only, on the pages that follow too.
      const lastMinute = ageEndsAt - 60_000;
      const isLast = Date.now() >= lastMinute;
      ageWarnedAt = isLast ? Infinity : lastMinute;
      if (!isLast) keep({ age_warning: "read" }).catch(() => {});
    });
    return parts;
  };

  const end = (because) => {
    if (isOver) return;
    isOver = true;
    const { idleWarning, ageWarning, ended } = inPage();
    for (const warning of [idleWarning, ageWarning]) warning.close();
    document.title = ended.querySelector("h1").textContent;
    root.classList.add("is-logged-out");
    root.classList.remove("is-unsure");
    for (const text of ended.querySelectorAll("[data-because]")) text.hidden = text.dataset.because !== because;
    const logIn = ended.querySelector("a");
    logIn.search = new URLSearchParams({ next: location.pathname + location.search });
    ended.hidden = false;
    logIn.focus();
  };

  // Minutes, not seconds: whoever listens to the page is told once a minute.
  const warn = (dialog, endsAt) => {
    const texts = [...dialog.querySelectorAll("[data-minutes]")];
    const left = Math.ceil((endsAt - Date.now()) / 60_000);
    const minutes = String(Math.min(Math.max(1, left), texts.length));
    for (const text of texts) {
      const isHidden = text.dataset.minutes !== minutes;
      if (text.hidden !== isHidden) text.hidden = isHidden;
    }
    if (!dialog.open) dialog.showModal();
  };

  // By the clock and not by counting: a computer that slept has counted nothing.
  const look = () => {
    if (isOver) return;
    const now = Date.now();
    const idleWarnedAt = activeAt + after("idleWarningAfter");
    if (now >= ageEndsAt) end("age");
    else if (now >= activeAt + after("idleOverAfter")) end("idle");
    else {
      if (now >= ageWarnedAt) warn(inPage().ageWarning, ageEndsAt);
      if (now >= idleWarnedAt) warn(inPage().idleWarning, activeAt + after("idleEndsAfter"));
      else parts?.idleWarning.close();
    }
  };

  const tell = (what) => tabs?.postMessage({ session: place.dataset.session, what });
  const hear = ({ data }) => {
    if (data.session !== place.dataset.session || data.what === "over") return end("elsewhere");
    activeAt = Date.now();
    look();
  };
  const listen = () => {
    tabs = "BroadcastChannel" in window ? new BroadcastChannel("session") : null;
    tabs?.addEventListener("message", hear);
  };
  const wasActive = () => {
    activeAt = Date.now();
    look();
    tell("active");
  };

  // Any request is activity. This one is for whoever has nothing else to ask for.
  const keep = async (also = {}) => {
    const answer = await fetch(form.getAttribute("action"), {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams([...new FormData(form), ...Object.entries(also)]),
      redirect: "manual", // to the log-in page
      signal: AbortSignal.timeout(10_000),
    });
    if (answer.type === "opaqueredirect" || answer.status === 403) return end("elsewhere");
    if (!answer.ok) throw answer.status;
    const left = await answer.json();
    ageWarnedAt = Date.now() + left.age_warning_after * 1_000;
    ageEndsAt = Date.now() + left.age_over_after * 1_000;
    if (parts) parts.failed.hidden = true;
    wasActive();
  };
  const keepOrSay = () => {
    keep().catch(() => {
      parts.failed.hidden = false;
    });
  };

  window.addEventListener("session-active", wasActive); // site.js has saved a draft
  document.querySelector("[data-log-out]")?.addEventListener("submit", () => tell("over"));

  // What a browser has kept, for its Back button or else, is shown once its session is known to live.
  const showIfAlive = () => {
    root.classList.add("is-unsure");
    keep().then(
      () => root.classList.remove("is-unsure"),
      () => location.reload(),
    );
  };
  window.addEventListener("pagehide", (event) => {
    tabs?.close();
    if (event.persisted) root.classList.add("is-unsure");
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    listen();
    showIfAlive();
  });

  listen();
  tell("active");
  const [drawn] = performance.getEntriesByType("navigation");
  if (drawn?.transferSize === 0) showIfAlive(); // nobody was asked
  else if (drawn?.transferSize < drawn?.encodedBodySize) keep().catch(() => {}); // asked, and not drawn anew
  setInterval(look, 1_000);
  document.addEventListener("visibilitychange", look);
}
