// What `make miniprogram` writes over for an installation.
module.exports = {
  /** The public address of the service, without a slash at its end. */
  address: "https://quxiang.invalid",
};
