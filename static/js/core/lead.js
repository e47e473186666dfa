/** One tab of an account sends its outbox: the one that holds a lock of the browser. */

export class Lead {
  #isAsking = false;

  /**
   * @param {string} name
   * @param {(leads: boolean) => void} onChange
   * @param {LockManager | undefined} [locks] missing on a plain http address: then every tab leads,
   *   which costs repeats that the server recognises, and shows nothing twice
   */
  constructor(name, onChange, locks = navigator.locks) {
    this.#name = name;
    this.#onChange = onChange;
    this.#locks = locks;
  }

  #name;
  #onChange;
  #locks;
  leads = false;

  /** Lead as soon as no other tab does. */
  ask() {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#request({});
  }

  /** Lead now: this is the tab where the person writes, others may sleep in the background. */
  take() {
    if (!this.leads) this.#request({ steal: true });
  }

  /** @param {LockOptions} options */
  #request(options) {
    if (!this.#locks) {
      this.#set(true);
      return;
    }
    this.#locks
      .request(this.#name, options, () => {
        if (!options.steal) this.#isAsking = false;
        this.#set(true);
        return new Promise(() => {});
      })
      .catch((error) => this.#lost(error));
  }

  /** @param {DOMException} error */
  #lost(error) {
    // Anything but "another tab took it" means that there are no locks to be had here.
    const isTaken = error.name === "AbortError";
    this.#set(!isTaken);
    if (isTaken) this.ask();
  }

  /** @param {boolean} leads */
  #set(leads) {
    this.leads = leads;
    this.#onChange(leads);
  }
}
