// Keeps the calls fresh while they are looked at, and closes the drawer they may stand in.
(() => {
  const EVERY = 2_000;
  const refresh = async () => {
    if (document.visibilityState !== "visible") return;
    const answer = await fetch("/platform", { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-fresh]")) {
      const newer = fresh.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
      if (newer && newer.innerHTML !== part.innerHTML) part.replaceChildren(...newer.childNodes);
    }
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") parent.document.querySelector(".drawer")?.removeAttribute("open");
  });
  setInterval(() => refresh().catch(() => {}), EVERY);
})();
