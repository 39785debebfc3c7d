// The entrance: it signs in who is known here, shows everybody else what the number is used for, and is the
// menu once somebody is signed in.
const addresses = require("../../calls/addresses");
const { cardOf } = require("../../calls/cards");
const device = require("../../calls/device");
const handover = require("../../calls/handover");
const privacy = require("../../calls/privacy");
const { Problem } = require("../../calls/problem");
const { ofNotices, ofPhone, ofScan, problem } = require("../../calls/sentences");
const server = require("../../calls/server");

const LEFT = "left"; // in the storage: she signed out, and is not signed in again by just looking in
const READ_AGAIN = ["notice_changed", "consent_missing"];
const HEADING = /^[一二三四五六七八九十]+、/;
const ONLY_SAID = ["bound_elsewhere", "openid_bound", "binding_waits", "binding_objected", "high_risk", "mini_off"];

Component({
  data: {
    launch: /** @type {server.Launch} */ ({}),
    view: "opening", // opening, consent, home, left, failed, refused
    theme: "light",
    busy: false,
    said: "", // what went wrong, above the buttons
    follow: false,
    went: false, // she went on to the web pages without being signed in
    ended: false, // the session was over when she came back, and not by 退出登录 here
    notice: /** @type {server.Notice | null} */ (null),
    paragraphs: /** @type {{text: string, heading: boolean}[]} */ ([]),
    templates: /** @type {server.Template[]} */ ([]),
    button: "getPhoneNumber",
    privacy: { show: false, name: "" },
  },

  methods: {
    // Called by the platform.

    /** @param {Record<string, string | undefined>} query */
    async onLoad(query) {
      this.setData({ launch: addresses.launch(query) });
      this.followTheme();
      privacy.watch((name) => this.setData({ privacy: { show: true, name } }));
      if (wx.getStorageSync(LEFT)) this.setData({ view: "left" });
      else await this.enter();
    },

    /** Back from the pages in the web-view, where she may have signed in by name, or signed out. */
    async onShow() {
      const { view, went } = this.data;
      if (view !== "home" && !(view === "consent" && went)) return;
      try {
        await this.look(await server.goesOn());
      } catch (error) {
        if (!(error instanceof Problem)) throw error; // she asked for nothing: what she does next says it
      }
    },

    onShareAppMessage: () => cardOf("", []),

    // What she taps.

    /** Sign in without her number: whoever is known here comes in. */
    async enter() {
      this.setData({ view: "opening", said: "" });
      await this.carefully(async () => {
        const answer = await server.login(this.data.launch);
        if (answer.outcome === "signed_in") await this.arrive(answer);
        else await this.showNotice();
      });
    },

    /** @param {WechatMiniprogram.ButtonGetPhoneNumber} event */
    async onPhone({ detail }) {
      if (!detail.code) {
        this.setData({ said: ofPhone(detail).sentence });
        return;
      }
      const shared = { phone_code: detail.code, consent_version: this.data.notice?.version ?? "" };
      await this.carefully(async () => this.arrive(await server.login(this.data.launch, shared)));
    },

    /** Go on without her number: by name and identity number, on the web page. */
    async onOther() {
      await this.carefully(async () => this.arrive(await server.login(this.data.launch)));
    },

    async onOpen() {
      this.setData({ launch: {} });
      await this.onOther();
    },

    async onAgain() {
      wx.removeStorageSync(LEFT);
      await this.enter();
    },

    onScan() {
      wx.scanCode({
        scanType: ["qrCode"],
        success: ({ result }) => this.openReport(result),
        fail: (failure) => this.setData({ said: ofScan(failure)?.sentence ?? "" }),
      });
    },

    /** WeChat shows its question only if nothing is waited for between the tap and the call. */
    onNotices() {
      wx.requestSubscribeMessage({
        tmplIds: this.data.templates.map(({ id }) => id),
        success: (answer) => this.noticesAnswered(answer),
        fail: (failure) => this.setData({ said: ofNotices(failure).sentence }),
      });
    },

    onLeave() {
      wx.showModal({
        title: "退出登录",
        content: "退出后，再次进入需要重新登录。",
        confirmText: "退出",
        success: ({ confirm }) => confirm && this.signOut(),
      });
    },

    onContract() {
      wx.openPrivacyContract({ fail: () => this.setData({ said: problem("away").sentence }) });
    },

    onAgree() {
      privacy.answer({ event: "agree", buttonId: "agree" });
      this.setData({ "privacy.show": false });
    },

    onDisagree() {
      privacy.answer({ event: "disagree" });
      this.setData({ "privacy.show": false });
    },

    // How it is done.

    /**
     * Do something that may fail, one thing at a time, and say what went wrong.
     * @param {() => Promise<void>} work
     */
    async carefully(work) {
      if (this.data.busy) return;
      this.setData({ busy: true, said: "" });
      try {
        await work();
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        await this.fail(error);
      } finally {
        this.setData({ busy: false });
      }
    },

    /** @param {Problem} error */
    async fail({ code, sentence }) {
      if (ONLY_SAID.includes(code)) this.setData({ view: "refused", said: sentence });
      else if (this.data.view === "opening") this.setData({ view: "failed", said: sentence });
      else this.setData({ said: sentence });
      if (READ_AGAIN.includes(code)) await this.readAgain();
    },

    async readAgain() {
      try {
        await this.showNotice();
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        this.setData({ view: "failed", said: error.sentence });
      }
    },

    /**
     * Open the page that the server names; this page is the menu when she comes back.
     * @param {server.Answer} answer
     */
    async arrive(answer) {
      handover.give(await server.opened(answer));
      if (answer.outcome === "signed_in") await this.showMenu(answer.follow);
      else if (!this.data.notice) await this.showNotice();
      this.setData({ went: true });
      wx.navigateTo({ url: "/pages/web/web" });
    },

    /** @param {boolean} follow whether she is to be told how to follow the service account */
    async showMenu(follow) {
      this.setData({ view: "home", follow, templates: await this.templates() });
    },

    async showNotice() {
      const notice = await server.notice();
      const paragraphs = notice.paragraphs.map((text) => ({ text, heading: HEADING.test(text) }));
      this.setData({ notice, paragraphs, view: "consent", button: this.buttonType() });
    },

    /** One tap agrees to WeChat's own privacy guide and shares the number, where the platform knows how. */
    buttonType() {
      const both = wx.canIUse("button.open-type.agreePrivacyAuthorization");
      return both ? "getPhoneNumber|agreePrivacyAuthorization" : "getPhoneNumber";
    },

    /** The notices to be offered. Without an answer none is: they are an addition, and she came for something else. */
    async templates() {
      try {
        return await server.notices();
      } catch (error) {
        if (error instanceof Problem) return [];
        throw error;
      }
    },

    /** @param {Record<string, string>} said by template accept, reject or ban; and errMsg */
    async noticesAnswered(said) {
      const asked = this.data.templates.map(({ id }) => id).filter((id) => said[id]);
      const answers = Object.fromEntries(asked.map((id) => [id, said[id]]));
      await this.carefully(async () => {
        await server.tellNotices(answers);
        if (asked.some((id) => said[id].startsWith("accept"))) wx.showToast({ title: "已订阅" });
      });
    },

    /** @param {string} scanned */
    openReport(scanned) {
      const token = addresses.reportOf(scanned);
      if (token) wx.navigateTo({ url: `/pages/web/web?report=${token}` });
      this.setData({ said: token ? "" : problem("scan_other").sentence });
    },

    async signOut() {
      await this.carefully(async () => {
        await server.signOut();
        this.leave(false);
      });
    },

    /** @param {boolean} goesOn whether her session does */
    async look(goesOn) {
      if (goesOn && this.data.view === "consent") await this.showMenu(false);
      if (!goesOn && this.data.view === "home") this.leave(true);
    },

    /**
     * Forget who was here.
     * @param {boolean} ended elsewhere, or by its time
     */
    leave(ended) {
      device.forget();
      wx.setStorageSync(LEFT, true);
      this.setData({ view: "left", ended, notice: null, templates: [], follow: false, went: false });
    },

    followTheme() {
      this.setData({ theme: wx.getAppBaseInfo().theme ?? "light" });
      wx.onThemeChange(({ theme }) => this.setData({ theme }));
    },
  },
});
