// Documents are sent as soon as they are chosen, one by one: pictures made smaller on the phone, with
// progress. What could not be sent stays on the page with a button to try again; without scripts the
// form sends them.
"use strict";
{
  const EDGE = 2400; // pixels of the longer side: a page of A4 stays readable
  const SMALL = 1_500_000; // bytes that are sent as they are
  const form = document.getElementById("evidence");
  const left = new Set();

  // A picture the phone can read (an iPhone its HEIC too) goes out as JPEG; all else as it is.
  const prepared = async (file) => {
    const plain = ["image/jpeg", "image/png"].includes(file.type);
    if (!file.type.startsWith("image/") && !/\.hei[cf]$/i.test(file.name)) { return { file }; }
    let picture;
    try { picture = await createImageBitmap(file); } catch { return { file }; }
    const drawn = (edge) => {
      const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      return canvas;
    };
    const small = drawn(112).toDataURL("image/jpeg", 0.7);
    if (plain && file.size <= SMALL) { return { file, small }; }
    const blob = await new Promise((done) => { drawn(EDGE).toBlob(done, "image/jpeg", 0.85); });
    if (!blob || (plain && blob.size >= file.size)) { return { file, small }; }
    return { file: new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" }), small };
  };

  const line = (upload, name) => {
    const row = document.createElement("div");
    row.className = "sheet-line document";
    const picture = document.createElement("img");
    picture.className = "document-small";
    picture.alt = "";
    const words = document.createElement("span");
    words.className = "document-name";
    words.setAttribute("role", "status");
    words.textContent = name;
    row.append(picture, words);
    upload.before(row);
    return { row, picture, words };
  };

  const sent = (kind, file, instead, told) => new Promise((done, failed) => {
    const data = new FormData();
    for (const hidden of form.querySelectorAll("input[type=hidden]")) { data.append(hidden.name, hidden.value); }
    data.append("go", `${instead ? "replace" : "add"}-${kind}`);
    if (instead) { data.append("instead", instead); }
    data.append(`file-${kind}`, file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.responseType = "document";
    request.upload.addEventListener("progress", (event) => {
      told(event.loaded < event.total ? `上传中 ${Math.floor(100 * event.loaded / event.total)}%` : "检查中");
    });
    request.addEventListener("load", () => {
      const page = request.response;
      if (page?.getElementById(kind)) { done(page); } else { failed(new Error(String(request.status))); }
    });
    request.addEventListener("error", () => failed(new Error("network")));
    request.send(data);
  });

  // The part of the page about this kind as the server shows it now, and the forms of its buttons.
  const shown = (kind, page) => {
    const lines = document.getElementById(kind).querySelectorAll(".document[data-left]");
    document.getElementById(kind).replaceWith(page.getElementById(kind));
    for (const part of ["evidence-state", "evidence-forms"]) {
      document.getElementById(part).replaceWith(page.getElementById(part));
    }
    const upload = document.getElementById(kind).querySelector("[data-upload]");
    upload.before(...lines);
    begin(upload);
  };

  const act = (words, done) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "phone-link";
    button.textContent = words;
    button.addEventListener("click", done);
    return button;
  };

  const send = async (upload, file, instead) => {
    const kind = upload.dataset.upload;
    const { row, picture, words } = line(upload, file.name);
    left.add(row);
    row.dataset.left = "yes";
    const told = (state) => { words.textContent = `${file.name} · ${state}`; };
    told("准备中");
    const { file: ready, small } = await prepared(file);
    if (small) { picture.src = small; }
    const drop = () => {
      delete row.dataset.left;
      left.delete(row);
      row.remove();
    };
    const attempt = async () => {
      try {
        const page = await sent(kind, ready, instead, told);
        drop();
        shown(kind, page);
      } catch {
        told("上传未完成，请检查网络后重试");
        const acts = document.createElement("span");
        acts.className = "document-acts";
        acts.append(
          act("重试", () => { acts.remove(); attempt(); }),
          act("取消", drop), // or nothing would lead on from here where there is no network
        );
        row.append(acts);
      }
    };
    await attempt();
  };

  const begin = (upload) => {
    const input = upload.querySelector("input[type=file]");
    upload.classList.add("upload_live");
    // What the next file takes the place of; one that is only added, where the picker was left.
    let instead = "";
    const choose = (key) => {
      instead = key;
      input.multiple = !key;
    };
    input.addEventListener("cancel", () => choose(""));
    upload.querySelector("label").addEventListener("click", () => choose(""));
    for (const button of document.getElementById(upload.dataset.upload).querySelectorAll("[data-replace]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        choose(button.dataset.replace);
        input.click();
      });
    }
    input.addEventListener("change", async () => {
      const files = [...input.files], key = instead;
      input.value = "";
      choose("");
      for (const file of files) { await send(upload.isConnected ? upload : document.querySelector(`[data-upload="${upload.dataset.upload}"]`), file, key); }
    });
  };

  document.querySelectorAll("[data-upload]").forEach(begin);
  form.addEventListener("submit", (event) => {
    if (left.size === 0) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    const row = left.values().next().value;
    row.scrollIntoView({ block: "center" });
  }, true);
}
