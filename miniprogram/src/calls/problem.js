// What went wrong, in a code for the program and a sentence for people.
class Problem extends Error {
  /**
   * @param {string} code
   * @param {string} sentence
   */
  constructor(code, sentence) {
    super(code);
    this.code = code;
    this.sentence = sentence;
  }
}

module.exports = { Problem };
