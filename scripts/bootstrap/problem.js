// The one error of the set-up: it says what is wrong and what to do about it.

export class SetupProblem extends Error {
  /**
   * @param {string} message what is wrong
   * @param {{ remedy?: string, logTail?: string }} [more] what to do; the end of what the failed command printed
   */
  constructor(message, { remedy = '', logTail = '' } = {}) {
    super(message);
    this.name = 'SetupProblem';
    this.remedy = remedy;
    this.logTail = logTail;
  }
}
