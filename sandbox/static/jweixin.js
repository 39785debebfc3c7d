// A stand-in for WeChat's script on pages (JS-SDK): the platform checks the signature for this very
// address; what is shared is kept in `wx.shared`, what is told to a mini program in `wx.posted`, and a scan asks
// what the code says.
"use strict";
window.wx = (() => {
  const source = document.currentScript.src.split("?")[0];
  const waiting = [];
  const failing = [];
  let allowed = [];
  let isReady = false;
  const checked = (refusal) => {
    isReady = !refusal;
    for (const call of isReady ? waiting : failing) { call(refusal ? { errMsg: `config:fail,${refusal}` } : undefined); }
  };
  const may = (name, options, work) => {
    const ok = isReady && allowed.includes(name);
    const told = { errMsg: `${name}:${ok ? "ok" : "permission denied"}` };
    if (!ok) { options.fail?.(told); return; }
    work(told);
  };
  return {
    checked,
    shared: null,
    posted: [],
    miniProgram: { postMessage: ({ data }) => { window.wx.posted.push(data); } },
    config: ({ jsApiList, ...said }) => {
      allowed = jsApiList;
      const script = document.createElement("script");
      const asked = { ...said, url: location.href.split("#")[0] };
      script.src = `${source}?${new URLSearchParams(asked)}`;
      document.head.append(script);
    },
    ready: (call) => { if (isReady) { call(); } else { waiting.push(call); } },
    error: (call) => { failing.push(call); },
    checkJsApi: ({ jsApiList, success }) => {
      success?.({ checkResult: Object.fromEntries(jsApiList.map((name) => [name, allowed.includes(name)])) });
    },
    updateAppMessageShareData: (options) => may("updateAppMessageShareData", options, (told) => {
      window.wx.shared = options;
      options.success?.(told);
    }),
    scanQRCode: (options) => may("scanQRCode", options, (told) => {
      const resultStr = window.prompt("二维码的内容") ?? "";
      if (resultStr) { options.success?.({ ...told, resultStr }); } else { options.cancel?.(told); }
    }),
  };
})();
