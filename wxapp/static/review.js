// The bulk bar says how many people a press touches; ticking one's head ticks the page.
"use strict";
for (const form of document.querySelectorAll(".review-form")) {
  const ticks = [...form.querySelectorAll("[name=seen]")];
  const head = form.querySelector("#tick-all");
  if (!head) { continue; }
  const grouped = new Intl.NumberFormat("en-US");
  const show = () => {
    const ticked = ticks.filter((tick) => tick.checked).length;
    const whom = form.querySelector("[name=whom]:checked");
    const number = whom && whom.dataset.number ? Number(whom.dataset.number) : ticked;
    head.checked = ticked === ticks.length;
    head.indeterminate = ticked > 0 && ticked < ticks.length;
    form.querySelector("[data-ticked]").textContent = ` ${grouped.format(ticked)} 人`;
    for (const said of form.querySelectorAll("[data-number-said]")) {
      said.textContent = `\u00a0${grouped.format(number)} 人`;
    }
    form.classList.toggle("nothing-chosen", number === 0);
    for (const button of form.querySelectorAll("[name=decision]")) { button.disabled = number === 0; }
  };
  head.hidden = false;
  head.addEventListener("change", () => {
    for (const tick of ticks) { tick.checked = head.checked; }
    show();
  });
  form.addEventListener("change", show);
  show();
}
