// co-wechat-api as its users have it, but for the address: prints what the platform's stand-in answered.
"use strict";
const API = require("co-wechat-api");

const [address, appId, secret, openid, templateId] = process.argv.slice(2);
const api = new API(appId, secret);
Object.assign(api, { prefix: `${address}/cgi-bin/`, snsPrefix: `${address}/sns/` });

const button = (name) => [{ type: "view", name, url: "http://a.test/g" }];
const PICTURE = Buffer.from("89504e470d0a1a0a", "hex");

const refusal = async (call) => {
  try {
    await call();
  } catch (error) {
    return error.code;
  }
  return 0;
};

const play = async () => {
  const said = {};
  const tag = (await api.createTags("2026届")).tag;
  await api.batchTagging([openid], tag.id);
  await api.updateRemark(openid, "李娟同学");
  said.tags = (await api.getIdList(openid)).tagid_list;
  said.person = await api.getUser(openid);
  said.tagged = (await api.getUsersFromTag(tag.id)).data.openid;
  await api.createMenu({ button: button("所有人") });
  await api.addConditionalMenu({ button: button("应届生"), matchrule: { tag_id: String(tag.id) } });
  said.menu = (await api.tryConditionalMenu(openid)).button[0].name;
  said.early = await refusal(() => api.sendText("o".padEnd(28, "0"), "你好"));
  await api.sendText(openid, "请核对去向");
  const kept = await api.uploadMedia(PICTURE, "image", "a.png", "image/png");
  said.picture = (await api.getMedia(kept.media_id)).equals(PICTURE);
  await api.sendImage(openid, kept.media_id);
  const data = {
    thing10: { value: "某某大学" }, thing2: { value: "确认毕业去向登记信息" },
    phrase5: { value: "未确认" }, time8: { value: "2026年8月31日 23:59" },
  };
  said.msgid = String((await api.sendTemplate(openid, templateId, "http://a.test/g", "", data)).msgid);
  said.followers = (await api.getFollowers()).data.openid;
  said.unknown = await refusal(() => api.getMedia("nothing"));
  return said;
};

play().then(
  (said) => process.stdout.write(JSON.stringify(said)),
  (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  },
);
