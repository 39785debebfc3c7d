// The bulk bar of a list says how many people a press touches. Ticking the head ticks the page, Shift
// ticks all between; who turns the page keeps what was ticked, in this page and nowhere else.
"use strict";
(() => {
  const grouped = new Intl.NumberFormat("en-US");
  let kept = new Set(); // ticked on pages that were turned
  let last = null;

  const list = () => document.querySelector("[data-choosing]");
  const ticks = () => [...list().querySelectorAll("[data-tick]")];

  const show = () => {
    const form = list();
    const head = form.querySelector("#tick-all");
    if (!head) { return; }
    const here = ticks().filter((tick) => tick.checked).length;
    const whom = form.querySelector("[name=whom]:checked");
    const number = whom && whom.dataset.number ? Number(whom.dataset.number) : here + kept.size;
    head.hidden = false;
    head.checked = here > 0 && here === ticks().length;
    head.indeterminate = here > 0 && here < ticks().length;
    form.querySelector("[data-ticked]").textContent = ` ${grouped.format(here + kept.size)} 人`;
    for (const said of form.querySelectorAll("[data-number-said]")) {
      said.textContent = `\u00a0${grouped.format(number)} 人`;
    }
    form.classList.toggle("nothing-chosen", number === 0);
    for (const button of form.querySelectorAll("[data-act]")) { button.disabled = number === 0; }
  };

  const tickBetween = (tick) => {
    const all = ticks();
    const [from, to] = [all.indexOf(last), all.indexOf(tick)].sort((one, other) => one - other);
    if (from < 0) { return; }
    for (const each of all.slice(from, to + 1)) { each.checked = tick.checked; }
  };

  // What was ticked on other pages is sent with the form.
  const carry = () => {
    const form = list();
    for (const old of form.querySelectorAll("[data-carried]")) { old.remove(); }
    for (const key of kept) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "key", value: key });
      field.dataset.carried = "";
      form.append(field);
    }
  };

  const turn = async (address) => {
    for (const tick of ticks()) { kept[tick.checked ? "add" : "delete"](tick.value); }
    const text = await fetch(address).then((answer) => (answer.ok ? answer.text() : "")).catch(() => "");
    const page = new DOMParser().parseFromString(text, "text/html").querySelector("[data-choosing]");
    if (!page) { location.assign(address); return; }
    list().replaceWith(document.adoptNode(page));
    for (const tick of ticks()) { if (kept.delete(tick.value)) { tick.checked = true; } }
    history.pushState(null, "", address);
    scrollTo(0, 0);
    carry();
    show();
  };

  document.addEventListener("click", (event) => {
    const tick = event.target.closest("[data-choosing] [data-tick]");
    if (tick) {
      if (event.shiftKey && last) { tickBetween(tick); }
      last = tick;
      show();
      return;
    }
    const link = event.target.closest("[data-turns] .under-turn a");
    const chosen = link && (kept.size || ticks().some((each) => each.checked));
    if (!chosen || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    turn(link.href);
  });

  document.addEventListener("change", (event) => {
    if (!list() || !list().contains(event.target)) { return; }
    if (event.target.id === "tick-all") {
      for (const tick of ticks()) { tick.checked = event.target.checked; }
    }
    show();
  });

  addEventListener("popstate", () => location.reload());
  if (list()) { show(); }
})();
