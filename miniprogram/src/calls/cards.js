// What 转发 sends: the report that is being looked at, or the entrance.
const { reportOf } = require("./addresses");

const ENTRANCE = { title: "毕业去向登记", path: "/pages/start/start" };

/** @typedef {{title?: string, link?: string, page?: string}} Posted what a page of ours posts of the report it forwards */

/** @param {string} address */
const withoutFragment = (address) => address.split("#")[0];

/**
 * The card for the page that the web-view shows. A page names the report it is about; what another page
 * posted before is not forwarded.
 * @param {string | undefined} shown
 * @param {Posted[]} posted
 */
const cardOf = (shown = "", posted) => {
  const own = posted.filter(({ page }) => page === withoutFragment(shown)).pop();
  const token = own?.link ? reportOf(own.link) : reportOf(shown);
  if (!token) return ENTRANCE;
  return { title: own?.title ?? "去向核验报告", path: `/pages/web/web?report=${token}` };
};

module.exports = { cardOf, ENTRANCE };
