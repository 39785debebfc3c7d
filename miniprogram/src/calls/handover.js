// The address that the next page opens. It is kept here and not in the page's own address, which WeChat's
// console counts and a card could carry on.
/** @type {string | null} */
let kept = null;

/** @param {string} address */
const give = (address) => {
  kept = address;
};

/** @returns {string | null} the address, once */
const take = () => {
  const given = kept;
  kept = null;
  return given;
};

module.exports = { give, take };
