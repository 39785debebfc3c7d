// Who leaves a form in which something was written and nothing was sent is asked first.
"use strict";
for (const form of document.querySelectorAll("[data-unsaved]")) {
  const written = () => new URLSearchParams(new FormData(form)).toString();
  const before = form.dataset.unsaved === "written" ? "" : written();
  let sent = false;
  form.addEventListener("submit", () => { sent = true; });
  window.addEventListener("beforeunload", (leaving) => {
    if (!sent && written() !== before) { leaving.preventDefault(); }
  });
}
