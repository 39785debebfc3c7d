// What a page does more with scripts: one press sends one form, a countdown shows when to ask again.
"use strict";
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button[type=submit]")) {
    button.classList.add("weui-btn_loading");
  }
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll(".weui-btn_loading")) {
      button.classList.remove("weui-btn_loading");
    }
  }
});
for (const button of document.querySelectorAll("button[data-wait]")) {
  const words = button.textContent;
  const until = Date.now() + Number(button.dataset.wait) * 1000;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? `${left} 秒后可重新发送` : words;
    if (left > 0) { setTimeout(tick, 500); }
  };
  tick();
}
// Three lists that follow each other: choosing in one fills the next, a single choice is made at once.
for (const picker of document.querySelectorAll("[data-regions]")) {
  const lists = [...picker.querySelectorAll("select")];
  const empty = (list) => {
    list.length = 1;
    list.toggleAttribute("data-empty", true);
  };
  const fill = async (place) => {
    lists.slice(place + 1).forEach(empty);
    const next = lists[place + 1];
    const code = lists[place].value;
    if (!next || !code) { return; }
    const answer = await fetch(`${picker.dataset.regions}?below=${code}`);
    if (!answer.ok || lists[place].value !== code) { return; }
    const below = await answer.json();
    next.append(...below.map(([value, name]) => new Option(name, value)));
    next.toggleAttribute("data-empty", below.length === 0);
    if (below.length === 1) {
      next.value = below[0][0];
      await fill(place + 1);
    }
  };
  lists.forEach((list, place) => list.addEventListener("change", () => fill(place)));
}
