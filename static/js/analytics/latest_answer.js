/** Ignores the answers to all but the last of several requests. */
export class LatestAnswer {
  #turn = 0;

  /**
   * @template T
   * @param {Promise<T>} asked
   * @returns {Promise<T | undefined>} undefined where another was asked meanwhile
   */
  async of(asked) {
    this.#turn += 1;
    const turn = this.#turn;
    try {
      const answer = await asked;
      return turn === this.#turn ? answer : undefined;
    } catch (error) {
      if (turn === this.#turn) throw error;
      return undefined;
    }
  }
}
