// What a page does more with scripts: one press sends one form, a countdown shows when to ask again,
// what is wrong is scrolled to, a number is copied, what was typed is not sent into a dead network.
"use strict";
const say = (form, words) => {
  const told = document.createElement("p");
  told.className = "phone-complaint";
  told.setAttribute("role", "alert");
  told.textContent = words;
  form.querySelector(".phone-complaint[data-said]")?.remove();
  told.dataset.said = "yes";
  form.append(told);
  told.scrollIntoView({ block: "center" });
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (navigator.onLine === false) {
    event.preventDefault();
    say(form, "网络已断开，填写的内容还在。网络恢复后请重新提交。");
    return;
  }
  form.dataset.sent = "yes";
  const pressed = event.submitter ?? form.querySelector("button[type=submit]");
  pressed?.classList.add("weui-btn_loading");
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) { delete form.dataset.sent; }
  for (const button of document.querySelectorAll(".weui-btn_loading")) {
    button.classList.remove("weui-btn_loading");
  }
});
for (const button of document.querySelectorAll("button[data-wait]")) {
  const words = button.textContent;
  const until = Date.now() + Number(button.dataset.wait) * 1000;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? `${words}（${left}）` : words;
    if (left > 0) { setTimeout(tick, 500); }
  };
  tick();
}
// A field that is wrong comes before the words above the form.
{
  const wrong = document.querySelector(".field_refused, .field-said") ?? document.querySelector(".phone-complaint");
  if (wrong) {
    const control = wrong.querySelector("input:not([type=hidden]), select, textarea") ?? wrong;
    if (control === wrong) { wrong.tabIndex = -1; }
    wrong.scrollIntoView({ block: "center" });
    control.focus({ preventScroll: true });
  }
}
for (const button of document.querySelectorAll("[data-copy]")) {
  const words = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const area = document.createElement("textarea");
    area.value = button.dataset.copy;
    button.after(area);
    area.select();
    const copied = document.execCommand("copy"); // also where there is no clipboard of its own
    area.remove();
    button.focus();
    button.textContent = copied ? "已复制" : "请长按文字复制";
    setTimeout(() => { button.textContent = words; }, 2000);
  });
}
for (const button of document.querySelectorAll("[data-back]")) {
  button.hidden = history.length < 2;
  button.addEventListener("click", () => history.back());
}
