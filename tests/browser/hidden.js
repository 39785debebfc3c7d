// What of a page cannot be read or reached: beyond the edge, cut off, one over the other.
() => {
  const found = [];
  const named = (each) => `${each.localName}.${each.className || each.id}: `
    + (each.innerText || each.value || "").trim().slice(0, 40);
  const wide = document.scrollingElement.scrollWidth;
  if (wide > innerWidth) { found.push(`the page is ${wide} wide`); }
  const isSeen = (each) => each.checkVisibility() && !each.closest(".unseen");
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || !isSeen(parent) || parent.closest("select, textarea, script, noscript")) { continue; }
    const range = document.createRange();
    range.selectNodeContents(node);
    const still = !parent.closest(".phone-thumb, .half");
    for (const box of range.getClientRects()) {
      if (box.width > 1) { texts.push({ box, parent, still }); }
    }
  }
  for (const { box, parent } of texts) {
    if (box.left < -1 || box.right > innerWidth + 1) { found.push(`beyond the edge ${named(parent)}`); }
    for (let around = parent; around && around !== document.body; around = around.parentElement) {
      const style = getComputedStyle(around);
      const cuts = style.overflowX !== "visible" || style.overflowY !== "visible";
      const isButton = around.matches("button, .weui-btn, .mark");
      if (!cuts && !isButton) { continue; }
      const frame = around.getBoundingClientRect();
      const out = Math.max(frame.left - box.left, box.right - frame.right, frame.top - box.top, box.bottom - frame.bottom);
      if (out > 3 && !["auto", "scroll"].includes(style.overflowY)) { found.push(`cut off ${named(around)}`); }
    }
  }
  const still = texts.filter((each) => each.still);
  for (let one = 0; one < still.length; one += 1) {
    for (let other = one + 1; other < still.length; other += 1) {
      const [a, b] = [still[one], still[other]];
      if (a.parent.contains(b.parent) || b.parent.contains(a.parent)) { continue; }
      const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      const high = Math.min(a.box.height, b.box.height);
      if (across > 2 && down > high / 3) { found.push(`one over the other ${named(a.parent)} | ${named(b.parent)}`); }
    }
  }
  for (const button of document.querySelectorAll("button, a.weui-btn, input:not([type=hidden]), select")) {
    if (!isSeen(button) || button.closest(".upload_live, .half")) { continue; }
    const box = button.getBoundingClientRect();
    if (box.right > innerWidth + 1 || box.left < -1) { found.push(`out of reach ${named(button)}`); }
    if (button.matches("input, select") && button.clientHeight + 1 < parseFloat(getComputedStyle(button).fontSize)
      && !button.matches("[type=radio], [type=checkbox]")) { found.push(`too low ${named(button)}`); }
  }
  return [...new Set(found)];
}
